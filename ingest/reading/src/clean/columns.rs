//! Cleans one column at a time, over all data rows, into a polars column. A value that cannot be cleaned rejects its
//! row or is left out, depending on the field.

use std::collections::{BTreeMap, BTreeSet};

use caudal_contract::decision::DecimalMark;
use caudal_contract::field::Field;
use caudal_contract::message::MOST_WARNINGS;
use caudal_contract::notice::{Change, LayoutProblem, Oddity, Rejection, Remark, Rule, Warning};
use polars::prelude::{
    ChunkFullNull, ChunkedBuilder, Int64Chunked, Int64Type, IntoColumn, PlSmallStr, PrimitiveChunkedBuilder,
};

use super::text_column::{Given, TextColumn, TextColumnBuilder};
use crate::layout::Layout;
use crate::sheet::{Column, Sheet};
use crate::value::Basis;
use crate::value::mark::{Mark, MarkDecision, NumberColumns, SheetMarks};
use crate::value::number::{self, Unit};
use crate::value::per_text::PerText;
use crate::value::text::{self, CellText, shortened};

/// The sheet being cleaned and the problems found so far.
pub(super) struct Columns<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) layout: &'a Layout,
    /// The basis for the meaning of a value.
    pub(super) basis: Basis,
    /// The sheet's row of each data row.
    pub(super) rows: &'a [usize],
    /// Rejections by data row.
    pub(super) problems: BTreeMap<usize, Vec<Rejection>>,
    pub(super) remarks: Vec<Remark>,
    /// The first oddities in cells of rows that may be kept, by data row.
    oddities: Vec<(usize, Field, Oddity)>,
    /// Number of cells with garbled accents that were repaired.
    pub(super) repaired: u64,
    /// The watched data row, if any.
    pub(super) watched: Option<usize>,
    /// The changes of the watched row's values. The last change of a field counts.
    pub(super) changes: BTreeMap<Field, Change>,
    /// The question to a person, if nothing tells which of two readings is right.
    pub(super) doubt: Option<LayoutProblem>,
    /// What the sheet says about its decimal mark. `None` until a column asks.
    marks: Option<SheetMarks>,
}

/// The treatment of a value that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The sale makes no sense without the value.
    RejectRow,
    /// The sale is valid without the value.
    LeaveOut,
}

/// The treatment of a text that is longer than its field may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Long {
    /// It is cut.
    Shortened,
    /// It cannot be read, because a part of a code is another code.
    Broken,
}

/// Most bytes of a cell or a header that a notice quotes.
const MOST_QUOTED: usize = 1_000;

/// A text as notices quote it: a cell may hold a book, and a message about two thousand cells must not.
fn quoted(text: impl Into<String>) -> String {
    shortened(text.into(), MOST_QUOTED)
}

impl<'a> Columns<'a> {
    /// `watched` is the index in the sheet of the row that reports its changes.
    pub(super) fn new(
        sheet: &'a Sheet,
        layout: &'a Layout,
        basis: Basis,
        rows: &'a [usize],
        watched: Option<usize>,
    ) -> Self {
        let refused =
            |(row, reasons): (&usize, &Vec<Rejection>)| Some((rows.binary_search(row).ok()?, reasons.clone()));
        Self {
            sheet,
            layout,
            basis,
            rows,
            problems: layout.refused_rows.iter().filter_map(refused).collect(),
            remarks: Vec::new(),
            oddities: Vec::new(),
            repaired: 0,
            watched: watched.and_then(|row| rows.binary_search(&row).ok()),
            changes: BTreeMap::new(),
            doubt: None,
            marks: None,
        }
    }

    /// Reports the rule that made a row's value, if the row is watched.
    pub(super) fn did(&mut self, index: usize, field: Field, change: Option<Change>) {
        if self.watched == Some(index)
            && let Some(change) = change
        {
            self.changes.insert(field, change);
        }
    }

    /// Reports a rule that applies to all rows.
    pub(super) fn did_to_all(&mut self, field: Field, change: Change) {
        if let Some(index) = self.watched {
            self.did(index, field, Some(change));
        }
    }

