//! The loop that scans the inbox and takes its files in, one after the other.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use caudal_platform::config::Config;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::inbox::Inbox;
use crate::intake::{Filing, Intake};
use crate::pressure::Pressure;

/// The shortest wait during a pause of the intake, because the room is checked only once a second.
const AFTER_PAUSE: Duration = Duration::from_secs(1);

/// Watches the inbox until `stop` is set. While there is no room for more, files stay in the inbox. Blocks, so it runs
/// on a thread of its own. A failure inside is logged and the watch goes on.
pub fn watch(config: &Config, intake: &Intake, pressure: &Pressure, stop: &Arc<AtomicBool>) {
    let (sender, hints) = channel();
    let _watcher = hints_of(&config.inbox(), sender);
    if let Err(error) = without_panic(|| intake.finish_filing()) {
        tracing::error!(%error, "imports of the last run could not be completed yet");
    }
    let mut inbox = Inbox::new(config.inbox(), config.settle, config.incomplete);
    while !stop.load(Ordering::Relaxed) {
        let outcome = step(&mut inbox, intake, pressure, stop);
        wait(&hints, rest(outcome, config.scan_every, inbox.next_settling(), Instant::now()), stop);
    }
}

/// The end of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScanEnd {
    /// The settled files were taken in.
    Done,
    /// There is no room for more.
    Paused,
}

/// How long to wait for a hint: until the next file settles, at most `scan_every`. During a pause a settled file is no
/// reason to scan earlier, because it cannot be taken in.
fn rest(outcome: ScanEnd, scan_every: Duration, next_settling: Option<Instant>, now: Instant) -> Duration {
    match outcome {
        ScanEnd::Paused => scan_every.max(AFTER_PAUSE),
        ScanEnd::Done => next_settling.map_or(scan_every, |at| at.saturating_duration_since(now).min(scan_every)),
    }
}

fn step(inbox: &mut Inbox, intake: &Intake, pressure: &Pressure, stop: &AtomicBool) -> ScanEnd {
    let settled = match inbox.scan(Instant::now()) {
        Ok(settled) => settled,
        Err(error) => {
            tracing::error!(%error, "the inbox cannot be read; trying again");
            return ScanEnd::Done;
        }
    };
    if pressure.pause().is_some() {
        return ScanEnd::Paused;
    }
    resume(intake, pressure);
    for file in settled {
        if stop.load(Ordering::Relaxed) {
            return ScanEnd::Done;
        }
        if pressure.pause().is_some() {
            return ScanEnd::Paused;
        }
        let taken = without_panic(|| {
            if file.rehearse {
                intake.take_rehearsal(&file.path, &file.source)
            } else {
                intake.take(&file.path, &file.source, Filing::Move).map(drop)
            }
        });
        if let Err(error) = taken {
            tracing::error!(file = %file.path.display(), %error, "a file was not taken in; it stays in the inbox and is tried again");
            inbox.put_off(&file.path, Instant::now());
            pressure.notice(&error);
        }
    }
    ScanEnd::Done
}

/// Takes in files that waited for a layout that was decided since the last step.
fn resume(intake: &Intake, pressure: &Pressure) {
    if let Err(error) = without_panic(|| intake.resume_waiting()) {
        pressure.notice(&error);
        tracing::error!(%error, "files that wait for a layout could not be resumed; trying again");
    }
}

/// Turns a panic into an error, because a defect that one file triggers must not keep the others waiting.
fn without_panic<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    // No broken state stays behind: the pool discards the connection, and its transaction is rolled back.
    catch_unwind(AssertUnwindSafe(work)).map_or_else(
        |panic| {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Err(format!("a panic: {words}"))
        },
        |outcome| outcome.map_err(|error| error.to_string()),
    )
}

/// Asks the system to report changes. Returns `None` if the system cannot; then only the scans find files.
fn hints_of(folder: &Path, sender: Sender<()>) -> Option<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading the inbox must not wake the loop that reads the inbox.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // Sending fails only after the watch has ended.
            let _ = sender.send(());
        }
    })
    .inspect_err(|error| tracing::warn!(%error, "the file system reports no changes; only scans find files"))
    .ok()?;
    watcher
        .watch(folder, RecursiveMode::Recursive)
        .inspect_err(|error| tracing::warn!(%error, "the file system reports no changes; only scans find files"))
        .ok()?;
    Some(watcher)
}

/// Waits for a hint, at most `longest`, and checks the stop flag in between.
fn wait(hints: &Receiver<()>, longest: Duration, stop: &AtomicBool) {
    const GLANCE: Duration = Duration::from_millis(200);
    const SHORTEST: Duration = Duration::from_millis(50);
    let until = Instant::now() + longest.max(SHORTEST);
    while !stop.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match hints.recv_timeout(left.min(GLANCE)) {
            Ok(()) => {
                // A copy causes many reports; one scan handles all of them.
                while hints.try_recv().is_ok() {}
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
            // Without a watcher `recv_timeout` returns at once, so sleep here instead.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(left.min(GLANCE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_there_is_no_room_a_file_that_has_settled_is_not_looked_at_all_the_time() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(rest(ScanEnd::Paused, second / 2, Some(now), now), second);
        assert_eq!(rest(ScanEnd::Done, second * 5, Some(now + second), now), second);
        assert_eq!(rest(ScanEnd::Done, second * 5, None, now), second * 5);
    }

    #[test]
    fn a_file_that_panics_is_a_failure_of_its_own() {
        let outcome = without_panic(|| -> Result<(), String> { panic!("row {} is nowhere", 7) });
        assert_eq!(outcome.unwrap_err(), "a panic: row 7 is nowhere");
        assert_eq!(without_panic(|| Ok::<_, String>(3)), Ok(3));
    }
}
