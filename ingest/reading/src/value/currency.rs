//! Finds the currency that a text of money names.

use std::collections::HashMap;

use super::{Basis, number};
use crate::sheet::{Column, Kind};
use crate::words::Signs;
use crate::words::signs::{DOLLAR, EURO, OTHER_CURRENCY, OWN_CODES, OWN_CURRENCY, PESO, POUND, REAL};

/// Currencies that a column may mix. A bare `$` counts as the currency of the other values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Currency {
    Real,
    Dollar,
    Euro,
    Pound,
    Peso,
    Other,
}

/// The signs of each currency. If a text has signs of two of them, the first one counts.
const MARKS: [(Signs, Currency); 6] = [
    (REAL, Currency::Real),
    (DOLLAR, Currency::Dollar),
    (EURO, Currency::Euro),
    (POUND, Currency::Pound),
    (PESO, Currency::Peso),
    (OTHER_CURRENCY, Currency::Other),
];

fn named(text: &str) -> Option<Currency> {
    if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b'-' | b' ')) {
        return None;
    }
    MARKS.iter().find(|(signs, _)| signs.are_in(text)).map(|(_, currency)| *currency)
}

/// Whether a number has a currency around it that is not ours. A bare `$` counts as foreign because it may be
/// anybody's. A text that is not a number is not foreign, because it is rejected as not a number.
fn names_another(text: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || ",.-−+()%'’".contains(c);
    let rest = OWN_CURRENCY.iter().fold(text.to_owned(), |text, own| text.replace(own, ""));
    !rest.chars().all(is_of_number) && number::looks_like_quantity(text)
}

/// The places in `rows` with a value that names another currency than most values of its column that name one, or than
/// ours if each value is read by itself. Adding dollars to reals is worse than not adding them.
pub(crate) fn foreign(cells: &Column, rows: &[usize], basis: Basis) -> Vec<usize> {
    let named = |row: &usize| (cells.kind(*row) == Kind::Text).then(|| cells.text(*row).and_then(named)).flatten();
    if basis == Basis::Value {
        let is_foreign = |row: &usize| cells.kind(*row) == Kind::Text && cells.text(*row).is_some_and(names_another);
        return rows.iter().enumerate().filter(|(_, row)| is_foreign(row)).map(|(index, _)| index).collect();
    }
    let mut counts = [0_usize; 6];
    for currency in rows.iter().filter_map(named) {
        if let Some(count) = counts.get_mut(currency as usize) {
            *count += 1;
        }
    }
    if counts.iter().filter(|count| **count > 0).count() < 2 {
        return Vec::new();
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let is_usual = |currency: Currency| counts.get(currency as usize).is_some_and(|count| *count == most);
    let others = rows.iter().enumerate().filter(|(_, row)| named(row).is_some_and(|currency| !is_usual(currency)));
    others.map(|(index, _)| index).collect()
}

/// The places in `rows` with another currency code than most rows have, or than ours if each value is read by itself. A
/// blank code counts as the same as the others.
pub(crate) fn foreign_codes(cells: &Column, rows: &[usize], basis: Basis) -> Vec<usize> {
    let code = |row: &usize| (cells.kind(*row) == Kind::Text).then(|| cells.text(*row).map(str::trim)).flatten();
    if basis == Basis::Value {
        let is_own =
            |code: &str| code.is_empty() || OWN_CURRENCY.has_in_any_case(code) || OWN_CODES.has_in_any_case(code);
        // A code that is not a text is not ours either.
        let is_foreign = |row: &usize| cells.kind(*row) != Kind::Empty && !code(row).is_some_and(is_own);
        return rows.iter().enumerate().filter(|(_, row)| is_foreign(row)).map(|(index, _)| index).collect();
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for code in rows.iter().filter_map(code).filter(|code| !code.is_empty()) {
        *counts.entry(code).or_default() += 1;
    }
    let Some(usual) = counts.iter().max_by_key(|(_, count)| **count).map(|(code, _)| *code) else { return Vec::new() };
    let others =
        rows.iter().enumerate().filter(|(_, row)| code(row).is_some_and(|code| !code.is_empty() && code != usual));
    others.map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_dollars_among_reals_are_found() {
        let sheet =
            crate::sheet::read("x\nR$ 5,00\nR$ 6,00\n7,00\nU$ 8.00\n".as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let column = sheet.columns.first().unwrap();
        assert_eq!(foreign(column, &[1, 2, 3, 4], Basis::Column), [3]);
        assert!(foreign(column, &[1, 2, 3], Basis::Column).is_empty());
        let codes = crate::sheet::read(b"x\nBRL\nUSD\n\nBRL\n", "x.csv").unwrap().sheets.remove(0);
        assert_eq!(foreign_codes(&codes.columns[0], &[1, 2, 3, 4], Basis::Column), [1]);
        assert_eq!(foreign(column, &[4], Basis::Value), [0], "alone it is compared with ours");
        assert_eq!(foreign_codes(&codes.columns[0], &[2], Basis::Value), [0]);
    }
}
