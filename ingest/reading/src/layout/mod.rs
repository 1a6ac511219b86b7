//! Finds the table in a sheet and what each of its columns means. Pure: a sheet in, a layout (or a refusal) out.
//!
//! A column is taken for a field when its header names the field *and* what it holds fits: a column of texts is no
//! quantity, whatever it is called.

mod arithmetic;
mod assign;
mod contradiction;
mod doubt;
pub mod draft;
mod header;
mod kinds;
pub(crate) mod names;
mod order_totals;
mod period;
mod profile;
pub mod remembered;
mod sales;
mod stacked;
mod summed;
pub mod table;
pub(crate) mod titles;
mod totals;
mod vocabulary;
pub(crate) mod words;

use std::collections::BTreeMap;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Rejection, Remark};

use crate::sheet::Sheet;
use profile::Profile;
pub use sales::Sold;

/// Rows at the top in which a header is looked for.
const HEADER_SEARCH: usize = 60;
/// Headers that must name fields for a row to be a header.
const HEADER_FIELDS: usize = 2;

/// What the columns of a table mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The header's row, counted from 0; `None` for the API, where every row is a sale and the columns have names.
    pub header_row: Option<usize>,
    /// The header of each column, trimmed; empty where there is none.
    pub headers: Vec<String>,
    /// The column of each field found.
    pub columns: Vec<(Field, usize)>,
    /// What names the thing sold.
    pub sold: Sold,
    /// The header of a total that is only the whole order's, where the lines have no money of their own.
    pub(crate) order_total: Option<String>,
    /// What contradicts the columns, so that a person has to confirm them; never where one decided.
    pub(crate) doubt: Option<LayoutProblem>,
    /// Where no column gives the date: days in titles, as written, each with the row above those that it dates.
    pub(crate) title_days: Vec<(usize, String)>,
    /// What was assumed or proved on the way.
    pub remarks: Vec<Remark>,
    /// Rows that are refused whatever their cells say, each with the reasons: JSON objects that contradict themselves.
    pub(crate) refused_rows: BTreeMap<usize, Vec<Rejection>>,
    /// What a person decided beside the columns; `None` where nobody was asked.
    pub decided: Option<remembered::Decided>,
}

impl Layout {
    /// The column taken for a field.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().find(|(other, _)| *other == field).map(|(_, column)| *column)
    }

    /// The header over a field's column.
    #[must_use]
    pub fn header(&self, field: Field) -> Option<&str> {
        self.column(field).and_then(|column| self.headers.get(column)).map(String::as_str)
    }

    /// Headers of columns that no field was found for.
    #[must_use]
    pub fn unknown_columns(&self) -> Vec<String> {
        self.headers
            .iter()
            .enumerate()
            .filter(|(index, header)| !header.is_empty() && self.columns.iter().all(|(_, column)| column != index))
            .map(|(_, header)| header.clone())
            .collect()
    }

    /// Whether a row below the header is the header once more.
    pub(crate) fn repeats_header(&self, sheet: &Sheet, row: usize) -> bool {
        self.columns.len() >= 2
            && self.columns.iter().all(|(_, column)| {
                let header = self.headers.get(*column).map(String::as_str).unwrap_or_default();
                let cell = sheet.columns.get(*column).and_then(|cells| cells.text(row));
                cell.is_some_and(|text| text.split_whitespace().eq(header.split(' ')))
            })
    }

    /// Field codes and headers in the sheet's order, as messages and answers show them.
    #[must_use]
    pub fn mapping(&self) -> Vec<(String, String)> {
        let mut columns = self.columns.clone();
        columns.sort_by_key(|(_, column)| *column);
        columns
            .into_iter()
            .map(|(field, column)| (field.code().to_owned(), self.headers.get(column).cloned().unwrap_or_default()))
            .collect()
    }
}

