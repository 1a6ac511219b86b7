//! Separates the rows below the header that are sales from blank rows, repeated headers, titles and totals.
//!
//! A total line is not only left out. Its amount is also compared with the sum of the rows.

use caudal_contract::field::Field;
use caudal_contract::money::Cents;
use caudal_contract::notice::{Ignored, Remark};

use super::controls::{self, Controls};
use super::summing;
use super::total_words::{self, Saying};
use crate::layout::titles::{is_blank, title_above};
use crate::layout::{Layout, Sold};
use crate::sheet::{Column, Kind, Sheet};
use crate::value::number::Mark;

/// The rows below the header by kind.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Indexes of the rows that should be sales.
    pub(super) data: Vec<usize>,
    pub(super) blank: u64,
    pub(super) repeated_headers: u64,
    pub(super) titles: u64,
    pub(super) totals: u64,
    /// The rows that are not sales, in their order.
    pub(super) ignored_rows: Vec<(usize, Ignored)>,
    /// Titles that name a product, each with the index in `data` of the first row that it applies to.
    pub(super) sections: Vec<(usize, String)>,
    /// The result of comparing the total lines.
    controls: Controls,
}

impl Rows {
    /// Number of rows read: all from the header down to the last filled one.
    pub(super) fn read(&self) -> u64 {
        self.data.len() as u64 + self.ignored()
    }

    pub(super) fn ignored(&self) -> u64 {
        self.blank + self.repeated_headers + self.titles + self.totals
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
        remark(self.titles, |rows| Remark::TitleRows { rows });
        remark(self.totals, |rows| Remark::TotalRows { rows });
        remark(self.controls.agreeing, |rows| Remark::ControlAgrees { rows });
        remarks.extend(self.controls.differing.iter().map(|(row, says, adds)| Remark::ControlDiffers {
            row: u32::try_from(row + 1).unwrap_or(u32::MAX),
            says: Cents(*says),
            adds: Cents(*adds),
        }));
        remarks
    }
}

/// The kind of a row below the header, judged by its cells alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Blank,
    Header,
    Title,
    Total,
    /// A total if it equals the sum of the rows above it. Otherwise a sale with a missing value.
    TotalIfItAdds,
    /// The sum of the sales above or below it, under any name.
    SumOfOthers,
    Data,
}

pub(super) fn sort_out(sheet: &Sheet, layout: &Layout, fallback: Mark) -> Rows {
    let mut rows = Rows::default();
    let Some(first) = layout.first_row() else {
        rows.data = (0..sheet.rows).collect();
        return rows;
    };
    let end = (first..sheet.rows).rev().find(|row| !is_blank(sheet, *row)).map_or(first, |last| last + 1);
    let places = Places::of(sheet, layout);
    let mut kinds: Vec<RowKind> = (first..end).map(|row| places.kind_of(row)).collect();
    let may_sum = |kind: &RowKind| matches!(kind, RowKind::Data | RowKind::TotalIfItAdds);
    let filled: Vec<usize> = (first..end).zip(&kinds).filter(|(_, kind)| may_sum(kind)).map(|(row, _)| row).collect();
    for row in summing::rows(sheet, layout, &filled, fallback) {
        if let Some(kind) = kinds.get_mut(row - first) {
            *kind = RowKind::SumOfOthers;
        }
    }
    let mut sums = kinds
        .iter()
        .any(|kind| matches!(kind, RowKind::Total | RowKind::TotalIfItAdds))
        .then(|| places.total.map(|cells| controls::Sums::over(sheet, layout, cells, first..end, fallback)))
        .flatten();
    if let Some(header_row) = layout.header_row {
        open_section(&mut rows, sheet, layout, header_row);
    }
    for (row, kind) in (first..end).zip(kinds) {
        match kind {
            RowKind::Blank => {
                rows.blank += 1;
                rows.ignored_rows.push((row, Ignored::Blank));
            }
            RowKind::Header => {
                rows.repeated_headers += 1;
                rows.ignored_rows.push((row, Ignored::RepeatedHeader));
                open_section(&mut rows, sheet, layout, row);
            }
            RowKind::Title => {
                rows.titles += 1;
                rows.ignored_rows.push((row, Ignored::Title));
            }
            RowKind::Total => {
                rows.totals += 1;
                rows.ignored_rows.push((row, Ignored::Total));
                if let Some(sums) = &mut sums {
                    sums.compare(row, &mut rows.controls);
                }
            }
            RowKind::TotalIfItAdds if sums.as_mut().is_some_and(|sums| sums.agrees(row)) => {
                rows.totals += 1;
                rows.ignored_rows.push((row, Ignored::Total));
                rows.controls.agreeing += 1;
            }
            RowKind::SumOfOthers => {
                rows.totals += 1;
                rows.ignored_rows.push((row, Ignored::Total));
                rows.controls.agreeing += 1;
            }
            RowKind::TotalIfItAdds | RowKind::Data => {
                rows.data.push(row);
                if let Some(sums) = &mut sums {
                    sums.add(row);
                }
            }
        }
    }
    rows
}

