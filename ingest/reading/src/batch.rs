//! One file or one API batch, read and cleaned, ready to be staged.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use caudal_contract::decision::Remembered;
use caudal_contract::field::Field;
use caudal_contract::message::{IgnoredRows, RejectedRow, SheetRead};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::notice::{
    Change, DiscountReading, LayoutProblem, OtherSheet, Reading, Refusal, Rejection, Remark, Rule, SumProof, Warning,
};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsError};

use crate::body::Body;
use crate::clean::{Cleaned, clean};
use crate::layout::remembered::{self, Unmapped};
use crate::layout::{Layout, table};
use crate::records::Records;
use crate::repeats::{SaleFacts, Seen};
use crate::sheet::{Contents, Sheet};
use crate::value::Conventions;

/// The clean rows of a file or an API batch, and its totals.
#[derive(Debug, Default)]
pub struct Batch {
    /// Clean rows, sheet by sheet.
    pub sheets: Vec<CleanSheet>,
    /// Rejected rows.
    pub rejected: Vec<RejectedRow>,
    /// Number of rows below the headers.
    pub rows_read: u64,
    /// Number of rows that are not sales.
    pub rows_ignored: u64,
    /// The places of ignored rows, and the reasons.
    pub ignored: Vec<IgnoredRows>,
    /// Money of the ignored rows.
    pub amount_ignored: Cents,
    /// Remarks and assumptions.
    pub remarks: Vec<Remark>,
    /// Oddities in single cells of rows that were kept.
    pub warnings: Vec<Warning>,
    /// Layouts that people decided and that were applied.
    pub layouts: Vec<Remembered>,
    /// The watched row: its sheet, and its place counted from 0.
    watched: Option<(String, usize)>,
    /// The rule that made each value of the watched row, reported by the code that made it.
    pub changes: BTreeMap<Field, Change>,
}

/// The evidence that the sum of a sheet is right, once its rows are cleaned. `None` if it has no sales.
///
/// # Errors
/// [`BatchError::NeedsLayout`] with the sum of each reading if columns could change the sum and nothing proves it.
fn proven(
    sheet: &Sheet,
    layout: &Layout,
    cleaned: &Batch,
    conventions: &Conventions,
) -> Result<Option<SumProof>, BatchError> {
    if layout.decided.is_some() {
        let by = layout.remarks.iter().find_map(|remark| match remark {
            Remark::LayoutApplied { by, .. } => Some(by.clone()),
            _ => None,
        });
        return Ok(Some(SumProof::Confirmed { by: by.unwrap_or_default() }));
    }
    let differs = cleaned.remarks.iter().find_map(|remark| match remark {
        Remark::ControlDiffers { row, says, adds } => {
            Some(LayoutProblem::OwnTotalDiffers { row: *row, says: *says, adds: *adds })
        }
        _ => None,
    });
    if let Some(problem) = differs {
        return Err(BatchError::NeedsLayout(problem));
    }
    let lines = cleaned.remarks.iter().find_map(|remark| match remark {
        Remark::ControlAgrees { rows } => Some(*rows),
        _ => None,
    });
    // A total line agrees with the rows as they are written, so a discount that was taken off because of its name alone
    // contradicts it.
    let by_name =
        layout.orders.discount.as_ref().filter(|of| of.proofs == 0 && of.reading != DiscountReading::Included);
    if let (Some(_), Some(discount)) = (lines, by_name) {
        let column = layout.headers.get(discount.column).cloned().unwrap_or_default();
        return Err(BatchError::NeedsLayout(LayoutProblem::OrderDiscount { column }));
    }
    if let Some(proof) = &layout.proof {
        return Ok(Some(proof.clone()));
    }
    if let Some(lines) = lines.filter(|_| layout.open.iter().all(|open| !open.is_second)) {
        return Ok(Some(SumProof::OwnTotal { lines }));
    }
    let without = cleaned.accepted()?;
    let mut readings: Vec<Reading> = Vec::new();
    for open in &layout.open {
        for field in &open.fields {
            let mut read = Batch::default();
            let (with, price) = layout.read_with(*field, open.column);
            read.add(sheet, &with, conventions)?;
            let sums = read.accepted()?;
            // A reading that loses rows does not fit the column, unless the column is for a second sale on some rows. The
            // same sum needs no question.
            if (sums.rows >= without.rows || open.is_second) && sums.amount != without.amount {
                let column = layout.headers.get(open.column).cloned().unwrap_or_default();
                let before = layout.headers.iter().take(open.column);
                let occurrence = before.filter(|header| **header == column).count();
                let price = price.and_then(|price| layout.headers.get(price).cloned());
                readings.push(Reading { column, occurrence, field: *field, price, total: sums.amount });
            }
        }
    }
    if readings.is_empty() {
        return Ok((without.rows > 0).then_some(SumProof::NothingLeft));
    }
    let columns = readings.iter().fold(Vec::new(), |mut columns: Vec<String>, reading| {
        if !columns.contains(&reading.column) {
            columns.push(reading.column.clone());
        }
        columns
    });
    Err(BatchError::NeedsLayout(LayoutProblem::Unexplained { columns, without: without.amount, readings }))
}

