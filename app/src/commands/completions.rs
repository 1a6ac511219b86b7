//! `caudal completions SHELL`

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::Cli;
use crate::exit::{Code, print_lines};

/// Prints the completion script of the shell. It needs no settings.
pub fn run(shell: Shell) -> Code {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "caudal", &mut script);
    print_lines(&String::from_utf8_lossy(&script));
    Code::Ok
}
