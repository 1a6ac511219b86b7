//! The list of imports with their balances, and one import with every row that is not a new sale.

pub mod duplicates;
pub mod layout;
pub mod repair;
pub mod row;
mod rows;
mod summary;
pub mod undo;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::format;
use caudal_contract::message::{Origin, Outcome};
use caudal_contract::notice::Pause;
use chrono_tz::Tz;
use serde::Deserialize;

use super::frame::{Frame, NextStep, Section, go_to, page};
use super::link::query_string;
use super::pager::{First, PAGE_ROWS, Pager, page_number};
use super::visitor::SignedIn;
use super::{PageError, Pages};
use crate::view::imports::{self, ImportDetail, ImportState, RejectedRowView, Sighting};
use rows::{Duplicate, HistoryEntry, IgnoredView, Rejected, RowWarning, Sheet, duplicate, read_sheet, rejected_row};
use summary::{ImportView, import_view};

/// Maximum length of each list on the page that grows with the file or with later work. `caudal imports show --json` shows more.
const SHOWN: usize = 200;
/// Maximum number of sheets.
const SHOWN_SHEETS: usize = 30;
/// Maximum number of later ledger entries.
const SHOWN_ENTRIES: usize = 100;

/// The requested pages of the lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ImportsQuery {
    /// The page of the imports, or of one import's rejected rows, from 1.
    page: String,
    /// The page of one import's duplicates, from 1.
    duplicates: String,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    f: Frame,
    next_step: NextStep,
    imports: Vec<ImportView>,
    pager: Pager,
    dead_letters: Option<String>,
    /// The reason why no file is imported at the moment.
    paused: Option<String>,
    /// Whether the reader may see the layouts.
    is_admin: bool,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    f: Frame,
    import: ImportView,
    uuid: String,
    sha256: Option<String>,
    quantity: Option<String>,
    sheets: First<Sheet>,
    warnings: First<String>,
    remarks: First<String>,
    rejected: Vec<Rejected>,
    rejected_pager: Pager,
    duplicates: Vec<Duplicate>,
    duplicates_pager: Pager,
    /// The effects of the undo.
    effects: Vec<String>,
    kept: First<String>,
    entries: First<HistoryEntry>,
    row_warnings: First<RowWarning>,
    ignored: First<IgnoredView>,
    /// Whether the reader may undo the import, and there is something to undo.
    can_undo: bool,
    can_release: bool,
    /// Whether the import waits for the reader to assign meanings to its columns.
    can_map: bool,
    /// Whether the rejected rows are available as a workbook.
    can_repair: bool,
}

/// `GET /imports`: all imports, the newest first.
///
/// # Errors
/// [`PageError::Internal`].
pub async fn list(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<ImportsQuery>,
) -> Result<HttpResponse, PageError> {
    let number = page_number(&query.page);
    let (found, total, dead_letters) = pages
        .ask(move |db| {
            let found = imports::list(db, (number - 1) * PAGE_ROWS, PAGE_ROWS)?;
            Ok::<_, diesel::result::Error>((found, imports::count(db)?, imports::dead_letters(db)?))
        })
        .await?;
    let f = Frame::signed_in(&reader, Section::Imports, format!("/imports?page={number}"));
    let paused = paused(&pages, &reader, &f).await;
    let shown = i64::try_from(found.len()).unwrap_or(i64::MAX);
    page(
        StatusCode::OK,
        &ImportsPage {
            is_admin: reader.is_admin(),
            next_step: NextStep::new(&pages),
            imports: found.iter().map(|import| import_view(&f, import, pages.config.time_zone)).collect(),
            pager: Pager::new(number, shown, total, f.language, |number| format!("/imports?page={number}")),
            paused,
            dead_letters: (dead_letters > 0).then(|| f.t.dead_letters(&format::count(dead_letters, f.language))),
            f,
        },
    )
}

