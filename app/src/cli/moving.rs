//! The commands that copy an installation or carry it elsewhere.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct BackupArguments {
    /// A new folder, or a new file whose name ends in .zip
    #[arg(value_name = "FILE-OR-FOLDER")]
    pub to: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress on the terminal
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The backup: a file or a folder
    #[arg(value_name = "BACKUP")]
    pub from: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress on the terminal
    #[arg(long, short = 'q')]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct MigrateDataArguments {
    /// A data folder, or the URLs of both databases, ingest's first: sqlite:PATH sqlite:PATH [default: the data folder]
    #[arg(long, value_name = "FOLDER|URL", num_args = 1..=2)]
    pub from: Vec<String>,
    /// The URLs of both empty databases, ingest's first: postgres://… postgres://… [default: INGEST_DATABASE_URL and
    /// DISTRIB_DATABASE_URL, so that the command holds no password]
    #[arg(long, value_name = "URL", num_args = 2)]
    pub to: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress on the terminal
    #[arg(long, short = 'q')]
    pub quiet: bool,
}
