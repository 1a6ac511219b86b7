//! Logs: text for people on a terminal, one JSON object a line otherwise; always on standard error.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;

/// Starts logging for the whole process; a second call does nothing. An unreadable filter falls back to `info`.
pub fn start(filter: &str, format: LogFormat) {
    // The web server's own start-up lines tell nobody anything, and the broker's library calls it an error when a queue is looked for
    // that is not there yet; what failed is told by whoever asked. A filter that names these targets wins
    let filter = EnvFilter::try_new(format!("actix_server=warn,lapin::channel=off,{filter}"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(filter_fn(is_without_secrets));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = if json {
        registry.with(lines.json().flatten_event(true)).try_init()
    } else {
        registry.with(lines.compact().with_target(false).with_ansi(std::io::stderr().is_terminal())).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// Whether a line may be written, whatever filter was asked for: the library that talks to the broker logs what it sends when it
/// signs in, password and all.
fn is_without_secrets(metadata: &Metadata<'_>) -> bool {
    let is_of_broker = ["lapin", "amq_protocol"].iter().any(|library| metadata.target().starts_with(library));
    !is_of_broker || *metadata.level() <= Level::INFO
}
