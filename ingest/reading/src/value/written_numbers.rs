//! Writes numbers in every way of people and programs, and checks that reading gives the same numbers back or none.

use proptest::prelude::*;
use proptest::sample::select;

use super::mark::{Mark, MarkDecision, SheetMarks};
use super::number::{self, MONEY};
use crate::sheet::{Column, Kind, SheetBuilder};

/// How the thousands of a number are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    None,
    /// The mark that does not separate decimals.
    OtherMark,
    Sign(char),
    /// As in India. The decimal mark is always the point.
    Lakhs,
}

/// Where the sign of a currency stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Before(&'static str),
    After(&'static str),
}

/// How a negative number is written.
#[derive(Debug, Clone, Copy)]
enum Minus {
    /// A dash before the digits, inside the currency.
    Inner(char),
    /// A dash before everything.
    Outer(char),
    /// A dash behind the digits.
    Behind(char),
    /// Parentheses around the digits, inside the currency.
    InnerParentheses,
    /// Parentheses around everything.
    OuterParentheses,
}

/// One writer, who writes all numbers of a column in the same way.
#[derive(Debug, Clone)]
struct Writer {
    mark: Mark,
    groups: Groups,
    currency: Option<(&'static str, Place)>,
    minus: Minus,
    /// Whether whole amounts have a dash instead of cents: "12,-".
    dash_for_cents: bool,
    /// Whether digits and signs are full-width.
    wide: bool,
    around: &'static str,
}

impl Writer {
    fn write(&self, cents: i64, decimals: u32) -> String {
        let (mark, other) = match self.mark {
            Mark::Comma => (',', '.'),
            Mark::Point => ('.', ','),
        };
        let whole = (cents.abs() / 100).to_string();
        let mut digits = match self.groups {
            Groups::None => whole,
            Groups::OtherMark => grouped(&whole, other, 3),
            Groups::Sign(sign) => grouped(&whole, sign, 3),
            Groups::Lakhs => grouped(&whole, other, 2),
        };
        let part = cents.abs() % 100;
        if decimals == 0 && self.dash_for_cents {
            digits.push_str(&format!("{mark}-"));
        } else if decimals > 0 {
            let part = format!("{part:02}0000");
            digits.push_str(&format!("{mark}{}", &part[..usize::try_from(decimals).unwrap()]));
        }
        let with_currency = |inner: String| match self.currency {
            None => inner,
            Some((sign, Place::Before(space))) => format!("{sign}{space}{inner}"),
            Some((sign, Place::After(space))) => format!("{inner}{space}{sign}"),
        };
        let text = match self.minus {
            _ if cents >= 0 => with_currency(digits),
            Minus::Inner(dash) => with_currency(format!("{dash}{digits}")),
            Minus::Outer(dash) => format!("{dash}{}", with_currency(digits)),
            Minus::Behind(dash) => with_currency(format!("{digits}{dash}")),
            Minus::InnerParentheses => with_currency(format!("({digits})")),
            Minus::OuterParentheses => format!("({})", with_currency(digits)),
        };
        let wide = |c: char| if self.wide && c.is_ascii_graphic() { wide(c) } else { c };
        format!("{}{}{}", self.around, text.chars().map(wide).collect::<String>(), self.around)
    }
}

fn wide(c: char) -> char {
    char::from_u32(u32::from(c) + 0xFEE0).unwrap()
}

/// Separates the last three digits, and then groups of `size`.
fn grouped(whole: &str, sign: char, size: usize) -> String {
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left >= 3 && (left - 3).is_multiple_of(size) {
            text.push(sign);
        }
        text.push(digit);
    }
    text
}

fn writers() -> impl Strategy<Value = Writer> {
    let spaces = || select(vec!["", " ", "\u{a0}", "\u{202f}", "\u{2009}", "  "]);
    let currencies = vec![
        "R$", "r$", "$", "US$", "AU$", "€", "£", "CHF", "Fr.", "₹", "Rs.", "BRL", "EUR", "usd", "reais", "kr", "S/",
    ];
    let signs = vec![' ', '\u{a0}', '\u{202f}', '\u{2009}', '\u{2007}', '\'', '’', '\u{2b9}', '`'];
    let groups = prop_oneof![
        Just(Groups::None),
        Just(Groups::OtherMark),
        select(signs).prop_map(Groups::Sign),
        Just(Groups::Lakhs),
    ];
    let place = prop_oneof![spaces().prop_map(Place::Before), spaces().prop_map(Place::After)];
    let currency = proptest::option::of((select(currencies), place));
    let dash = || select(vec!['-', '\u{2212}', '\u{2013}', '\u{2011}', '\u{ff0d}']);
    let minus = prop_oneof![
        dash().prop_map(Minus::Inner),
        dash().prop_map(Minus::Outer),
        dash().prop_map(Minus::Behind),
        Just(Minus::InnerParentheses),
        Just(Minus::OuterParentheses),
    ];
    let mark = select(vec![Mark::Comma, Mark::Point]);
    (
        mark,
        groups,
        currency,
        minus,
        any::<bool>(),
        proptest::bool::weighted(0.1),
        select(vec!["", " ", "\u{a0}", "\u{200e}", "\u{feff}"]),
    )
        .prop_map(|(mark, groups, currency, minus, dash_for_cents, wide, around)| {
            // A dash for the cents and a minus behind them would be two dashes.
            let dash_for_cents = dash_for_cents && !matches!(minus, Minus::Behind(_));
            let mark = if groups == Groups::Lakhs { Mark::Point } else { mark };
            Writer { mark, groups, currency, minus, dash_for_cents, wide, around }
        })
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![-99_i64..100, -100_000_i64..100_000, -100_000_000_i64..100_000_000, -9_999_999_999_i64..9_999_999_999]
}

