//! Checks that values written in the styles of people are read as the same values.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::{Cents, LARGEST_AMOUNT, LARGEST_QUANTITY, TenThousandths};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::date::{self, Moment, OrderDecision};
use super::mark::{Mark, MarkDecision};
use super::number::{self, MONEY, PRICE, QUANTITY, Unit};

fn mark(language: Language) -> Mark {
    language.pick(Mark::Comma, Mark::Point)
}

/// Reads a text as in a column that is written entirely in this way.
fn read(text: &str, mark: Mark, unit: Unit) -> Option<i64> {
    number::of_text(text, MarkDecision::given(mark)).ok()?.scaled(unit).ok()
}

fn languages() -> impl Strategy<Value = Language> {
    prop_oneof![Just(Language::Portuguese), Just(Language::English)]
}

fn amounts() -> impl Strategy<Value = i64> {
    let largest = LARGEST_AMOUNT * 100;
    prop_oneof![-1_000_000_i64..1_000_000, -largest..=largest]
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_u64..40_000).prop_map(|days| NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + Days::new(days))
}

fn moments() -> impl Strategy<Value = NaiveDateTime> {
    let time = |seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap();
    (days(), 0_u32..86_400).prop_map(move |(day, seconds)| day.and_time(time(seconds)))
}

/// Reads a text as in a column with no other evidence.
fn moment(text: &str, day_first: bool) -> Option<Moment> {
    let decision = OrderDecision::of_values(day_first);
    date::of_text(text, decision, Tz::America__Sao_Paulo).ok()
}

fn day(text: &str, day_first: bool) -> Option<NaiveDate> {
    moment(text, day_first).filter(|moment| moment.time.is_none()).map(|moment| moment.day)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_is_read_as_it_is_shown(cents in amounts(), language in languages()) {
        let mark = mark(language);
        let (shown, plain) = (format::money(Cents(cents), language), format::amount(Cents(cents), language));
        prop_assert_eq!(read(&shown, mark, MONEY), Some(cents), "{}", shown);
        prop_assert_eq!(read(&plain, mark, MONEY), Some(cents), "{}", plain);
    }

    #[test]
    fn money_is_read_in_every_style_of_minus(cents in 1..=LARGEST_AMOUNT * 100, language in languages()) {
        let amount = format::amount(Cents(cents), language);
        for text in [
            format!("({amount})"), format!("-{amount}"), format!("{amount}-"), format!("{amount} -"), format!("−{amount}"),
            format!("-R$ {amount}"), format!("R$ -{amount}"), format!("R$ ({amount})").replace("R$ (", "(R$ "),
        ] {
            prop_assert_eq!(read(&text, mark(language), MONEY), Some(-cents), "{}", text);
        }
    }

    #[test]
    fn money_without_thousands_proves_its_own_mark(cents in amounts(), language in languages()) {
        let text = format::amount(Cents(cents), language);
        let text = text.replace(language.pick('.', ','), "");
        // Two decimal places after the only mark cannot be thousands.
        for column in [Mark::Comma, Mark::Point] {
            prop_assert_eq!(read(&text, column, MONEY), Some(cents), "{}", text);
        }
    }

    #[test]
    fn prices_and_quantities_are_read_as_they_are_shown(
        price in 0..=LARGEST_AMOUNT * 10_000,
        quantity in -LARGEST_QUANTITY * 10_000..=LARGEST_QUANTITY * 10_000,
        language in languages(),
    ) {
        let mark = mark(language);
        let (shown, many) =
            (format::unit_price(TenThousandths(price), language), format::quantity(TenThousandths(quantity), language));
        prop_assert_eq!(read(&shown, mark, PRICE), Some(price), "{}", shown);
        prop_assert_eq!(read(&many, mark, QUANTITY), Some(quantity), "{}", many);
    }

    #[test]
    fn a_number_cell_holds_the_cents_that_were_typed(cents in amounts()) {
        let typed: f64 = Cents(cents).to_string().parse().unwrap();
        prop_assert_eq!(number::of_float(typed, MONEY).map(|read| read.value), Ok(cents));
    }

    #[test]
    fn days_are_read_as_they_are_shown(written in days(), language in languages(), day_first: bool) {
        let shown = format::date(written, language);
        // A day with the year first needs no order. A day with the day first does.
        let day_first = language == Language::Portuguese || day_first;
        prop_assert_eq!(day(&shown, day_first), Some(written), "{}", shown);
    }

    #[test]
    fn days_are_read_in_every_order_and_style(written in days()) {
        for (style, day_first) in [
            ("%d/%m/%Y", true), ("%d-%m-%Y", true), ("%d.%m.%Y", true), ("%-d/%-m/%Y", true), ("%m/%d/%Y", false),
            ("%-m/%-d/%Y", false), ("%m-%d-%Y", false), ("%Y-%m-%d", true), ("%Y/%m/%d", false), ("%Y%m%d", true),
            ("%d-%b-%Y", true), ("%B %-d, %Y", true),
        ] {
            let text = written.format(style).to_string();
            prop_assert_eq!(day(&text, day_first), Some(written), "{}", text);
        }
    }

    #[test]
    fn a_year_of_two_digits_is_of_this_century(days in 0_u64..25_567, day_first: bool) {
        let written = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + Days::new(days);
        let text = written.format(if day_first { "%d/%m/%y" } else { "%m/%d/%y" }).to_string();
        prop_assert_eq!(day(&text, day_first), Some(written), "{}", text);
    }

    #[test]
    fn times_are_read_as_they_are_written(at in moments()) {
        for (style, day_first) in [
            ("%d/%m/%Y %H:%M:%S", true), ("%m/%d/%Y %I:%M:%S %p", false), ("%Y-%m-%dT%H:%M:%S", true),
            ("%Y-%m-%d %H:%M:%S", true), ("%d/%m/%Y, %H:%M:%S", true), ("%Y-%m-%dT%H:%M:%S.000", true),
        ] {
            let text = at.format(style).to_string();
            let expected = Moment { day: at.date(), time: Some(at.time()) };
            prop_assert_eq!(moment(&text, day_first), Some(expected), "{}", text);
        }
    }

    #[test]
    fn whatever_a_cell_holds_it_harms_nothing(text in "\\PC{0,40}|[-0-9,./: R$%()eE+TZ]{0,40}|.{0,40}") {
        crate::fuzz::any_text(&text);
    }

    #[test]
    fn whatever_number_a_cell_holds_it_harms_nothing(bits: u64) {
        crate::fuzz::any_number(f64::from_bits(bits));
    }
}
