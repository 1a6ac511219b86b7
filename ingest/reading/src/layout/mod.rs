//! Finds the table in a sheet and the meaning of each of its columns. It does no IO: the input is a sheet, the output a
//! layout or a refusal.
//!
//! A column is assigned to a field if its header names the field *and* its cells fit: a column of texts is never a
//! quantity, even if it is called one. This assignment is only the start. Each of the `JUDGES` in turn checks whether
//! the evidence contradicts it.

mod assign;
mod doubt;
pub mod draft;
mod evidence;
mod finding;
mod header;
mod judges;
mod known;
pub(crate) mod names;
pub(crate) mod orders;
mod period;
mod profile;
pub mod remembered;
mod result;
pub mod table;
pub(crate) mod titles;

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Remark};

use crate::sheet::Sheet;
use evidence::Evidence;
use finding::Finding;
use header::find_header;
use judges::summed;
pub(crate) use result::Returns;
pub use result::{Layout, Sold};

/// The rules that decide a layout, in the order in which they run. A judge gets the evidence and the layout as the
/// judges before it left it, and returns findings. It changes nothing itself. [`judged`] applies the findings of all
/// judges.
///
/// The order matters because each judge relies on the columns resolved before it. The total is resolved before its price,
/// and the price before totals of whole orders. The judge of the thing sold needs all columns. The judges that doubt a
/// table as a whole come after those of its columns.
const JUDGES: &[Judge] = &[
    Judge { name: "no rows", of: Stage::Columns, ask: judges::no_rows::ask },
    Judge { name: "side by side", of: Stage::Columns, ask: judges::side_by_side::ask },
    Judge { name: "paid cost", of: Stage::Money, ask: judges::paid_cost::ask },
    Judge { name: "fees", of: Stage::Money, ask: judges::fees::ask },
    Judge { name: "running total", of: Stage::Money, ask: judges::running_total::ask },
    Judge { name: "net total", of: Stage::Money, ask: judges::net_total::ask },
    Judge { name: "price", of: Stage::Money, ask: judges::price::ask },
    Judge { name: "units", of: Stage::Money, ask: judges::units::ask },
    Judge { name: "freight", of: Stage::Money, ask: judges::freight::ask },
    Judge { name: "arithmetic", of: Stage::Money, ask: judges::arithmetic::ask },
    Judge { name: "order total", of: Stage::Money, ask: judges::order_total::ask },
    Judge { name: "orders", of: Stage::Columns, ask: judges::orders::ask },
    Judge { name: "contradiction", of: Stage::Money, ask: judges::contradiction::ask },
    Judge { name: "title days", of: Stage::Columns, ask: judges::title_days::ask },
    Judge { name: "partial days", of: Stage::Columns, ask: judges::partial_days::ask },
    Judge { name: "day by contents", of: Stage::Columns, ask: judges::day_by_contents::ask },
    Judge { name: "status", of: Stage::Columns, ask: judges::status::ask },
    Judge { name: "numbered", of: Stage::Columns, ask: judges::numbered::ask },
    Judge { name: "sold", of: Stage::Columns, ask: judges::sold::ask },
    Judge { name: "stacked", of: Stage::Columns, ask: judges::stacked::ask },
    Judge { name: "kinds", of: Stage::Columns, ask: judges::kinds::ask },
    Judge { name: "below zero", of: Stage::Columns, ask: judges::below_zero::ask },
    Judge { name: "unreadable", of: Stage::Columns, ask: judges::unreadable::ask },
    Judge { name: "titles say", of: Stage::Table, ask: judges::titles_say::ask },
    Judge { name: "summed", of: Stage::Table, ask: summed::ask },
    Judge { name: "unexplained", of: Stage::Table, ask: judges::unexplained::ask },
];

/// When a judge is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// For each header that is tried. If the columns below it are refused, another header may fit.
    Columns,
    /// Like the columns, unless a known export says which column holds which money.
    Money,
    /// Once for the layout that was chosen, because no other header makes sales of a table of something else.
    Table,
}

