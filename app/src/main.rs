//! The binary `caudal`: its command line, and the start and end of its roles.

mod backup;
mod banner;
mod cli;
mod commands;
mod demo;
mod exit;
mod folders;
mod health;
mod loops;
mod memory;
mod pipeline;
mod routes;
mod serve;
mod services;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    folders::write_private_files();
    match run(&Cli::parse()) {
        Ok(code) => code.into(),
        Err(error) => exit::explain(&error).into(),
    }
}

fn run(cli: &Cli) -> anyhow::Result<exit::Code> {
    anyhow::ensure!(!cli.demo || cli.command.is_none(), "--demo goes with caudal alone, without a command");
    if matches!(cli.command, Some(Command::ReadSheet)) {
        // It must not depend on settings: it reads what it is given, and knows nothing else
        return commands::read_sheet::run();
    }
    let config = services::load_config(cli)?;
    match &cli.command {
        None => serve::run(config, serve::Roles::ALL, cli.demo),
        Some(Command::Ingest) => serve::run(config, serve::Roles::INGEST, false),
        Some(Command::Distrib) => serve::run(config, serve::Roles::DISTRIB, false),
        Some(Command::Worker(arguments)) => serve::run(config, serve::Roles::workers(arguments.concurrency), false),
        Some(Command::Import(arguments)) => commands::import::run(&config, arguments),
        Some(Command::Imports(command)) => commands::imports::run(&config, command),
        Some(Command::DeadLetters(command)) => commands::dead_letters::run(&config, command),
        Some(Command::Layout(command)) => commands::layout::run(&config, command),
        Some(Command::User(command)) => commands::user::run(&config, command),
        Some(Command::Doctor(arguments)) => commands::doctor::run(&config, arguments),
        Some(Command::Health(arguments)) => commands::health::run(&config, arguments),
        Some(Command::Migrate) => commands::migrate::run(&config),
        Some(Command::Backup(arguments)) => commands::backup::run(&config, arguments),
        Some(Command::Restore(arguments)) => commands::restore::run(&config, arguments),
        Some(Command::MigrateData(arguments)) => commands::migrate_data::run(&config, arguments),
        Some(Command::Config(arguments)) => commands::config::run(&config, arguments),
        Some(Command::ReadSheet) => commands::read_sheet::run(),
    }
}
