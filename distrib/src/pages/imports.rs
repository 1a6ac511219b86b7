//! The imports, each as its balance, and one import with every row that is not a new sale.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_shared::calendar::to_local;
use caudal_shared::field::Field;
use caudal_shared::format;
use caudal_shared::message::Outcome;
use caudal_shared::money::Cents;
use chrono_tz::Tz;
use serde::Deserialize;

use super::frame::{Frame, NextStep, Section, page};
use super::link::query_string;
use super::sales::Pager;
use super::sales_query::PAGE_ROWS;
use super::visitor::SignedIn;
use super::{PageError, Pages};
use crate::view::imports::{self, ImportDetail, ImportState, ImportSummary, RejectedRow, Sighting};

/// Pages of the lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ImportsQuery {
    /// Of the imports, or of one import's rejected rows, from 1.
    page: String,
    /// Of one import's duplicates, from 1.
    duplicates: String,
}

fn page_number(text: &str) -> i64 {
    text.parse().unwrap_or(1).clamp(1, 1_000_000)
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    f: Frame,
    next_step: NextStep,
    imports: Vec<ImportRow>,
    pager: Pager,
    dead_letters: Option<String>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    f: Frame,
    import: ImportRow,
    uuid: String,
    sha256: Option<String>,
    quantity: Option<String>,
    sheets: Vec<Sheet>,
    warnings: Vec<String>,
    remarks: Vec<String>,
    rejected: Vec<Rejected>,
    rejected_pager: Pager,
    duplicates: Vec<Duplicate>,
    duplicates_pager: Pager,
}

/// An import as texts.
struct ImportRow {
    id: i64,
    name: String,
    source: String,
    received_at: String,
    standing: Standing,
    /// What is missing or too much, or why nothing was taken, in words.
    explanation: Option<String>,
    buckets: Vec<Bucket>,
    has_sales: bool,
    /// The import that took the same bytes before.
    first_import: Option<String>,
}

/// How an import stands, as its badge says it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Arriving,
    Balanced,
    Unbalanced,
    Refused,
    Repeated,
}

impl Standing {
    fn of(import: &ImportSummary) -> Self {
        match (import.state, &import.outcome) {
            (ImportState::Unbalanced, _) => Self::Unbalanced,
            (_, Some(Outcome::Refused(_))) => Self::Refused,
            (_, Some(Outcome::AlreadyImported { .. })) => Self::Repeated,
            (ImportState::Arriving, _) => Self::Arriving,
            (ImportState::Balanced, _) => Self::Balanced,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Balanced => "balanced",
            Self::Unbalanced => "unbalanced",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Arriving => "clock",
            Self::Balanced => "check",
            Self::Unbalanced | Self::Refused => "alert",
            Self::Repeated => "info",
        }
    }

    fn words(self, f: &Frame) -> &'static str {
        match self {
            Self::Arriving => f.t.arriving,
            Self::Balanced => f.t.balanced,
            Self::Unbalanced => f.t.unbalanced,
            Self::Refused => f.t.refused,
            Self::Repeated => f.t.repeated,
        }
    }

    /// Whether the card is drawn in red.
    fn is_wrong(self) -> bool {
        matches!(self, Self::Unbalanced)
    }

    /// Whether rows were read at all, so that there is a ledger to show.
    fn has_ledger(self) -> bool {
        !matches!(self, Self::Refused | Self::Repeated)
    }
}

/// A column of the ledger.
struct Bucket {
    title: &'static str,
    code: &'static str,
    rows: String,
    money: String,
    is_empty: bool,
}

struct Sheet {
    name: String,
    /// As spreadsheets count, from 1.
    header_row: String,
    columns: Vec<(String, String)>,
}

struct Rejected {
    place: String,
    amount: String,
    reasons: Vec<String>,
    cells: Vec<(String, String)>,
}

struct Duplicate {
    place: String,
    product: String,
    date: String,
    amount: String,
    first_import_id: i64,
    first_import: String,
    first_place: String,
    is_same_import: bool,
}

