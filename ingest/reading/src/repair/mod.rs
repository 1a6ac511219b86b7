//! Takes back rejected rows that a person has mended.
//!
//! The mended cells are laid over the original file, and the whole file is cleaned again. So a mended row is read with
//! the evidence of all the other rows, finds its place among equal rows, and is recognised as stored if the whole file
//! is dropped again. Only rows that were rejected are returned, because all others are in the account already.

mod overlay;
mod trace;
mod workbook;

use std::collections::BTreeSet;

use caudal_contract::decision::Remembered;
use caudal_contract::language::Language;
use caudal_contract::message::{ImportId, SheetRead};
use caudal_contract::notice::Remark;

use crate::batch::{Batch, BatchError};
use crate::sheet::Contents;
use crate::value::Conventions;

pub use overlay::{Cell, Overlay, RowKey, laid_over};
pub use workbook::{Returned, has_lost_its_token, recognise};

/// The current rows of an import, with everything that was mended so far.
pub struct Account {
    contents: Contents,
    batch: Batch,
    layouts: Vec<Remembered>,
}

impl Account {
    /// Cleans the original with the cells that were mended before, with the same layouts as the first time. `watched`
    /// is the row for [`Self::trace`], by its sheet and its number as spreadsheets count.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn open(
        original: Contents,
        mended: &Overlay,
        conventions: &Conventions,
        layouts: Vec<Remembered>,
        watched: Option<(&str, u32)>,
    ) -> Result<Self, BatchError> {
        let contents = laid_over(original, mended);
        let watched = watched.and_then(|(sheet, row)| Some((sheet.to_owned(), (row as usize).checked_sub(1)?)));
        let batch = Batch::of_file_watching(&contents, conventions, &layouts, watched)?;
        Ok(Self { contents, batch, layouts })
    }

    /// How each sheet was read.
    #[must_use]
    pub fn sheets(&self) -> Vec<SheetRead> {
        self.batch.sheets.iter().map(|sheet| sheet.read.clone()).collect()
    }

    /// The cells of a returned workbook that differ from the known contents. Only rejected rows count.
    #[must_use]
    pub fn mended_in(&self, returned: &Returned, workbook: &Contents, language: Language) -> Overlay {
        let rejected: BTreeSet<RowKey> = self.batch.rejected.iter().map(|row| (row.sheet.clone(), row.row)).collect();
        let mut mended = returned.mended(workbook, &self.contents, &self.sheets(), language);
        mended.retain(|row, _| rejected.contains(row));
        mended
    }

    /// The same account with more cells mended.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn mend(self, mended: &Overlay, conventions: &Conventions) -> Result<Self, BatchError> {
        Self::open(self.contents, mended, conventions, self.layouts, None)
    }

    /// The first column that is now read differently than in `before`: with another decimal mark, or with another order
    /// of day and month.
    #[must_use]
    pub fn column_read_otherwise(&self, before: &[Remark]) -> Option<String> {
        let decided = |remark: &Remark| match remark {
            Remark::DecimalMark { column, comma, .. } => Some((column.clone(), "mark", *comma)),
            Remark::DateOrder { column, day_first, .. } => Some((column.clone(), "order", *day_first)),
            _ => None,
        };
        let now: Vec<_> = self.batch.remarks.iter().filter_map(decided).collect();
        let differs = |(column, what, was): &(String, &str, bool)| {
            now.iter().any(|(other, kind, is)| other == column && kind == what && is != was)
        };
        before.iter().filter_map(decided).find(differs).map(|(column, ..)| column)
    }

    /// The rows, clean or rejected.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The repair workbook of the rows that are still rejected. `None` if no row is rejected any more.
    ///
    /// # Errors
    /// If it cannot be written, which is a bug.
    pub fn workbook(
        &self,
        import_id: ImportId,
        language: Language,
    ) -> Result<Option<Vec<u8>>, rust_xlsxwriter::XlsxError> {
        workbook_of(import_id, &self.contents, &self.batch, language)
    }
}

/// The repair workbook of a batch that was just read. `None` if no row was rejected.
///
/// # Errors
/// If it cannot be written, which is a bug.
pub fn workbook_of(
    import_id: ImportId,
    contents: &Contents,
    batch: &Batch,
    language: Language,
) -> Result<Option<Vec<u8>>, rust_xlsxwriter::XlsxError> {
    let sheets: Vec<SheetRead> = batch.sheets.iter().map(|sheet| sheet.read.clone()).collect();
    workbook::write(import_id, contents, &sheets, &batch.rejected, language)
}
