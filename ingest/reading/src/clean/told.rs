//! Checks that the reported rule made the value: if it is applied by hand to the cell, the result must be the clean
//! value.

use caudal_contract::field::Field;
use caudal_contract::notice::Change;
use encoding_rs::WINDOWS_1252;
use polars::prelude::{AnyValue, DataFrame};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use unicode_normalization::UnicodeNormalization;

use super::{Cleaned, clean};
use crate::layout::Layout;
use crate::sheet::{Kind, Sheet, SheetBuilder};
use crate::value::{Basis, Conventions, Mark};

/// The content of a cell.
#[derive(Debug, Clone)]
enum Raw {
    Text(String),
    Number(f64),
}

const FIELDS: [(Field, &str); 9] = [
    (Field::Date, "Data"),
    (Field::Product, "Produto"),
    (Field::Quantity, "Quantidade"),
    (Field::Total, "Total"),
    (Field::Document, "CPF"),
    (Field::Email, "E-mail"),
    (Field::Phone, "Telefone"),
    (Field::PostalCode, "CEP"),
    (Field::State, "UF"),
];

fn texts(made: impl Strategy<Value = String>) -> impl Strategy<Value = Raw> {
    made.prop_map(Raw::Text)
}

fn names() -> impl Strategy<Value = Raw> {
    let styles = vec!["Café {}", " Pão  {} ", "Pa\u{303}o {}", "CafÃ© {}", "Chá\u{a0}{}", "Bolo\n{}", "  CafÃ©   {}"];
    texts((prop::sample::select(styles), 0_u8..5).prop_map(|(style, number)| style.replace("{}", &number.to_string())))
}

fn quantities() -> impl Strategy<Value = Raw> {
    let styles = vec!["{}", " {} ", "{} un", "{}x", "{},5", "-{}", "{},12345"];
    let written = (prop::sample::select(styles), 1_u16..900);
    prop_oneof![
        texts(written.prop_map(|(style, number)| style.replace("{}", &number.to_string()))),
        (1_i32..9_000).prop_map(|number| Raw::Number(f64::from(number) / 8.0)),
    ]
}

fn amounts() -> impl Strategy<Value = Raw> {
    let styles =
        vec!["R$ {},50", "{},50", "1.{},50", "({},25)", "{},50-", "-{},00", "{}", "US$ {}.50", "{},9994", "{} reais"];
    let written = (prop::sample::select(styles), 100_u16..999);
    prop_oneof![
        texts(written.prop_map(|(style, number)| style.replace("{}", &number.to_string()))),
        (1_i32..900_000).prop_map(|number| Raw::Number(f64::from(number) / 1_000.0)),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<Raw>>> {
    let pick = |values: &'static [&'static str]| texts(prop::sample::select(values).prop_map(str::to_owned));
    let date = prop_oneof![
        pick(&["01/03/2026", "2026-03-13", "31/12/2025 10:30", "46081"]),
        (46_000_i32..46_300).prop_map(|day| Raw::Number(f64::from(day))),
    ];
    let document = prop_oneof![
        pick(&["529.982.247-25", "52998224725", "1234567890", "012.345.678-90", " 529.982.247-25"]),
        Just(Raw::Number(1_234_567_890.0)),
    ];
    let row = (
        date,
        names(),
        quantities(),
        amounts(),
        document,
        pick(&["ana@loja.com", "Ana@Loja.com", " ana@loja.com ", "nada"]),
        pick(&["(11) 99999-0000", "11999990000", "+55 11 99999-0000", "12"]),
        pick(&["01310-100", "01310100", "1310100", "SW1A 1AA"]),
        pick(&["SP", "sp", "São Paulo", "Texas", " RJ"]),
    );
    let row = row.prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i]);
    prop::collection::vec(row, 1..12)
}

