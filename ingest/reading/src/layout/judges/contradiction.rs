//! Finds columns that contradict their names: quantity times price is not the total and nothing else explains the
//! difference, or one of them is the product of two others. Then values may stand below the wrong headers, and a sum of
//! them means nothing. It also finds discounts that leave the money unclear.

use std::collections::HashMap;

use caudal_contract::field::Field;
use caudal_contract::notice::LayoutProblem;

use crate::layout::evidence::{Agreement, Evidence, FEWEST, ONE, agreement};
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::layout::table::letters;
use crate::value::number::{self, MONEY, PRICE, QUANTITY};
use crate::words::amounts::GROSS;
use crate::words::words_of;

/// Most columns of numbers that are looked at besides the assigned ones.
const MOST_COLUMNS: usize = 40;
/// Doubts the layout if the evidence contradicts it.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    contradiction(evidence, layout).map(Finding::Doubt).into_iter().collect()
}

fn contradiction(evidence: &Evidence<'_>, layout: &Layout) -> Option<LayoutProblem> {
    if let Some(problem) = discount_left_on(evidence, layout).or_else(|| discount_unclear(evidence, layout)) {
        return Some(problem);
    }
    let quantity = layout.column(Field::Quantity);
    let price = layout.column(Field::UnitPrice);
    let total = layout.column(Field::Total);
    let factors = match (quantity, price, total) {
        (Some(quantity), Some(price), Some(total)) => {
            return amounts_differ(evidence, layout, [quantity, price, total]);
        }
        (Some(factor), Some(money), None) | (Some(factor), None, Some(money)) | (None, Some(factor), Some(money)) => {
            [factor, money]
        }
        _ => return None,
    };
    product_of(evidence, layout, factors)
}

/// Finds a total that is called gross beside a column of discounts. If a net total could be proved, an earlier judge
/// has assigned it already.
fn discount_left_on(evidence: &Evidence<'_>, layout: &Layout) -> Option<LayoutProblem> {
    let (total, discount) = (layout.header(Field::Total)?, layout.column(Field::Discount)?);
    let is_gross = GROSS.has_any(&words_of(total));
    let some = || evidence.read(discount, PRICE).iter().flatten().any(|off| *off != 0);
    let problem = || LayoutProblem::GrossTotal { total: total.to_owned(), discount: header_of(layout, discount) };
    (is_gross && some()).then(problem)
}

/// Finds a discount such as "0,50" if the money depends on it: it may mean half a real, or half of the price.
fn discount_unclear(evidence: &Evidence<'_>, layout: &Layout) -> Option<LayoutProblem> {
    let column = layout.column(Field::Discount).filter(|_| layout.column(Field::Total).is_none())?;
    let cells = evidence.sheet.columns.get(column)?;
    let header = header_of(layout, column);
    let is_unclear = !header.contains('%') && number::is_below_one_with_cents(cells, &evidence.rows);
    is_unclear.then_some(LayoutProblem::DiscountUnclear { column: header })
}

/// Finds a total that differs from quantity times price on most rows without a reason. A reason is a discount, freight
/// or tax, another column, a share or an amount that is always the same, or a difference that may be a discount without
/// a column.
fn amounts_differ(
    evidence: &Evidence<'_>,
    layout: &Layout,
    [quantity, price, total]: [usize; 3],
) -> Option<LayoutProblem> {
    let quantities = evidence.read(quantity, QUANTITY);
    let (prices, totals) = (evidence.read(price, PRICE), evidence.read(total, MONEY));
    let rows: Vec<Compared> = quantities
        .iter()
        .zip(&prices)
        .zip(&totals)
        .enumerate()
        .filter_map(|(index, ((quantity, price), total))| {
            let gross = i128::from((*quantity)?) * i128::from((*price)?) / 1_000_000;
            let total = (*total)?;
            (gross != 0 && total != 0).then(|| Compared { index, gross, total: i128::from(total) })
        })
        .collect();
    let mut open: Vec<Compared> = rows.iter().copied().filter(|row| !row.is_explained_by(0)).collect();
    if open.len() < FEWEST || open.len() * 2 <= rows.len() {
        return None;
    }
    // Price and total may have changed places.
    let as_prices = evidence.read(total, PRICE);
    let swapped = agreement(&quantities, &as_prices, &evidence.read(price, MONEY));
    if swapped.proves() {
        return Some(LayoutProblem::ProductOf {
            factors: [header_of(layout, quantity), header_of(layout, total)],
            product: header_of(layout, price),
            rows: swapped.agreeing as u64,
            of: swapped.compared as u64,
        });
    }
    let others = others(evidence, &[quantity, price, total]);
    let amounts: Vec<Vec<Option<i64>>> = others.into_iter().map(|column| evidence.read(column, PRICE)).collect();
    let on_top: Vec<&Vec<Option<i64>>> = amounts.iter().filter(|amounts| explains_most(amounts, &open)).collect();
    open.retain(|row| !on_top.iter().any(|amounts| row.is_explained_by_cell(amounts)));
    open.retain(|row| !on_top_together(layout, evidence, row));
    if open.len() < FEWEST
        || open.len() * 2 <= rows.len()
        || is_always_the_same_part(&open)
        || is_always_the_same_amount(&open)
        || may_be_net(&open)
    {
        return None;
    }
    let header = |column: usize| header_of(layout, column);
    let first = open.first().and_then(|row| evidence.rows.get(row.index))?;
    Some(LayoutProblem::AmountsDiffer {
        quantity: header(quantity),
        unit_price: header(price),
        total: header(total),
        rows: open.len() as u64,
        of: rows.len() as u64,
        row: u32::try_from(first + 1).unwrap_or(u32::MAX),
    })
}

