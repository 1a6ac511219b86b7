//! Measures one workbook from the settled drop to its last row on the Overview.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use caudal_platform::database::{Database, DbConnection};
use caudal_reading::shop::Sales;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::Failed;
use crate::deployment::{Running, SETTLE};
use crate::overview::Reader;
use crate::processes::{Memory, watched};
use crate::servers::Server;

/// The stages of the rows, in the order in which they are reached.
pub const STAGES: [&str; 5] = ["staged", "first stored", "last stored", "settled", "visible"];

/// The cost of an import.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// The time of each stage, in seconds after the file had settled.
    pub stages: [f64; 5],
    /// The processor time of all processes of Caudal.
    pub processor_seconds: f64,
    /// The processor time of PostgreSQL and RabbitMQ, if they run on this machine.
    pub servers_processor_seconds: f64,
    pub memory: Memory,
}

impl Figures {
    /// The time until the last row was on the Overview.
    pub fn seconds(&self) -> f64 {
        self.stages[4]
    }
}

/// Longer than any import here takes.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Drops the workbook of these sales, watches its import, and checks the ledger.
pub fn measure(running: &Running, sales: &Sales, file: &Path) -> Result<Figures, Failed> {
    let watch = Watch::new(running, sales, file)?;
    // Written to the disk first, because that must not slow down the measured import.
    let (inbox, desk) = running.inbox_and_desk();
    let (beside, dropped) = (desk.join("dropped"), inbox.join(&watch.name));
    fs::copy(file, &beside)?;
    File::open(&beside)?.sync_all()?;

    let servers = Server::all_of(running)?;
    let (stages, memory, [processor_seconds, servers_processor_seconds]) =
        watched(running.processes(), &servers, || {
            fs::rename(&beside, &dropped)?;
            watch.until_visible(Instant::now() + SETTLE)
        });
    let figures = Figures { stages: stages?, processor_seconds, servers_processor_seconds, memory };
    watch.check()?;
    Ok(figures)
}

/// Looks at the databases and the page from outside.
struct Watch<'a> {
    running: &'a Running,
    ingest: Database,
    distrib: Database,
    reader: Reader,
    name: String,
    rows: u64,
    years: [i32; 2],
    shown_before: u64,
    interval: Duration,
}

#[derive(QueryableByName)]
struct Staged {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    messages: i64,
    #[diesel(sql_type = BigInt)]
    messages_settled: i64,
    #[diesel(sql_type = BigInt)]
    messages_dead: i64,
    #[diesel(sql_type = BigInt)]
    stored: i64,
}

#[derive(QueryableByName)]
struct Delivered {
    #[diesel(sql_type = BigInt)]
    delivered: i64,
}

impl<'a> Watch<'a> {
    fn new(running: &'a Running, sales: &Sales, file: &Path) -> Result<Self, Failed> {
        let (ingest, distrib) = (running.database("ingest")?, running.database("distrib")?);
        for database in [&ingest, &distrib] {
            let connection = &mut *database.get()?;
            connection.batch_execute(match connection {
                DbConnection::Sqlite(_) => "PRAGMA query_only = ON",
                DbConnection::Postgres(_) => "SET default_transaction_read_only = ON",
            })?;
        }
        let (reader, years) = (running.reader()?, [sales.first_year, sales.first_year + 1]);
        let shown_before = reader.sales_shown(&years)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Each look takes some milliseconds of a processor.
        let interval = Duration::from_millis(if sales.rows <= 10_000 { 20 } else { 100 });
        Ok(Self { running, ingest, distrib, reader, name, rows: sales.rows, years, shown_before, interval })
    }

    fn until_visible(&self, settled: Instant) -> Result<[f64; 5], Failed> {
        let mut reached: [Option<f64>; 5] = [None; 5];
        while reached.iter().any(Option::is_none) {
            thread::sleep(self.interval);
            self.running.check_alive()?;
            let now = self.look()?;
            let seconds = Instant::now().saturating_duration_since(settled).as_secs_f64();
            for (stage, is_reached) in reached.iter_mut().zip(now) {
                if is_reached && stage.is_none() {
                    *stage = Some(seconds);
                }
            }
            if settled.elapsed() > PATIENCE {
                return Err(format!("{} is not through after {PATIENCE:?}: {now:?}", self.name).into());
            }
        }
        Ok(reached.map(Option::unwrap_or_default))
    }

    fn look(&self) -> Result<[bool; 5], Failed> {
        let Some(staged) = self.staged()? else { return Ok([false; 5]) };
        if staged.outcome != "taken" || staged.messages_dead > 0 {
            let Staged { outcome, messages_dead, .. } = staged;
            return Err(format!("{} was {outcome}, with {messages_dead} dead letters", self.name).into());
        }
        let settled = staged.messages > 0 && staged.messages_settled == staged.messages;
        let delivered = u64::try_from(self.delivered(&staged.id)?)?;
        let all = delivered >= self.rows;
        // The page is asked only when all rows can be there, like a person does who waits for them.
        let visible = all && self.reader.sales_shown(&self.years)? == self.shown_before + self.rows;
        Ok([true, delivered > 0, all, settled, visible])
    }

    fn staged(&self) -> Result<Option<Staged>, Failed> {
        let query =
            "SELECT id, outcome, messages, messages_settled, messages_dead, stored FROM imports WHERE name = $1";
        let query = diesel::sql_query(query).bind::<Text, _>(&self.name);
        Ok(query.get_result(&mut *self.ingest.get()?).optional()?)
    }

    fn delivered(&self, import: &str) -> Result<i64, Failed> {
        let query =
            "SELECT CAST(COALESCE(SUM(d.stored + d.updated + d.duplicate + d.rejected), 0) AS BIGINT) AS delivered
                     FROM deliveries d JOIN imports i ON i.id = d.import_id WHERE i.uuid = $1";
        let query = diesel::sql_query(query).bind::<Text, _>(import);
        Ok(query.get_result::<Delivered>(&mut *self.distrib.get()?)?.delivered)
    }

    /// Checks that every row was stored, and that the receipts count it so.
    fn check(&self) -> Result<(), Failed> {
        let stored = self.staged()?.map(|staged| staged.stored).unwrap_or_default();
        if u64::try_from(stored)? == self.rows {
            return Ok(());
        }
        Err(format!("WRONG LEDGER: {stored} rows of {} count as stored", self.rows).into())
    }
}
