//! Logs: text for people on a terminal, otherwise one JSON object a line. They always go to standard error.

use std::io::{self, IsTerminal, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::{FormatFields, debug_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;
use caudal_contract::outside::{shown, shown_json};

/// Starts logging for the whole process. A second call does nothing. An invalid filter falls back to `info`.
pub fn start(filter: &str, format: LogFormat) {
    // The start-up lines of the web server are of no use. The broker's library logs an error if a queue that we look
    // for does not exist yet, and callers report real failures themselves. A filter that names these targets overrides
    // both.
    let filter = EnvFilter::try_new(format!("actix_server=warn,lapin::channel=off,{filter}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(filter_fn(is_without_secrets));
    let started = if json {
        registry.with(fmt::layer().with_writer(|| JsonLines).json().flatten_event(true)).try_init()
    } else {
        let is_terminal = io::stderr().is_terminal();
        let lines = fmt::layer().with_writer(io::stderr).compact().with_target(false).with_ansi(is_terminal);
        registry.with(lines.fmt_fields(text_fields())).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was already started");
    }
}

/// Whether a line may be written, regardless of the filter. The library that talks to the broker logs the data that it
/// sends at sign-in, including the password.
fn is_without_secrets(metadata: &Metadata<'_>) -> bool {
    let is_of_broker = ["lapin", "amq_protocol"].iter().any(|library| metadata.target().starts_with(library));
    !is_of_broker || *metadata.level() <= Level::INFO
}

/// Formats the fields of a line for people. Control characters are escaped, so a value cannot leave its line.
fn text_fields() -> impl for<'w> FormatFields<'w> {
    let write = |writer: &mut fmt::format::Writer<'_>, field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
        let value = shown(format_args!("{value:?}")).to_string();
        match field.name() {
            "message" => write!(writer, "{value}"),
            // The `log` crate adds fields that name the origin of a line.
            name if name.starts_with("log.") => Ok(()),
            name => write!(writer, "{name}={value}"),
        }
    };
    debug_fn(write).delimited(" ")
}

/// Writes lines of JSON to standard error. serde_json leaves characters unescaped that a terminal takes for commands.
struct JsonLines;

impl Write for JsonLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // The formatter writes each line in one call.
        let text = String::from_utf8_lossy(line);
        io::stderr().write_all(shown_json(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