/// Finds the layout of a sheet of sales.
///
/// # Errors
/// [`Refusal`]: there is no header, no row, or what the columns hold is not sales or cannot be read as such.
pub fn find(sheet: &Sheet) -> Result<Layout, Refusal> {
    let (row, headers) = find_header(sheet).ok_or(Refusal::NoHeader)?;
    let found = match header::joined_with_next(sheet, row, &headers) {
        Some(joined) => of_header(sheet, row + 1, joined).map(|mut layout| {
            layout.remarks.push(Remark::HeaderOfTwoRows);
            layout
        }),
        None => of_header(sheet, row, headers.clone()),
    };
    let found = match header::shifted(sheet, row, &headers) {
        Some((columns, shifted)) => of_header(sheet, row, shifted)
            .map(|mut layout| {
                layout.remarks.push(Remark::HeadersShifted { columns });
                layout
            })
            .or(found),
        None => found,
    };
    let mut layout = match (found, header::joined_with_above(sheet, row, &headers)) {
        (Err(refusal @ (Refusal::NotSales { .. } | Refusal::NothingSold { .. })), Some(joined)) => {
            let second = |_second| summed::refusal(sheet, row, &headers, refusal);
            let mut layout = of_header(sheet, row, joined).map_err(second)?;
            layout.remarks.push(Remark::HeaderOfTwoRows);
            layout
        }
        (found, _) => found.map_err(|refusal| summed::refusal(sheet, row, &headers, refusal))?,
    };
    if let Some(refusal) = sales::named_otherwise(sheet, &layout) {
        return Err(refusal);
    }
    summed::judge(sheet, &mut layout)?;
    Ok(layout)
}

/// The layout below a header of these names, whose last row is `header_row`.
fn of_header(sheet: &Sheet, header_row: usize, headers: Vec<String>) -> Result<Layout, Refusal> {
    let profiles: Vec<Profile> = (0..headers.len()).map(|column| Profile::of(sheet, column, header_row + 1)).collect();
    let mut layout = Layout {
        header_row: Some(header_row),
        columns: assign::assign(&headers, &profiles),
        headers,
        ..Layout::default()
    };
    if profiles.iter().all(|profile| profile.filled == 0) {
        layout.columns = header_fields(&layout.headers).into_iter().map(|field| (field, usize::MAX)).collect();
        sales::judge(&mut layout, false)?;
        return Err(Refusal::NoRows);
    }
    if assign::stands_twice(&layout, &profiles) {
        return Err(Refusal::TablesSideBySide);
    }
    arithmetic::settle(sheet, &mut layout, &profiles);
    if let Some(column) = layout.order_total.take() {
        return Err(Refusal::OrderTotalsOnly { column });
    }
    if layout.column(Field::Date).is_none() {
        layout.title_days = titles::days(sheet, &layout);
    }
    if !layout.is_dated() {
        assign::day_by_contents(&mut layout, &profiles);
    }
    let in_titles = titles::name_the_product(sheet, &layout);
    sales::judge(&mut layout, in_titles)?;
    if let Some(row) = stacked::other_header(sheet, &layout) {
        return Err(Refusal::OtherTableBelow { row: u32::try_from(row + 1).unwrap_or(u32::MAX) });
    }
    layout.doubt = layout.doubt.take().or_else(|| kinds::mixed(sheet, &layout));
    match assign::unreadable(&layout, &profiles) {
        Some((field, column)) => Err(Refusal::UnreadableColumn { column, field }),
        None => Ok(layout),
    }
}

/// The header is the row among the first that names the most fields; where two name as many, the upper one.
fn find_header(sheet: &Sheet) -> Option<(usize, Vec<String>)> {
    let headers_of = |row: usize| -> Vec<String> {
        (0..sheet.columns.len()).map(|column| tidy(&sheet.shown(row, column).unwrap_or_default())).collect()
    };
    let candidates = (0..sheet.rows.min(HEADER_SEARCH)).map(|row| (row, headers_of(row)));
    let mut best: Option<(usize, Vec<String>, usize)> = None;
    for (row, headers) in candidates {
        let named = header_fields(&headers).len();
        let filled = headers.iter().filter(|header| !header.is_empty()).count();
        let least = if best.is_none() { HEADER_FIELDS.min(filled.max(1)) } else { HEADER_FIELDS };
        if named >= least && best.as_ref().is_none_or(|(_, _, most)| named > *most) {
            best = Some((row, headers, named));
        }
    }
    if let Some((row, headers, _)) = best {
        return Some((row, headers));
    }
    // No row names anything of ours: still tell its owner which columns were seen
    (0..sheet.rows.min(HEADER_SEARCH))
        .map(|row| (row, headers_of(row)))
        .find(|(_, headers)| headers.iter().filter(|header| header.chars().any(char::is_alphabetic)).count() >= 2)
}

