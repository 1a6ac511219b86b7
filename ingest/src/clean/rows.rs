//! Which rows below the header are sales, and which are none: blank ones, repeated headers, totals.

use caudal_shared::field::Field;
use caudal_shared::notice::Remark;
use caudal_shared::text::folded;

use crate::layout::Layout;
use crate::sheet::{Kind, Sheet};

/// The rows below the header, sorted out.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Indexes of the rows that should be sales.
    pub(super) data: Vec<usize>,
    pub(super) blank: u64,
    pub(super) repeated_headers: u64,
    pub(super) totals: u64,
}

impl Rows {
    /// Rows read: all from the header down to the last filled one.
    pub(super) fn read(&self) -> u64 {
        self.data.len() as u64 + self.ignored()
    }

    pub(super) fn ignored(&self) -> u64 {
        self.blank + self.repeated_headers + self.totals
    }

    pub(super) fn remarks(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut remark = |rows: u64, make: fn(u64) -> Remark| {
            if rows > 0 {
                remarks.push(make(rows));
            }
        };
        remark(self.blank, |rows| Remark::BlankRows { rows });
        remark(self.repeated_headers, |rows| Remark::RepeatedHeaders { rows });
        remark(self.totals, |rows| Remark::TotalRows { rows });
        remarks
    }
}

pub(super) fn sort_out(sheet: &Sheet, layout: &Layout) -> Rows {
    let mut rows = Rows::default();
    let Some(header_row) = layout.header_row else {
        rows.data = (0..sheet.rows).collect();
        return rows;
    };
    let first = header_row + 1;
    let last = (first..sheet.rows).rev().find(|row| !is_blank(sheet, *row));
    for row in first..last.map_or(first, |last| last + 1) {
        if is_blank(sheet, row) {
            rows.blank += 1;
        } else if repeats_header(sheet, layout, row) {
            rows.repeated_headers += 1;
        } else if is_total(sheet, layout, row) {
            rows.totals += 1;
        } else {
            rows.data.push(row);
        }
    }
    rows
}

fn is_blank(sheet: &Sheet, row: usize) -> bool {
    sheet.columns.iter().all(|column| match column.kind(row) {
        Kind::Empty => true,
        Kind::Text => column.text(row).is_none_or(|text| text.trim().is_empty()),
        _ => false,
    })
}

fn repeats_header(sheet: &Sheet, layout: &Layout, row: usize) -> bool {
    layout.columns.len() >= 2
        && layout.columns.iter().all(|(_, column)| {
            let header = layout.headers.get(*column).map(String::as_str).unwrap_or_default();
            sheet.columns.get(*column).and_then(|cells| cells.text(row)).is_some_and(|text| text.trim() == header)
        })
}

/// A line that says "Total" where nothing of a sale stands: no day in the date column, or no product but that word.
fn is_total(sheet: &Sheet, layout: &Layout, row: usize) -> bool {
    let says_total =
        |column: usize| sheet.columns.get(column).and_then(|cells| cells.text(row)).is_some_and(is_total_word);
    let blank = |field: Field| {
        layout.column(field).is_none_or(|column| sheet.shown(row, column).is_none() || says_total(column))
    };
    let anywhere = (0..sheet.columns.len()).any(says_total);
    anywhere && blank(Field::Date) && (blank(Field::Product) || blank(Field::Quantity))
}

fn is_total_word(text: &str) -> bool {
    // Folding costs an allocation; a total's word is short
    if text.len() > 40 {
        return false;
    }
    let name = folded(text);
    let mut words = name.split(' ');
    let first = words.next().unwrap_or_default();
    matches!(first, "total" | "totais" | "subtotal" | "soma" | "summary" | "totals")
        || (matches!(first, "grand" | "sub") && words.next() == Some("total"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_no_sales_are_counted_by_kind() {
        let text = "Data;Produto;Qtde;Total\n01/03/2026;Café;2;10,00\n;;;\nData;Produto;Qtde;Total\n02/03/2026;Total Clean;1;5,00\n;Total geral;;15,00\n;;;\n";
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = crate::layout::find(&sheet).unwrap();
        let rows = sort_out(&sheet, &layout);
        assert_eq!(
            (rows.data.as_slice(), rows.blank, rows.repeated_headers, rows.totals),
            ([1, 4].as_slice(), 1, 1, 1)
        );
        assert_eq!(rows.read(), 5, "blank rows below the last filled one are not read");
    }
}