/// The clean rows of one sheet.
#[derive(Debug)]
pub struct CleanSheet {
    /// The column of each field.
    pub columns: Vec<(Field, usize)>,
    /// How the sheet was read, as the record of the import keeps it.
    pub read: SheetRead,
    /// One column for each field. See [`crate::clean`].
    pub sales: DataFrame,
    /// The cancelled rows, with the same columns.
    pub cancelled: DataFrame,
}

/// Sums over the rows that were accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Number of rows.
    pub rows: u64,
    /// Sum of the money.
    pub amount: Cents,
    /// Sum of the quantities.
    pub quantity: TenThousandths,
    /// The first local day.
    pub first_day: Option<NaiveDate>,
    /// The last local day.
    pub last_day: Option<NaiveDate>,
}

/// The reason that a file did not become a batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// It has no readable sales.
    #[error("refused")]
    Refused(Refusal),
    /// It may hold sales, but a person has to decide the meaning of its columns.
    #[error("needs a layout")]
    NeedsLayout(LayoutProblem),
    /// A bug in this program.
    #[error("the clean rows do not fit together: {0}")]
    Frame(#[from] PolarsError),
}

impl Batch {
    /// Cleans the contents of a file. `known` are the layouts that people decided.
    ///
    /// # Errors
    /// [`BatchError::Refused`] or [`BatchError::NeedsLayout`], with the reason for the file's owner.
    pub fn of_file(contents: &Contents, conventions: &Conventions, known: &[Remembered]) -> Result<Self, BatchError> {
        Self::of_file_watching(contents, conventions, known, None)
    }

