//! Numbers and dates in the form for people: `R$ 1.234,56` and `31/12/2026` in Portuguese, `R$1,234.56` and
//! `2026-12-31` in English. Programs use the plain forms of [`crate::money`].

use chrono::{NaiveDate, NaiveDateTime};

use crate::language::Language;
use crate::money::{Cents, TenThousandths};

/// The symbol before an amount. An installation has one currency. It is the Brazilian real, because Brazil is the first
/// market.
pub const CURRENCY: &str = "R$";

/// An amount with its currency: `R$ 1.234,56`; negative amounts as `-R$ 1.234,56`.
#[must_use]
pub fn money(amount: Cents, language: Language) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    let gap = language.pick("\u{a0}", "");
    format!("{sign}{CURRENCY}{gap}{}", decimal(&Cents(amount.0.saturating_abs()).to_string(), language))
}

/// An amount without its currency: `1.234,56`.
#[must_use]
pub fn amount(amount: Cents, language: Language) -> String {
    decimal(&amount.to_string(), language)
}

/// A unit price with its currency, with as many decimal places as needed but at least two.
#[must_use]
pub fn unit_price(price: TenThousandths, language: Language) -> String {
    if price.0 % 100 == 0 {
        return money(Cents(price.0 / 100), language);
    }
    let gap = language.pick("\u{a0}", "");
    format!("{CURRENCY}{gap}{}", decimal(&price.to_string(), language))
}

/// A quantity with as many decimal places as needed: `2,5`.
#[must_use]
pub fn quantity(value: TenThousandths, language: Language) -> String {
    decimal(&value.to_string(), language)
}

/// A count with separated thousands: `12.345`.
#[must_use]
pub fn count(value: i64, language: Language) -> String {
    decimal(&value.to_string(), language)
}

/// A day: `31/12/2026` or `2026-12-31`.
#[must_use]
pub fn date(day: NaiveDate, language: Language) -> String {
    day.format(language.pick("%d/%m/%Y", "%Y-%m-%d")).to_string()
}

/// A local time to the minute: `31/12/2026 18:05`.
#[must_use]
pub fn date_time(at: NaiveDateTime, language: Language) -> String {
    at.format(language.pick("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M")).to_string()
}

/// A month by name and year: `nov 2026`.
#[must_use]
pub fn month(day: NaiveDate, language: Language) -> String {
    use chrono::Datelike;
    let names = language.pick(
        ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    );
    let name = names.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{name} {}", day.year())
}

/// A change in percent with its sign: `+4,2 %`.
#[must_use]
pub fn percent_change(tenths_of_percent: i64, language: Language) -> String {
    let sign = if tenths_of_percent < 0 { "-" } else { "+" };
    let size = tenths_of_percent.unsigned_abs();
    decimal(&format!("{sign}{}.{}", size / 10, size % 10), language) + language.pick(" %", "%")
}

/// Puts the language's separators into a plain decimal (`-1234.5`).
fn decimal(plain: &str, language: Language) -> String {
    let (thousands, mark) = language.pick(('.', ','), (',', '.'));
    let (sign, digits) = match plain.strip_prefix(['-', '+']) {
        Some(rest) => (&plain[..1], rest),
        None => ("", plain),
    };
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(thousands);
        }
        out.push(digit);
    }
    if let Some(part) = part {
        out.push(mark);
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn money_is_written_as_its_readers_write_it() {
        assert_eq!(money(Cents(123_456), Portuguese), "R$\u{a0}1.234,56");
        assert_eq!(money(Cents(-5), Portuguese), "-R$\u{a0}0,05");
        assert_eq!(money(Cents(123_456_789), English), "R$1,234,567.89");
        assert_eq!(unit_price(TenThousandths(12_345), Portuguese), "R$\u{a0}1,2345");
    }

    #[test]
    fn quantities_counts_and_changes_have_separators() {
        assert_eq!(quantity(TenThousandths(12_345_000), Portuguese), "1.234,5");
        assert_eq!(count(-1_234_567, English), "-1,234,567");
        assert_eq!(percent_change(42, Portuguese), "+4,2 %");
        assert_eq!(percent_change(-12_345, English), "-1,234.5%");
    }
}