fn sheet_of(rows: &[Vec<Raw>]) -> (Sheet, Layout) {
    let mut builder = SheetBuilder::default();
    for (column, (_, header)) in FIELDS.iter().enumerate() {
        builder.set_text(0, column, Kind::Text, header);
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in cells.iter().enumerate() {
            match cell {
                Raw::Text(text) => builder.set_text(row, column, Kind::Text, text),
                Raw::Number(number) => builder.set_number(row, column, Kind::Number, *number),
            }
        }
    }
    let layout = Layout {
        header_row: Some(0),
        headers: FIELDS.iter().map(|(_, header)| (*header).to_owned()).collect(),
        columns: FIELDS.iter().enumerate().map(|(column, (field, _))| (*field, column)).collect(),
        ..Layout::default()
    };
    (builder.finish("Vendas".to_owned(), false, rows.len() + 1), layout)
}

fn cleaned(sheet: &Sheet, layout: &Layout, watched: Option<usize>) -> Cleaned {
    let conventions = Conventions {
        zone: chrono_tz::America::Sao_Paulo,
        basis: Basis::Column,
        mark: Mark::Comma,
        day_first: true,
        arrived: "2026-06-01T00:00:00Z".parse().unwrap(),
    };
    clean(sheet, layout, &conventions, watched).unwrap()
}

/// The clean value in a row of the sheet. `None` if the row was rejected or the value was left out.
fn value(sales: &DataFrame, row: usize, field: Field) -> Option<String> {
    let numbers = sales.column("row").unwrap().u32().unwrap();
    let index = numbers.iter().position(|number| number == Some(u32::try_from(row + 1).unwrap()))?;
    let name = if field == Field::Date { "sold_on" } else { field.code() };
    let value = sales.column(name).unwrap().get(index).unwrap();
    match value.get_str() {
        Some(text) => Some(text.to_owned()),
        None => (value != AnyValue::Null).then(|| value.to_string()),
    }
}

/// The number as written. Its last mark is the decimal mark.
fn written(text: &str) -> Decimal {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).collect();
    let plain = match digits.rfind([',', '.']) {
        Some(mark) => format!("{}.{}", digits[..mark].replace([',', '.'], ""), &digits[mark + 1..]),
        None => digits,
    };
    let number: Decimal = plain.parse().unwrap();
    if text.contains(['-', '(']) { -number } else { number }
}