/// Quantity times price of a row, and its total, in cents.
#[derive(Debug, Clone, Copy)]
struct Compared {
    index: usize,
    gross: i128,
    total: i128,
}

impl Compared {
    /// Whether the total is quantity times price plus this amount, apart from rounding.
    fn is_explained_by(&self, on_top: i128) -> bool {
        let difference = (self.total - self.gross - on_top).abs();
        difference <= 2 || difference * 500 <= self.gross.abs()
    }

    /// Whether the total is between half of quantity times price and a third more. Values below wrong headers are
    /// seldom that near.
    fn may_be_net(&self) -> bool {
        let (gross, total) = (self.gross.abs(), self.total.abs());
        self.gross.signum() == self.total.signum() && total * 2 >= gross && total * 3 <= gross * 4
    }

    /// Whether a cell of the row explains the difference: as an amount, a share or a percentage on top or off, or as a
    /// third factor.
    fn is_explained_by_cell(&self, amounts: &[Option<i64>]) -> bool {
        let Some(raw) = amounts.get(self.index).copied().flatten().filter(|raw| *raw != 0).map(i128::from) else {
            return false;
        };
        let (amount, part, percentage) = (raw / 100, self.gross * raw / 10_000, self.gross * raw / 1_000_000);
        // The third factor may be an exchange rate, or the number of pieces in a box.
        let times = part - self.gross;
        [amount, part, percentage, times]
            .into_iter()
            .any(|on_top| self.is_explained_by(on_top) || self.is_explained_by(-on_top))
    }
}

/// Whether a column explains at least nine of ten of the rows in which it holds an amount.
fn explains_most(amounts: &[Option<i64>], open: &[Compared]) -> bool {
    let holds = |row: &&Compared| amounts.get(row.index).copied().flatten().is_some_and(|raw| raw != 0);
    open.iter().filter(holds).map(|row| row.is_explained_by_cell(amounts)).collect::<Agreement>().proves()
}

/// Whether discount, freight and tax explain the difference together.
fn on_top_together(layout: &Layout, evidence: &Evidence<'_>, row: &Compared) -> bool {
    let Some(line) = evidence.rows.get(row.index) else { return false };
    let amount = |field: Field| -> i128 {
        let cents = layout.column(field).and_then(|column| evidence.cell(column, *line, MONEY));
        i128::from(cents.unwrap_or(0))
    };
    let (off, freight, tax) = (amount(Field::Discount).abs(), amount(Field::Freight), amount(Field::Tax));
    [freight - off, tax - off, freight + tax - off, freight + tax]
        .into_iter()
        .any(|on_top| on_top != 0 && row.is_explained_by(on_top))
}

