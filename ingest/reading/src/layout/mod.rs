//! Finds the table in a sheet and what each of its columns means. Pure: a sheet in, a layout (or a refusal) out.
//!
//! A column is taken for a field when its header names the field *and* its cells fit: a column of texts is no quantity, whatever it is
//! called. That is only where the search starts. [`JUDGES`] are asked one after the other whether the evidence tells otherwise.

mod assign;
mod doubt;
pub mod draft;
mod evidence;
mod header;
mod judges;
pub(crate) mod names;
mod period;
mod profile;
pub mod remembered;
pub mod table;
pub(crate) mod titles;
mod vocabulary;
pub(crate) mod words;

use std::collections::BTreeMap;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Rejection, Remark};

use crate::sheet::Sheet;
use evidence::Evidence;
use header::find_header;
use judges::summed;

/// The rules by which a layout is found, in the order in which they are asked. A judge sees the evidence and the layout as the judges
/// before it left it, and returns its findings. It changes nothing itself: [`judged`] does, for all of them.
///
/// The order matters. A total is looked for before its price, and the price before whole orders; what is sold is asked once all
/// columns are known; and a table is doubted as a whole after its columns.
const JUDGES: &[Judge] = &[
    Judge { name: "no rows", ask: judges::no_rows::ask },
    Judge { name: "side by side", ask: judges::side_by_side::ask },
    Judge { name: "fees", ask: judges::fees::ask },
    Judge { name: "running total", ask: judges::running_total::ask },
    Judge { name: "net total", ask: judges::net_total::ask },
    Judge { name: "price", ask: judges::price::ask },
    Judge { name: "units", ask: judges::units::ask },
    Judge { name: "order total", ask: judges::order_total::ask },
    Judge { name: "contradiction", ask: judges::contradiction::ask },
    Judge { name: "title days", ask: judges::title_days::ask },
    Judge { name: "day by contents", ask: judges::day_by_contents::ask },
    Judge { name: "sold", ask: judges::sold::ask },
    Judge { name: "stacked", ask: judges::stacked::ask },
    Judge { name: "kinds", ask: judges::kinds::ask },
    Judge { name: "unreadable", ask: judges::unreadable::ask },
    Judge { name: "titles say", ask: judges::titles_say::ask },
    Judge { name: "summed", ask: summed::ask },
];

/// One rule.
struct Judge {
    /// Its name in the log.
    name: &'static str,
    ask: fn(&Evidence<'_>, &Layout) -> Vec<Finding>,
}

/// The answer of a judge.
#[derive(Debug)]
enum Finding {
    /// These fields have these columns; a field without one loses its own. Whatever had one of the fields or one of the columns before
    /// gives it up.
    Assign {
        /// Each field with its column.
        fields: Vec<(Field, Option<usize>)>,
        /// What the numbers prove, as the import tells it.
        proof: Option<Remark>,
    },
    /// Titles give the days: each as written, with the row above those that it dates.
    Days(Vec<(usize, String)>),
    /// This names the thing sold on each row.
    Sold {
        /// What does.
        sold: Sold,
        /// How the import tells it.
        proof: Option<Remark>,
    },
    /// Something contradicts the columns, so that a person has to confirm them.
    Doubt(LayoutProblem),
    /// The sheet holds no sales, or they cannot be read. No judge is asked any more.
    Refuse(Refusal),
}

impl Finding {
    /// One field gets a column.
    fn assign(field: Field, column: usize, proof: Remark) -> Self {
        Self::Assign { fields: vec![(field, Some(column))], proof: Some(proof) }
    }
}

/// The meanings of the columns of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The header's row, counted from 0; `None` for the API, where every row is a sale and the columns have names.
    pub header_row: Option<usize>,
    /// The header of each column, trimmed; empty if there is none.
    pub headers: Vec<String>,
    /// The column of each field found.
    pub columns: Vec<(Field, usize)>,
    /// What names the thing sold.
    pub sold: Sold,
    /// What contradicts the columns, so that a person has to confirm them; never if a person decided.
    pub(crate) doubt: Option<LayoutProblem>,
    /// If no column gives the date: days in titles, as written, each with the row above those that it dates.
    pub(crate) title_days: Vec<(usize, String)>,
    /// What was assumed or proved on the way.
    pub remarks: Vec<Remark>,
    /// Rows that are refused whatever their cells say, each with the reasons: JSON objects that contradict themselves.
    pub(crate) refused_rows: BTreeMap<usize, Vec<Rejection>>,
    /// What a person decided beside the columns; `None` if nobody was asked.
    pub decided: Option<remembered::Decided>,
}

/// What names the thing sold on each row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sold {
    /// The product's column, or that of its code.
    #[default]
    Product,
    /// The category's column: there is no other.
    Category,
    /// Nothing: each row is a whole order.
    Order,
    /// A title row above each repetition of the header.
    Titles,
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
/// [`Refusal`]: there is no header, no row, or the sheet holds no sales, or they cannot be read.
pub fn find(sheet: &Sheet) -> Result<Layout, Refusal> {
    let (row, headers) = find_header(sheet).ok_or(Refusal::NoHeader)?;
    let below = |header_row: usize, headers: Vec<String>| judged(&Evidence::of(sheet, header_row, headers));
    let with = |remark: Remark, found: Result<Layout, Refusal>| {
        found.map(|mut layout| {
            layout.remarks.push(remark);
            layout
        })
    };
    let found = match header::joined_with_next(sheet, row, &headers) {
        Some(joined) => with(Remark::HeaderOfTwoRows, below(row + 1, joined)),
        None => below(row, headers.clone()),
    };
    let found = match header::shifted(sheet, row, &headers) {
        Some((columns, shifted)) => with(Remark::HeadersShifted { columns }, below(row, shifted)).or(found),
        None => found,
    };
    let found = match (found, header::joined_with_above(sheet, row, &headers)) {
        (Err(Refusal::NotSales { .. } | Refusal::NothingSold { .. }), Some(joined)) => {
            with(Remark::HeaderOfTwoRows, below(row, joined))
        }
        (found, _) => found,
    };
    found.map_err(|refusal| summed::refusal(sheet, row, &headers, refusal))
}

/// Asks all judges, and does what they find.
fn judged(evidence: &Evidence<'_>) -> Result<Layout, Refusal> {
    let mut layout = Layout {
        header_row: Some(evidence.header_row),
        headers: evidence.headers.clone(),
        columns: evidence.named.clone(),
        ..Layout::default()
    };
    for judge in JUDGES {
        for finding in (judge.ask)(evidence, &layout) {
            tracing::debug!(judge = judge.name, ?finding, "a judge found something about the columns");
            match finding {
                Finding::Assign { fields, proof } => {
                    layout.columns.retain(|(field, column)| {
                        fields.iter().all(|(given, place)| given != field && *place != Some(*column))
                    });
                    layout.columns.extend(fields.into_iter().filter_map(|(field, column)| Some((field, column?))));
                    layout.remarks.extend(proof);
                }
                Finding::Days(days) => layout.title_days = days,
                Finding::Sold { sold, proof } => {
                    layout.sold = sold;
                    layout.remarks.extend(proof);
                }
                // One question at a time, and the first; but whether the rows are sales at all is asked before what their columns mean
                Finding::Doubt(problem @ LayoutProblem::Totals { .. }) => layout.doubt = Some(problem),
                Finding::Doubt(problem) => layout.doubt = layout.doubt.take().or(Some(problem)),
                Finding::Refuse(refusal) => return Err(refusal),
            }
        }
    }
    Ok(layout)
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
}