/// Applies the rule to the cell by hand.
fn by_hand(field: Field, raw: &Raw, change: Option<Change>) -> String {
    let text = match raw {
        Raw::Text(text) => text.clone(),
        Raw::Number(number) => number.to_string(),
    };
    let is_text = matches!(raw, Raw::Text(_));
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = text.trim();
    let scale = |number: Decimal, places: u32| {
        let rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(rounded != number, change == Some(Change::Rounded), "{text}: {change:?}");
        (rounded * Decimal::from(10_i64.pow(places))).normalize().to_string()
    };
    match (field, change) {
        (Field::Quantity | Field::Total, change) => {
            let digits = trimmed.trim_start_matches('-');
            assert!(
                match change {
                    None => !is_text,
                    Some(Change::Rounded) => true,
                    Some(Change::NumberFromText) => digits.bytes().all(|byte| byte.is_ascii_digit()),
                    Some(Change::DecimalComma) => digits.contains(',') && !digits.contains(char::is_alphabetic),
                    Some(Change::NegativeStyle) => trimmed.starts_with('(') || trimmed.ends_with('-'),
                    Some(Change::CurrencyRemoved) => field == Field::Total && text.contains(char::is_alphabetic),
                    Some(Change::MeasureRemoved) => field == Field::Quantity && text.contains(char::is_alphabetic),
                    Some(_) => false,
                },
                "{text}: {change:?}"
            );
            scale(written(&text), if field == Field::Total { 2 } else { 4 })
        }
        (Field::Date, Some(Change::DayFromNumber)) => (written(&text) - Decimal::from(25_569)).to_string(),
        (Field::Date, Some(Change::DayFromText)) => {
            let day = text.split(' ').next().unwrap();
            let formats = ["%d/%m/%Y", "%Y-%m-%d"];
            let day = formats.iter().find_map(|format| chrono::NaiveDate::parse_from_str(day, format).ok()).unwrap();
            (day - chrono::NaiveDate::default()).num_days().to_string()
        }
        (_, None) => text,
        (_, Some(Change::SpacesTidied)) => spaced(&text),
        (_, Some(Change::AccentsJoined)) => spaced(&text.nfc().collect::<String>()),
        (_, Some(Change::LettersRepaired)) => spaced(std::str::from_utf8(&WINDOWS_1252.encode(&text).0).unwrap()),
        (_, Some(Change::LowerCased)) => spaced(&text.to_lowercase()),
        (_, Some(Change::PunctuationRemoved)) => {
            text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>()
        }
        (Field::Document, Some(Change::ZerosRestored)) => format!("{text:0>11}"),
        (_, Some(Change::ZerosRestored)) => format!("{text:0>8}"),
        (Field::State, Some(Change::WordRecognised)) => {
            let states = [("sp", "SP"), ("sao paulo", "SP"), ("rj", "RJ")];
            let name = caudal_contract::text::folded(&text);
            states.iter().find(|(known, _)| *known == name).unwrap().1.to_owned()
        }
        (field, change) => panic!("{field:?}: {text}: {change:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_rule_that_is_told_made_the_value(rows in rows()) {
        let (sheet, layout) = sheet_of(&rows);
        let bulk = cleaned(&sheet, &layout, None);
        prop_assert!(bulk.changes.is_empty());
        for (row, cells) in (1..).zip(&rows) {
            let Cleaned { sales, rejected, changes, .. } = cleaned(&sheet, &layout, Some(row));
            prop_assert!(sales.equals_missing(&bulk.sales), "to be looked at changes nothing");
            prop_assert_eq!(&rejected, &bulk.rejected);
            for ((field, _), raw) in FIELDS.iter().zip(cells) {
                let change = changes.get(field).copied();
                match value(&sales, row, *field) {
                    Some(value) => prop_assert_eq!(by_hand(*field, raw, change), value, "{:?} {:?}: {:?}", field, raw, change),
                    None if sales.height() == rows.len() => prop_assert_eq!(change, Some(Change::LeftOut), "{:?}", raw),
                    None => {}
                }
            }
        }
    }
}

#[test]
fn values_that_no_cell_gives_have_a_rule_too() {
    let changes = |text: &str, row: usize| {
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = crate::layout::find(&sheet).unwrap();
        cleaned(&sheet, &layout, Some(row)).changes.into_iter().collect::<Vec<_>>()
    };
    let told = changes("Cliente;Código do produto;Quantidade;Preço unitário\nAna;A1;1;5,00\n", 1);
    for expected in [
        (Field::Date, Change::Assumed),
        (Field::Product, Change::Computed),
        (Field::Total, Change::Computed),
        (Field::UnitPrice, Change::DecimalComma),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
    let told = changes("Data;Produto;Total\n01/03/2026;Café;5,00\n02/03/2026;Café;\n03/03/2026;Café;5,00\n", 2);
    assert!(told.contains(&(Field::Quantity, Change::Assumed)) && told.contains(&(Field::Total, Change::Assumed)));
    let told = changes("Data;Hora;Produto;Qtd;Preço;Desconto\n01/03/2026;10:30;Café;2;5,00;10%\n", 1);
    for expected in [
        (Field::Date, Change::DayAndTimeJoined),
        (Field::Time, Change::DayAndTimeJoined),
        (Field::Discount, Change::Percent),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
    let told = changes(
        "Data;Cliente;Produto;Qtd;Total;Pagamento\n01/03/2026;Ana;Café;2;10,00;Pix\n;;Chá;1;5,00;fiado\n01/03/2026;Bia;Pão;1;1,00;Pix\n",
        2,
    );
    for expected in [
        (Field::Date, Change::FilledDown),
        (Field::Customer, Change::FilledDown),
        (Field::PaymentMethod, Change::WordUnknown),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
}

#[test]
fn a_point_of_thousands_is_no_decimal_point() {
    let text = "Data;Produto;Qtd;Total\n01/03/2026;Café;1;1.234\n02/03/2026;Café;1;1.234,50\n";
    let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
    let layout = crate::layout::find(&sheet).unwrap();
    let told = cleaned(&sheet, &layout, Some(1)).changes;
    assert_eq!(told.get(&Field::Total), Some(&Change::DecimalComma));
}