/// `GET /imports`: all imports, the newest first.
///
/// # Errors
/// [`PageError::Internal`].
pub async fn list(pages: web::Data<Pages>, reader: SignedIn, query: web::Query<ImportsQuery>) -> Result<HttpResponse, PageError> {
    let number = page_number(&query.page);
    let (found, total, dead_letters) = pages
        .ask(move |db| {
            let found = imports::list(db, (number - 1) * PAGE_ROWS, PAGE_ROWS)?;
            Ok::<_, diesel::result::Error>((found, imports::count(db)?, imports::dead_letters(db)?))
        })
        .await?;
    let f = Frame::signed_in(&reader, Section::Imports, format!("/imports?page={number}"));
    let shown = i64::try_from(found.len()).unwrap_or(i64::MAX);
    page(
        StatusCode::OK,
        &ImportsPage {
            next_step: NextStep::new(&pages),
            imports: found.iter().map(|import| import_row(&f, import, pages.config.time_zone)).collect(),
            pager: Pager::new(number, shown, total, f.language, |number| format!("/imports?page={number}")),
            dead_letters: (dead_letters > 0).then(|| f.t.dead_letters(&format::count(dead_letters, f.language))),
            f,
        },
    )
}

/// `GET /imports/{id}`: one import, by its number or its UUID.
///
/// # Errors
/// [`PageError::NotFound`]; [`PageError::Internal`].
pub async fn show(
    pages: web::Data<Pages>,
    reader: SignedIn,
    id: web::Path<String>,
    query: web::Query<ImportsQuery>,
) -> Result<HttpResponse, PageError> {
    let (rejected_page, duplicates_page) = (page_number(&query.page), page_number(&query.duplicates));
    let found = pages
        .ask(move |db| {
            let Some(import) = imports::find(db, &id)? else { return Ok(None) };
            let id = import.summary.id;
            let rejected = imports::rejected_rows(db, id, (rejected_page - 1) * PAGE_ROWS, PAGE_ROWS)?;
            let duplicates = imports::sightings(db, id, (duplicates_page - 1) * PAGE_ROWS, PAGE_ROWS)?;
            Ok::<_, diesel::result::Error>(Some((import, rejected, duplicates)))
        })
        .await?;
    let (import, rejected, duplicates) = found.ok_or(PageError::NotFound)?;
    let zone = pages.config.time_zone;
    let template = import_page(&reader, zone, &import, (rejected_page, rejected), (duplicates_page, duplicates));
    page(StatusCode::OK, &template)
}

fn import_page(
    reader: &SignedIn,
    zone: Tz,
    import: &ImportDetail,
    (rejected_page, rejected): (i64, Vec<RejectedRow>),
    (duplicates_page, duplicates): (i64, Vec<Sighting>),
) -> ImportPage {
    let address = |rejected: i64, duplicates: i64| {
        let pairs = [("page", rejected.to_string()), ("duplicates", duplicates.to_string())];
        format!("/imports/{}{}", import.summary.id, query_string(&pairs.each_ref().map(|(name, value)| (*name, value.as_str()))))
    };
    let f = Frame::signed_in(reader, Section::Imports, address(rejected_page, duplicates_page));
    let language = f.language;
    let rows = import.summary.ledger.rows;
    let (warnings, remarks): (Vec<_>, Vec<_>) = import.remarks.iter().partition(|remark| remark.is_warning());
    let pager = |number, shown: usize, total, link: &dyn Fn(i64) -> String| {
        Pager::new(number, i64::try_from(shown).unwrap_or(i64::MAX), total, language, link)
    };
    ImportPage {
        import: import_row(&f, &import.summary, zone),
        uuid: import.summary.uuid.to_string(),
        sha256: import.sha256.clone().filter(|hash| !hash.is_empty()),
        quantity: import.summary.quantity.map(|quantity| format::quantity(quantity, language)),
        sheets: import.sheets.iter().map(|sheet| read_sheet(&f, sheet)).collect(),
        warnings: warnings.into_iter().map(|remark| remark.sentence(language)).collect(),
        remarks: remarks.into_iter().map(|remark| remark.sentence(language)).collect(),
        rejected_pager: pager(rejected_page, rejected.len(), rows.rejected, &|number| address(number, duplicates_page)),
        rejected: rejected.into_iter().map(|row| rejected_row(&f, row)).collect(),
        duplicates_pager: pager(duplicates_page, duplicates.len(), rows.duplicate, &|number| address(rejected_page, number)),
        duplicates: duplicates.into_iter().map(|sighting| duplicate(&f, import.summary.id, sighting)).collect(),
        f,
    }
}

