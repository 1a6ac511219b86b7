//! Finds rows that sum up other rows under any name: "Vendas do dia", "Faturamento", the name of a group.
//!
//! Such a row leaves cells blank that the sales fill (the order, the customer, often the day), and its amount is exactly
//! the sum of the sales above it, or below it, up to the next row of its kind. One row alone may be chance, so all rows
//! with the same blank cells have to agree. A row that is called a sum needs no others.

use std::collections::HashSet;

use caudal_contract::field::Field;
use caudal_contract::text::folded;

use crate::layout::Layout;
use crate::sheet::{Column, Sheet};
use crate::value::number::{self, MONEY, Mark, MarkDecision};
use crate::words::totals::NAMES_OF_SUMS;

/// Fewest sales in one group that prove a sum by themselves. Two amounts have the sum of a third too often.
const FEWEST_IN_ONE: usize = 3;
/// Fewest groups of several sales that prove it although a sale has the same product as one of the sums.
const FEWEST_SHARED: usize = 3;
/// Most columns whose blank cells are compared.
const MOST_COLUMNS: usize = 64;

/// The rows that sum up others, in their order. `rows` are the filled rows below the header.
pub(super) fn rows(sheet: &Sheet, layout: &Layout, rows: &[usize], fallback: Mark) -> Vec<usize> {
    let Some(cells) = layout.column(Field::Total).and_then(|column| sheet.columns.get(column)) else {
        return Vec::new();
    };
    let keys: Vec<&Column> = layout
        .columns
        .iter()
        .filter(|(field, _)| !field.is_number())
        .filter_map(|(_, column)| sheet.columns.get(*column))
        .take(MOST_COLUMNS)
        .collect();
    let blanks: Vec<u64> = rows.iter().map(|row| blanks(&keys, *row)).collect();
    let Some(usual) = most_frequent(&blanks) else { return Vec::new() };
    // A row that sums up others has the blanks of a sale and more.
    let is_suspect = |blanks: u64| blanks != usual && blanks & usual == usual;
    if !blanks.iter().any(|blanks| is_suspect(*blanks)) {
        return Vec::new();
    }
    let decision = MarkDecision::of_money(cells, rows, || None, fallback);
    let amounts: Vec<Option<i64>> =
        rows.iter().map(|row| number::of_cell(cells, *row, decision, MONEY).ok().flatten()).collect();
    let mut kinds: Vec<u64> = blanks.iter().copied().filter(|blanks| is_suspect(*blanks)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut found = Vec::new();
    for kind in kinds {
        let suspects: Vec<usize> = (0..rows.len())
            .filter(|index| blanks.get(*index) == Some(&kind) && amounts.get(*index) != Some(&None))
            .collect();
        let sales: Vec<Option<i64>> =
            blanks.iter().zip(&amounts).map(|(blanks, amount)| amount.filter(|_| !is_suspect(*blanks))).collect();
        let named_like_sales = || shares_a_name(sheet, layout, rows, &suspects, &sales);
        let named_like_sums =
            || suspects.iter().filter_map(|index| rows.get(*index)).all(|row| is_called_a_sum(&keys, *row));
        // Sums that are called sums may be as many as the sales.
        let are_few = suspects.len() * 2 < rows.len() || suspects.len() * 2 == rows.len() && named_like_sums();
        if are_few && sum_up(&suspects, &sales, &amounts, named_like_sales, named_like_sums) {
            found.extend(suspects.iter().filter_map(|index| rows.get(*index)));
        }
    }
    found.sort_unstable();
    found
}

/// One bit for each blank cell of a row.
fn blanks(keys: &[&Column], row: usize) -> u64 {
    keys.iter().enumerate().fold(0, |bits, (bit, cells)| bits | u64::from(cells.is_blank(row)) << bit)
}

/// The most frequent blanks, and among equals those of the fullest rows.
fn most_frequent(blanks: &[u64]) -> Option<u64> {
    let mut sorted = blanks.to_vec();
    sorted.sort_unstable();
    let same = sorted.chunk_by(|a, b| a == b).filter_map(|same| Some((same.len(), *same.first()?)));
    same.max_by_key(|(rows, blanks)| (*rows, std::cmp::Reverse(blanks.count_ones()))).map(|(_, blanks)| blanks)
}

/// Whether the amounts of the suspects are the sums of the sales above them, of all sales above them, or of the sales
/// below them: of nine of ten, and of each if they are fewer.
fn sum_up(
    suspects: &[usize],
    sales: &[Option<i64>],
    amounts: &[Option<i64>],
    named_like_sales: impl Fn() -> bool,
    named_like_sums: impl Fn() -> bool,
) -> bool {
    let starts = std::iter::once(0).chain(suspects.iter().map(|index| index + 1));
    let above = starts.zip(suspects).map(|(start, end)| (start, *end));
    let ends = suspects.iter().copied().skip(1).chain([sales.len()]);
    let below = suspects.iter().zip(ends).map(|(start, end)| (start + 1, end));
    let all = suspects.iter().map(|end| (0, *end));
    // The sums and the numbers of the sales before each row, so that a large group costs no more than a small one.
    let mut before = Vec::with_capacity(sales.len() + 1);
    before.push((0_i64, 0_usize));
    for sale in sales {
        let (sum, rows) = before.last().copied().unwrap_or_default();
        before.push((sum.saturating_add(sale.unwrap_or(0)), rows + usize::from(sale.is_some())));
    }
    let agree = |groups: Vec<(usize, usize)>| {
        let (mut agreeing, mut of_several, mut largest) = (0, 0, 0);
        for ((start, end), suspect) in groups.into_iter().zip(suspects) {
            let (Some((sum_before, rows_before)), Some((sum, rows))) = (before.get(start), before.get(end.max(start)))
            else {
                continue;
            };
            let (sum, rows) = (sum - sum_before, rows - rows_before);
            let Some(said) = amounts.get(*suspect).copied().flatten() else { continue };
            // Each row may have been rounded by half a cent.
            let slack = 1 + i64::try_from(rows / 2).unwrap_or(0);
            if rows > 0 && (said - sum).abs() <= slack {
                agreeing += 1;
                of_several += usize::from(rows > 1);
                largest = largest.max(rows);
            }
        }
        agreeing * 10 >= suspects.len() * 9
            && (of_several >= FEWEST_SHARED
                || (of_several > 1 || largest >= FEWEST_IN_ONE) && !named_like_sales()
                || agreeing > 0 && named_like_sums())
    };
    agree(above.collect()) || agree(below.collect()) || agree(all.collect())
}

/// Whether the only text of the row calls it a sum, as in "Fechamento de caixa".
fn is_called_a_sum(keys: &[&Column], row: usize) -> bool {
    let mut filled = keys.iter().filter(|cells| !cells.is_blank(row));
    let (Some(only), None) = (filled.next(), filled.next()) else { return false };
    only.text(row).is_some_and(|text| folded(text).split(' ').any(|word| NAMES_OF_SUMS.has(word)))
}

/// Whether a sale has the same product as one of the suspects. Then the suspects may be sales too.
fn shares_a_name(sheet: &Sheet, layout: &Layout, rows: &[usize], suspects: &[usize], sales: &[Option<i64>]) -> bool {
    let Some(products) = layout.column(Field::Product).and_then(|column| sheet.columns.get(column)) else {
        return false;
    };
    let name = |index: &usize| rows.get(*index).and_then(|row| products.text(*row));
    let names: HashSet<&str> = suspects.iter().filter_map(name).collect();
    let sold = sales.iter().enumerate().filter(|(_, amount)| amount.is_some());
    sold.filter_map(|(index, _)| name(&index)).any(|sold| names.contains(sold))
}

#[cfg(test)]
mod tests {
    use caudal_contract::money::Cents;

    use crate::batch::Batch;
    use crate::value::{Basis, Conventions, Mark};

    fn sum(text: &str) -> (u64, Cents) {
        let contents = crate::sheet::read(text.as_bytes(), "x.csv").unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        let accepted = Batch::of_file(&contents, &conventions, &[]).unwrap().accepted().unwrap();
        (accepted.rows, accepted.amount)
    }

    #[test]
    fn rows_that_sum_up_the_rows_above_or_below_are_no_sales_whatever_they_are_called() {
        let above = "Data;Pedido;Produto;Total\n02/03/2026;1;Café;8,95\n02/03/2026;2;Pão;0,95\n02/03/2026;;Movimento;9,90\n\
            03/03/2026;3;Chá;4,00\n03/03/2026;4;Pão;0,95\n03/03/2026;;Movimento;4,95\n";
        assert_eq!(sum(above), (4, Cents(1485)));
        let below = "Data;Cliente;Produto;Total\n;;Loja Centro;9,90\n02/03/2026;Ana;Café;8,95\n02/03/2026;Rui;Pão;0,95\n\
            ;;Loja Praia;4,95\n03/03/2026;Ana;Chá;4,00\n03/03/2026;Eva;Pão;0,95\n";
        assert_eq!(sum(below), (4, Cents(1485)));
    }

    #[test]
    fn a_row_that_is_called_a_sum_and_is_one_needs_no_others() {
        let one = "Data;Cliente;Produto;Total\n02/03/2026;Ana;Café;9,90\n;;Fechamento de caixa;9,90\n";
        assert_eq!(sum(one), (1, Cents(990)));
        let product = "Data;Cliente;Produto;Total\n02/03/2026;Ana;Café;9,90\n02/03/2026;;Vale total;9,90\n";
        assert_eq!(sum(product), (2, Cents(1980)), "it has a day");
    }

    #[test]
    fn a_sale_without_a_customer_stays_a_sale() {
        let text = "Data;Cliente;Produto;Total\n02/03/2026;Ana;Café;5,00\n02/03/2026;;Café;5,00\n03/03/2026;Rui;Chá;4,00\n\
            03/03/2026;Eva;Chá;4,00\n04/03/2026;;Bolo;8,00\n04/03/2026;Eva;Pão;1,00\n";
        assert_eq!(sum(text), (6, Cents(2700)));
    }
}
