//! The progress of a long command: one line on the terminal that is overwritten, and erased before the command prints.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use caudal_contract::outside::shown;

use crate::exit::eprint;

/// How often the line is redrawn, so that its seconds advance.
const TICK: Duration = Duration::from_millis(150);
/// A step that takes longer shows its seconds.
const LONG: Duration = Duration::from_secs(2);

/// A line of progress on standard error. Silent if standard error is no terminal or `--quiet` was given.
#[derive(Clone)]
pub struct Progress(Option<Arc<Mutex<Line>>>);

struct Line {
    /// The running step and its start; `None` between two steps.
    step: Option<(String, Instant)>,
    is_drawn: bool,
}

impl Progress {
    pub fn start(is_quiet: bool) -> Self {
        if is_quiet || !io::stderr().is_terminal() {
            return Self(None);
        }
        let line = Arc::new(Mutex::new(Line { step: None, is_drawn: false }));
        let weak = Arc::downgrade(&line);
        // If the thread cannot start, the line stands still, which is harmless.
        let _ = thread::Builder::new().name("progress".to_owned()).spawn(move || tick(&weak));
        Self(Some(line))
    }

    /// Whether a person sees it.
    pub fn is_shown(&self) -> bool {
        self.0.is_some()
    }

    /// Shows that a step begins or has advanced.
    pub fn tell(&self, text: impl FnOnce() -> String) {
        let Some(line) = &self.0 else { return };
        let text = text();
        let mut line = locked(line);
        // The first word names the step, because the numbers in the text change while it goes on.
        let since = line.step.as_ref().filter(|(before, _)| first_word(before) == first_word(&text)).map(|step| step.1);
        line.step = Some((text, since.unwrap_or_else(Instant::now)));
        if since.is_none() {
            line.draw();
        }
    }

    /// Erases the line before other text is printed.
    pub fn clear(&self) {
        let Some(line) = &self.0 else { return };
        let mut line = locked(line);
        line.step = None;
        line.erase();
    }

    /// Prints a sentence that stays, above the line.
    pub fn say(&self, sentence: &str) {
        match &self.0 {
            None => eprint(sentence),
            Some(line) => {
                let mut line = locked(line);
                line.erase();
                eprint(sentence);
            }
        }
    }
}

impl Line {
    fn draw(&mut self) {
        let Some((text, since)) = &self.step else { return };
        let seconds = since.elapsed();
        let seconds = if seconds < LONG { String::new() } else { format!(" ({} s)", seconds.as_secs()) };
        // `7l` makes the terminal cut a line that is too long. A wrapped line could not be erased.
        let _ = write!(io::stderr(), "\r\x1b[?7l\x1b[2K{}{seconds}\x1b[?7h", shown(text));
        let _ = io::stderr().flush();
        self.is_drawn = true;
    }

    fn erase(&mut self) {
        if self.is_drawn {
            let _ = write!(io::stderr(), "\r\x1b[2K");
            let _ = io::stderr().flush();
            self.is_drawn = false;
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.erase();
    }
}

fn tick(line: &Weak<Mutex<Line>>) {
    while let Some(line) = line.upgrade() {
        locked(&line).draw();
        drop(line);
        thread::sleep(TICK);
    }
}

fn locked(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}
