//! The end of the process: the exit codes of the help text, and errors in plain words.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use caudal_contract::language::Language;
use caudal_contract::outside::{shown, shown_json};
use caudal_distrib::consumer::ConsumeError;
use caudal_ingest::publisher::PublishError;
use caudal_platform::config::ConfigError;
use caudal_platform::database::DatabaseError;
use caudal_platform::queue::QueueError;
use caudal_platform::secret::SecretError;
use serde::Serialize;

/// The command ended early because a person asked for it. The text says what is kept and how to go on.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Interrupted(pub String);

/// The result of a command. (2, wrong usage, comes from clap.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Ok,
    Failure,
    Configuration,
    Unreachable,
    RejectedRows,
    /// Some of several files were not taken, and others have rejected rows.
    FailureAndRejectedRows,
    /// Ctrl+C or SIGTERM came before the end.
    Interrupted,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(u8::from(code))
    }
}

impl From<Code> for u8 {
    fn from(code: Code) -> Self {
        match code {
            Code::Ok => 0,
            Code::Failure => 1,
            Code::Configuration => 3,
            Code::Unreachable => 4,
            Code::RejectedRows => 5,
            Code::FailureAndRejectedRows => 6,
            Code::Interrupted => 130,
        }
    }
}

/// Prints an error to standard error and returns its exit code.
pub fn explain(error: &anyhow::Error, language: Language) -> Code {
    if let Some(Interrupted(sentence)) = error.downcast_ref() {
        eprint(sentence);
        return Code::Interrupted;
    }
    let code = code_of(error);
    let frame = match (code, language) {
        // The text of a server or the network is not translated, so the frame explains it.
        (Code::Unreachable, Language::Portuguese) => "erro: um banco de dados ou a fila não está acessível",
        (_, Language::Portuguese) => "erro",
        (_, Language::English) => "error",
    };
    match error.downcast_ref() {
        // Each problem gets a line of its own, even if it quotes line breaks.
        Some(ConfigError { problems }) => problems.iter().for_each(|problem| eprint(&format!("{frame}: {problem}"))),
        None => eprint(&format!("{frame}: {error:#}")),
    }
    code
}

/// Prints one line to standard error. Text from outside in it cannot break the line.
#[expect(clippy::print_stderr, reason = "messages for people go to standard error")]
pub fn eprint(line: &str) {
    eprintln!("{}", shown(line));
}

/// Prints one line of data to standard output. Text from outside in it cannot break the line. If the reader has gone,
/// as in `caudal … | head`, that is no failure.
pub fn print(line: &str) {
    write_line(&shown(line));
}

/// Prints a text of several lines.
pub fn print_lines(text: &str) {
    text.lines().for_each(print);
}

/// Prints a text of several lines to standard error.
pub fn eprint_lines(text: &str) {
    text.split('\n').for_each(eprint);
}

/// Prints a value as JSON. Characters that a terminal would obey are escaped, so the texts stay the same.
///
/// # Errors
/// Only if the value has no JSON form.
pub fn print_json(value: &impl Serialize, layout: JsonLayout) -> serde_json::Result<()> {
    let json = match layout {
        JsonLayout::Line => serde_json::to_string(value)?,
        JsonLayout::Pretty => serde_json::to_string_pretty(value)?,
    };
    write_line(&shown_json(&json));
    Ok(())
}

/// The layout of JSON.
#[derive(Debug, Clone, Copy)]
pub enum JsonLayout {
    /// In one line.
    Line,
    /// Indented.
    Pretty,
}

fn write_line(line: &dyn Display) {
    use io::Write;
    let _ = writeln!(io::stdout(), "{line}");
}

fn code_of(error: &anyhow::Error) -> Code {
    if error.is::<ConfigError>() || error.is::<SecretError>() {
        return Code::Configuration;
    }
    if error.chain().any(is_unreachable) { Code::Unreachable } else { Code::Failure }
}

/// Whether the cause may go away soon: a database is unreachable, locked or full, or a disk is full.
pub fn may_pass(error: &anyhow::Error) -> bool {
    let is_full = |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    // Files of another user, damaged files and files that are no databases do not get better by themselves.
    const LASTING: [&str; 3] = ["readonly database", "disk image is malformed", "file is not a database"];
    if error.chain().any(|cause| LASTING.iter().any(|words| cause.to_string().contains(words))) {
        return false;
    }
    if error.chain().any(|cause| cause.downcast_ref().is_some_and(is_full)) {
        return true;
    }
    match error.downcast_ref::<QueueError>() {
        Some(QueueError::Database(error)) => error.is_away(),
        Some(_) => false,
        None => error.downcast_ref::<DatabaseError>().is_some_and(DatabaseError::is_away),
    }
}

fn is_unreachable(cause: &(dyn Error + 'static)) -> bool {
    let database = |error: &DatabaseError| error.is_away() || matches!(error, DatabaseError::Open { .. });
    let queue = |error: &QueueError| match error {
        QueueError::Database(error) => database(error),
        QueueError::Connect { .. }
        | QueueError::Late { .. }
        | QueueError::Broker(_)
        | QueueError::OtherSettings { .. } => true,
        _ => false,
    };
    // A transparent error hides its inner error from the chain.
    match (cause.downcast_ref::<PublishError>(), cause.downcast_ref::<ConsumeError>()) {
        (Some(PublishError::Queue(error)), _) | (_, Some(ConsumeError::Queue(error))) => queue(error),
        (Some(PublishError::Database(error)), _) | (_, Some(ConsumeError::Database(error))) => database(error),
        _ => {
            cause.downcast_ref::<QueueError>().is_some_and(queue)
                || cause.downcast_ref::<DatabaseError>().is_some_and(database)
        }
    }
}
