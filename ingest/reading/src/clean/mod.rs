//! Cleans the rows of a sheet, column by column. This module does no IO: a sheet and its layout come in, and clean rows
//! and rejections go out. A bad cell is a value, not an error.
//!
//! The clean rows are a polars frame with one column for each field of the sheet, and these columns beside them: `row`
//! (as spreadsheets count), `sold_at` (Unix seconds, UTC), `sold_on` (days since 1970, local), `has_time` and
//! `date_assumed`. Money is in cents, quantity and unit price in ten-thousandths.

mod amounts;
mod cancelled;
mod columns;
mod controls;
pub(crate) mod discount;
pub(crate) mod ditto;
mod moments;
mod orders;
mod products;
mod rows;
mod summing;
mod text_column;
#[cfg(test)]
mod told;
mod total_words;

use std::collections::BTreeMap;

use caudal_contract::document::Document;
use caudal_contract::field::{Field, FieldKind};
use caudal_contract::message::{IgnoredRows, RejectedRow};
use caudal_contract::money::Cents;
use caudal_contract::notice::{Change, Ignored, LayoutProblem, Oddity, Remark, Warning};
use caudal_contract::payment::PaymentMethod;
use caudal_contract::text::folded;
use polars::prelude::{
    BooleanChunked, DataFrame, NewChunkedArray, PlSmallStr, PolarsError, StringChunked, UInt32Chunked,
};

use crate::layout::names::fields_named;
use crate::layout::{Layout, Returns};
use crate::sheet::Sheet;
use crate::value::text::shortened;
use crate::value::{Conventions, number, place, text};
use crate::words::places::CEP;
use crate::words::statuses::OTHER_PAYMENT;
use columns::{Columns, Unreadable, column, name};
use text_column::TextColumn;

/// A cleaned sheet.
#[derive(Debug)]
pub struct Cleaned {
    /// The rows that are sales.
    pub sales: DataFrame,
    /// The rows that say that a sale was cancelled, with the same columns.
    pub cancelled: DataFrame,
    /// The rejected rows.
    pub rejected: Vec<RejectedRow>,
    /// Number of rows below the header.
    pub rows_read: u64,
    /// Number of rows that are not sales.
    pub rows_ignored: u64,
    /// The places of ignored rows, and the reasons.
    pub ignored: Vec<IgnoredRows>,
    /// Money of cancelled orders.
    pub amount_ignored: Cents,
    /// Remarks and assumptions.
    pub remarks: Vec<Remark>,
    /// Oddities in single cells of rows that were kept.
    pub warnings: Vec<Warning>,
    /// The rule that made each value of the watched row, if the value differs from its cell.
    pub changes: BTreeMap<Field, Change>,
    /// The question to a person, if a value has two readings that change the sums and nothing tells which is right.
    pub doubt: Option<LayoutProblem>,
}

