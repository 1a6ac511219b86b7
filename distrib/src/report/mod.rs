//! The filtered sales list as a file: CSV, XLSX or PDF.
//!
//! ```text
//! ReportRequest ─► view::sales::for_each_batch ─► csv  (in pieces while the list is read)
//!                                              ├► xlsx (typed cells, kept on disk until complete)
//!                                              └► pdf  (laid out page by page)
//! ```
//!
//! | module | comes in | goes out |
//! |---|---|---|
//! | [`columns`] | a sale | its typed cells, the titles |
//! | [`filters`] | a filter | the filter in words |
//! | [`csv`], [`xlsx`], [`pdf`] | a [`ReportContext`] and batches of sales | the bytes of a file |
//! | `page_layout`, `canvas`, `face` | figures, texts and positions | pages for `pdf`: layout, drawing, measured texts |
//! | `request` | a [`ReportRequest`] and the database | the bytes of a file, the CSV in pieces |
//!
//! The writers do not depend on the database: [`ReportRequest`] connects the two. Nothing here depends on HTTP: `pages::reports`
//! turns the bytes into downloads.

mod canvas;
pub mod columns;
pub mod csv;
mod face;
pub mod filters;
mod page_layout;
pub mod pdf;
mod request;
pub mod xlsx;

use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use caudal_platform::database::DatabaseError;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

pub use request::ReportRequest;

use crate::view::sales::SalesTotals;

/// The content of a report besides its rows.
#[derive(Debug, Clone)]
pub struct ReportContext {
    /// The language of the reader.
    pub language: Language,
    /// The time zone of the times shown.
    pub time_zone: Tz,
    /// The time at which the report was made.
    pub generated_at: DateTime<Utc>,
    /// The filters in words, as (name, value). Empty if no filter is set.
    pub filter_words: Vec<(String, String)>,
    /// The sums over the whole filtered list.
    pub totals: SalesTotals,
}

impl ReportContext {
    /// The title on the pages and sheets of the report.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.language.pick("Relatório de vendas", "Sales report")
    }

    /// The time of the report with its zone: `22/11/2026 10:32 (America/Sao_Paulo)`.
    #[must_use]
    pub fn as_of(&self) -> String {
        let local = to_local(self.generated_at, self.time_zone);
        format!("{} ({})", format::date_time(local, self.language), self.time_zone.name())
    }
}

/// A file name for a report of that moment, in ASCII only: `vendas-2026-11-22.xlsx`.
#[must_use]
pub fn file_name(at: DateTime<Utc>, zone: Tz, language: Language, extension: &str) -> String {
    let day = to_local(at, zone).format("%Y-%m-%d");
    format!("{}-{day}.{extension}", language.pick("vendas", "sales"))
}

/// The average amount of a sale. `None` without sales.
#[must_use]
pub fn average_ticket(totals: &SalesTotals) -> Option<Cents> {
    let sales = Decimal::from(totals.sales);
    totals.amount.to_decimal().checked_div(sales).and_then(Cents::from_decimal)
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The sales exceed the rows of a worksheet.
    #[error("a worksheet has room for at most {} sales; narrow the filters or download the CSV", xlsx::ROW_LIMIT)]
    TooManyRows,
    /// Writing the CSV failed.
    #[error("the CSV could not be written: {0}")]
    Csv(#[from] ::csv::Error),
    /// Writing the workbook failed.
    #[error("the workbook could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The embedded font is broken.
    #[error("the font of the PDF report cannot be read")]
    Font,
    /// No database connection is available.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A query failed.
    #[error("the list of sales could not be read: {0}")]
    Query(#[from] diesel::result::Error),
    /// The reader closed the connection, or read nothing for a minute.
    #[error("the download was interrupted by the client")]
    Interrupted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::StoredSale;
    use crate::view::sales::SaleLine;
    use caudal_contract::money::TenThousandths;
    use chrono::{NaiveDate, TimeZone};

    /// A context in the afternoon of 22 November 2026, São Paulo.
    pub(super) fn context(language: Language) -> ReportContext {
        ReportContext {
            language,
            time_zone: chrono_tz::America::Sao_Paulo,
            generated_at: Utc.with_ymd_and_hms(2026, 11, 22, 17, 32, 0).unwrap(),
            filter_words: vec![("Pagamento".into(), "Pix".into())],
            totals: SalesTotals { sales: 3, quantity: TenThousandths(70_000), amount: Cents(100_000) },
        }
    }

    /// A sale with accents, a code with leading zeros, and the negative amounts of a return.
    pub(super) fn line(id: i64) -> SaleLine {
        SaleLine {
            sale: StoredSale {
                id,
                import_id: 1,
                sheet: "Vendas".into(),
                row: 17,
                order_id: Some("000123".into()),
                sold_at: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap().and_hms_opt(13, 5, 9).unwrap(),
                sold_on: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
                sold_time: "exact".into(),
                customer_id: Some(1),
                product_id: 1,
                quantity: -10_000,
                unit_price: Some(50_000),
                amount: -500,
                payment_method: Some("credit_card".into()),
                ..StoredSale::default()
            },
            customer_name: Some("João da Conceição".into()),
            customer_document: Some("01234567890".into()),
            product_name: "Pão de açúcar 1 kg".into(),
            product_sku: Some("0042".into()),
            category: None,
            import_name: Some("loja; centro.xlsx".into()),
            cancelled_by: None,
        }
    }

    #[test]
    fn a_report_is_named_after_its_local_day() {
        let mut context = context(Language::Portuguese);
        context.generated_at = Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap();
        let name = file_name(context.generated_at, context.time_zone, Language::Portuguese, "xlsx");
        assert_eq!(name, "vendas-2026-11-22.xlsx");
        assert_eq!(context.as_of(), "22/11/2026 22:00 (America/Sao_Paulo)");
    }

    #[test]
    fn the_average_ticket_is_rounded_half_up_and_absent_without_sales() {
        assert_eq!(average_ticket(&context(Language::English).totals), Some(Cents(33_333)));
        let two = SalesTotals { sales: 2, amount: Cents(5), ..SalesTotals::default() };
        assert_eq!(average_ticket(&two), Some(Cents(3)));
        assert_eq!(average_ticket(&SalesTotals::default()), None);
    }
}