    /// Like [`Self::of_file`], and reports the changes of one `watched` row.
    ///
    /// # Errors
    /// As [`Self::of_file`].
    pub fn of_file_watching(
        contents: &Contents,
        conventions: &Conventions,
        known: &[Remembered],
        watched: Option<(String, usize)>,
    ) -> Result<Self, BatchError> {
        let mut batch = Self { remarks: contents.remarks.clone(), watched, ..Self::default() };
        // A later sheet may hold an earlier one, so nothing is put together before all are read.
        let mut parts: Vec<Self> = Vec::new();
        let said = |remark: Remark| Self { remarks: vec![remark], ..Self::default() };
        let (mut first_refusal, mut first_doubt) = (None, None);
        let filled = contents.sheets.iter().filter(|sheet| sheet.rows > 0);
        let layouts: Vec<_> = filled.map(|sheet| (sheet, remembered::find(sheet, known))).collect();
        let any = |is_so: &dyn Fn(&Layout) -> bool| layouts.iter().any(|(_, layout)| layout.as_ref().is_ok_and(is_so));
        // Sales are hashed only if there are other sheets to compare them with.
        let sheets_of_sales = layouts.iter().filter(|(_, layout)| layout.is_ok()).count();
        let mut seen = (sheets_of_sales > 1).then(Seen::default);
        let any_dated = any(&Layout::is_dated);
        let any_chosen = any(&|layout| layout.decided.as_ref().is_some_and(|decided| decided.only_sheet));
        let is_applied = |known: &&Remembered| {
            any(&|layout| layout.decided.as_ref().is_some_and(|decided| decided.fingerprint == known.fingerprint))
        };
        batch.layouts = known.iter().filter(is_applied).cloned().collect();
        let taken: Vec<_> =
            layouts.iter().filter_map(|(sheet, layout)| Some((*sheet, layout.as_ref().ok()?))).collect();
        let shapes: Vec<_> =
            taken.iter().filter_map(|(sheet, layout)| table::shape(sheet, layout.first_row()?)).collect();
        let goes_on = |sheet: &Sheet| table::shape(sheet, 0).is_some_and(|shape| shapes.contains(&shape));
        for (sheet, layout) in layouts {
            match layout {
                Ok(Layout { decided: None, .. })
                | Err(Unmapped::Refused(_) | Unmapped::Doubtful(_) | Unmapped::Contradicted { .. })
                    if any_chosen =>
                {
                    parts.push(said(Remark::SheetNotChosen { sheet: sheet.name.clone() }));
                }
                // Beside sheets with dates, a sheet without dates holds sums of their sales, for example by product or
                // seller.
                Ok(layout) if any_dated && !layout.is_dated() && layout.decided.is_none() => {
                    parts.push(said(Remark::SheetIsSummary { sheet: sheet.name.clone() }));
                }
                Err(
                    Unmapped::Contradicted { dated: false, .. }
                    | Unmapped::Refused(Refusal::LooksLike { like: OtherSheet::Totals, .. }),
                ) if any_dated => {
                    parts.push(said(Remark::SheetIsSummary { sheet: sheet.name.clone() }));
                }
                Ok(layout) => batch.add_once(&mut parts, sheet, &layout, conventions, seen.as_mut())?,
                // Ignoring this sheet would lose rows that a person declared to be sales, or that are sales according
                // to the names of its columns.
                Err(Unmapped::Misfit(problem) | Unmapped::Contradicted { problem, .. }) => {
                    return Err(BatchError::NeedsLayout(problem));
                }
                // This sheet probably holds the rows of another month, because it has the shape of the other sheets and
                // only lacks the header.
                Err(Unmapped::Doubtful(problem @ LayoutProblem::NoHeader)) if goes_on(sheet) => {
                    return Err(BatchError::NeedsLayout(problem));
                }
                Err(unmapped) => {
                    parts.push(said(Remark::SheetIgnored { sheet: sheet.name.clone() }));
                    match unmapped {
                        Unmapped::Refused(refusal) => drop(first_refusal.get_or_insert(refusal)),
                        Unmapped::Doubtful(problem)
                        | Unmapped::Misfit(problem)
                        | Unmapped::Contradicted { problem, .. } => {
                            first_doubt.get_or_insert(problem);
                        }
                    }
                }
            }
        }
        for part in parts {
            batch.join(part);
        }
        if let Some(problem) = first_doubt.filter(|_| batch.sheets.is_empty()) {
            return Err(BatchError::NeedsLayout(problem));
        }
        match first_refusal {
            Some(refusal) if batch.sheets.is_empty() => Err(BatchError::Refused(refusal)),
            _ if batch.rows_read == 0 => Err(BatchError::Refused(Refusal::NoRows)),
            _ if batch.is_torn() => Err(BatchError::Refused(Refusal::RowsTorn { rows: batch.rejected.len() as u64 })),
            _ => match batch.many_rejected() {
                Some(problem) => Err(BatchError::NeedsLayout(problem)),
                None => Ok(batch),
            },
        }
    }