/// Cleans a sheet. The code that changes a value reports the change if the value is in the `watched` row, counted from
/// 0. All other rows are cleaned in the same way without a report.
///
/// # Errors
/// [`PolarsError`] only if columns of different lengths were made, which is a bug of this module.
pub fn clean(
    sheet: &Sheet,
    layout: &Layout,
    conventions: &Conventions,
    watched: Option<usize>,
) -> Result<Cleaned, PolarsError> {
    let rows = rows::sort_out(sheet, layout, conventions.mark);
    let filled = ditto::fill(sheet, layout, &rows.data, conventions);
    let as_written = sheet;
    let sheet = filled.as_ref().map_or(sheet, |(sheet, _)| sheet);
    let orders = orders::of(as_written, layout, &rows.data);
    let shared = orders::fill(sheet, layout, &rows.data, &orders);
    let sheet = shared.as_ref().map_or(sheet, |(sheet, _)| sheet);
    let mut columns = Columns::new(sheet, layout, conventions.basis, &rows.data, watched);
    columns.remarks.extend(layout.remarks.iter().cloned());
    columns.remarks.extend(rows.remarks());
    columns.remarks.extend(filled.as_ref().map(|(_, remark)| remark.clone()));
    columns.remarks.extend(shared.as_ref().map(|(_, remark)| remark.clone()));

    let mut amounts = amounts::clean(&mut columns, conventions.mark);
    if layout.returns != Returns::default() {
        orders::take_back(&mut columns, &mut amounts);
    }
    let refunded = orders::settle(&mut columns, &mut amounts, &orders, conventions.mark);
    let moments = moments::clean(&mut columns, conventions);
    let status = columns.texts(Field::Status);
    let products = products::clean(&mut columns, &rows.sections, status.as_ref())?;
    let documents = documents(&mut columns)?;
    let mut cancelled = cancelled::flags(&columns, status.as_ref(), &amounts.total);
    for index in refunded {
        if let Some(flag) = cancelled.get_mut(index) {
            *flag = true;
        }
    }
    let unpaid = orders::unpaid(&columns, status.as_ref());
    // A refused row contradicts itself, so its status cannot be trusted and it must not be ignored as cancelled.
    for row in layout.refused_rows.keys() {
        if let Some(flag) = rows.data.binary_search(row).ok().and_then(|index| cancelled.get_mut(index)) {
            *flag = false;
        }
    }
    let mut frame = vec![column(row_numbers(&rows.data)), column(products.names)];
    let mut add = |field: Field, values: Option<TextColumn>| -> Result<(), PolarsError> {
        frame.extend(values.map(|values| values.into_rows(name(field))).transpose()?.map(column));
        Ok(())
    };
    add(Field::Sku, products.skus)?;
    add(Field::OrderId, columns.identifiers(Field::OrderId, |_| Unreadable::RejectRow))?;
    add(Field::Line, columns.identifiers(Field::Line, |_| Unreadable::RejectRow))?;
    add(Field::Customer, columns.texts(Field::Customer))?;
    add(Field::Email, columns.checked(Field::Email, text::email, Change::LowerCased))?;
    add(Field::Phone, columns.checked(Field::Phone, text::phone, Change::PunctuationRemoved))?;
    add(Field::PaymentMethod, payments(&mut columns))?;
    add(Field::Status, status)?;
    add(Field::State, columns.checked(Field::State, place::state, Change::WordRecognised))?;
    add(Field::PostalCode, postal_codes(&mut columns))?;
    for field in Field::ALL.iter().copied().filter(|field| is_plain_text(*field)) {
        add(field, columns.texts(field))?;
    }
    frame.extend(documents.into_iter().flat_map(|documents| [documents.numbers, documents.kinds]).map(column));
    for field in Field::ALL.iter().copied().filter(|field| stands_beside_the_total(*field)) {
        if columns.cells(field).is_some() {
            let amounts = columns.numbers(field, number::MONEY, conventions.mark, |_| Unreadable::LeaveOut);
            frame.push(column(orders::beside(field, amounts, layout, &orders)));
        }
    }
    frame.extend([
        column(moments.sold_at),
        column(moments.sold_on),
        column(moments.has_time),
        column(moments.is_assumed),
    ]);
    note_returns(&mut columns, &amounts.quantity);
    frame.extend([
        column(amounts.quantity),
        column(amounts.unit_price),
        column(amounts.discount),
        column(amounts.total.clone()),
    ]);

    if let Some(row) = watched.filter(|row| rows.data.binary_search(row).is_ok()) {
        columns
            .changes
            .extend(ditto::filled_in(as_written, sheet, layout, row).map(|field| (field, Change::FilledDown)));
    }
    let amount_of = |index: usize| Cents(amounts.total.get(index).unwrap_or(0));
    let (mut rows_cancelled, mut amount_cancelled) = (0, Cents::ZERO);
    let mut ignored_rows = rows.ignored_rows.clone();
    for index in (0..cancelled.len()).filter(|index| cancelled.get(*index) == Some(&true)) {
        rows_cancelled += 1;
        ignored_rows.extend(rows.data.get(index).map(|row| (*row, Ignored::Cancelled)));
        amount_cancelled += amount_of(index);
        columns.problems.remove(&index);
    }
    if rows_cancelled > 0 {
        columns.remarks.push(Remark::CancelledRows { rows: rows_cancelled, amount: amount_cancelled });
    }
    if columns.repaired > 0 {
        columns.remarks.push(Remark::MojibakeRepaired { cells: columns.repaired });
    }
    let mut unknown = layout.unknown_columns();
    // A column of currencies is used even if no field has it.
    unknown.retain(|header| fields_named(header).iter().all(|(field, _)| *field != Field::Currency));
    if !unknown.is_empty() {
        columns.remarks.push(Remark::UnknownColumns { columns: unknown, more: 0 });
    }

    let accepted = BooleanChunked::from_iter_values(
        PlSmallStr::from_static("accepted"),
        cancelled.iter().enumerate().map(|(index, cancelled)| !cancelled && !columns.problems.contains_key(&index)),
    );
    orders::note_unpaid(&mut columns, &unpaid, &accepted, &amounts.total);
    let warnings = columns.warnings(|index| accepted.get(index) == Some(true));
    let rejected = rejected_rows(&mut columns, &amount_of);
    let sales = DataFrame::new(rows.data.len(), frame)?;
    let cancelled = cancelled::rows(&sales, &cancelled)?;
    columns.remarks.extend(cancelled::without_order(&cancelled));
    Ok(Cleaned {
        // Usually all rows are accepted, and filtering would copy them.
        sales: if accepted.all() { sales } else { sales.filter(&accepted)? },
        cancelled,
        rejected,
        rows_read: rows.read(),
        rows_ignored: rows.ignored() + rows_cancelled,
        ignored: runs(&sheet.name, ignored_rows),
        amount_ignored: amount_cancelled,
        remarks: columns.remarks,
        warnings,
        changes: columns.changes,
        doubt: columns.doubt,
    })
}

