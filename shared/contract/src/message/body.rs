//! The kinds of messages, and every fact about each of them. Each fact is a match without a rest, so the compiler asks for it if
//! a kind is added; the code of distrib follows from the facts and names no kinds.

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Cancellation, IgnoredRows, ImportTotals, RejectedRow, Sale, SaleKey};
use crate::language::Language;
use crate::money::Cents;

/// The version that this program writes, and the only one that it reads. Another kind of body needs another version, and so does
/// another code in a closed list, because an older worker cannot read it.
pub const VERSION: u16 = 1;

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The totals of an import, as ingest counted them.
    Import(Box<ImportTotals>),
    /// A batch of cleaned rows.
    Sales(Vec<Sale>),
    /// A batch of rows that were not taken.
    Rejections(Vec<RejectedRow>),
    /// Rows that say that sales of earlier imports were cancelled.
    Cancellations(Vec<Cancellation>),
    /// Rejected rows of the import that a person mended. Some are sales now, others still are not.
    Mended(Box<Mended>),
    /// Undoes the import completely. Sent only after every message of the import was answered.
    Undo(Act),
    /// Makes a duplicate a sale of its own.
    Release(Release),
}

/// The author and time of an action on an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The user's name; empty for the command line.
    pub by: String,
    /// The time.
    pub at: DateTime<Utc>,
}

/// Rejected rows that came back mended, all of one import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mended {
    /// The person who sent the workbook.
    pub act: Act,
    /// Rows that are sales now; each was among the import's rejected rows.
    pub sales: Vec<Sale>,
    /// Rows that were mended and are rejected again. They replace the earlier rejections.
    pub rejected: Vec<RejectedRow>,
    /// Rows that are not sales, one row in each entry.
    pub ignored: Vec<IgnoredRows>,
}

/// A duplicate that a person declares to be a sale of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The person who did so.
    pub act: Act,
    /// The duplicate's sheet.
    pub sheet: String,
    /// The duplicate's row.
    pub row: u32,
    /// The key of the new sale, if it comes from an order number; otherwise distrib finds the next free key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SaleKey>,
}

impl Body {
    /// The kind of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Import(_) => MessageKind::Import,
            Self::Sales(_) => MessageKind::Sales,
            Self::Rejections(_) => MessageKind::Rejections,
            Self::Cancellations(_) => MessageKind::Cancellations,
            Self::Mended(_) => MessageKind::Mended,
            Self::Undo(_) => MessageKind::Undo,
            Self::Release(_) => MessageKind::Release,
        }
    }

    /// The number of rows in it.
    #[must_use]
    pub fn row_count(&self) -> usize {
        match self {
            Self::Sales(rows) => rows.len(),
            Self::Rejections(rows) => rows.len(),
            Self::Mended(mended) => mended.sales.len() + mended.rejected.len() + mended.ignored.len(),
            Self::Release(_) => 1,
            Self::Cancellations(rows) => rows.len(),
            Self::Import(_) | Self::Undo(_) => 0,
        }
    }

    /// Its rows, if each of them can be stored without the others. Then a row that fails holds back only itself, and a person can
    /// discard the message: its rows count as rejected. `None` for a message that has its effect as a whole.
    #[must_use]
    pub fn separate_rows(&self) -> Option<SeparateRows<'_>> {
        match self {
            Self::Sales(rows) => Some(SeparateRows::Sales(rows)),
            Self::Rejections(rows) => Some(SeparateRows::Rejections(rows)),
            Self::Import(_) | Self::Cancellations(_) | Self::Mended(_) | Self::Undo(_) | Self::Release(_) => None,
        }
    }

    /// Its sales. The receiver shortens their texts.
    pub fn sales_mut(&mut self) -> &mut [Sale] {
        match self {
            Self::Sales(sales) => sales,
            Self::Mended(mended) => &mut mended.sales,
            Self::Import(_) | Self::Rejections(_) | Self::Cancellations(_) | Self::Undo(_) | Self::Release(_) => {
                &mut []
            }
        }
    }

    /// The person who caused it, and the time. `None` if no person did.
    #[must_use]
    pub fn act(&self) -> Option<&Act> {
        match self {
            Self::Mended(mended) => Some(&mended.act),
            Self::Undo(act) => Some(act),
            Self::Release(release) => Some(&release.act),
            Self::Import(_) | Self::Sales(_) | Self::Rejections(_) | Self::Cancellations(_) => None,
        }
    }
}

