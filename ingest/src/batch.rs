//! What came in, read and cleaned: one file or one API batch, ready to be staged.

use caudal_shared::field::Field;
use caudal_shared::message::{RejectedRow, SheetRead};
use caudal_shared::money::{Cents, TenThousandths};
use caudal_shared::notice::{Refusal, Remark};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsError};

use crate::clean::{Cleaned, Conventions, clean};
use crate::layout::{self, Layout};
use crate::records::Records;
use crate::sheet::{Contents, Sheet};

/// The clean rows of a file or an API batch, and its totals.
#[derive(Debug, Default)]
pub struct Batch {
    /// Clean rows, sheet by sheet.
    pub sheets: Vec<CleanSheet>,
    /// Rows that were not taken.
    pub rejected: Vec<RejectedRow>,
    /// Rows below the headers.
    pub rows_read: u64,
    /// Rows that are no sales.
    pub rows_ignored: u64,
    /// Money of the ignored rows.
    pub amount_ignored: Cents,
    /// What was noticed or assumed.
    pub remarks: Vec<Remark>,
}

/// The clean rows of one sheet.
#[derive(Debug)]
pub struct CleanSheet {
    /// What was read, for the import's record.
    pub read: SheetRead,
    /// Whether its rows had no date of their own.
    pub date_assumed: bool,
    /// One column a field; see [`crate::clean`].
    pub sales: DataFrame,
}

