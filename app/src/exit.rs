//! How the process ends: the exit codes of the help text, and an error in plain words.

use std::process::ExitCode;

use caudal_shared::config::ConfigError;
use caudal_shared::database::DatabaseError;
use caudal_shared::queue::QueueError;
use caudal_shared::secret::SecretError;

/// What a command ended with. (2, wrong usage, is clap's.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Ok,
    Failure,
    Configuration,
    Unreachable,
    RejectedRows,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Ok => 0,
            Code::Failure => 1,
            Code::Configuration => 3,
            Code::Unreachable => 4,
            Code::RejectedRows => 5,
        })
    }
}

/// Prints an error to standard error and names the exit code for it.
pub fn explain(error: &anyhow::Error) -> Code {
    eprint(&format!("error: {error:#}"));
    code_of(error)
}

#[expect(clippy::print_stderr, reason = "messages for people go to standard error")]
pub fn eprint(text: &str) {
    eprintln!("{text}");
}

/// Prints data to standard output. A reader that went away early (`caudal … | head`) is no failure.
pub fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn code_of(error: &anyhow::Error) -> Code {
    if error.is::<ConfigError>() || error.is::<SecretError>() {
        return Code::Configuration;
    }
    let unreachable = |error: &DatabaseError| matches!(error, DatabaseError::Open { .. } | DatabaseError::Busy { .. });
    let database = error.downcast_ref::<DatabaseError>().is_some_and(unreachable);
    let queue = matches!(error.downcast_ref::<QueueError>(), Some(QueueError::Database(error)) if unreachable(error));
    if database || queue { Code::Unreachable } else { Code::Failure }
}
