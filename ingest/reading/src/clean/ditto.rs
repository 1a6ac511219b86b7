//! Fills keys that are blank because they mean "same as above". People often write the day, order and customer only in
//! the first row of a group, and merged cells are read the same way.
//!
//! Keys are filled only if the evidence is clear. A row must follow its group without a gap and have everything else
//! that a sale needs. Its day must also follow from the rows around it: its order is the one above, or the days before
//! and after are the same, or blank days are a habit of the sheet (a fifth of its rows) and its days are in order.

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;
use chrono::NaiveDate;

use crate::layout::Layout;
use crate::layout::orders::is_blank;
use crate::sheet::{Column, Kind, Sheet, SheetBuilder};
use crate::value::Conventions;
use crate::value::date::{self, OrderDecision};

/// One blank day in this many rows is a habit.
const HABIT: usize = 5;

/// The sheet with these cells filled, and the remark about them. `None` if no cell is filled.
pub(super) fn fill(
    sheet: &Sheet,
    layout: &Layout,
    rows: &[usize],
    conventions: &Conventions,
) -> Option<(Sheet, Remark)> {
    let date = layout.header_row.and(layout.column(Field::Date))?;
    let dates = sheet.columns.get(date)?;
    let blank_dates = rows.iter().filter(|row| is_blank(dates, **row)).count();
    if blank_dates == 0 {
        return None;
    }
    let group = Group::of(sheet, layout, dates, rows);
    let days = days(dates, rows, conventions);
    let habit = blank_dates * HABIT >= rows.len() && in_order(&days);
    // Each row to fill, with the first row of its group.
    let mut filled: Vec<(usize, usize)> = Vec::new();
    let mut head: Option<usize> = None;
    for (index, row) in rows.iter().enumerate() {
        if !is_blank(dates, *row) {
            head = days.get(index).and_then(|day| day.map(|_| *row));
            continue;
        }
        let follows = index > 0 && rows.get(index - 1).is_some_and(|above| above + 1 == *row);
        let Some(first) = head.filter(|_| follows && group.is_complete(*row)) else {
            head = None;
            continue;
        };
        if habit || group.same_order(first, *row) || same_day_around(&days, index) {
            filled.push((*row, first));
        } else {
            head = None;
        }
    }
    if filled.is_empty() {
        return None;
    }
    let mut columns = vec![date];
    columns.extend(
        Field::ALL
            .iter()
            .filter(|field| field.is_shared())
            .filter_map(|field| layout.column(*field))
            .filter(|column| sheet.columns.get(*column).is_some_and(|cells| is_left_blank(cells, rows, &filled))),
    );
    Some((with_filled(sheet, &columns, &filled), remark(layout, &columns, &filled)))
}

/// The fields of a row that are blank in the original sheet and present in the filled one.
pub(super) fn filled_in<'a>(
    as_written: &'a Sheet,
    filled: &'a Sheet,
    layout: &'a Layout,
    row: usize,
) -> impl Iterator<Item = Field> + 'a {
    let blank_in =
        move |sheet: &Sheet, column: usize| sheet.columns.get(column).is_none_or(|cells| is_blank(cells, row));
    layout
        .columns
        .iter()
        .filter(move |(_, column)| blank_in(as_written, *column) && !blank_in(filled, *column))
        .map(|(field, _)| *field)
}

fn remark(layout: &Layout, columns: &[usize], filled: &[(usize, usize)]) -> Remark {
    const NAMED: usize = 10;
    let first = filled.iter().take(NAMED).filter_map(|(row, _)| u32::try_from(row + 1).ok()).collect();
    let columns = columns.iter().filter_map(|column| layout.headers.get(*column).cloned()).collect();
    Remark::FilledDown { columns, rows: filled.len() as u64, first }
}

/// The columns that the rows of a group must fill.
struct Group<'a> {
    order: Option<&'a Column>,
    /// Columns that nearly every dated row fills: the product, the quantity and the money.
    needed: Vec<&'a Column>,
}

impl<'a> Group<'a> {
    fn of(sheet: &'a Sheet, layout: &Layout, dates: &Column, rows: &[usize]) -> Self {
        const NEEDED: [Field; 5] = [Field::Product, Field::Sku, Field::Quantity, Field::UnitPrice, Field::Total];
        let cells = |field: Field| layout.column(field).and_then(|column| sheet.columns.get(column));
        let usual = |cells: &&Column| {
            let dated = || rows.iter().filter(|row| !is_blank(dates, **row));
            let full = dated().filter(|row| !is_blank(cells, **row)).count();
            full * 10 >= dated().count() * 9
        };
        // If orders are often blank, a blank order is no evidence.
        Self {
            order: cells(Field::OrderId).filter(usual),
            needed: NEEDED.into_iter().filter_map(cells).filter(usual).collect(),
        }
    }

    /// Whether a row has the values that dated rows have.
    fn is_complete(&self, row: usize) -> bool {
        !self.needed.is_empty() && self.needed.iter().all(|cells| !is_blank(cells, row))
    }

    fn same_order(&self, first: usize, row: usize) -> bool {
        self.order.is_some_and(|orders| {
            let order = orders.shown(first);
            order.is_some() && (is_blank(orders, row) || orders.shown(row) == order)
        })
    }
}

