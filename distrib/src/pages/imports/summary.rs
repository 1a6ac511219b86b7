//! An import with its ledger, as texts.

use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::message::{Origin, Outcome};
use caudal_contract::money::Cents;
use chrono_tz::Tz;

use super::super::frame::Frame;
use crate::view::imports::{ImportState, ImportSummary};

/// An import as texts.
pub(super) struct ImportView {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) source: String,
    pub(super) is_api: bool,
    pub(super) received_at: String,
    pub(super) ledger_state: LedgerState,
    /// The missing or extra rows, or the reason why nothing was imported, as a sentence.
    pub(super) explanation: Option<String>,
    pub(super) buckets: Vec<Bucket>,
    /// The effects of cancellations, each with the list of its sales.
    pub(super) voids: Vec<VoidNote>,
    pub(super) has_sales: bool,
    /// The earlier import with the same bytes, or the import that a workbook repaired.
    pub(super) first_import: Option<String>,
}

/// An effect of cancellations.
pub(super) struct VoidNote {
    pub(super) sentence: String,
    pub(super) address: String,
}

/// The state of an import on its badge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LedgerState {
    Arriving,
    Balanced,
    Unbalanced,
    Refused,
    Waiting,
    Repeated,
    Undone,
    Repair,
}

impl LedgerState {
    fn of(import: &ImportSummary) -> Self {
        match (import.state, &import.outcome) {
            (ImportState::Undone, _) => Self::Undone,
            (ImportState::Unbalanced, _) => Self::Unbalanced,
            (_, Some(Outcome::Refused(_))) => Self::Refused,
            (ImportState::Balanced, Some(Outcome::NeedsLayout { .. })) => Self::Waiting,
            (_, Some(Outcome::AlreadyImported { .. })) => Self::Repeated,
            (_, Some(Outcome::Repaired { .. })) => Self::Repair,
            (ImportState::Arriving, _) => Self::Arriving,
            (ImportState::Balanced, _) => Self::Balanced,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Balanced => "balanced",
            Self::Unbalanced => "unbalanced",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Repeated => "repeated",
            Self::Undone => "undone",
            Self::Repair => "repair",
        }
    }

    pub(super) fn icon(self) -> &'static str {
        match self {
            Self::Arriving | Self::Waiting => "clock",
            Self::Balanced | Self::Repair => "check",
            Self::Unbalanced | Self::Refused => "alert",
            Self::Repeated | Self::Undone => "info",
        }
    }

    pub(super) fn words(self, f: &Frame) -> &'static str {
        match self {
            Self::Arriving => f.t.arriving,
            Self::Balanced => f.t.balanced,
            Self::Unbalanced => f.t.unbalanced,
            Self::Refused => f.t.refused,
            Self::Waiting => f.t.waiting,
            Self::Repeated => f.t.repeated,
            Self::Undone => f.t.undone,
            Self::Repair => f.t.repair,
        }
    }

    /// Whether the card is drawn in red.
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Self::Unbalanced)
    }

    /// Whether rows were read, so that there is a ledger to show.
    pub(super) fn has_ledger(self) -> bool {
        !matches!(self, Self::Refused | Self::Waiting | Self::Repeated | Self::Repair)
    }
}

/// A column of the ledger.
pub(super) struct Bucket {
    pub(super) title: &'static str,
    pub(super) code: &'static str,
    pub(super) rows: String,
    pub(super) money: String,
    pub(super) is_empty: bool,
}

pub(super) fn import_view(f: &Frame, import: &ImportSummary, zone: Tz) -> ImportView {
    let is_api = import.origin == Some(Origin::Api);
    let name = import.name.clone().filter(|name| !name.is_empty());
    ImportView {
        id: import.id,
        name: name.unwrap_or_else(|| if is_api { f.t.api_batch } else { f.t.name_arriving }.to_owned()),
        is_api,
        source: if import.source.is_empty() { f.t.inbox_itself.to_owned() } else { import.source.clone() },
        received_at: format::date_time(to_local(import.received_at, zone), f.language),
        ledger_state: LedgerState::of(import),
        explanation: explanation(f, import, zone),
        buckets: buckets(f, import),
        voids: void_notes(f, import),
        has_sales: import.ledger.rows.stored > 0 && import.undone_at.is_none(),
        first_import: match &import.outcome {
            Some(Outcome::AlreadyImported { import_id, .. } | Outcome::Repaired { import_id, .. }) => {
                Some(import_id.to_string())
            }
            _ => None,
        },
    }
}

fn void_notes(f: &Frame, import: &ImportSummary) -> Vec<VoidNote> {
    let id = import.id;
    let addresses = [format!("/sales?cancelled_by={id}"), format!("/sales?import={id}&standing=void")];
    let notes = import.voids.sentences(f.language).into_iter().zip(addresses);
    notes.filter_map(|(sentence, address)| Some(VoidNote { sentence: sentence?, address })).collect()
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
        (ImportState::Undone, _) => import.undone_at.map(|at| {
            let by = import.undone_by.as_deref().filter(|by| !by.is_empty());
            f.t.undone_on(&format::date_time(to_local(at, zone), f.language), by)
        }),
        (ImportState::Balanced, Some(Outcome::Refused(refusal))) => Some(refusal.sentence(f.language)),
        (ImportState::Balanced, Some(Outcome::NeedsLayout { reason })) => Some(reason.sentence(f.language)),
        (ImportState::Balanced, Some(Outcome::AlreadyImported { received_at, .. })) => {
            Some(f.t.already_imported(&format::date_time(to_local(*received_at, zone), f.language)))
        }
        (ImportState::Balanced, Some(Outcome::Repaired { sales, rejected, ignored, .. })) => {
            let count = |rows: u64| format::count(i64::try_from(rows).unwrap_or(i64::MAX), f.language);
            Some(f.t.repaired(&count(*sales), &count(*rejected), &count(*ignored)))
        }
        (ImportState::Balanced, _) => None,
        (ImportState::Arriving, _) if import.failed > 0 => Some(f.t.rows_not_stored.to_owned()),
        (ImportState::Arriving, _) => Some(f.t.still_arriving.to_owned()),
        (ImportState::Unbalanced, _) => {
            let difference = rows.read.unwrap_or_default() - rows.accounted();
            let amount = money.read.unwrap_or_default() - money.accounted();
            Some(f.t.difference(&format::count(difference, f.language), &format::money(amount, f.language)))
        }
    }
}
