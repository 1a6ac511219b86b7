//! Finds tables of totals instead of sales (of a product, of a seller and a product, of a month and a product):
//! rankings, ABC curves, reports by product. If they were taken for sales, they would have no day, and would count
//! twice when the sales themselves arrive.
//!
//! Only tables without a day of the sale are looked at; see
//! [decision 10](../../../docs/decisions/0010-what-makes-a-sheet-of-sales.md).

mod rows;
#[cfg(test)]
mod tests;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, OtherSheet, Refusal};
use caudal_contract::text::folded;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::header::header_fields;
use crate::layout::profile::Profile;
use crate::layout::result::Layout;
use crate::sheet::Sheet;
use crate::words::amounts::{COMMISSION, DISCOUNT};
use crate::words::totals::{COUNTED, EVENTS as EVENT_WORDS, PART_OF_WHOLE, RANK, REPORT_OF_SUMS, TOP, WHOLE};
use crate::words::words_of;
use rows::Rows;

/// Most rows compared.
const COMPARED: usize = 2_000;

/// Refuses a table if it says that it holds totals, also looks like it, and has no column that tells sales apart.
/// Doubts a table with weaker signs, so that a person decides.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let sheet = evidence.sheet;
    let Some(rows) = Rows::of(sheet, layout).filter(Rows::differ) else { return Vec::new() };
    let told = says_totals(sheet, layout.header_row, &layout.headers);
    let looks_so = rows.are_summed();
    let is_of_somebody = tells_sales_apart(sheet, layout, EVENTS);
    if told && looks_so && !is_of_somebody {
        let refusal = Refusal::LooksLike { like: OtherSheet::Totals, found: named(&layout.headers) };
        return vec![Finding::Refuse(refusal)];
    }
    if told || looks_so && !is_of_somebody {
        let per = rows.keys.into_iter().map(|key| key.header).collect();
        return vec![Finding::Doubt(LayoutProblem::Totals { per })];
    }
    Vec::new()
}

/// Replaces the refusal of a table that could not be taken for sales, if its headers say that it holds totals and none
/// of them is a date.
pub(in crate::layout) fn refusal(sheet: &Sheet, header_row: usize, headers: &[String], refusal: Refusal) -> Refusal {
    let is_unclear = matches!(refusal, Refusal::NothingSold { .. } | Refusal::NotSales { .. });
    let is_dated = || header_fields(headers).contains(&Field::Date);
    if is_unclear && says_totals_in_headers(sheet, header_row, headers) && !is_dated() {
        return Refusal::LooksLike { like: OtherSheet::Totals, found: named(headers) };
    }
    refusal
}

fn named(headers: &[String]) -> Vec<String> {
    headers.iter().filter(|header| !header.is_empty()).cloned().collect()
}

/// Fields that one sale has and a sum of sales does not have.
const EVENTS: &[Field] = &[
    Field::OrderId,
    Field::Line,
    Field::Customer,
    Field::Document,
    Field::Email,
    Field::Phone,
    Field::Address,
    Field::PostalCode,
    Field::Time,
];
/// Fields that a sale has too, but by which sums are also made.
const PARTIES: &[Field] = &[Field::Seller, Field::PaymentMethod];

/// Whether a filled column tells one sale from another, such as an order or a customer. A number of orders or customers
/// does not.
fn tells_sales_apart(sheet: &Sheet, layout: &Layout, fields: &[Field]) -> bool {
    let first_row = layout.header_row.map_or(0, |row| row + 1);
    layout.headers.iter().enumerate().any(|(column, header)| {
        let counts = folded(header).split(' ').any(|word| COUNTED.has(word));
        let is_event = match layout.columns.iter().find(|(_, taken)| *taken == column) {
            Some((field, _)) => fields.contains(field),
            None => EVENT_WORDS.has_any(&words_of(header)),
        };
        is_event && !counts && Profile::of(sheet, column, first_row).is_mostly_filled()
    })
}

/// Whether the columns, the sheet's name or a title above the table speak of sums of sales.
fn says_totals(sheet: &Sheet, header_row: Option<usize>, headers: &[String]) -> bool {
    let says = |text: &str| {
        let text = folded(text);
        let words: Vec<&str> = text.split(' ').collect();
        let starts_with_digit = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let is_top = |pair: &[&str]| matches!(pair, [top, number] if TOP.has(top) && starts_with_digit(number));
        words.windows(2).any(is_top) || REPORT_OF_SUMS.are_in(&text)
    };
    let above = 0..header_row.unwrap_or(0);
    let in_title = above.flat_map(|row| sheet.columns.iter().filter_map(move |column| column.shown(row)));
    says(&sheet.name)
        || in_title.into_iter().any(|title| says(&title))
        || says_totals_in_headers(sheet, header_row.unwrap_or(0), headers)
}

/// Whether a header names a rank, a share of the whole, or a sum of the rows above.
fn says_totals_in_headers(sheet: &Sheet, header_row: usize, headers: &[String]) -> bool {
    headers.iter().enumerate().any(|(column, header)| {
        names_part(header) || names_rank(header) && holds_ordinals(sheet, column, header_row + 1)
    })
}

/// Whether most cells of a column begin with a digit, as in "1º". The "position" of a product on the shelves, such as
/// "A-12", is not a rank.
fn holds_ordinals(sheet: &Sheet, column: usize, first_row: usize) -> bool {
    let cells = || (first_row..sheet.rows).take(COMPARED).filter_map(|row| sheet.shown(row, column));
    let is_ordinal = |cell: &String| cell.trim_start_matches('#').starts_with(|c: char| c.is_ascii_digit());
    let ordinals = cells().filter(is_ordinal).count();
    ordinals > 0 && ordinals * 4 >= cells().count() * 3
}

fn names_rank(header: &str) -> bool {
    RANK.has_any(&words_of(header))
}

fn names_part(header: &str) -> bool {
    let words = words_of(header);
    // "% de desconto sobre o total" is not a share of the whole.
    let is_off = || DISCOUNT.has_any(&words) || COMMISSION.has_any(&words);
    PART_OF_WHOLE.has_any(&words) || header.contains('%') && WHOLE.has_any(&words) && !is_off()
}
