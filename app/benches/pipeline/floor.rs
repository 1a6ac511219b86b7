//! The least possible work: looking at every cell of the workbook, and storing its cleaned rows in the same tables.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use calamine::{Reader as _, Xlsx};
use caudal_platform::database::{Database, DatabaseUrl, DbConnection};
use caudal_platform::testing::Backend;
use diesel::connection::SimpleConnection as _;

use crate::deployment::Running;
use crate::tables::{Copies, Rows};
use crate::{FOLDER, Failed};

/// The seconds that the least possible work takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Floors {
    /// calamine's streaming reader over the workbook: each cell is looked at and forgotten.
    pub read: f64,
    /// The rows that the import left, written in one transaction into empty tables with all indexes and foreign keys: with
    /// prepared statements on SQLite, with COPY on PostgreSQL.
    pub write: f64,
}

impl Floors {
    pub fn sum(self) -> f64 {
        self.read + self.write
    }

    pub fn larger(self) -> f64 {
        self.read.max(self.write)
    }
}

/// The argument that makes this program read one workbook and end.
pub const READ: &str = "--read";

/// Both floors for this workbook and the rows that `running`, which has ended, stored of it.
pub fn measure(running: &Running, file: &Path) -> Result<Floors, Failed> {
    Ok(Floors { read: read(file)?, write: write(running)? })
}

/// In a process of its own, like an import, so that it starts without allocated memory.
fn read(file: &Path) -> Result<f64, Failed> {
    let output = Command::new(std::env::current_exe()?).arg(READ).arg(file).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("reading {} alone failed", file.display()).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Reads the workbook and prints the seconds that this took.
pub fn read_here(file: &Path) -> Result<(), Failed> {
    let start = Instant::now();
    let bytes = fs::read(file)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    for name in workbook.sheet_names() {
        let mut cells = workbook.worksheet_cells_reader(&name)?;
        while let Some(cell) = cells.next_cell()? {
            std::hint::black_box(&cell);
        }
    }
    writeln!(std::io::stdout(), "{}", start.elapsed().as_secs_f64())?;
    Ok(())
}

fn write(running: &Running) -> Result<f64, Failed> {
    let (backend, folder) = (Backend::on(running.servers().clone()), tempfile::tempdir_in(FOLDER)?);
    let target = Database::open(&backend.database_url("distrib", folder.path()).parse()?, 1)?;
    caudal_distrib::migrate(&target)?;
    // Gives the target as much memory for pages as the connections of workers have.
    let target = target.for_worker()?;
    let source = running.database("distrib")?;
    let target = &mut *target.get()?;
    match (source.url(), &mut *source.get()?) {
        (DatabaseUrl::Postgres(url), _) => {
            let copies = Copies::of(url)?;
            target.batch_execute("SET statement_timeout = 0")?;
            in_one_transaction(target, |target| match target {
                DbConnection::Postgres(target) => Ok(copies.insert(target)?),
                DbConnection::Sqlite(_) => Err("the floor is another kind of database".into()),
            })
        }
        (_, DbConnection::Sqlite(source)) => {
            let rows = Rows::of(source)?;
            in_one_transaction(target, |target| match target {
                DbConnection::Sqlite(target) => Ok(rows.insert(target)?),
                DbConnection::Postgres(_) => Err("the floor is another kind of database".into()),
            })
        }
        (_, DbConnection::Postgres(_)) => Err("the database is not where its address says".into()),
    }
}

/// The seconds from the transaction's begin until it is on the disk.
fn in_one_transaction(
    target: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<(), Failed>,
) -> Result<f64, Failed> {
    let start = Instant::now();
    caudal_platform::database::write(target, work)?;
    Ok(start.elapsed().as_secs_f64())
}