fn import_row(f: &Frame, import: &ImportSummary, zone: Tz) -> ImportRow {
    let is_api = import.origin.as_deref() == Some("api");
    let name = import.name.clone().filter(|name| !name.is_empty());
    ImportRow {
        id: import.id,
        name: name.unwrap_or_else(|| if is_api { f.t.api_batch } else { f.t.name_arriving }.to_owned()),
        source: if import.source.is_empty() { f.t.inbox_itself.to_owned() } else { import.source.clone() },
        received_at: format::date_time(to_local(import.received_at, zone), f.language),
        standing: Standing::of(import),
        explanation: explanation(f, import, zone),
        buckets: buckets(f, import),
        has_sales: import.ledger.rows.stored > 0,
        first_import: match &import.outcome {
            Some(Outcome::AlreadyImported { import_id, .. }) => Some(import_id.to_string()),
            _ => None,
        },
    }
}

fn buckets(f: &Frame, import: &ImportSummary) -> Vec<Bucket> {
    let (rows, money) = (import.ledger.rows, import.ledger.money);
    let bucket = |title, code, rows: Option<i64>, money: Option<Cents>| Bucket {
        title,
        code,
        rows: rows.map_or_else(|| "…".to_owned(), |rows| format::count(rows, f.language)),
        money: money.map_or_else(|| "…".to_owned(), |money| format::money(money, f.language)),
        is_empty: rows == Some(0),
    };
    vec![
        bucket(f.t.read, "read", rows.read, money.read),
        bucket(f.t.stored, "stored", Some(rows.stored), Some(money.stored)),
        bucket(f.t.updated, "updated", Some(rows.updated), Some(money.updated)),
        bucket(f.t.duplicate, "duplicate", Some(rows.duplicate), Some(money.duplicate)),
        bucket(f.t.rejected, "rejected", Some(rows.rejected), Some(money.rejected)),
        bucket(f.t.ignored, "ignored", rows.ignored, money.ignored),
    ]
}

fn explanation(f: &Frame, import: &ImportSummary, zone: Tz) -> Option<String> {
    let (rows, money) = (import.ledger.rows, import.ledger.money);
    match (import.state, &import.outcome) {
        (ImportState::Balanced, Some(Outcome::Refused(refusal))) => Some(refusal.sentence(f.language)),
        (ImportState::Balanced, Some(Outcome::AlreadyImported { received_at, .. })) => {
            Some(f.t.already_imported(&format::date_time(to_local(*received_at, zone), f.language)))
        }
        (ImportState::Balanced, _) => None,
        (ImportState::Arriving, _) => Some(f.t.still_arriving.to_owned()),
        (ImportState::Unbalanced, _) => {
            let difference = rows.read.unwrap_or_default() - rows.accounted();
            let amount = money.read.unwrap_or_default() - money.accounted();
            Some(f.t.difference(&format::count(difference, f.language), &format::money(amount, f.language)))
        }
    }
}

fn read_sheet(f: &Frame, sheet: &caudal_shared::message::SheetRead) -> Sheet {
    let label = |code: &String| Field::from_code(code).map_or_else(|| code.clone(), |field| field.label(f.language).to_owned());
    Sheet {
        name: sheet.name.clone(),
        header_row: format::count(i64::from(sheet.header_row) + 1, f.language),
        columns: sheet.mapping.iter().map(|(code, header)| (label(code), header.clone())).collect(),
    }
}

fn rejected_row(f: &Frame, row: RejectedRow) -> Rejected {
    Rejected {
        place: place(f, &row.sheet, row.row),
        amount: format::money(row.amount, f.language),
        reasons: row.reasons.iter().map(|reason| reason.sentence(f.language)).collect(),
        cells: row.cells,
    }
}

fn duplicate(f: &Frame, import_id: i64, sighting: Sighting) -> Duplicate {
    Duplicate {
        place: place(f, &sighting.sheet, sighting.row),
        product: sighting.product_name,
        date: format::date(sighting.sold_on, f.language),
        amount: format::money(sighting.amount, f.language),
        first_import_id: sighting.first_import_id,
        first_import: sighting.first_name.filter(|name| !name.is_empty()).unwrap_or_else(|| f.t.api_batch.to_owned()),
        first_place: place(f, &sighting.first_sheet, sighting.first_row),
        is_same_import: sighting.first_import_id == import_id,
    }
}

fn place(f: &Frame, sheet: &str, row: i64) -> String {
    let row = format!("{} {row}", f.t.row_word);
    if sheet.is_empty() { row } else { format!("{sheet}, {row}") }
}
