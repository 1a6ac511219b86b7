//! The commands of `caudal`. A role runs until it is stopped; any other command does one thing and ends. Data goes to standard
//! output, messages for people to standard error.

mod arriving;
mod backup;
pub mod completions;
mod config;
mod dead_letters;
mod doctor;
mod health;
mod import;
mod imports;
pub mod interrupt;
mod layout;
mod migrate;
mod migrate_data;
mod one_import;
mod progress;
pub mod read_sheet;
mod restore;
mod undo;
mod user;
mod words;

use std::sync::Arc;

use caudal_platform::config::Config;

use crate::cli::Command;
use crate::exit::Code;
use crate::roles::Roles;
use crate::serve;

/// Runs the command.
///
/// # Errors
/// The reason why the command failed.
pub fn run(config: &Arc<Config>, command: &Command) -> anyhow::Result<Code> {
    match command {
        Command::Ingest => serve::run(Arc::clone(config), Roles::INGEST, false),
        Command::Distrib => serve::run(Arc::clone(config), Roles::DISTRIB, false),
        Command::Worker(arguments) => serve::run(Arc::clone(config), Roles::workers(arguments.concurrency), false),
        Command::Import(arguments) => import::run(config, arguments),
        Command::Imports(command) => imports::run(config, command),
        Command::DeadLetters(command) => dead_letters::run(config, command),
        Command::Layout(command) => layout::run(config, command),
        Command::User(command) => user::run(config, command),
        Command::Doctor(arguments) => doctor::run(config, arguments),
        Command::Health(arguments) => health::run(config, arguments),
        Command::Migrate => migrate::run(config),
        Command::Backup(arguments) => backup::run(config, arguments),
        Command::Restore(arguments) => restore::run(config, arguments),
        Command::MigrateData(arguments) => migrate_data::run(config, arguments),
        Command::Config(arguments) => config::run(config, arguments),
        Command::Completions { shell } => Ok(completions::run(*shell)),
        Command::ReadSheet => read_sheet::run(),
    }
}