    /// Reports the rule by which the watched row's text, as read so far, is understood.
    pub(super) fn understood(&mut self, field: Field, texts: &TextColumn, rule: impl Fn(&str) -> Option<Change>) {
        if let Some(index) = self.watched {
            self.did(index, field, texts.get(index).and_then(rule));
        }
    }

    /// Records that a row breaks a rule.
    pub(super) fn reject(&mut self, index: usize, field: Field, rule: Rule) {
        let column = self.layout.column(field);
        let value = column.zip(self.rows.get(index)).and_then(|(column, row)| self.sheet.shown(*row, column));
        let (value, column) = (value.map(quoted), self.layout.header(field).map(quoted));
        self.problems.entry(index).or_default().push(Rejection { field, column, value, rule });
    }

    /// Whether a row's value already breaks a rule.
    pub(super) fn has_problem(&self, index: usize, field: Field) -> bool {
        self.problems.get(&index).is_some_and(|problems| problems.iter().any(|problem| problem.field == field))
    }

    /// Notes an oddity of a row's value. The list is limited, but the remarks count all of them.
    pub(super) fn note(&mut self, index: usize, field: Field, rule: Oddity) {
        if self.oddities.len() < MOST_WARNINGS {
            self.oddities.push((index, field, rule));
        }
    }

    /// The oddities of the rows that `is_kept` accepts, in the order of the rows.
    pub(super) fn warnings(&mut self, is_kept: impl Fn(usize) -> bool) -> Vec<Warning> {
        let mut oddities = std::mem::take(&mut self.oddities);
        oddities.retain(|(index, ..)| is_kept(*index));
        oddities.sort_by_key(|(index, ..)| *index);
        let warning = |(index, field, rule): (usize, Field, Oddity)| {
            let row = *self.rows.get(index)?;
            let value = self.layout.column(field).and_then(|column| self.sheet.shown(row, column)).map(quoted);
            let column = self.layout.header(field).map(quoted);
            let (sheet, row) = (self.sheet.name.clone(), u32::try_from(row + 1).unwrap_or(u32::MAX));
            Some(Warning { sheet, row, field, column, value, rule })
        };
        oddities.into_iter().filter_map(warning).collect()
    }