impl CleanSheet {
    /// Whether two sheets hold the same sales in the same order: the same days, products, quantities and amounts.
    fn holds_the_same(&self, other: &Self) -> Result<bool, PolarsError> {
        const COMPARED: [&str; 4] = ["sold_at", Field::Product.code(), Field::Quantity.code(), Field::Total.code()];
        if self.sales.height() != other.sales.height() || self.sales.height() < FEWEST_COPIED {
            return Ok(false);
        }
        for name in COMPARED {
            let (mine, theirs) = (self.sales.column(name)?, other.sales.column(name)?);
            if !mine.as_materialized_series().equals_missing(theirs.as_materialized_series()) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Fewer equal rows may be chance: a shop that sold the same two things on the same day in both of its branches.
const FEWEST_COPIED: usize = 3;

/// Sums over the rows that were accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// How many.
    pub rows: u64,
    /// Their money.
    pub amount: Cents,
    /// Their quantity.
    pub quantity: TenThousandths,
    /// The first local day.
    pub first_day: Option<NaiveDate>,
    /// The last local day.
    pub last_day: Option<NaiveDate>,
}

/// Why a file could not be made a batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// It holds no sales that can be read.
    #[error("refused")]
    Refused(Refusal),
    /// A defect of this program.
    #[error("the clean rows do not fit together: {0}")]
    Frame(#[from] PolarsError),
}

impl Batch {
    /// Cleans what a file holds.
    ///
    /// # Errors
    /// [`BatchError::Refused`] with the reason for its owner.
    pub fn of_file(contents: &Contents, conventions: &Conventions) -> Result<Self, BatchError> {
        let mut batch = Self { remarks: contents.remarks.clone(), ..Self::default() };
        let mut first_refusal = None;
        let layouts: Vec<_> =
            contents.sheets.iter().filter(|sheet| sheet.rows > 0).map(|sheet| (sheet, layout::find(sheet))).collect();
        let is_dated = |layout: &Layout| layout.column(Field::Date).is_some() || layout.title_day.is_some();
        let any_dated = layouts.iter().any(|(_, layout)| layout.as_ref().is_ok_and(is_dated));
        for (sheet, layout) in layouts {
            match layout {
                // Sums by product or seller beside the sales that they are the sums of
                Ok(layout) if any_dated && !is_dated(&layout) => {
                    batch.remarks.push(Remark::SheetIsSummary { sheet: sheet.name.clone() });
                }
                Ok(layout) => batch.add_once(sheet, &layout, conventions)?,
                Err(refusal) => {
                    batch.remarks.push(Remark::SheetIgnored { sheet: sheet.name.clone() });
                    first_refusal.get_or_insert(refusal);
                }
            }
        }
        match first_refusal {
            Some(refusal) if batch.sheets.is_empty() => Err(BatchError::Refused(refusal)),
            _ if batch.rows_read == 0 => Err(BatchError::Refused(Refusal::NoRows)),
            _ if batch.is_torn() => Err(BatchError::Refused(Refusal::RowsTorn { rows: batch.rejected.len() as u64 })),
            _ => Ok(batch),
        }
    }

    /// Whether a text whose quotation marks do not pair gave more broken rows than sales: then its lines are no rows.
    fn is_torn(&self) -> bool {
        let sales: usize = self.sheets.iter().map(|sheet| sheet.sales.height()).sum();
        self.remarks.contains(&Remark::QuotesUnbalanced) && self.rejected.len() > sales
    }

    /// Cleans one sheet and adds it, unless the file holds the very same sales in a sheet before it: filtered views and
    /// backups would count twice.
    fn add_once(&mut self, sheet: &Sheet, layout: &Layout, conventions: &Conventions) -> Result<(), BatchError> {
        let mut alone = Self::default();
        alone.add(sheet, layout, conventions)?;
        for other in &self.sheets {
            if let [added] = alone.sheets.as_slice()
                && other.holds_the_same(added)?
            {
                let (sheet, of) = (sheet.name.clone(), other.read.name.clone());
                self.remarks.push(Remark::SheetIsCopy { sheet, of });
                return Ok(());
            }
        }
        if sheet.hidden {
            self.remarks.push(Remark::HiddenSheetRead { sheet: sheet.name.clone() });
        }
        self.sheets.extend(alone.sheets);
        self.rejected.extend(alone.rejected);
        self.rows_read += alone.rows_read;
        self.rows_ignored += alone.rows_ignored;
        self.amount_ignored += alone.amount_ignored;
        self.remarks.extend(alone.remarks);
        Ok(())
    }

    /// Cleans one sheet and adds it.
    ///
    /// # Errors
    /// [`BatchError::Frame`].
    pub fn add(&mut self, sheet: &Sheet, layout: &Layout, conventions: &Conventions) -> Result<(), BatchError> {
        let Cleaned { sales, rejected, rows_read, rows_ignored, amount_ignored, remarks } =
            clean(sheet, layout, conventions)?;
        let header_row = u32::try_from(layout.header_row.unwrap_or(0)).unwrap_or(u32::MAX);
        self.sheets.push(CleanSheet {
            read: SheetRead { name: sheet.name.clone(), header_row, mapping: layout.mapping() },
            date_assumed: layout.column(Field::Date).is_none() && layout.title_day.is_none(),
            sales,
        });
        self.rejected.extend(rejected);
        self.rows_read += rows_read;
        self.rows_ignored += rows_ignored;
        self.amount_ignored += amount_ignored;
        self.remarks.extend(remarks);
        Ok(())
    }

    /// The rows of every sheet, ready to be read one by one.
    ///
    /// # Errors
    /// Only if a column is missing: a defect.
    pub fn records(&self) -> Result<Vec<Records<'_>>, PolarsError> {
        self.sheets.iter().map(|sheet| Records::new(&sheet.sales, &sheet.read.name, sheet.date_assumed)).collect()
    }

    /// Sums over the accepted rows.
    ///
    /// # Errors
    /// Only if a column is missing: a defect.
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

    /// Money of all rows read, as far as it could be read.
    ///
    /// # Errors
    /// Only if a column is missing: a defect.
    pub fn amount_read(&self) -> Result<Cents, PolarsError> {
        let rejected: Cents = self.rejected.iter().map(|row| row.amount).sum();
        Ok(self.accepted()?.amount + rejected + self.amount_ignored)
    }
}