/// Whether a text needs nothing but tidying.
fn is_plain_text(field: Field) -> bool {
    const READ_OTHERWISE: [Field; 7] =
        [Field::Customer, Field::Email, Field::Phone, Field::State, Field::PostalCode, Field::Product, Field::Status];
    field.kind() == FieldKind::Text && !READ_OTHERWISE.contains(&field)
}

/// Whether an amount is kept as it is written and takes no part in the total.
fn stands_beside_the_total(field: Field) -> bool {
    field.kind() == FieldKind::Money && !matches!(field, Field::Total | Field::Discount)
}

fn row_numbers(rows: &[usize]) -> UInt32Chunked {
    let numbers = rows.iter().map(|row| u32::try_from(row + 1).unwrap_or(u32::MAX));
    UInt32Chunked::from_iter_values(PlSmallStr::from_static("row"), numbers)
}

struct Documents {
    numbers: StringChunked,
    /// `cpf`, `cnpj` or `other`.
    kinds: StringChunked,
}

fn documents(columns: &mut Columns<'_>) -> Result<Option<Documents>, PolarsError> {
    let Some(raw) = columns.identifiers(Field::Document, |_| Unreadable::LeaveOut) else { return Ok(None) };
    // One entry for each different text, in the order of the values.
    let (mut kinds, mut doubtful, mut restored) = (Vec::new(), Vec::new(), Vec::new());
    let numbers = raw.mapped(|text| {
        let document = Document::parse(text);
        kinds.push(document.as_ref().map(|document| document.kind.code()));
        doubtful.push(document.as_ref().is_some_and(|document| !document.valid));
        restored.push(document.as_ref().is_some_and(|document| document.zeros_restored));
        document.map(|document| document.number)
    });
    let rows = |flags: Vec<bool>| {
        let mut flags = flags.into_iter();
        raw.flags(|_| flags.next().unwrap_or(false)).into_iter().enumerate().filter(|(_, so)| *so)
    };
    let mut count = 0;
    for (index, _) in rows(doubtful) {
        count += 1;
        columns.note(index, Field::Document, Oddity::DocumentDoubtful);
    }
    let (doubtful, restored) = (count, rows(restored).count() as u64);
    if doubtful > 0 {
        columns.remarks.push(Remark::DocumentsDoubtful { rows: doubtful });
    }
    if restored > 0 {
        columns.remarks.push(Remark::ZerosRestored { rows: restored });
    }
    columns.understood(Field::Document, &raw, |text| match Document::parse(text) {
        None => Some(Change::LeftOut),
        Some(document) if document.zeros_restored => Some(Change::ZerosRestored),
        Some(document) => (document.number != text).then_some(Change::PunctuationRemoved),
    });
    let mut kinds = kinds.into_iter();
    let kinds = raw.mapped(|_| kinds.next().flatten());
    Ok(Some(Documents {
        numbers: numbers.into_rows(name(Field::Document))?,
        kinds: kinds.into_rows(PlSmallStr::from_static("document_kind"))?,
    }))
}

fn postal_codes(columns: &mut Columns<'_>) -> Option<TextColumn> {
    let is_cep = columns.layout.header(Field::PostalCode).is_some_and(|header| CEP.are_in(&folded(header)));
    if is_cep { columns.rewritten(Field::PostalCode, place::cep) } else { columns.texts(Field::PostalCode) }
}

fn payments(columns: &mut Columns<'_>) -> Option<TextColumn> {
    let raw = columns.texts(Field::PaymentMethod)?;
    let says_other = |text: &str| OTHER_PAYMENT.has(&folded(text));
    let is_unknown = |text: &str| PaymentMethod::parse(text) == Some(PaymentMethod::Other) && !says_other(text);
    let unknown = Columns::distinct(&raw, is_unknown);
    if !unknown.is_empty() {
        for (index, _) in raw.flags(is_unknown).into_iter().enumerate().filter(|(_, unknown)| *unknown) {
            columns.note(index, Field::PaymentMethod, Oddity::PaymentUnknown);
        }
        columns.remarks.push(Remark::PaymentsUnknown { values: unknown });
    }
    columns.understood(Field::PaymentMethod, &raw, |text| {
        let known = PaymentMethod::parse(text).map(|_| Change::WordRecognised);
        Some(if is_unknown(text) { Change::WordUnknown } else { known.unwrap_or(Change::LeftOut) })
    });
    Some(raw.mapped(|text| PaymentMethod::parse(text).map(PaymentMethod::code)))
}