/// The kind of a message, for code that shows or counts messages without their bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The totals of an import.
    Import,
    /// Cleaned rows.
    Sales,
    /// Rows that were not taken.
    Rejections,
    /// Rows that cancel sales of earlier imports.
    Cancellations,
    /// Rejected rows that a person mended.
    Mended,
    /// An import is taken back.
    Undo,
    /// A duplicate becomes a sale of its own.
    Release,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Import, Self::Sales, Self::Rejections, Self::Cancellations, Self::Mended, Self::Undo, Self::Release];

    /// Its name, as in the JSON of the message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sales => "sales",
            Self::Rejections => "rejections",
            Self::Cancellations => "cancellations",
            Self::Mended => "mended",
            Self::Undo => "undo",
            Self::Release => "release",
        }
    }

    /// Whether no other message may be delivered at the same time, because it changes rows of other messages.
    #[must_use]
    pub const fn runs_alone(self) -> bool {
        match self {
            Self::Import | Self::Sales | Self::Rejections => false,
            Self::Cancellations | Self::Mended | Self::Undo | Self::Release => true,
        }
    }

    /// The kind of its entry in the ledger of the import.
    #[must_use]
    pub const fn entry(self) -> EntryKind {
        match self {
            Self::Import | Self::Sales | Self::Rejections | Self::Cancellations => EntryKind::Delivery,
            Self::Mended => EntryKind::Mended,
            Self::Undo => EntryKind::Undo,
            Self::Release => EntryKind::Release,
        }
    }

    /// What people read of a message of this kind with so many rows.
    #[must_use]
    pub fn title(self, rows: &str, language: Language) -> String {
        match self {
            Self::Import => language.pick("Totais de uma importação", "Totals of an import").to_owned(),
            Self::Sales => language.pick(format!("Vendas, linhas: {rows}"), format!("Sales, rows: {rows}")),
            Self::Rejections => language.pick(format!("Linhas rejeitadas: {rows}"), format!("Rejected rows: {rows}")),
            Self::Cancellations => {
                language.pick(format!("Cancelamentos, vendas: {rows}"), format!("Cancellations, sales: {rows}"))
            }
            Self::Mended => language.pick(format!("Linhas consertadas: {rows}"), format!("Mended rows: {rows}")),
            Self::Undo => language.pick("Desfazer uma importação", "Undo of an import").to_owned(),
            Self::Release => language.pick("Repetida que vira venda", "Duplicate made a sale").to_owned(),
        }
    }
}

/// The kind of an entry in the ledger of an import. A message that changes its counts adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The rows of the import were delivered.
    Delivery,
    /// Rejected rows came back mended.
    Mended,
    /// A duplicate became a sale of its own.
    Release,
    /// The import was taken back.
    Undo,
    /// Another import was taken back, and rows of this one took the place of its rows.
    Moved,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Delivery, Self::Mended, Self::Release, Self::Undo, Self::Moved];

    /// The name used in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Mended => "mended",
            Self::Release => "release",
            Self::Undo => "undo",
            Self::Moved => "moved",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What people read of such an entry.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        match self {
            Self::Delivery => language.pick("entregue", "delivered"),
            Self::Mended => language.pick("linhas corrigidas", "rows mended"),
            Self::Release => language.pick("repetida vira venda", "duplicate made a sale"),
            Self::Undo => language.pick("desfeita", "undone"),
            Self::Moved => language.pick("outra importação foi desfeita", "another import was undone"),
        }
    }
}

/// Rows of which each can be stored without the others.
#[derive(Debug, Clone, Copy)]
pub enum SeparateRows<'a> {
    /// Cleaned rows.
    Sales(&'a [Sale]),
    /// Rows that were not taken.
    Rejections(&'a [RejectedRow]),
}

impl<'a> SeparateRows<'a> {
    /// The place and the money of each row: its sheet, its row, its amount.
    #[must_use]
    pub fn places(self) -> Vec<(&'a str, u32, Cents)> {
        match self {
            Self::Sales(rows) => rows.iter().map(|sale| (sale.sheet.as_str(), sale.row, sale.amount)).collect(),
            Self::Rejections(rows) => rows.iter().map(|row| (row.sheet.as_str(), row.row, row.amount)).collect(),
        }
    }

    /// A body that holds only the rows with these indices.
    #[must_use]
    pub fn part(self, rows: Range<usize>) -> Body {
        match self {
            Self::Sales(sales) => Body::Sales(sales.get(rows).unwrap_or_default().to_vec()),
            Self::Rejections(rejected) => Body::Rejections(rejected.get(rows).unwrap_or_default().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::payment::PaymentMethod;

    /// If you change one of these lists, follow "Versions" in docs/messages.md.
    #[test]
    fn another_code_that_an_older_worker_cannot_read_needs_another_version() {
        let kinds = MessageKind::ALL.map(MessageKind::code);
        let fields: Vec<&str> = Field::ALL.iter().map(|field| field.code()).collect();
        let payments: Vec<&str> = PaymentMethod::ALL.iter().map(|method| method.code()).collect();
        assert_eq!(VERSION, 1);
        assert_eq!(kinds.join(" "), "import sales rejections cancellations mended undo release");
        assert_eq!(
            fields.join(" "),
            "order_id line date time customer document email phone address district city state postal_code country \
             product sku category quantity unit_price discount freight tax fee total currency payment_method status \
             seller store channel cost notes"
        );
        assert_eq!(
            payments.join(" "),
            "pix credit_card debit_card card cash boleto bank_transfer wallet cheque voucher other"
        );
    }

    #[test]
    fn the_json_names_exactly_the_kinds_that_there_are() {
        let refused = serde_json::from_str::<Body>(r#"{"nothing": 1}"#).unwrap_err().to_string();
        let named: Vec<&str> = refused.split('`').skip(3).step_by(2).collect();
        assert_eq!(named, MessageKind::ALL.map(MessageKind::code), "{refused}");
    }

    #[test]
    fn a_kind_has_one_name_and_its_entry_is_found_by_the_name() {
        for kind in MessageKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(EntryKind::from_code(kind.entry().code()), Some(kind.entry()), "{kind:?}");
        }
        for entry in EntryKind::ALL {
            assert_eq!(serde_json::to_value(entry).unwrap(), entry.code());
        }
    }
}