/// Whether the totals are few different shares of quantity times price. Either one share explains four of five totals,
/// because it is a tax or another currency. Or the most frequent shares do so together, if they are in the range of
/// discounts and taxes: at most one share for every four rows, and six in all.
fn is_always_the_same_part(rows: &[Compared]) -> bool {
    const MOST_PARTS: usize = 6;
    const TRIED: usize = 64;
    let mut left: Vec<Compared> = rows.to_vec();
    // The largest amount gives the most exact share, because rounding matters least there.
    left.sort_by_key(|row| std::cmp::Reverse(row.gross.abs()));
    let mut sizes = Vec::new();
    while let (Some(largest), true) = (left.first().copied(), sizes.len() < TRIED) {
        let before = left.len();
        let may_be_discount = largest.may_be_net();
        left.retain(|row| {
            let expected = row.gross * largest.total / largest.gross;
            let difference = (row.total - expected).abs();
            difference > 1 && difference * 500 > expected.abs()
        });
        sizes.push((before - left.len(), may_be_discount));
    }
    sizes.sort_unstable_by_key(|size| std::cmp::Reverse(*size));
    let explains = |agreeing: usize| (Agreement { agreeing, compared: rows.len() }).is_four_of_five();
    let parts = (rows.len() / 4).clamp(1, MOST_PARTS);
    let discounts = sizes.iter().filter(|(_, may_be_discount)| *may_be_discount).take(parts);
    sizes.first().is_some_and(|(most, _)| explains(*most)) || explains(discounts.map(|(size, _)| size).sum())
}

/// Whether the difference is the same amount on four of five rows, as with a coupon or a freight.
fn is_always_the_same_amount(rows: &[Compared]) -> bool {
    let mut counts: HashMap<i128, usize> = HashMap::new();
    for row in rows {
        *counts.entry(row.total - row.gross).or_default() += 1;
    }
    counts.values().any(|count| (Agreement { agreeing: *count, compared: rows.len() }).is_four_of_five())
}

/// Whether nine of ten totals may include discounts, taxes and freights that have no column.
fn may_be_net(rows: &[Compared]) -> bool {
    rows.iter().map(Compared::may_be_net).collect::<Agreement>().is_nine_of_ten()
}

/// Finds a column with the wrong name. If the other factor times the total is a third column, the total is a unit
/// price. If the quantity times a third column is the price, the price is a total.
fn product_of(evidence: &Evidence<'_>, layout: &Layout, [factor, money]: [usize; 2]) -> Option<LayoutProblem> {
    let is_total = layout.column(Field::Total) == Some(money);
    let (a, b, product, Agreement { agreeing, compared }) =
        others(evidence, &[factor, money]).into_iter().find_map(|other| {
            let (b, product) = if is_total { (money, other) } else { (other, money) };
            let agreement = agreement_without_ones(evidence, factor, b, product);
            agreement.proves().then_some((factor, b, product, agreement))
        })?;
    Some(LayoutProblem::ProductOf {
        factors: [header_of(layout, a), header_of(layout, b)],
        product: header_of(layout, product),
        rows: agreeing as u64,
        of: compared as u64,
    })
}

fn agreement_without_ones(evidence: &Evidence<'_>, a: usize, b: usize, product: usize) -> Agreement {
    let factors = evidence.read(a, QUANTITY);
    let others: Vec<Option<i64>> =
        evidence.read(b, PRICE).into_iter().map(|other| other.filter(|other| *other != ONE && *other != 0)).collect();
    agreement(&factors, &others, &evidence.read(product, MONEY))
}

/// Columns of numbers besides the `taken` ones. Columns that count the rows are left out.
pub(super) fn others(evidence: &Evidence<'_>, taken: &[usize]) -> Vec<usize> {
    let columns = evidence.profiles.iter().enumerate().filter(|(column, profile)| {
        !taken.contains(column) && profile.filled > 0 && profile.fits(Field::Total) && !profile.counts_rows()
    });
    columns.map(|(column, _)| column).take(MOST_COLUMNS).collect()
}