/// The fields that a row of headers names, each once.
fn header_fields(headers: &[String]) -> Vec<Field> {
    let mut fields: Vec<Field> = headers
        .iter()
        .filter_map(|header| names::fields_named(header).into_iter().max_by_key(|(_, score)| *score))
        .map(|(field, _)| field)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn tidy(header: &str) -> String {
    header.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)
    }

    #[test]
    fn the_header_is_found_below_titles() {
        let layout = find(&sheet(
            "Mercado do Bairro;;;\nVendas de março;;;\n;;;\nData;Produto;Qtde;Valor Total\n01/03/2026;Café;2;10,00\n",
        ))
        .unwrap();
        assert_eq!(layout.header_row, Some(3));
        assert_eq!(layout.header(Field::Total), Some("Valor Total"));
    }

    #[test]
    fn a_value_is_a_price_beside_a_total_and_the_total_alone() {
        let beside = find(&sheet("Data;Produto;Quantidade;Valor;Total\n01/03/2026;Café;2;5,00;10,00\n")).unwrap();
        assert_eq!((beside.header(Field::UnitPrice), beside.header(Field::Total)), (Some("Valor"), Some("Total")));
        let alone = find(&sheet("Data;Produto;Valor\n01/03/2026;Café;10,00\n")).unwrap();
        assert_eq!((alone.header(Field::UnitPrice), alone.header(Field::Total)), (None, Some("Valor")));
    }

    #[test]
    fn a_column_of_other_things_is_not_taken_by_its_name() {
        let layout = find(&sheet("Data;Produto;Quantidade;Total;Valor\n01/03/2026;Café;2;10,00;alto\n")).unwrap();
        assert_eq!(layout.unknown_columns(), ["Valor"]);
    }

    #[test]
    fn sales_that_are_numbered_are_no_money() {
        let rows: String = (1..=9).map(|row| format!("{};01/03/2026;Café;{},50\n", 1000 + row, row % 4)).collect();
        let layout = find(&sheet(&format!("Venda;Data;Produto;Sales Amount\n{rows}"))).unwrap();
        assert_eq!((layout.header(Field::OrderId), layout.header(Field::Total)), (Some("Venda"), Some("Sales Amount")));
    }

    #[test]
    fn a_catalogue_is_refused_with_what_is_missing() {
        let refusal = find(&sheet("Produto;Preço;Marca\nCafé;10,00;X\n")).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::NotSales {
                missing: vec![Field::Date],
                found: vec!["Produto".into(), "Preço".into(), "Marca".into()]
            }
        );
    }

    #[test]
    fn two_tables_side_by_side_are_refused_and_a_summary_beside_is_not() {
        let twice = "Data;Produto;Qtd;Total;;Data;Produto;Qtd;Total\n01/03/2026;Café;2;10,00;;01/04/2026;Chá;1;5,00\n";
        assert_eq!(find(&sheet(twice)).unwrap_err(), Refusal::TablesSideBySide);
        assert_eq!(find(&sheet(&twice.replace(";;", ";"))).unwrap_err(), Refusal::TablesSideBySide);
        let summary =
            "Data;Produto;Qtd;Total;;Produto;Total\n01/03/2026;Café;2;10,00;;Café;10,00\n02/03/2026;Chá;1;5,00;;;\n";
        assert!(find(&sheet(summary)).is_ok());
    }

    #[test]
    fn blank_columns_inside_a_table_do_not_make_two_of_it() {
        let text = ";Data;;Produto;Qtd;;Preço;Total\n;01/03/2026;;Café;2;;5,00;10,00\n;02/03/2026;;Chá;1;;5,00;5,00\n";
        assert_eq!(find(&sheet(text)).unwrap().column(Field::Total), Some(7));
    }

    #[test]
    fn a_header_without_rows_is_told_from_other_sheets() {
        assert_eq!(find(&sheet("Data;Produto;Quantidade;Total\n")).unwrap_err(), Refusal::NoRows);
    }
}