/// The day of each row. `None` if it is blank or cannot be read.
fn days(dates: &Column, rows: &[usize], conventions: &Conventions) -> Vec<Option<NaiveDate>> {
    let decision = OrderDecision::of(dates, rows, conventions.day_first);
    let day = |row: &usize| date::of_cell(dates, *row, decision, conventions.zone).ok().flatten();
    rows.iter().map(|row| day(row).map(|moment| moment.day)).collect()
}

/// Whether the days never go back, or never forward.
fn in_order(days: &[Option<NaiveDate>]) -> bool {
    let days: Vec<NaiveDate> = days.iter().flatten().copied().collect();
    days.is_sorted() || days.iter().rev().is_sorted()
}

/// Whether the nearest days before and after are the same.
fn same_day_around(days: &[Option<NaiveDate>], index: usize) -> bool {
    let before = days.get(..index).and_then(|days| days.iter().rev().flatten().next());
    let after = days.get(index..).and_then(|days| days.iter().flatten().next());
    before.is_some() && before == after
}

/// Whether a column is blank in these rows and hardly ever in others.
fn is_left_blank(cells: &Column, rows: &[usize], filled: &[(usize, usize)]) -> bool {
    let here = filled.iter().filter(|(row, _)| is_blank(cells, *row)).count();
    let all = rows.iter().filter(|row| is_blank(cells, **row)).count();
    here > 0 && here * 10 >= filled.len() * 9 && here * 10 >= all * 9
}

pub(super) fn with_filled(sheet: &Sheet, columns: &[usize], filled: &[(usize, usize)]) -> Sheet {
    let mut builder = SheetBuilder::default();
    for (place, column) in columns.iter().enumerate() {
        let Some(cells) = sheet.columns.get(*column) else { continue };
        let mut sources = filled.iter().peekable();
        for row in 0..sheet.rows {
            let source = sources.next_if(|(to, _)| *to == row).filter(|_| is_blank(cells, row));
            let from = source.map_or(row, |(_, first)| *first);
            match cells.kind(from) {
                Kind::Empty => {}
                kind @ (Kind::Text | Kind::Error) => {
                    builder.set_text(row, place, kind, cells.text(from).unwrap_or_default());
                }
                kind => builder.set_number(row, place, kind, cells.number(from)),
            }
        }
    }
    let mut made = builder.finish(String::new(), false, sheet.rows).columns.into_iter();
    let mut all = sheet.columns.clone();
    for column in columns {
        if let (Some(place), Some(made)) = (all.get_mut(*column), made.next()) {
            *place = made;
        }
    }
    Sheet { name: sheet.name.clone(), hidden: sheet.hidden, columns: all, rows: sheet.rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Basis, Mark};

    fn filled(text: &str) -> Option<(Vec<u32>, Vec<String>)> {
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = crate::layout::find(&sheet).unwrap();
        let rows = crate::clean::rows::sort_out(&sheet, &layout, Mark::Comma);
        let zone = chrono_tz::America::Sao_Paulo;
        let conventions = Conventions {
            zone,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: chrono::DateTime::UNIX_EPOCH,
        };
        fill(&sheet, &layout, &rows.data, &conventions).map(|(_, remark)| match remark {
            Remark::FilledDown { first, columns, .. } => (first, columns),
            _ => Default::default(),
        })
    }

    #[test]
    fn a_day_and_an_order_written_once_are_those_of_the_rows_below() {
        let text =
            "Pedido;Data;Cliente;Produto;Total\n1;01/03/2026;Ana;Café;5,00\n;;;Chá;6,00\n2;02/03/2026;Bia;Pão;1,00\n";
        assert_eq!(filled(text), Some((vec![3], vec!["Data".into(), "Pedido".into(), "Cliente".into()])));
    }

    #[test]
    fn a_customer_of_its_own_stays() {
        let text = "Data;Cliente;Produto;Total\n01/03/2026;Ana;Café;5,00\n;Bia;Chá;6,00\n02/03/2026;Ana;Pão;1,00\n";
        assert_eq!(filled(text), Some((vec![3], vec!["Data".into()])));
    }

    #[test]
    fn what_may_be_forgotten_stays_blank() {
        let row = |day: &str| format!("{day};Café;5,00\n");
        let days = |days: [&str; 7]| format!("Data;Produto;Total\n{}", days.map(row).concat());
        let forgotten = ["01/03/2026", "02/03/2026", "", "04/03/2026", "05/03/2026", "06/03/2026", "07/03/2026"];
        assert_eq!(filled(&days(forgotten)), None, "one day is missing between two others");
        let certain = ["01/03/2026", "02/03/2026", "", "02/03/2026", "05/03/2026", "06/03/2026", "07/03/2026"];
        assert_eq!(filled(&days(certain)).map(|(rows, _)| rows), Some(vec![4]));
        let unordered =
            "Data;Produto;Total\n09/03/2026;Café;5,00\n;Chá;6,00\n02/03/2026;Pão;1,00\n05/03/2026;Pão;1,00\n";
        assert_eq!(filled(unordered), None, "the days are in no order");
    }

    #[test]
    fn a_summary_below_a_gap_takes_no_day() {
        let text = "Data;Produto;Total\n01/03/2026;Café;5,00\n;Chá;6,00\n;;\n;Café;5,00\n;Chá;6,00\n";
        assert_eq!(filled(text).map(|(rows, _)| rows), Some(vec![3]));
    }
}