/// The header of a column, or its letter if it has no header.
fn header_of(layout: &Layout, column: usize) -> String {
    layout.headers.get(column).filter(|header| !header.is_empty()).cloned().unwrap_or_else(|| letters(column))
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::find;

    fn doubt(text: &str) -> Option<LayoutProblem> {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().doubt
    }

    /// Rows with a day, a product and these cells.
    fn rows(header: &str, cells: &[&str]) -> String {
        let line = |(index, cells): (usize, &&str)| format!("{:02}/03/2026;P{};{cells}\n", index + 1, index % 3);
        format!("Data;Produto;{header}\n{}", cells.iter().enumerate().map(line).collect::<String>())
    }

    #[test]
    fn values_below_the_wrong_headers_are_doubted() {
        let text = rows(
            "Cor;Quantidade;Preço;Total",
            &["3;9,90;29,70;17", "2;5,50;11,00;18", "4;18,00;72,00;17", "5;7,25;36,25;9"],
        );
        let Some(LayoutProblem::AmountsDiffer { quantity, unit_price, total, rows, of, row }) = doubt(&text) else {
            panic!("no doubt")
        };
        assert_eq!([quantity.as_str(), &unit_price, &total], ["Quantidade", "Preço", "Total"]);
        assert_eq!((rows, of, row), (4, 4, 2));
    }

    #[test]
    fn a_price_and_a_total_that_changed_places_are_doubted() {
        let text = rows("Quantidade;Preço;Total", &["3;30,00;10,00", "2;10,00;5,00", "3;60,00;20,00", "2;16,00;8,00"]);
        assert!(matches!(doubt(&text), Some(LayoutProblem::ProductOf { product, .. }) if product == "Preço"));
    }

    #[test]
    fn a_tax_a_freight_or_a_discount_explains_another_total() {
        for (header, cells) in [
            ("Quantidade;Preço;Total", ["3;10,00;31,50", "2;5,00;10,50", "7;20,00;147,00", "4;8,00;33,60"]),
            ("Quantidade;Preço;Frete;Total", ["3;10,00;9;39,00", "2;5,00;40;50,00", "7;20,00;12;152", "4;8;30;62,00"]),
            ("Quantidade;Preço;Taxa X;Total", ["3;10,00;9;39,00", "2;5,00;40;50,00", "7;20,00;12;152", "4;8;30;62,00"]),
            ("Quantidade;Preço;Total", ["3;10,00;20,00", "2;4,00;-2,00", "7;20,00;130,00", "4;3,00;2,00"]),
            ("Quantidade;Preço;Cotação;Total", ["3;10;5,1;153", "2;4;5,2;41,60", "7;20;5,3;742", "4;3;5,4;64,80"]),
            ("Quantidade;Preço;Desconto;Total", ["3;10;10%;27", "2;5;20%;8", "7;20;5%;133", "4;8;50%;16"]),
            ("Quantidade;Preço;Total", ["3;10,00;27,10", "2;5,00;9,00", "7;20,00;121,00", "4;8,00;31,00"]),
        ] {
            assert_eq!(doubt(&rows(header, &cells)), None, "{header}");
        }
    }

    #[test]
    fn a_discount_that_may_be_money_or_a_part_is_doubted_where_it_decides() {
        let cells = |off: &str| [format!("2;5,00;{off}"), format!("3;3,00;{off}"), "1;5,00;0,00".to_owned()];
        let sheet = |off: &str| rows("Qtd;Preço;Desconto", &cells(off).each_ref().map(String::as_str));
        assert!(matches!(doubt(&sheet("0,50")), Some(LayoutProblem::DiscountUnclear { .. })));
        for clear in ["0,5", "0,05", "1,50", "10%"] {
            assert_eq!(doubt(&sheet(clear)), None, "{clear}");
        }
    }

    #[test]
    fn a_gross_total_beside_discounts_is_doubted() {
        let sheet =
            |off: &str| rows("Qtd;Desconto;Total Bruto", &[format!("2;{off};10,00").as_str(), "3;0;9,00", "1;0;5,00"]);
        assert!(matches!(doubt(&sheet("0,50")), Some(LayoutProblem::GrossTotal { .. })));
        assert_eq!(doubt(&sheet("0")), None);
    }

    #[test]
    fn a_total_that_makes_a_column_without_a_header_is_the_price_of_one() {
        let text = "Data;Produto;Preço;Total;\n01/03/2026;A;3;9,90;29,70\n02/03/2026;B;2;5,50;11,00\n03/03/2026;A;4;18,00;72,00\n";
        let Some(LayoutProblem::ProductOf { factors, product, .. }) = doubt(text) else { panic!("no doubt") };
        assert_eq!((factors, product.as_str()), (["Preço".to_owned(), "Total".to_owned()], "E"));
    }

    #[test]
    fn a_price_that_is_made_of_the_quantity_and_another_column_is_doubted() {
        let text = rows("Lote;Quantidade;Preço", &["3;9,90;29,70", "2;5,50;11,00", "4;18,00;72,00", "5;7,25;36,25"]);
        assert!(matches!(doubt(&text), Some(LayoutProblem::ProductOf { product, .. }) if product == "Preço"));
        for header in ["Valor Tabela;Quantidade;Total", "Preço;Quantidade;Razem"] {
            assert_eq!(doubt(&rows(header, &["9,90;3;29,70", "5,50;2;11,00", "18,00;4;72,00"])), None, "{header}");
        }
    }
}