/// The reason why no file is imported at the moment, from the ingest service. If the service does not answer, a sentence says so.
async fn paused(pages: &Pages, reader: &SignedIn, f: &Frame) -> Option<String> {
    let answer: Result<Option<Pause>, PageError> =
        pages.ask_ingest(reader, |ingest, user| Ok(serde_json::from_slice(&ingest.fetch_soon(user, "/pause")?)?)).await;
    match answer {
        Ok(pause) => pause.map(|pause| pause.sentence(f.language)),
        Err(error) => {
            tracing::warn!(%error, "the ingest service did not say whether the intake is paused");
            Some(f.t.ingest_away.to_owned())
        }
    }
}

/// The import with this number.
async fn find(pages: &Pages, id: i64) -> Result<ImportDetail, PageError> {
    pages.ask(move |db| imports::find_by_id(db, id)).await?.ok_or(PageError::NotFound)
}

/// The answer to a form about an import: the browser opens the page of the import.
fn go_to_import(id: i64) -> HttpResponse {
    go_to(&format!("/imports/{id}"))
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
    (rejected_page, rejected): (i64, Vec<RejectedRowView>),
    (duplicates_page, duplicates): (i64, Vec<Sighting>),
) -> ImportPage {
    let address = |rejected: i64, duplicates: i64| {
        let pairs = [("page", rejected.to_string()), ("duplicates", duplicates.to_string())];
        format!(
            "/imports/{}{}",
            import.summary.id,
            query_string(&pairs.each_ref().map(|(name, value)| (*name, value.as_str())))
        )
    };
    let f = Frame::signed_in(reader, Section::Imports, address(rejected_page, duplicates_page));
    let language = f.language;
    let rows = import.summary.ledger.rows;
    let is_in_force =
        import.summary.state != ImportState::Undone && matches!(import.summary.outcome, Some(Outcome::Taken));
    let (warnings, remarks): (Vec<_>, Vec<_>) = import.remarks.iter().partition(|remark| remark.is_warning());
    let id = import.summary.id;
    let pager = |number, shown: usize, total, link: &dyn Fn(i64) -> String| {
        Pager::new(number, i64::try_from(shown).unwrap_or(i64::MAX), total, language, link)
    };
    ImportPage {
        import: import_view(&f, &import.summary, zone),
        uuid: import.summary.uuid.to_string(),
        sha256: import.sha256.clone().filter(|hash| !hash.is_empty()),
        quantity: import.summary.quantity.map(|quantity| format::quantity(quantity, language)),
        sheets: First::of(SHOWN_SHEETS, &import.sheets, language, |sheet| read_sheet(&f, sheet)),
        warnings: First::of(SHOWN, warnings, language, |remark| remark.sentence(language, zone)),
        remarks: First::of(SHOWN, remarks, language, |remark| remark.sentence(language, zone)),
        rejected_pager: pager(rejected_page, rejected.len(), rows.rejected, &|number| address(number, duplicates_page)),
        rejected: rejected.into_iter().map(|row| rejected_row(&f, id, row)).collect(),
        duplicates_pager: pager(duplicates_page, duplicates.len(), rows.duplicate, &|number| {
            address(rejected_page, number)
        }),
        duplicates: duplicates.into_iter().map(|sighting| duplicate(&f, id, sighting)).collect(),
        effects: import.undo_effects.as_ref().map(|effects| effects.sentences(language)).unwrap_or_default(),
        kept: First::of(
            SHOWN,
            import.undo_effects.iter().flat_map(|effects| effects.kept(language)),
            language,
            |kept| kept,
        ),
        row_warnings: First::of(SHOWN, &import.warnings, language, |warning| rows::row_warning(&f, id, warning)),
        ignored: First::of(SHOWN, &import.ignored, language, |run| rows::ignored(&f, id, run)),
        entries: First::of(SHOWN_ENTRIES, &import.entries, language, |entry| rows::entry(&f, zone, entry)),
        can_undo: reader.is_admin() && is_in_force,
        can_release: reader.is_admin() && is_in_force,
        can_map: reader.is_admin() && matches!(import.summary.outcome, Some(Outcome::NeedsLayout { .. })),
        can_repair: is_in_force && import.summary.origin == Some(Origin::File),
        f,
    }
}