fn column(texts: &[String]) -> Column {
    let mut builder = SheetBuilder::default();
    for (row, text) in texts.iter().enumerate() {
        builder.set_text(row, 0, Kind::Text, text);
    }
    builder.finish(String::new(), false, texts.len()).columns.remove(0)
}

/// Reads the texts as a column of money alone in its sheet.
fn read(texts: &[String], configured: Mark) -> Vec<Option<i64>> {
    let cells = column(texts);
    let rows: Vec<usize> = (0..texts.len()).collect();
    let decision = MarkDecision::of(&cells, &rows, SheetMarks::default(), configured);
    rows.iter().map(|row| number::of_cell(&cells, *row, decision, MONEY).ok().flatten()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_with_its_cents_is_read_whoever_wrote_it(
        writer in writers(),
        amounts in proptest::collection::vec(amounts(), 1..6),
        configured in select(vec![Mark::Comma, Mark::Point]),
    ) {
        let texts: Vec<String> = amounts.iter().map(|cents| writer.write(*cents, 2)).collect();
        for ((text, cents), read) in texts.iter().zip(&amounts).zip(read(&texts, configured)) {
            prop_assert_eq!(read, Some(*cents), "{} of {:?}", text, &texts);
        }
    }

    #[test]
    fn a_written_number_is_read_as_itself_or_not_at_all(
        writer in writers(),
        amounts in proptest::collection::vec((amounts(), 0_u32..6), 1..6),
    ) {
        // An amount keeps the decimals that it needs.
        let written: Vec<(i64, u32)> = amounts
            .into_iter()
            .map(|(cents, decimals)| match decimals {
                0 => (cents / 100 * 100, 0),
                1 => (cents / 10 * 10, 1),
                more => (cents, more),
            })
            .collect();
        let texts: Vec<String> = written.iter().map(|(cents, decimals)| writer.write(*cents, *decimals)).collect();
        for ((text, (cents, _)), read) in texts.iter().zip(&written).zip(read(&texts, writer.mark)) {
            prop_assert!(read.is_none_or(|read| read == *cents), "{} of {:?} is read as {:?}", text, &texts, read);
        }
    }

    #[test]
    fn a_number_with_one_character_more_is_read_as_itself_or_not_at_all(
        writer in writers(),
        cents in amounts(),
        place in any::<proptest::sample::Index>(),
        more in select(vec![' ', '\'', '\u{202f}', '-', '(', ')', '%', 'x', '/', ':', ';']),
    ) {
        let text = writer.write(cents, 2);
        let mut characters: Vec<char> = text.chars().collect();
        characters.insert(place.index(characters.len() + 1), more);
        let text: String = characters.into_iter().collect();
        let sign = if more == '-' || text.contains(['(', ')']) { -1 } else { 1 };
        for read in read(std::slice::from_ref(&text), writer.mark).into_iter().flatten() {
            prop_assert!(read == cents || read == sign * cents, "{} is read as {} and not {}", text, read, cents);
        }
    }
}

#[test]
fn numbers_are_read_in_the_ways_that_people_report() {
    for (text, expected) in [
        ("R$ (12,00)", -1_200),
        ("(R$ 12,00)", -1_200),
        ("R$(12,00)", -1_200),
        ("12,00-", -1_200),
        ("12,00 −", -1_200),
        ("−R$ 12,00", -1_200),
        ("R$ –12,00", -1_200),
        ("CHF 1'234.50", 123_450),
        ("1’234.50 CHF", 123_450),
        ("1\u{2009}234,50", 123_450),
        ("1\u{202f}234\u{202f}567,89", 123_456_789),
        ("1\u{2007}234,50 €", 123_450),
        ("R$\u{a0}1.234,50", 123_450),
        ("1,23,456.78", 12_345_678),
        ("₹ 12,34,567.00", 123_456_700),
        ("１．２３４，５０", 123_450),
        ("Fr. 12.-", 1_200),
        ("5,00 AU$", 500),
        ("5,00 euros", 500),
        ("12,–", 1_200),
        ("'12,50", 1_250),
        ("+12,50", 1_250),
        ("r$ 12,50", 1_250),
    ] {
        assert_eq!(read(&[text.to_owned()], Mark::Comma), [Some(expected)], "{text}");
    }
    for text in ["12, 50", "1,23 456", "1 23,50", "--5", "-(5)", "(-5)", "5 %%", "12,50,-", "1'23'456", "+-5"] {
        assert_eq!(read(&[text.to_owned()], Mark::Comma), [None], "{text}");
    }
    for blank in ["", "-", "--", "–", "R$ -", "R$\u{a0}-   ", "- €"] {
        assert!(number::is_blank(blank), "{blank:?}");
    }
    assert!(!number::is_blank("R$") && !number::is_blank("0"));
}

#[test]
fn groups_of_two_digits_count_where_the_column_proves_them() {
    let all = |texts: &[&str]| read(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), Mark::Comma);
    assert_eq!(all(&["1,23,456", "12,50"]), [None, Some(1_250)], "one value may be a slip");
    assert_eq!(all(&["1,23,456", "12,34,567", "12,345"]), [Some(12_345_600), Some(123_456_700), Some(1_234_500)]);
    assert_eq!(all(&["1,23,456.00", "12,345", "500"]), [Some(12_345_600), Some(1_234_500), Some(50_000)]);
    assert_eq!(all(&["1,23,456.00", "1,234,567"])[0], None, "the other value is in groups of three");
    assert_eq!(all(&["1,23,456", "12,34,567", "12,50", "0,75"])[0], None, "the others have a decimal comma");
}
