//! The command line.

mod moving;

use std::path::PathBuf;

use caudal_platform::config::Flags;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use moving::{BackupArguments, MigrateDataArguments, RestoreArguments};

const EXAMPLES: &str = "\
Examples:
  caudal                              start everything on http://127.0.0.1:8000
  caudal --demo                       the same, with sample workbooks to look at
  caudal import vendas.xlsx           import a file and wait until it is stored
  caudal import --dry-run *.xlsx      say what would be imported, store nothing
  caudal imports show 12              one import with its rejected rows
  caudal imports undo 12              take an import back, after saying what that does
  caudal layout show vendas.xlsx      what its columns are taken for, as TOML to edit
  caudal user add ana --role reader   add a user (asks for a password)
  caudal backup /mnt/usb/caudal-5.zip  copy everything, while it runs

Exit codes:
  0 ok    1 failure    2 wrong usage    3 wrong configuration
  4 a database or the queue is unreachable    5 finished, with rejected rows
  6 of several files some were not taken (1) and others have rejected rows (5)
  130 ended by Ctrl+C or SIGTERM before everything was done";

/// Takes sales data in, accounts for every row, and hands it out again.
///
/// Without a command it starts everything: the watched inbox, the API, the worker and the web pages.
#[derive(Debug, Parser)]
#[command(name = "caudal", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Folder of the inbox, the originals, the databases and the keys [default: data] [env: CAUDAL_DATA_DIR]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// Address and port of the web pages and the API [default: 127.0.0.1:8000] [env: CAUDAL_LISTEN]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,

    /// Language of messages: pt-BR or en [env: CAUDAL_LANGUAGE]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub language: Option<String>,

    /// Load the sample workbooks, one of them with deliberate errors
    #[arg(long)]
    pub demo: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the ingest service alone: the inbox and the API
    Ingest,
    /// Start the distrib service alone: the web pages and reports
    Distrib,
    /// Start a worker alone: from the queue into the database
    Worker(WorkerArguments),
    /// Import files and wait until they are stored
    Import(ImportArguments),
    /// List imports, show one with its ledger, take one back
    #[command(subcommand)]
    Imports(ImportsCommand),
    /// List messages that could not be stored; have them tried again, edited or discarded
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Show, set and forget what the columns of files with a certain header mean
    #[command(subcommand)]
    Layout(LayoutCommand),
    /// Add users, change passwords, list users
    #[command(subcommand)]
    User(UserCommand),
    /// Check that everything is in order and every import balances
    Doctor(JsonArguments),
    /// Ask a running process whether it is well; for container engines and service managers
    Health(HealthArguments),
    /// Bring the databases up to date
    Migrate,
    /// Copy the databases, the originals and the keys as they are now, while everything goes on
    Backup(BackupArguments),
    /// Put a backup into an empty data folder and check it
    Restore(RestoreArguments),
    /// Carry everything from SQLite files over to PostgreSQL; Caudal must be stopped
    MigrateData(MigrateDataArguments),
    /// Show every setting, its value and where it came from
    Config(JsonArguments),
    /// Write what a shell needs to complete commands and flags, to be sourced by it
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Read one file from standard input and give its cells to the process that started this one
    #[command(name = caudal_reading::reader::COMMAND, hide = true)]
    ReadSheet,
}

#[derive(Debug, Args)]
pub struct WorkerArguments {
    /// How many messages are worked at side by side; with SQLite more than one gains nothing
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=32))]
    pub concurrency: u8,
}

#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// Messages that were given up, and those that wait for another attempt
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// One with its reason, its attempts and its text
    Show {
        /// Its number
        id: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Try a dead letter again at once, with all its attempts before it
    Retry {
        /// Its number
        id: Option<i64>,
        /// Every dead letter
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Give up on a dead letter's rows: they count as rejected, with the reason
    Discard {
        /// Its number
        id: i64,
    },
    /// Put another text in a dead letter's place and try it; names, rows and money must stay
    Edit {
        /// Its number
        id: i64,
        /// A file with the text, as show prints it; - for standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Say what would happen, store nothing; each file by itself, as if the others were not there
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// With --dry-run: write the workbook of effects to this file
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub effects: Option<PathBuf>,
    /// One JSON object for each file, each in a line of its own; `imports list --json` is one array
    #[arg(long)]
    pub json: bool,
    /// Say what was assumed and done to each file, not only what is worth a look
    #[arg(long, short = 'v', conflicts_with = "json")]
    pub verbose: bool,
    /// No progress on the terminal
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct JsonArguments {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct HealthArguments {
    /// Where it answers [default: http:// and CAUDAL_LISTEN]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// For a worker, which has no port: whether its database and its queue can be reached from here, and whether those that run
    /// here move
    #[arg(long, conflicts_with = "url")]
    pub worker: bool,
}

#[derive(Debug, Subcommand)]
pub enum ImportsCommand {
    /// The newest imports
    List {
        /// How many
        #[arg(long, default_value_t = 20, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// As JSON: one array
        #[arg(long)]
        json: bool,
    },
    /// One import with its ledger, remarks and rejected rows
    Show {
        /// Its number or its id
        id: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write an import's rejected rows as a workbook to mend; dropped into the inbox, they go to the import's account
    Repair {
        /// Its number or its id
        id: String,
        /// Where to [default: import-ID-repair.xlsx]
        #[arg(long, short = 'o', value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take an import back, after saying what that does; its file may be dropped again
    Undo {
        /// Its number or its id
        id: String,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
        /// Only say what it would do
        #[arg(long, short = 'n', conflicts_with = "yes")]
        dry_run: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Refuse a file that waits for a layout; it may be dropped again
    Dismiss {
        /// Its number or its id
        id: String,
    },
    /// Make a duplicate a sale of its own
    Release {
        /// The number or id of the import that the duplicate is in
        id: String,
        /// The duplicate's row, as spreadsheets count it
        row: u32,
        /// The duplicate's sheet; empty for text files and API batches
        #[arg(long, default_value = "")]
        sheet: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum LayoutCommand {
    /// The layouts that are remembered, the newest first
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// A layout as TOML, to be edited: a remembered one, or what is guessed for a file
    Show {
        /// A file, the number or id of an import, or the fingerprint of a remembered layout
        #[arg(value_name = "FILE|IMPORT|FINGERPRINT")]
        what: String,
        /// The sheet of the file; by default the one that most likely holds sales
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// The row of its header, as spreadsheets count it; 0 for none
        #[arg(long, value_name = "ROW")]
        header_row: Option<u32>,
    },
    /// Check a layout, remember it, and take in the files that wait for it
    Set {
        /// The layout, as show writes it
        #[arg(value_name = "TOML-FILE")]
        file: PathBuf,
    },
    /// Forget a layout; what was taken in by it stays
    Forget {
        /// Its fingerprint, or the beginning of it
        fingerprint: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; the password is asked for, or read from standard input
    Add {
        /// The name to sign in with
        name: String,
        /// What the user may do: admin or reader
        #[arg(long, default_value = "reader")]
        role: String,
    },
    /// Change a user's password and end the user's sessions
    Passwd {
        /// The user
        name: String,
    },
    /// List the users
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

impl Cli {
    /// The settings given as flags.
    pub fn flags(&self) -> Flags {
        let data_dir = self.data_dir.as_ref().map(|path| path.to_string_lossy().into_owned());
        [
            ("CAUDAL_DATA_DIR", data_dir),
            ("CAUDAL_LISTEN", self.listen.clone()),
            ("CAUDAL_LANGUAGE", self.language.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        super::Cli::command().debug_assert();
    }
}