/// Remembers the title above a header if titles name the product.
fn open_section(rows: &mut Rows, sheet: &Sheet, layout: &Layout, header_row: usize) {
    if layout.sold == Sold::Titles
        && let Some(title) = title_above(sheet, header_row)
    {
        rows.sections.push((rows.data.len(), title));
    }
}

/// The columns that distinguish a sale from other lines.
struct Places<'a> {
    sheet: &'a Sheet,
    layout: &'a Layout,
    date: Option<&'a Column>,
    price: Option<&'a Column>,
    total: Option<&'a Column>,
    quantity: Option<&'a Column>,
    /// The columns of the product, the date, the customer and the order.
    keys: Vec<usize>,
    product: [Option<usize>; 2],
}

impl<'a> Places<'a> {
    fn of(sheet: &'a Sheet, layout: &'a Layout) -> Self {
        let cells = |field| layout.column(field).and_then(|column| sheet.columns.get(column));
        let mut keys = vec![Field::Date, Field::Product, Field::Sku, Field::OrderId, Field::Customer];
        if layout.sold == Sold::Category {
            keys.push(Field::Category);
        }
        Self {
            sheet,
            layout,
            date: cells(Field::Date),
            price: cells(Field::UnitPrice),
            total: cells(Field::Total),
            quantity: cells(Field::Quantity),
            keys: keys.into_iter().filter_map(|field| layout.column(field)).collect(),
            product: [layout.column(Field::Product), layout.column(Field::Sku)],
        }
    }

    fn kind_of(&self, row: usize) -> RowKind {
        if is_blank(self.sheet, row) {
            return RowKind::Blank;
        }
        if self.layout.repeats_header(self.sheet, row) {
            return RowKind::Header;
        }
        let filled = |cells: Option<&Column>| cells.is_some_and(|cells| !cells.is_blank(row));
        let measured = filled(self.total) || filled(self.price) || filled(self.quantity);
        // Nearly every sale is decided here because it has a day.
        if measured && self.date.is_some_and(|cells| !cells.is_blank(row) && saying(cells, row) == Saying::Nothing) {
            let cells = |column: &Option<usize>| column.and_then(|column| self.sheet.columns.get(column));
            let said = self.product.iter().filter_map(cells).any(|cells| saying(cells, row) == Saying::Total);
            // The total of a day has a day too. Only its sum distinguishes it from a product of that name.
            return if said && !filled(self.price) { RowKind::TotalIfItAdds } else { RowKind::Data };
        }
        let said = self
            .sheet
            .columns
            .iter()
            .enumerate()
            .map(|(column, cells)| (column, saying(cells, row)))
            .find(|(_, said)| *said != Saying::Nothing);
        let keys_blank = self.keys.iter().all(|key| {
            said.is_some_and(|(column, _)| column == *key)
                || self.sheet.columns.get(*key).is_none_or(|cells| cells.is_blank(row))
        });
        match said {
            Some((column, said)) if keys_blank => {
                let sure = said == Saying::Total || !self.product.contains(&Some(column));
                if sure && !filled(self.price) { RowKind::Total } else { RowKind::TotalIfItAdds }
            }
            _ if !measured && self.is_title(row) => RowKind::Title,
            _ if keys_blank && filled(self.total) => RowKind::TotalIfItAdds,
            _ => RowKind::Data,
        }
    }

