//! One measurement and its figures.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use calamine::{Reader as _, Xlsx};
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::layout;
use caudal_reading::reader::Reader;
use caudal_reading::sheet::{self, Limits};
use caudal_reading::shop::Kind;
use caudal_reading::value::{Basis, Conventions, Mark};
use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::Failed;

const MIB: u64 = 1024 * 1024;
/// Above the defaults, because an installation does not accept a million rows unless its owner changes the limits.
const LIMITS: Limits = Limits { unpacked_bytes: 4096 * MIB, memory_bytes: 2048 * MIB, seconds: 600 };

/// The measured code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// calamine's streaming reader, each cell looked at and forgotten.
    Calamine,
    /// The csv crate, each field looked at and forgotten.
    CsvCrate,
    /// Our reader in this process, without a child, up to the columns of cells.
    Alone,
    /// The work of an import: a child reads the file and hands the cells over, then layout and cleaning make the batch.
    Ours,
}

impl What {
    const ALL: [Self; 4] = [Self::Calamine, Self::CsvCrate, Self::Alone, Self::Ours];

    pub fn name(self) -> &'static str {
        match self {
            Self::Calamine => "calamine",
            Self::CsvCrate => "csv",
            Self::Alone => "alone",
            Self::Ours => "ours",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    pub fn baseline(kind: Kind) -> Self {
        if kind == Kind::Csv { Self::CsvCrate } else { Self::Calamine }
    }

    pub fn all_of(kind: Kind) -> &'static [Self] {
        if kind == Kind::Csv {
            &[Self::CsvCrate, Self::Alone, Self::Ours]
        } else {
            &[Self::Calamine, Self::Alone, Self::Ours]
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Calamine => "calamine's streaming reader alone",
            Self::CsvCrate => "the csv crate alone",
            Self::Alone => "our reading alone, in one process",
            Self::Ours => "read, handed over, laid out, cleaned",
        }
    }
}

/// The figures of a measurement.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Time from the file on disk to the end.
    pub seconds: f64,
    /// Processor time of the process and its child, user and system.
    pub processor_seconds: f64,
    /// Highest resident memory (`VmHWM`) of the process, in KiB.
    pub peak_kib: u64,
    /// The same of the child. 0 if there is no child.
    pub child_peak_kib: u64,
    /// Time until the cells were there.
    pub read_seconds: f64,
    /// Time to find the header and the meaning of each column.
    pub layout_seconds: f64,
    /// Time of the cleaning.
    pub clean_seconds: f64,
    /// Number of sales.
    pub rows: u64,
    /// The money of the sales, in cents.
    pub cents: i64,
    /// Number of rejected rows.
    pub rejected: usize,
}

impl Figures {
    pub fn line(&self, what: What) -> String {
        format!(
            "{:<38}{:>7.2} s {:>7.2} s of processor time, {:>4} MiB at most",
            what.label(),
            self.seconds,
            self.processor_seconds,
            (self.peak_kib + self.child_peak_kib) / 1024,
        )
    }

    /// `alone` holds the figures of our reader without the handing over.
    pub fn comparison(&self, base: &Self, alone: &Self, rows: u64) -> String {
        let Self { read_seconds, layout_seconds, clean_seconds, .. } = self;
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let speed = rows as f64 / self.seconds;
        format!(
            "ratio {:.2} (processor time {:.2}), {speed:.0} rows/s; read {:.2} s, handing over {:+.2} s, layout \
             {layout_seconds:.2} s, cleaning {clean_seconds:.2} s; {} MiB here and {} MiB in the reading process",
            self.seconds / base.seconds,
            self.processor_seconds / base.processor_seconds,
            alone.seconds,
            read_seconds - alone.seconds,
            self.peak_kib / 1024,
            self.child_peak_kib / 1024,
        )
    }
}

pub fn measure(what: What, file: &Path) -> Result<Figures, Failed> {
    let start = Instant::now();
    let bytes = fs::read(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut figures = Figures::default();
    match what {
        What::Calamine => stream(&bytes)?,
        What::CsvCrate => split(&bytes)?,
        What::Alone => {
            std::hint::black_box(sheet::read_within(&bytes, &name, &LIMITS).map_err(|refusal| format!("{refusal:?}"))?);
        }
        What::Ours => ours(&bytes, &name, &mut figures)?,
    }
    // The layout is measured apart and then runs once more inside the batch, so its extra time is subtracted.
    figures.seconds = start.elapsed().as_secs_f64() - figures.layout_seconds;
    figures.processor_seconds = processor_seconds()? - figures.layout_seconds;
    figures.peak_kib = peak_kib("self").unwrap_or_default();
    Ok(figures)
}

fn stream(bytes: &[u8]) -> Result<(), Failed> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes))?;
    for name in workbook.sheet_names() {
        let mut cells = workbook.worksheet_cells_reader(&name)?;
        while let Some(cell) = cells.next_cell()? {
            std::hint::black_box(&cell);
        }
    }
    Ok(())
}

fn split(bytes: &[u8]) -> Result<(), Failed> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(b';').from_reader(bytes);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        std::hint::black_box(&record);
    }
    Ok(())
}

fn ours(bytes: &[u8], name: &str, figures: &mut Figures) -> Result<(), Failed> {
    let conventions = Conventions {
        zone: chrono_tz::America::Sao_Paulo,
        basis: Basis::Column,
        mark: Mark::Comma,
        day_first: true,
        arrived: DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default(),
    };
    let start = Instant::now();
    let contents = with_peak_of_child(&mut figures.child_peak_kib, || Reader::new(LIMITS).read(bytes, name));
    let contents = contents.map_err(|refusal| format!("{refusal:?}"))?;
    figures.read_seconds = start.elapsed().as_secs_f64();

    let start = Instant::now();
    for sheet in &contents.sheets {
        std::hint::black_box(layout::find(sheet).map_err(|refusal| format!("{refusal:?}"))?);
    }
    figures.layout_seconds = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let batch = Batch::of_file(&contents, &conventions, &[]).map_err(|error| match error {
        BatchError::Refused(refusal) => format!("{refusal:?}"),
        BatchError::NeedsLayout(problem) => format!("{problem:?}"),
        BatchError::Frame(error) => error.to_string(),
    })?;
    figures.clean_seconds = start.elapsed().as_secs_f64() - figures.layout_seconds;

    let accepted = batch.accepted()?;
    (figures.rows, figures.cents, figures.rejected) = (accepted.rows, accepted.amount.0, batch.rejected.len());
    Ok(())
}

/// Watches the child of this process while `work` runs, because only the system knows the child's highest memory.
fn with_peak_of_child<T>(peak_kib_of_child: &mut u64, work: impl FnOnce() -> T) -> T {
    let (done, most) = (AtomicBool::new(false), AtomicU64::new(0));
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let peaks = children().into_iter().filter_map(|child| peak_kib(&child));
                most.fetch_max(peaks.max().unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    });
    *peak_kib_of_child = most.into_inner();
    result
}

fn children() -> Vec<String> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The highest resident memory of a process. `None` if it has ended or there is no `/proc`.
fn peak_kib(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// User and system time of this process and of its children that have ended. 0 if there is no `/proc`.
fn processor_seconds() -> Result<f64, Failed> {
    const TICKS_A_SECOND: f64 = 100.0;
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Ok(0.0) };
    // The name of the program, in brackets, may contain spaces.
    let (_, fields) = stat.rsplit_once(')').ok_or("/proc/self/stat cannot be read")?;
    let times = fields.split_whitespace().skip(11).take(4).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / TICKS_A_SECOND)
}