    /// Cleans the rows of an API batch.
    ///
    /// # Errors
    /// [`BatchError::Frame`].
    pub fn of_body(body: &Body<'_>, conventions: &Conventions) -> Result<Self, BatchError> {
        let (sheet, layout) = body.sheet();
        let mut batch = Self::default();
        batch.add(&sheet, &layout, conventions)?;
        for rejected in &mut batch.rejected {
            body.put_in_sent_words(rejected);
        }
        Ok(batch)
    }

    /// Whether a text with unbalanced quotation marks gave more rejected rows than sales. Then its lines are not rows.
    fn is_torn(&self) -> bool {
        let sales: usize = self.sheets.iter().map(|sheet| sheet.sales.height()).sum();
        self.remarks.contains(&Remark::QuotesUnbalanced) && self.rejected.len() > sales
    }

    /// Finds one reason that rejects many rows, if nobody has decided on the columns. Then the column may be the wrong
    /// one, and a part of the sales would be taken for the whole. A person confirms the columns, or names another.
    fn many_rejected(&self) -> Option<LayoutProblem> {
        const FEWEST: usize = 30;
        const ONE_IN: u64 = 10;
        const FEWEST_OF_SHEET: usize = 3;
        if !self.layouts.is_empty() {
            return None;
        }
        let mut by_reason: HashMap<(Field, Rule), Vec<(&RejectedRow, &Rejection)>> = HashMap::new();
        for row in &self.rejected {
            for reason in &row.reasons {
                by_reason.entry((reason.field, reason.rule)).or_default().push((row, reason));
            }
        }
        let most =
            by_reason.into_values().max_by_key(|rows| (rows.len(), rows.first().map(|(row, _)| Reverse(row.row))))?;
        let of = self.rows_read - self.rows_ignored;
        let rows = most.len() as u64;
        let (row, reason) = most.first()?;
        // Few rows are enough if they are the whole of one sheet, because nothing of that sheet would be taken.
        let whole_sheet = || {
            most.len() >= FEWEST_OF_SHEET
                && most.iter().all(|(other, _)| other.sheet == row.sheet)
                && self.sheets.iter().any(|sheet| sheet.read.name == row.sheet && sheet.sales.height() == 0)
        };
        (most.len() >= FEWEST && rows * ONE_IN >= of || whole_sheet()).then(|| LayoutProblem::ManyRejected {
            rows,
            of,
            row: row.row,
            reason: Box::new((*reason).clone()),
        })
    }

    /// Cleans one sheet and adds it to the parts, unless the sheets before it hold the same sales. Sheets before it whose
    /// sales it holds are left out. Filtered views, backups and a sheet that joins the months would count twice.
    fn add_once(
        &self,
        parts: &mut Vec<Self>,
        sheet: &Sheet,
        layout: &Layout,
        conventions: &Conventions,
        seen: Option<&mut Seen>,
    ) -> Result<(), BatchError> {
        let mut alone = Self { watched: self.watched.clone(), ..Self::default() };
        alone.add(sheet, layout, conventions)?;
        let proof = proven(sheet, layout, &alone, conventions)?;
        let copy = |sheet: &str, of: String| {
            let remarks = vec![Remark::SheetIsCopy { sheet: sheet.to_owned(), of }];
            Self { remarks, ..Self::default() }
        };
        if let (Some(seen), [added]) = (seen, alone.sheets.as_slice()) {
            let told = SaleFacts::of(&added.sales)?;
            if seen.hold(&told) {
                parts.push(copy(&sheet.name, seen.names().join("\", \"")));
                return Ok(());
            }
            for held in seen.add(&sheet.name, told) {
                let is_it = |part: &&mut Self| part.sheets.iter().any(|added| added.read.name == held);
                if let Some(part) = parts.iter_mut().find(is_it) {
                    *part = copy(&held, sheet.name.clone());
                }
            }
        }
        if sheet.hidden {
            alone.remarks.insert(0, Remark::HiddenSheetRead { sheet: sheet.name.clone() });
        }
        for added in &mut alone.sheets {
            added.read.proof.clone_from(&proof);
        }
        parts.push(alone);
        Ok(())
    }

