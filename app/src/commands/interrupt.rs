//! Ctrl+C and SIGTERM while a command works: the first asks it to end after the step in hand, the second ends it at once.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime::Builder;

use crate::exit::{Code, Interrupted};

/// Whether a person asked the command to end.
#[derive(Clone)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. `answer` runs after the first signal and tells the person what happens next.
    ///
    /// # Errors
    /// The system's error.
    pub fn listen(answer: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let asked = Self(Arc::new(AtomicBool::new(false)));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::new()?
        };
        let flag = asked.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                signals.next().await;
                flag.0.store(true, Ordering::Relaxed);
                answer();
                signals.next().await;
                process::exit(i32::from(u8::from(Code::Interrupted)));
            });
        })?;
        Ok(asked)
    }

    /// Whether it is time to end.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends a step that can be given up at any point.
    ///
    /// # Errors
    /// [`Interrupted`] with this sentence, after a person asked.
    pub fn check(&self, sentence: &str) -> Result<(), Interrupted> {
        if self.is_asked() { Err(Interrupted(sentence.to_owned())) } else { Ok(()) }
    }
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