    /// The cells of a field. `None` if the sheet has no such column.
    pub(super) fn cells(&self, field: Field) -> Option<&'a Column> {
        let sheet = self.sheet;
        self.layout.column(field).and_then(|column| sheet.columns.get(column))
    }

    /// A tidied text column. `None` if there is no such column.
    pub(super) fn texts(&mut self, field: Field) -> Option<TextColumn> {
        self.text_column(field, Long::Shortened, |_| Unreadable::LeaveOut, text::of_cell, |text| Some((text, None)))
    }

    /// A column of identifiers. `unreadable` decides for each row what happens if its code lost digits.
    pub(super) fn identifiers(&mut self, field: Field, unreadable: impl Fn(usize) -> Unreadable) -> Option<TextColumn> {
        self.text_column(field, Long::Broken, unreadable, text::identifier_of_cell, |text| Some((text, None)))
    }

    /// A text column. A value that does not pass the check is left out. `rule` is the change that the check may make.
    pub(super) fn checked(
        &mut self,
        field: Field,
        check: fn(&str) -> Option<String>,
        rule: Change,
    ) -> Option<TextColumn> {
        self.text_column(
            field,
            Long::Shortened,
            |_| Unreadable::LeaveOut,
            text::of_cell,
            |text| {
                // An address that is too long is left out, because a part of it would be another address.
                let checked = check(&text).filter(|checked| field.shortened(checked).is_none())?;
                let change = (checked != text).then_some(rule);
                Some((checked, change))
            },
        )
    }

    /// A text column. All values are rewritten in one way.
    pub(super) fn rewritten(
        &mut self,
        field: Field,
        rewrite: fn(&str) -> (String, Option<Change>),
    ) -> Option<TextColumn> {
        self.text_column(field, Long::Shortened, |_| Unreadable::LeaveOut, text::of_cell, |text| Some(rewrite(&text)))
    }

    fn text_column(
        &mut self,
        field: Field,
        long: Long,
        unreadable: impl Fn(usize) -> Unreadable,
        read: fn(&Column, usize) -> Result<CellText, Rule>,
        check: impl Fn(String) -> Option<(String, Option<Change>)>,
    ) -> Option<TextColumn> {
        let cells = self.cells(field)?;
        let mut values = TextColumnBuilder::new(self.rows.len());
        let mut known = PerText::of(cells);
        let (mut left_out, mut cut) = (0, 0);
        for (index, row) in self.rows.iter().enumerate() {
            let (given, repaired, change) = known.get(*row, || match read(cells, *row) {
                Ok(CellText { text: None, .. }) => (Given::Blank, false, None),
                Ok(CellText { text: Some(text), change: tidied }) => {
                    let (given, changed) = match check(text) {
                        Some((text, changed)) => match field.shortened(&text) {
                            None => (values.value(&text), changed.or(tidied)),
                            // This text probably slipped into the column. It is not shortened because a part of a code
                            // would be another code.
                            Some(_) if long == Long::Broken => (Given::Broken(Rule::TooLong), None),
                            Some(shorter) => (values.value(&shorter), Some(Change::Shortened)),
                        },
                        None => (Given::LeftOut, None),
                    };
                    (given, tidied == Some(Change::LettersRepaired), changed)
                }
                Err(rule) => (Given::Broken(rule), false, None),
            });
            self.repaired += u64::from(repaired);
            self.did(index, field, change);
            if change == Some(Change::Shortened) {
                cut += 1;
                self.note(index, field, Oddity::Shortened);
            }
            match given {
                Given::Broken(rule) if unreadable(index) == Unreadable::RejectRow => self.reject(index, field, rule),
                Given::Broken(_) | Given::LeftOut => {
                    left_out += 1;
                    self.leave_out(index, field);
                }
                Given::Blank | Given::Value(_) => {}
            }
            values.row(given);
        }
        self.note_left_out(field, left_out);
        if let (1.., Some(column)) = (cut, self.layout.header(field)) {
            self.remarks.push(Remark::TextsShortened { column: quoted(column), field, rows: cut });
        }
        Some(values.finish())
    }

    /// A column of numbers in a unit. Blank cells are null, and so are all rows if there is no such column.
    /// `unreadable` decides for each row what happens if its value cannot be read.
    pub(super) fn numbers(
        &mut self,
        field: Field,
        unit: Unit,
        fallback: Mark,
        unreadable: impl Fn(usize) -> Unreadable,
    ) -> Int64Chunked {
        let Some(cells) = self.cells(field) else {
            return Int64Chunked::full_null(name(field), self.rows.len());
        };
        let decision = self.mark_of(field, cells, fallback);
        self.note_mark(field, decision);
        let mut left_out = 0;
        let mut known = PerText::of(cells);
        let mut values = PrimitiveChunkedBuilder::<Int64Type>::new(name(field), self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            match known.get(*row, || number::read_cell(cells, *row, decision, unit)) {
                Ok(read) => {
                    values.append_option(read.map(|read| read.value));
                    self.did(index, field, read.and_then(|read| read.change));
                }
                Err(rule) => {
                    match unreadable(index) {
                        Unreadable::RejectRow => self.reject(index, field, rule),
                        Unreadable::LeaveOut => {
                            left_out += 1;
                            self.leave_out(index, field);
                        }
                    }
                    values.append_null();
                }
            }
        }
        self.note_left_out(field, left_out);
        values.finish()
    }

    /// The numbers of a column that may have no field, and the rows whose value cannot be read.
    pub(super) fn amounts_in(&mut self, column: usize, unit: Unit, fallback: Mark) -> (Vec<Option<i64>>, Vec<usize>) {
        let (sheet, rows) = (self.sheet, self.rows);
        let Some(cells) = sheet.columns.get(column) else { return (vec![None; rows.len()], Vec::new()) };
        let decision = self.mark_of(Field::Discount, cells, fallback);
        let mut unreadable = Vec::new();
        let read = |(index, row): (usize, &usize)| {
            number::of_cell(cells, *row, decision, unit).unwrap_or_else(|_| {
                unreadable.push(index);
                None
            })
        };
        (rows.iter().enumerate().map(read).collect(), unreadable)
    }

    fn mark_of(&mut self, field: Field, cells: &Column, fallback: Mark) -> MarkDecision {
        if self.basis == Basis::Value {
            return MarkDecision::of_values();
        }
        let (sheet, layout, rows) = (self.sheet, self.layout, self.rows);
        let marks = *self.marks.get_or_insert_with(|| marks_of(sheet, layout, rows));
        let decision = MarkDecision::of(cells, self.rows, marks, fallback);
        if decision.is_doubtful() && self.changes_the_sum(field, decision) {
            self.doubt_mark(field, cells, decision);
        }
        decision
    }

    /// Whether the sum of the sheet is a thousand times as much with the other mark. Amounts without cents in thousands
    /// are usual where the configured mark says so. Amounts with three decimals are not, and a price or a quantity may
    /// well have three.
    fn changes_the_sum(&self, field: Field, decision: MarkDecision) -> bool {
        let has_total = self.layout.column(Field::Total).is_some();
        match field {
            Field::Total => decision.reads_decimals() != Some(false),
            Field::UnitPrice | Field::Quantity => !has_total,
            Field::Discount => !has_total && decision.reads_decimals() != Some(false),
            _ => false,
        }
    }

    fn doubt_mark(&mut self, field: Field, cells: &Column, decision: MarkDecision) {
        let is_doubtful = |text: &&str| number::has_two_readings(text);
        let value = self.rows.iter().filter_map(|row| cells.text(*row)).find(is_doubtful).unwrap_or_default();
        let column = self.layout.header(field).map(quoted).unwrap_or_default();
        let mark = if decision.mark == Mark::Comma { DecimalMark::Comma } else { DecimalMark::Point };
        self.doubt.get_or_insert(LayoutProblem::MarkUnclear { column, value: quoted(value.trim()), mark });
    }

    fn leave_out(&mut self, index: usize, field: Field) {
        self.note(index, field, Oddity::LeftOut);
        self.did(index, field, Some(Change::LeftOut));
    }

    fn note_left_out(&mut self, field: Field, rows: u64) {
        if let (1.., Some(column)) = (rows, self.layout.header(field)) {
            self.remarks.push(Remark::ValuesLeftOut { column: column.to_owned(), field, rows });
        }
    }

    fn note_mark(&mut self, field: Field, decision: MarkDecision) {
        let evidence = decision.evidence;
        // A column of plain digits or of number cells needs no decision.
        if evidence.comma + evidence.point + evidence.either == 0 {
            return;
        }
        if let Some(column) = self.layout.header(field) {
            self.remarks.push(Remark::DecimalMark {
                column: column.to_owned(),
                comma: decision.mark == Mark::Comma,
                comma_proofs: evidence.comma,
                point_proofs: evidence.point,
            });
        }
    }

    /// The different values of a text column that `unknown` accepts, each once.
    pub(super) fn distinct(values: &TextColumn, unknown: impl Fn(&str) -> bool) -> Vec<String> {
        let picked: BTreeSet<&str> = values.values().filter(|value| unknown(value)).collect();
        picked.into_iter().map(str::to_owned).collect()
    }
}

