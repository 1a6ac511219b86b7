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
mod moving;
mod pipeline;
mod roles;
mod routes;
mod serve;
mod services;

use std::process::ExitCode;

use caudal_platform::config::Config;
use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    folders::write_private_files();
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code.into(),
        Err(error) => exit::explain(&error, Config::language_of(&cli.flags())).into(),
    }
}

fn run(cli: &Cli) -> anyhow::Result<exit::Code> {
    if matches!(cli.command, Some(Command::ReadSheet)) {
        // Runs without settings, because it must depend on nothing but its input.
        return commands::read_sheet::run();
    }
    if let Some(Command::Completions { shell }) = cli.command {
        return Ok(commands::completions::run(shell));
    }
    let config = services::load_config(cli)?;
    let Some(command) = &cli.command else { return serve::run(config, roles::Roles::ALL, cli.demo) };
    let only_alone = config.language.pick("--demo só vale sem um comando", "--demo is only valid without a command");
    anyhow::ensure!(!cli.demo, only_alone);
    commands::run(&config, command)
}
