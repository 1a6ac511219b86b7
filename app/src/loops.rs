//! The loops around the steps: work while there is work, wait a little, stop when told.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

/// Told to stop by a change to `true`.
pub type Stop = watch::Receiver<bool>;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs `step` until told to stop. `step` returns the number of items it handled; after 0 the loop waits `idle` and calls it
/// again. A failing step is logged when the trouble begins and when it ends, and is tried again with growing pauses. A step
/// that has begun is always finished.
pub async fn run<S, F, E>(name: &'static str, idle: Duration, mut stop: Stop, mut step: S)
where
    S: FnMut() -> F,
    F: Future<Output = Result<usize, E>>,
    E: Display,
{
    let mut pause = None;
    // A reason is logged again if it changes, because a database that was away may come back with another error.
    let mut reported = None;
    while !*stop.borrow() {
        let rest = match step().await {
            Ok(worked) => {
                reported = None;
                if pause.take().is_some() {
                    tracing::info!(step = name, "the step works again");
                }
                if worked == 0 { idle } else { Duration::ZERO }
            }
            Err(error) => {
                let next = longer(pause);
                let reason = error.to_string();
                if reported.as_ref() != Some(&reason) {
                    tracing::error!(step = name, error = reason, "the step failed; nothing is lost, trying again");
                    reported = Some(reason);
                }
                pause = Some(next);
                next
            }
        };
        if !rest.is_zero() {
            // The loop checks `stop` next, after a timeout and after a change.
            let _ = tokio::time::timeout(rest, stop.changed()).await;
        }
    }
}

/// The pause after a failure: about twice the pause before it, up to a limit.
pub fn longer(pause: Option<Duration>) -> Duration {
    let next = pause.map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE));
    // Random, so that not all processes call a server at the moment it comes back.
    next.mul_f64(rand::random_range(0.5..=1.0))
}