/// What the columns of numbers of a sheet say about its decimal mark.
pub(super) fn marks_of(sheet: &Sheet, layout: &Layout, rows: &[usize]) -> SheetMarks {
    let cells = |field: Field| layout.column(field).and_then(|column| sheet.columns.get(column));
    let is_other = |field: &&Field| {
        field.is_number() && !matches!(field, Field::Quantity | Field::UnitPrice | Field::Discount | Field::Total)
    };
    let others = Field::ALL.iter().filter(is_other).filter_map(|field| cells(*field));
    SheetMarks::of(NumberColumns::of(cells), others, rows)
}

/// The name of a field's column in the frame.
pub(super) fn name(field: Field) -> PlSmallStr {
    PlSmallStr::from_static(field.code())
}

/// Any chunked array as a frame's column.
pub(super) fn column(values: impl IntoColumn) -> polars::prelude::Column {
    values.into_column()
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;
    use chrono_tz::America::Sao_Paulo;
    use proptest::prelude::*;

    use super::*;
    use crate::clean::clean;
    use crate::value::Conventions;

    /// The sum of the sales in cents, or the question of the sheet.
    fn sum(text: &str, mark: Mark) -> Result<i64, LayoutProblem> {
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = crate::layout::find(&sheet).unwrap();
        let arrived = "2026-04-01T12:00:00Z".parse().unwrap();
        let conventions = Conventions { zone: Sao_Paulo, basis: Basis::Column, mark, day_first: true, arrived };
        let cleaned = clean(&sheet, &layout, &conventions, None).unwrap();
        assert_eq!(cleaned.rejected.len(), 0, "{text}: {:?}", cleaned.rejected);
        let total = cleaned.sales.column(Field::Total.code()).unwrap().i64().unwrap().iter().flatten().sum();
        cleaned.doubt.map_or(Ok(total), Err)
    }

    fn sheet(header: &str, rows: &[&str]) -> String {
        let row = |(index, cells): (usize, &&str)| format!("{:02}/03/2026;Item {index};{cells}\n", index + 13);
        format!("Data;Produto;{header}\n{}", rows.iter().enumerate().map(row).collect::<String>())
    }

    #[test]
    fn a_price_of_thousand_or_one_is_asked_about_unless_something_proves_it() {
        let asked = |text: &str, mark| matches!(sum(text, mark), Err(LayoutProblem::MarkUnclear { .. }));
        let prices = sheet("Qtd;Preço unitário", &["10;5,899", "20;5,999", "30;5,799"]);
        assert!(asked(&prices, Mark::Comma) && asked(&prices, Mark::Point));
        let among_cents = sheet("Qtd;Preço unitário", &["10;5,899", "20;5,99", "30;5,799"]);
        assert_eq!(sum(&among_cents, Mark::Point), Ok(35_276));
        let with_total = sheet("Qtd;Preço unitário;Total", &["10;5.899;58.99", "20;5.999;119.98", "30;5.799;173.97"]);
        assert_eq!(sum(&with_total, Mark::Comma), Ok(35_294));
    }

    #[test]
    fn totals_without_cents_are_thousands_where_the_configured_mark_says_so() {
        let totals = sheet("Total", &["1.899", "2.450", "3.120"]);
        assert_eq!(sum(&totals, Mark::Comma), Ok(746_900));
        assert!(matches!(sum(&totals, Mark::Point), Err(LayoutProblem::MarkUnclear { .. })));
        let beside_hundreds = sheet("Total", &["1.899", "980", "3.120"]);
        assert_eq!(sum(&beside_hundreds, Mark::Point), Ok(599_900), "980 would be 980.000 with three decimals");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_sheet_is_never_read_a_thousand_times_too_large_or_too_small(
            rows in proptest::collection::vec((1_i64..20, 1_000_i64..10_000), 1..9),
            has_thousands in any::<bool>(),
            has_total in any::<bool>(),
            written in proptest::sample::select(vec![Mark::Comma, Mark::Point]),
            configured in proptest::sample::select(vec![Mark::Comma, Mark::Point]),
        ) {
            let (decimal, thousand) = if written == Mark::Comma { (',', '.') } else { ('.', ',') };
            let three = |number: i64, mark: char| match number {
                0..1_000 => number.to_string(),
                _ => format!("{}{mark}{:03}", number / 1_000, number % 1_000),
            };
            // A price is a number of whole money, or of thousandths.
            let (mut texts, mut truth) = (Vec::new(), 0);
            for (quantity, price) in rows {
                let thousandths = if has_thousands { 1_000 } else { 1 };
                let cents = (quantity * price * thousandths + 5) / 10;
                truth += cents;
                let price = three(price, if has_thousands { thousand } else { decimal });
                let total = match has_thousands {
                    true if cents < 100_000_000 => three(cents / 100, thousand),
                    true => format!("1{thousand}{}", three(cents / 100 - 1_000_000, thousand)),
                    false => format!("{}{decimal}{:02}", cents / 100, cents % 100),
                };
                texts.push(if has_total { format!("{quantity};{price};{total}") } else { format!("{quantity};{price}") });
            }
            let header = if has_total { "Qtd;Preço unitário;Total" } else { "Qtd;Preço unitário" };
            let text = sheet(header, &texts.iter().map(String::as_str).collect::<Vec<_>>());
            let read = sum(&text, configured);
            prop_assert!(read.is_err() || read == Ok(truth), "{:?} and not {}: {}", read, truth, text);
        }
    }
}
