//! Applies the layouts that a person decided to later files with the same header.
//! See [`super::table`] for the way in which a table is recognised.

use caudal_contract::decision::{DateOrder, DecimalMark, Decision, FileDate, Remembered};
use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Remark};
use chrono::NaiveDate;

use super::evidence::Evidence;
use super::finding::Finding;
use super::judges::{below_zero, freight, kinds, orders, sold};
use super::orders::Orders;
use super::profile::Profile;
pub use super::result::Decided;
use super::result::{Layout, Returns, Sold};
use super::table::{Table, known_table};
use super::titles::is_blank;
use super::{doubt, known, period, titles};
use crate::sheet::Sheet;
use crate::value::{Conventions, Mark, number};

impl Layout {
    /// Whether the sales have a day: from a column, from titles, or from a decision.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        self.column(Field::Date).is_some() || self.given_day().is_some() || !self.title_days.is_empty()
    }

    /// The day of every sale, if a decision gives it or names the period in a title.
    #[must_use]
    pub fn given_day(&self) -> Option<NaiveDate> {
        self.decided.as_ref().and_then(|decided| decided.day)
    }

    /// The first row of sales. `None` for the API, because it sends nothing but sales.
    #[must_use]
    pub fn first_row(&self) -> Option<usize> {
        let headerless = self.decided.as_ref().is_some_and(|decided| decided.headerless);
        self.header_row.map(|row| row + 1).or(headerless.then_some(0))
    }

    /// The configured conventions, overridden by the decisions for this table.
    #[must_use]
    pub fn conventions(&self, configured: &Conventions) -> Conventions {
        let Some(decided) = &self.decided else { return *configured };
        Conventions {
            mark: decided.mark.unwrap_or(configured.mark),
            day_first: decided.day_first.unwrap_or(configured.day_first),
            ..*configured
        }
    }
}

/// The reason that a sheet has no layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmapped {
    /// It holds no sales, or its sales cannot be read.
    Refused(Refusal),
    /// It may hold sales, but the meaning of its columns is unclear.
    Doubtful(LayoutProblem),
    /// A layout is remembered for its header but does not fit its contents.
    Misfit(LayoutProblem),
    /// Its columns have the right names, but their contents contradict them.
    Contradicted {
        /// The contradiction.
        problem: LayoutProblem,
        /// Whether its sales have a day. `false` if they may be totals.
        dated: bool,
    },
}

/// The layout of a sheet: the decision if the header is known, otherwise the layout that the rules find. If they find
/// none but the sheet may hold sales, a decision for a table without a header may still apply to it.
///
/// # Errors
/// [`Unmapped`].
pub fn find(sheet: &Sheet, known: &[Remembered]) -> Result<Layout, Unmapped> {
    if let Some((table, remembered)) = known_table(sheet, known) {
        return applied(sheet, &table, remembered);
    }
    let refusal = match super::find(sheet) {
        Ok(mut layout) => {
            return match layout.doubt.take() {
                Some(problem) => {
                    let dated = layout.is_dated() && !matches!(problem, LayoutProblem::Totals { .. });
                    Err(Unmapped::Contradicted { problem, dated })
                }
                None => Ok(layout),
            };
        }
        Err(refusal) => refusal,
    };
    let Some(problem) = doubt::problem(sheet, &refusal) else { return Err(Unmapped::Refused(refusal)) };
    let table = Table::without_header(sheet);
    match table.lookup(sheet, known) {
        Some(remembered) => applied(sheet, &table, remembered),
        None => Err(Unmapped::Doubtful(problem)),
    }
}

fn applied(sheet: &Sheet, table: &Table, remembered: &Remembered) -> Result<Layout, Unmapped> {
    let mut layout = apply(sheet, table, remembered).map_err(|problem| match problem {
        LayoutProblem::NoRows => Unmapped::Refused(Refusal::NoRows),
        problem => Unmapped::Misfit(problem),
    })?;
    layout.remarks.insert(0, Remark::LayoutApplied { by: remembered.by.clone(), at: remembered.at });
    Ok(layout)
}

