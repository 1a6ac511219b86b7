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
  caudal --demo                       the same, with sample workbooks
  caudal import vendas.xlsx           import a file and wait until it is stored
  caudal import --dry-run *.xlsx      show the effect of an import, store nothing
  caudal imports show 12              one import with its rejected rows
  caudal imports undo 12              show the effect of an undo, ask, and undo the import
  caudal layout show vendas.xlsx      show the meaning of its columns, as TOML to edit
  caudal user add ana --role reader   add a user (asks for a password)
  caudal backup /mnt/usb/caudal-5.zip  copy everything, while it runs

Exit codes:
  0 ok    1 failure    2 wrong usage    3 wrong configuration
  4 a database or the queue is unreachable    5 finished, with rejected rows
  6 some files were not taken (1) and others have rejected rows (5)
  130 stopped by Ctrl+C or SIGTERM before the end";

/// Imports sales data, accounts for every row, and shows it in pages and reports.
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
    /// Start a worker alone, which stores the messages of the queue in the database
    Worker(WorkerArguments),
    /// Import files and wait until they are stored
    Import(ImportArguments),
    /// List imports, show one with its ledger, undo one
    #[command(subcommand)]
    Imports(ImportsCommand),
    /// List messages that could not be stored; try them again, edit or discard them
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Show, set and forget layouts: the meaning of the columns of files with one header
    #[command(subcommand)]
    Layout(LayoutCommand),
    /// Add users, change passwords, list users
    #[command(subcommand)]
    User(UserCommand),
    /// Check that everything is in order and every import balances
    Doctor(JsonArguments),
    /// Check the health of a running process, for container engines and service managers
    Health(HealthArguments),
    /// Bring the databases up to date
    Migrate,
    /// Copy the databases, the originals and the keys to a backup, without stopping Caudal
    Backup(BackupArguments),
    /// Put a backup into an empty data folder and check it
    Restore(RestoreArguments),
    /// Move everything from SQLite files to PostgreSQL; Caudal must be stopped
    MigrateData(MigrateDataArguments),
    /// Show every setting, its value and the source of the value
    Config(JsonArguments),
    /// Write a script for the shell that completes commands and flags
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Read one file from standard input and give its cells to the process that started this one
    #[command(name = caudal_reading::reader::COMMAND, hide = true)]
    ReadSheet,
}

#[derive(Debug, Args)]
pub struct WorkerArguments {
    /// Number of messages that are stored at the same time; with SQLite more than one is not faster
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=32))]
    pub concurrency: u8,
}

#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// List messages that were given up, and messages that wait for another attempt
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a message with its reason, its attempts and its text
    Show {
        /// Its number
        id: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Try a dead letter again at once; the count of its attempts starts again at 0
    Retry {
        /// Its number
        id: Option<i64>,
        /// Every dead letter
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Discard a dead letter: its rows count as rejected, with the reason
    Discard {
        /// Its number
        id: i64,
    },
    /// Replace the text of a dead letter and try it again; ids, rows and money must stay the same
    Edit {
        /// Its number
        id: i64,
        /// A file with the text in the form of `show`; - for standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Show the effect and store nothing; each file is rehearsed by itself, without the others
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// With --dry-run: write the workbook of effects to this file
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub effects: Option<PathBuf>,
    /// Print one JSON object a line for each file; `imports list --json` prints one array
    #[arg(long)]
    pub json: bool,
    /// Show all remarks about each file, not only the warnings
    #[arg(long, short = 'v', conflicts_with = "json")]
    pub verbose: bool,
    /// Show no progress on the terminal
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct JsonArguments {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct HealthArguments {
    /// Address of the process [default: http:// and CAUDAL_LISTEN]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Check the workers of this machine: whether their database and queue can be reached, and whether they show signs of life
    #[arg(long, conflicts_with = "url")]
    pub worker: bool,
}

#[derive(Debug, Subcommand)]
pub enum ImportsCommand {
    /// List the newest imports
    List {
        /// Most imports to list
        #[arg(long, default_value_t = 20, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
        /// Print JSON: one array
        #[arg(long)]
        json: bool,
    },
    /// Show an import with its ledger, remarks and rejected rows
    Show {
        /// Its number or its id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a repair workbook with an import's rejected rows, to be mended and dropped into the inbox
    Repair {
        /// Its number or its id
        id: String,
        /// The file to write [default: import-ID-repair.xlsx]
        #[arg(long, short = 'o', value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show the effect of an undo, ask, and undo the import; its file may be dropped again
    Undo {
        /// Its number or its id
        id: String,
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
        /// Only show the effect
        #[arg(long, short = 'n', conflicts_with = "yes")]
        dry_run: bool,
        /// Print JSON
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
    /// List the remembered layouts, the newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a layout as TOML to edit: a remembered layout, or the best guess for a file
    Show {
        /// A file, the number or id of an import, or the fingerprint of a remembered layout
        #[arg(value_name = "FILE|IMPORT|FINGERPRINT")]
        what: String,
        /// The sheet of the file [default: the sheet that most likely has sales]
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// The row of its header, as spreadsheets count it; 0 for none
        #[arg(long, value_name = "ROW")]
        header_row: Option<u32>,
    },
    /// Check a layout, remember it, and import the files that wait for it
    Set {
        /// A file with the layout, in the form of `show`
        #[arg(value_name = "TOML-FILE")]
        file: PathBuf,
    },
    /// Forget a layout; the imports made with it stay
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
        /// The rights of the user: admin or reader
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
        /// Print JSON
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
