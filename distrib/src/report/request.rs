//! A requested report: reads the filtered list from the database and makes the bytes of a file.

use std::ops::ControlFlow;

use caudal_contract::language::Language;
use caudal_platform::database::DbConnection;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::csv::{CsvReport, Profile};
use super::filters::{self, Names};
use super::pdf::PdfReport;
use super::xlsx::{self, XlsxReport};
use super::{ReportContext, ReportError};
use crate::view::sales::{SalesFilter, for_each_batch, totals};

/// Sales that are read at once.
const BATCH: i64 = 1_000;

/// The parameters of a requested report.
#[derive(Debug, Clone)]
pub struct ReportRequest {
    /// The selection of sales, and their order.
    pub filter: SalesFilter,
    /// The language of the reader.
    pub language: Language,
    /// The time zone of the times shown.
    pub time_zone: Tz,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

impl ReportRequest {
    /// Makes the CSV and hands it on in pieces, one for each batch of sales. It stops at the first piece that is not taken.
    ///
    /// # Errors
    /// [`ReportError::Csv`], [`ReportError::Query`], or the error of `send`.
    pub fn csv(
        &self,
        profile: Profile,
        db: &mut DbConnection,
        mut send: impl FnMut(Vec<u8>) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let report = CsvReport { profile, language: self.language, time_zone: self.time_zone };
        let mut ready = report.header()?;
        let mut outcome = Ok(());
        for_each_batch(db, &self.filter, BATCH, |lines| {
            outcome = report.rows(&lines).and_then(|rows| {
                ready.extend_from_slice(&rows);
                send(std::mem::take(&mut ready))
            });
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome?;
        // If there was no sale, the titles have not been sent yet.
        if ready.is_empty() { Ok(()) } else { send(ready) }
    }

    /// Makes the workbook.
    ///
    /// # Errors
    /// [`ReportError::TooManyRows`] if the list is longer than a worksheet, [`ReportError::Xlsx`], [`ReportError::Query`].
    pub fn xlsx(&self, db: &mut DbConnection) -> Result<Vec<u8>, ReportError> {
        let context = self.context(db)?;
        // Checked first, because a workbook that is too long would fail only after a million rows.
        if context.totals.sales > i64::from(xlsx::ROW_LIMIT) {
            return Err(ReportError::TooManyRows);
        }
        let mut report = XlsxReport::start(context)?;
        let mut outcome = Ok(());
        for_each_batch(db, &self.filter, BATCH, |lines| {
            outcome = report.add(&lines);
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome?;
        report.finish()
    }

    /// Makes the PDF. If the list is too long for it, the last sales are left out.
    ///
    /// # Errors
    /// [`ReportError::Font`], [`ReportError::Query`].
    pub fn pdf(&self, db: &mut DbConnection) -> Result<Vec<u8>, ReportError> {
        let mut report = PdfReport::start(self.context(db)?)?;
        for_each_batch(db, &self.filter, BATCH, |lines| {
            if report.add(&lines) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(report.finish())
    }

    fn context(&self, db: &mut DbConnection) -> Result<ReportContext, ReportError> {
        let names = Names::of(&self.filter, db)?;
        Ok(ReportContext {
            language: self.language,
            time_zone: self.time_zone,
            generated_at: self.now,
            filter_words: filters::words(&self.filter, &names, self.language),
            totals: totals(db, &self.filter)?,
        })
    }
}