/// Whether a decision is for a table of this sheet.
#[must_use]
pub fn is_for(remembered: &Remembered, sheet: &Sheet) -> bool {
    let known = std::slice::from_ref(remembered);
    known_table(sheet, known).is_some() || Table::without_header(sheet).lookup(sheet, known).is_some()
}

/// Checks that a decision is complete and assigns no field twice. It does not need the file.
///
/// # Errors
/// [`LayoutProblem`].
pub fn check(decision: &Decision) -> Result<(), LayoutProblem> {
    for field in Field::ALL {
        let columns: Vec<String> = decision.columns_of(*field).map(|column| column.header.clone()).collect();
        if columns.len() > 1 {
            return Err(LayoutProblem::Twice { field: *field, columns });
        }
    }
    let mut missing = Vec::new();
    if sold_by(|field| decision.has(&[field])).is_none() {
        missing.push(Field::Product);
    }
    if !decision.has(&[Field::Total, Field::UnitPrice]) {
        missing.push(Field::Total);
    }
    if !decision.has(&[Field::Date]) && decision.date.is_none() {
        missing.push(Field::Date);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let headers = decision.columns.iter().map(|column| column.header.clone());
    Err(LayoutProblem::Missing { missing, found: headers.filter(|header| !header.is_empty()).collect() })
}

/// The source of the name of the thing sold, given the fields that have a column.
fn sold_by(has: impl Fn(Field) -> bool) -> Option<Sold> {
    if has(Field::Product) || has(Field::Sku) {
        Some(Sold::Product)
    } else if has(Field::Category) {
        Some(Sold::Category)
    } else if has(Field::OrderId) {
        Some(Sold::Order)
    } else {
        None
    }
}

/// Applies a decision to the table if the contents of the columns fit their fields.
fn apply(sheet: &Sheet, table: &Table, remembered: &Remembered) -> Result<Layout, LayoutProblem> {
    let decision = &remembered.decision;
    check(decision)?;
    let first_row = table.first_row();
    if (first_row..sheet.rows).all(|row| is_blank(sheet, row)) {
        return Err(LayoutProblem::NoRows);
    }
    let mut columns = Vec::new();
    let mut empty = None;
    for (index, column) in decision.columns.iter().enumerate() {
        let Some(field) = column.field else { continue };
        let place = table.first + index;
        let profile = Profile::of(sheet, place, first_row);
        let unfit = |value: String| LayoutProblem::Unfit { field, column: column.header.clone(), value };
        if !field.is_measured() || profile.filled > 0 && profile.fits(field) {
            columns.push((field, place));
        } else if profile.filled == 0 {
            // A later file may leave a column blank, as long as the others give a day and an amount.
            empty.get_or_insert_with(|| unfit(String::new()));
        } else {
            return Err(unfit(misfit(sheet, place, first_row, field)));
        }
    }
    let has = |field: Field| columns.iter().any(|(other, _)| *other == field);
    let dated = has(Field::Date) || decision.date.is_some();
    if let Some(problem) = empty.filter(|_| !dated || !has(Field::Total) && !has(Field::UnitPrice)) {
        return Err(problem);
    }
    let mut headers = vec![String::new(); table.first];
    headers.extend(table.headers.iter().cloned());
    let names_sold = sold_by(has).unwrap_or_default();
    let mut layout = Layout { header_row: table.header_row, headers, columns, sold: names_sold, ..Layout::default() };
    let day = match decision.date {
        _ if layout.column(Field::Date).is_some() => None,
        Some(FileDate::Day(day)) => Some(day),
        Some(FileDate::Title) => {
            layout.title_days = titles::days(sheet, &layout);
            let day_first = decision.date_order != Some(DateOrder::MonthFirst);
            match period::last_day(sheet, first_row, day_first) {
                _ if !layout.title_days.is_empty() => None,
                Some(day) => Some(day),
                None => return Err(LayoutProblem::NoPeriod),
            }
        }
        Some(FileDate::Arrival) | None => None,
    };
    layout.decided = Some(Decided {
        fingerprint: remembered.fingerprint.clone(),
        day,
        mark: decision.decimal_mark.map(|mark| match mark {
            DecimalMark::Comma => Mark::Comma,
            DecimalMark::Point => Mark::Point,
        }),
        day_first: decision.date_order.map(|order| order == DateOrder::DayFirst),
        only_sheet: decision.sheet.is_some(),
        headerless: !decision.has_header,
    });
    layout.remarks.extend(sold::remark(&layout, names_sold));
    settle_orders(sheet, &mut layout);
    if let Some(day) = day {
        layout.remarks.push(Remark::DateGiven { day, in_title: decision.date == Some(FileDate::Title) });
    }
    Ok(layout)
}

/// Adds to a decided layout what the rows themselves say about whole orders: values that stand on first lines only,
/// freight inside the total, returns, a total of a known export from which its discount has to come off. Nobody is asked
/// about these. A discount or a refund that a person left out stays out.
fn settle_orders(sheet: &Sheet, layout: &mut Layout) {
    let Some(header_row) = layout.header_row else { return };
    let evidence = Evidence::of(sheet, header_row, layout.headers.clone());
    let found = [freight::ask, kinds::ask, below_zero::ask, orders::ask].map(|ask| ask(&evidence, layout));
    let mut is_other = false;
    for finding in found.into_iter().flatten() {
        match finding {
            // The judges would take another total than the person named.
            Finding::Assign { fields, .. } => {
                is_other |= fields.iter().any(|(field, column)| layout.column(*field) != *column);
            }
            Finding::OnTop(columns) if !is_other => layout.on_top = columns,
            Finding::Returns(Returns { kinds, by_quantity }) => {
                layout.returns.kinds = kinds.or(layout.returns.kinds.take());
                layout.returns.by_quantity |= by_quantity;
            }
            Finding::Orders(found) => {
                let named = layout.column(Field::Discount);
                let discount = found.discount.filter(|discount| discount.proofs > 0 && Some(discount.column) == named);
                layout.orders = Orders { shared: found.shared, beside: found.beside, discount, ..Orders::default() };
            }
            _ => {}
        }
    }
    layout.known = known::total_before_discount(&evidence, layout);
}

/// The first value that does not fit the field.
fn misfit(sheet: &Sheet, column: usize, first_row: usize, field: Field) -> String {
    let mut values = (first_row..sheet.rows).filter_map(|row| sheet.shown(row, column));
    let is_unfit = |value: &String| match field {
        Field::Date => !crate::value::date::looks_like_date(value.trim()),
        Field::Time => !crate::value::date::looks_like_time(value.trim()),
        _ => !number::looks_numeric(value.trim()),
    };
    values.find(is_unfit).unwrap_or_default().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use caudal_contract::decision::DecidedColumn;
    use chrono::DateTime;

    use crate::layout::table::fingerprint;

    use super::*;

    fn sheet(text: &str) -> Sheet {
        crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)
    }

    #[test]
    fn a_decided_layout_knows_the_values_that_stand_once_for_an_order() {
        let text = "Pedido;Dia X;Cliente;Produto;Total;Status\n1;01/03/2026;Ana;A;10,00;Cancelado\n1;;;B;5,00;\n2;02/03/2026;Bia;A;10,00;Pago\n2;;;B;5,00;\n";
        let columns = [
            ("Pedido", Some(Field::OrderId)),
            ("Dia X", Some(Field::Date)),
            ("Cliente", Some(Field::Customer)),
            ("Produto", Some(Field::Product)),
            ("Total", Some(Field::Total)),
            ("Status", Some(Field::Status)),
        ];
        let found = find(&sheet(text), &remembered(decision(&columns))).unwrap();
        assert_eq!(found.orders.shared, [2, 5]);
    }

    #[test]
    fn the_discount_of_a_known_export_comes_off_the_decided_total() {
        const HEADERS: [&str; 7] = [
            "amazon-order-id",
            "purchase-date",
            "order-status",
            "product-name",
            "quantity",
            "item-price",
            "item-promotion-discount",
        ];
        use Field::{Date, Discount, OrderId, Product, Quantity, Status, Total};
        let text = format!("{}\n1;2026-03-01;Shipped;Mug;2;20.00;5.00\n", HEADERS.join(";"));
        let is_before_discount = |discount: Option<Field>| {
            let fields = [OrderId, Date, Status, Product, Quantity, Total].map(Some).into_iter().chain([discount]);
            let columns: Vec<_> = HEADERS.into_iter().zip(fields).collect();
            let found = find(&sheet(&text), &remembered(decision(&columns))).unwrap();
            found.known.is_some_and(|known| known.total_is_before_discount)
        };
        assert!(is_before_discount(Some(Discount)) && !is_before_discount(None));
    }

    fn decision(columns: &[(&str, Option<Field>)]) -> Decision {
        Decision {
            sheet: None,
            has_header: true,
            decimal_mark: None,
            date_order: None,
            date: None,
            columns: columns
                .iter()
                .map(|(header, field)| DecidedColumn { header: (*header).to_owned(), field: *field, holds: None })
                .collect(),
        }
    }

    fn remembered(decision: Decision) -> Vec<Remembered> {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        vec![Remembered { fingerprint: fingerprint(&decision), decision, by: "ana".to_owned(), at }]
    }

    #[test]
    fn a_decision_is_applied_where_its_headers_stand_again_also_below_titles() {
        let known = remembered(decision(&[
            ("Kto", Some(Field::Date)),
            ("Co", Some(Field::Product)),
            ("Ile %", None),
            ("Suma", Some(Field::Total)),
        ]));
        let layout = find(&sheet("Loja;;;;\n;kto;CO ;ile;suma\n;01/03/2026;Café;2;10,00\n"), &known).unwrap();
        assert_eq!(layout.header_row, Some(1));
        assert_eq!((layout.column(Field::Date), layout.column(Field::Total)), (Some(1), Some(4)));
        assert!(matches!(&layout.remarks[0], Remark::LayoutApplied { by, .. } if by == "ana"));
        let other = find(&sheet("kto;co;suma\n01/03/2026;Café;10,00\n"), &known).unwrap_err();
        assert!(matches!(other, Unmapped::Doubtful(_)), "{other:?}");
    }

    #[test]
    fn a_table_without_headers_is_known_by_what_its_columns_hold() {
        let file = sheet("01/03/2026;Café;2;10,00\n02/03/2026;Chá;1;5,00\n");
        assert!(matches!(find(&file, &[]), Err(Unmapped::Doubtful(LayoutProblem::NoHeader))));
        let table = Table::without_header(&file);
        let mut columns = table.columns(&file);
        for (column, field) in columns.iter_mut().zip([Field::Date, Field::Product, Field::Quantity, Field::Total]) {
            column.field = Some(field);
        }
        let known = remembered(Decision { has_header: false, columns, ..decision(&[]) });
        let layout = find(&sheet("05/04/2026;Pão;3;9,00\n"), &known).unwrap();
        assert_eq!((layout.header_row, layout.first_row()), (None, Some(0)));
        assert_eq!(layout.header(Field::Product), Some("B"));
        assert!(find(&sheet("Pão;05/04/2026;3;9,00\n"), &known).is_err(), "columns in another order");
    }

    #[test]
    fn a_column_of_texts_is_no_total() {
        let known =
            remembered(decision(&[("a", Some(Field::Date)), ("b", Some(Field::Total)), ("c", Some(Field::Product))]));
        assert_eq!(
            find(&sheet("a;b;c\n01/03/2026;Ana;Café\n"), &known).unwrap_err(),
            Unmapped::Misfit(LayoutProblem::Unfit {
                field: Field::Total,
                column: "b".to_owned(),
                value: "Ana".to_owned()
            })
        );
    }

    #[test]
    fn what_every_sale_needs_must_be_decided() {
        let missing = |decision: &Decision| match check(decision) {
            Err(LayoutProblem::Missing { missing, .. }) => missing,
            other => panic!("{other:?}"),
        };
        let mut half = decision(&[("a", Some(Field::Product)), ("b", Some(Field::UnitPrice))]);
        assert_eq!(missing(&half), [Field::Date]);
        half.date = Some(FileDate::Arrival);
        assert_eq!(check(&half), Ok(()));
        assert_eq!(missing(&decision(&[("a", None)])), [Field::Product, Field::Total, Field::Date]);
        let twice = decision(&[("a", Some(Field::Total)), ("b", Some(Field::Total))]);
        assert!(matches!(check(&twice), Err(LayoutProblem::Twice { field: Field::Total, .. })));
    }
}