/// A rule with its name.
struct Judge {
    /// Its name in the log.
    name: &'static str,
    of: Stage,
    ask: fn(&Evidence<'_>, &Layout) -> Vec<Finding>,
}

/// Finds the layout of a sheet of sales.
///
/// # Errors
/// [`Refusal`] if the sheet has no header, no row or no sales, or if its sales cannot be read.
pub fn find(sheet: &Sheet) -> Result<Layout, Refusal> {
    let (row, headers) = find_header(sheet).ok_or(Refusal::NoHeader)?;
    let below = |header_row: usize, headers: Vec<String>| {
        let evidence = Evidence::of(sheet, header_row, headers);
        let named = Layout::named(&evidence);
        let layout = known::layout(&evidence, &named).unwrap_or(named);
        let stages: &[Stage] = if layout.known.is_some() { &[Stage::Columns] } else { &[Stage::Columns, Stage::Money] };
        let layout = judged(&evidence, layout, stages)?;
        Ok((evidence, layout))
    };
    let found: Tried<'_> = match header::joined_with_next(sheet, row, &headers) {
        Some(joined) => with(Remark::HeaderOfTwoRows, below(row + 1, joined)),
        None => below(row, headers.clone()),
    };
    let found = match header::shifted(sheet, row, &headers) {
        Some((columns, shifted)) => with(Remark::HeadersShifted { columns }, below(row, shifted)).or(found),
        None => found,
    };
    let found = match (found, header::joined_with_above(sheet, row, &headers)) {
        // If the joined header fits no better, the refusal of the plain one says more.
        (Err(first @ (Refusal::NotSales { .. } | Refusal::NothingSold { .. })), Some(joined)) => {
            with(Remark::HeaderOfTwoRows, below(row, joined)).or(Err(first))
        }
        (found, _) => found,
    };
    let (evidence, layout) = found.map_err(|refusal| summed::refusal(sheet, row, &headers, refusal))?;
    judged(&evidence, layout, &[Stage::Table])
}

impl Layout {
    /// The layout as the names and the contents of the columns suggest it, before any judge is asked.
    fn named(evidence: &Evidence<'_>) -> Self {
        Self {
            header_row: Some(evidence.header_row),
            headers: evidence.headers.clone(),
            columns: evidence.named.clone(),
            ..Self::default()
        }
    }
}

/// A header that was tried: the table below it with its layout, or the reason why it holds no sales.
type Tried<'a> = Result<(Evidence<'a>, Layout), Refusal>;

fn with(remark: Remark, tried: Tried<'_>) -> Tried<'_> {
    tried.map(|(evidence, mut layout)| {
        layout.remarks.push(remark);
        (evidence, layout)
    })
}

/// Asks the judges of these stages in order and applies their findings. The first refusal ends it.
fn judged(evidence: &Evidence<'_>, mut layout: Layout, stages: &[Stage]) -> Result<Layout, Refusal> {
    for judge in JUDGES.iter().filter(|judge| stages.contains(&judge.of)) {
        for finding in (judge.ask)(evidence, &layout) {
            tracing::debug!(judge = judge.name, ?finding, "a judge found something about the columns");
            match finding {
                Finding::Assign { fields, proof } => {
                    // A proof holds only for the columns that it was found with.
                    layout.proof = None;
                    if fields.iter().any(|(field, _)| *field == Field::Total) {
                        layout.on_top.clear();
                    }
                    layout.columns.retain(|(field, column)| {
                        fields.iter().all(|(given, place)| given != field && *place != Some(*column))
                    });
                    layout.columns.extend(fields.into_iter().filter_map(|(field, column)| Some((field, column?))));
                    layout.remarks.extend(proof);
                }
                Finding::Days(days) => layout.title_days = days,
                Finding::PartialDays { column, rest } => {
                    layout.columns.retain(|(field, taken)| *field != Field::Date && *taken != column);
                    layout.columns.push((Field::Date, column));
                    layout.rest_of_days = Some(rest);
                    let column = evidence.header(column);
                    layout.remarks.push(Remark::PartialDays { column, year: rest.year, month: rest.month });
                }
                Finding::Sold { sold, proof } => {
                    layout.sold = sold;
                    layout.remarks.extend(proof);
                }
                Finding::Orders(orders) => layout.orders = orders,
                Finding::Returns(returns) => layout.returns = returns,
                Finding::OnTop(columns) => layout.on_top = columns,
                // A person answers one question at a time, so the first doubt counts. Only the doubt about totals
                // replaces an earlier one, because it asks whether the rows are sales at all.
                Finding::Doubt(problem @ LayoutProblem::Totals { .. }) => layout.doubt = Some(problem),
                Finding::Proven(proof) => layout.proof = Some(proof),
                Finding::Open(columns) => layout.open = columns,
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