    /// Whether a row without quantity and money is a title: it has only one cell, or neither a day nor a product.
    fn is_title(&self, row: usize) -> bool {
        let filled = |column: Option<&Column>| column.is_some_and(|cells| !cells.is_blank(row));
        let named = self.product.iter().flatten().any(|column| filled(self.sheet.columns.get(*column)));
        let one_cell = || self.sheet.columns.iter().filter(|cells| !cells.is_blank(row)).count() == 1;
        !named && !filled(self.date) || one_cell()
    }
}

fn saying(cells: &Column, row: usize) -> Saying {
    match cells.kind(row) {
        Kind::Text => cells.text(row).map_or(Saying::Nothing, total_words::saying),
        _ => Saying::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> Rows {
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = crate::layout::find(&sheet).unwrap();
        sort_out(&sheet, &layout, Mark::Comma)
    }

    #[test]
    fn rows_that_are_no_sales_are_counted_by_kind() {
        let rows = sorted(
            "Data;Produto;Qtde;Total\n01/03/2026;Café;2;10,00\n;;;\nData;Produto;Qtde;Total\n02/03/2026;Total Clean;1;5,00\n;Total geral;;15,00\n;;;\n",
        );
        assert_eq!(
            (rows.data.as_slice(), rows.blank, rows.repeated_headers, rows.totals),
            ([1, 4].as_slice(), 1, 1, 1)
        );
        assert_eq!(rows.read(), 5, "blank rows below the last filled one are not read");
        assert_eq!(rows.controls.agreeing, 1);
    }

    #[test]
    fn a_total_that_does_not_add_up_is_told_with_both_sums() {
        let rows = sorted("Data;Produto;Total\n01/03/2026;Café;10,00\n02/03/2026;Chá;5,00\nTOTAL:;;18,00\n");
        assert_eq!(rows.controls.differing, [(3, 1_800, 1_500)]);
    }

    #[test]
    fn a_line_without_a_word_is_a_subtotal_only_where_it_adds_up() {
        let rows = sorted(
            "Data;Produto;Qtde;Total\n01/03/2026;Café;2;10,00\n02/03/2026;Chá;1;5,00\n;;3;15,00\n03/03/2026;Pão;1;2,00\n;;1;7,00\n",
        );
        assert_eq!((rows.totals, rows.data.as_slice()), (1, [1, 2, 4, 5].as_slice()));
    }

    #[test]
    fn a_total_of_a_day_that_names_its_day_is_no_sale() {
        let rows = sorted(
            "Data;Produto;Qtde;Preço;Total\n01/03/2026;Café;2;5,00;10,00\n01/03/2026;Chá;1;5,00;5,00\n\
             01/03/2026;Total do dia;3;;15,00\n02/03/2026;Total Clean;1;;2,00\n02/03/2026;Total Clean;1;;2,00\n\
             02/03/2026;Total do dia;2;;4,00\n",
        );
        assert_eq!((rows.totals, rows.data.as_slice()), (2, [1, 2, 4, 5].as_slice()));
    }

    #[test]
    fn a_product_named_like_a_total_is_a_product() {
        let rows = sorted(
            "Vendedor;Produto;Qtde;Valor unitário;Total\nAna;Total Clean;1;5,00;5,00\nAna;Leite total;2;5,00;10,00\n",
        );
        assert_eq!((rows.totals, rows.data.len()), (0, 2));
    }

    #[test]
    fn titles_between_the_rows_are_no_sales() {
        let rows = sorted(
            "Data;Produto;Total\nLoja Centro;;\n01/03/2026;Café;10,00\n02/03/2026;Chá;5,00\nEmitido por Ana;;\n",
        );
        assert_eq!((rows.titles, rows.data.as_slice()), (2, [2, 3].as_slice()));
    }
}