/// Joins consecutive rows into runs.
fn runs(sheet: &str, mut rows: Vec<(usize, Ignored)>) -> Vec<IgnoredRows> {
    rows.sort_by_key(|(row, _)| *row);
    let mut runs = Vec::new();
    for (row, why) in rows {
        IgnoredRows::push(&mut runs, sheet, u32::try_from(row + 1).unwrap_or(u32::MAX), why);
    }
    runs
}

fn note_returns(columns: &mut Columns<'_>, quantity: &polars::prelude::Int64Chunked) {
    let returned = |quantity: Option<i64>| quantity.is_some_and(|quantity| quantity < 0);
    let rows = quantity.iter().filter(|quantity| returned(*quantity)).count() as u64;
    if rows > 0 {
        for (index, _) in quantity.iter().enumerate().filter(|(_, quantity)| returned(*quantity)) {
            columns.note(index, Field::Quantity, Oddity::Return);
        }
        columns.remarks.push(Remark::Returns { rows });
    }
}

/// Most bytes of a rejected row's cells.
const MOST_ROW_TEXT: usize = 4 << 20;

/// Shortens the cells of a row until they fit a message, because a thousand columns may hold a hundred megabytes. The
/// file itself is kept whole.
fn fitting(cells: Vec<(String, String)>) -> Vec<(String, String)> {
    let bytes: usize = cells.iter().map(|(header, value)| header.len() + value.len()).sum();
    if bytes <= MOST_ROW_TEXT {
        return cells;
    }
    let each = MOST_ROW_TEXT / (2 * cells.len().max(1));
    cells.into_iter().map(|(header, value)| (shortened(header, each), shortened(value, each))).collect()
}

fn rejected_rows(columns: &mut Columns<'_>, amount_of: &impl Fn(usize) -> Cents) -> Vec<RejectedRow> {
    let (sheet, layout, rows) = (columns.sheet, columns.layout, columns.rows);
    let place = |field: Field| layout.column(field).unwrap_or(usize::MAX);
    std::mem::take(&mut columns.problems)
        .into_iter()
        .filter_map(|(index, mut reasons)| {
            let row = *rows.get(index)?;
            reasons.sort_by_key(|reason| place(reason.field));
            let cells = layout
                .headers
                .iter()
                .enumerate()
                .filter_map(|(column, header)| Some((header.clone(), sheet.shown(row, column)?)));
            let cells = fitting(cells.collect());
            Some(RejectedRow {
                sheet: sheet.name.clone(),
                row: u32::try_from(row + 1).unwrap_or(u32::MAX),
                reasons,
                amount: amount_of(index),
                cells,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;
    use crate::value::{Basis, Mark};
    use chrono::DateTime;

    #[test]
    fn a_row_of_books_fits_a_message_with_every_cell() {
        let book = "é".repeat(60_000);
        let cells: Vec<_> = (0..1024).map(|n| (format!("Coluna {n}"), book.clone())).collect();
        let fitted = fitting(cells);
        let bytes: usize = fitted.iter().map(|(header, value)| header.len() + value.len()).sum();
        assert!(fitted.len() == 1024 && (MOST_ROW_TEXT / 4..=MOST_ROW_TEXT).contains(&bytes), "{bytes}");
        assert_eq!(fitted[7].0, "Coluna 7");
        let short = vec![("Notas".to_owned(), book)];
        assert_eq!(fitting(short.clone()), short);
    }

    #[test]
    fn a_book_in_a_cell_is_quoted_by_its_first_words_and_kept_whole() {
        let book = "é".repeat(3_000);
        let text = format!("Data;Produto;Total\n01/06/2026;Café;{book}\n02/06/2026;Pão;5,00\n");
        let contents = crate::sheet::read(text.as_bytes(), "x.csv").unwrap();
        let arrived = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived,
        };
        let batch = Batch::of_file(&contents, &conventions, &[]).unwrap();
        let quoted = batch.rejected[0].reasons[0].value.as_deref().unwrap();
        assert!(quoted.ends_with("é…") && quoted.len() < 1_010, "{}", quoted.len());
        assert_eq!(batch.rejected[0].cells[2].1, book);
    }
}