    /// Adds the rows of another part of the same file.
    fn join(&mut self, part: Self) {
        self.sheets.extend(part.sheets);
        self.rejected.extend(part.rejected);
        self.rows_read += part.rows_read;
        self.rows_ignored += part.rows_ignored;
        self.ignored.extend(part.ignored);
        self.amount_ignored += part.amount_ignored;
        self.remarks.extend(part.remarks);
        self.warnings.extend(part.warnings);
        self.changes.extend(part.changes);
    }

    /// Cleans one sheet and adds it.
    ///
    /// # Errors
    /// [`BatchError::Frame`], or [`BatchError::NeedsLayout`] if nothing tells which of two readings is right.
    pub fn add(&mut self, sheet: &Sheet, layout: &Layout, conventions: &Conventions) -> Result<(), BatchError> {
        let watched = self.watched.as_ref().filter(|(name, _)| *name == sheet.name).map(|(_, row)| *row);
        let Cleaned {
            sales,
            cancelled,
            rejected,
            rows_read,
            rows_ignored,
            ignored,
            amount_ignored,
            remarks,
            warnings,
            changes,
            doubt,
        } = clean(sheet, layout, &layout.conventions(conventions), watched)?;
        if let Some(problem) = doubt.filter(|_| layout.decided.is_none()) {
            return Err(BatchError::NeedsLayout(problem));
        }
        let header_row = layout.header_row.map(|row| u32::try_from(row).unwrap_or(u32::MAX));
        self.sheets.push(CleanSheet {
            read: SheetRead { name: sheet.name.clone(), header_row, mapping: layout.mapping(), proof: None },
            columns: layout.columns.clone(),
            sales,
            cancelled,
        });
        self.rejected.extend(rejected);
        self.rows_read += rows_read;
        self.rows_ignored += rows_ignored;
        self.ignored.extend(ignored);
        self.amount_ignored += amount_ignored;
        self.remarks.extend(remarks);
        self.warnings.extend(warnings);
        self.changes.extend(changes);
        Ok(())
    }

    /// The rows of every sheet, ready to be read one by one.
    ///
    /// # Errors
    /// Only if a column is missing, which is a bug.
    pub fn records(&self) -> Result<Vec<Records<'_>>, PolarsError> {
        self.sheets.iter().map(|sheet| Records::new(&sheet.sales, &sheet.read.name)).collect()
    }

    /// The cancelled rows of every sheet.
    ///
    /// # Errors
    /// Only if a column is missing, which is a bug.
    pub fn cancelled_records(&self) -> Result<Vec<Records<'_>>, PolarsError> {
        self.sheets.iter().map(|sheet| Records::new(&sheet.cancelled, &sheet.read.name)).collect()
    }

    /// Sums over the accepted rows.
    ///
    /// # Errors
    /// Only if a column is missing, which is a bug.
    pub fn accepted(&self) -> Result<Accepted, PolarsError> {
        let mut sums = Accepted::default();
        for (sheet, records) in self.sheets.iter().zip(self.records()?) {
            let sum = |field: Field| -> Result<i64, PolarsError> {
                Ok(sheet.sales.column(field.code())?.i64()?.iter().flatten().sum())
            };
            sums.rows += sheet.sales.height() as u64;
            sums.amount += Cents(sum(Field::Total)?);
            sums.quantity += TenThousandths(sum(Field::Quantity)?);
            let days = (0..records.len()).map(|index| records.sold_on(index));
            let (first, last) = days.fold((sums.first_day, sums.last_day), |(first, last), day| {
                (Some(first.map_or(day, |first| first.min(day))), Some(last.map_or(day, |last| last.max(day))))
            });
            (sums.first_day, sums.last_day) = (first, last);
        }
        Ok(sums)
    }

    /// Money of all rows read, if it could be read.
    ///
    /// # Errors
    /// Only if a column is missing, which is a bug.
    pub fn amount_read(&self) -> Result<Cents, PolarsError> {
        let rejected: Cents = self.rejected.iter().map(|row| row.amount).sum();
        Ok(self.accepted()?.amount + rejected + self.amount_ignored)
    }
}
