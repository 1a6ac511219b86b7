//! Reads numbers from cells, exactly.
//!
//! A text may carry a currency, a percent sign, separators of thousands, and several styles of minus. [`super::mark`]
//! decides whether comma or point separates the decimals.

use std::borrow::Cow;

use caudal_contract::money::{LARGEST_AMOUNT, LARGEST_QUANTITY};
use caudal_contract::notice::{Change, Rule};
use rust_decimal::Decimal;

use super::mark::Proof;
pub use super::mark::{Mark, MarkDecision};
use crate::sheet::{Column, Kind, plain_number};
use crate::words::signs::{CURRENCIES, MEASURES};

/// The unit of a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Number of decimal places kept.
    pub places: u32,
    /// The largest plausible value, in whole units.
    pub largest: i64,
}

/// Money, in cents.
pub const MONEY: Unit = Unit { places: 2, largest: LARGEST_AMOUNT };
/// Unit prices, in ten-thousandths.
pub const PRICE: Unit = Unit { places: 4, largest: LARGEST_AMOUNT };
/// Quantities, in ten-thousandths.
pub const QUANTITY: Unit = Unit { places: 4, largest: LARGEST_QUANTITY };

/// A number as `mantissa / 10^places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    mantissa: i128,
    places: u32,
    /// Whether a percent sign follows.
    pub percent: bool,
    /// The style in which it was written. `None` for a number cell.
    style: Option<Change>,
}

/// A number and the rule by which it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The value in the requested unit.
    pub value: i64,
    /// The change. `None` if the cell holds exactly this number.
    pub change: Option<Change>,
}

impl Number {
    /// The value in this unit, with the rule that made it.
    fn read_in(self, unit: Unit) -> Result<Read, Rule> {
        let is_rounded = self.places > unit.places && self.mantissa % 10_i128.pow(self.places - unit.places) != 0;
        Ok(Read { value: self.scaled(unit)?, change: if is_rounded { Some(Change::Rounded) } else { self.style } })
    }

    /// The value in this unit, rounded half away from zero.
    ///
    /// # Errors
    /// [`Rule::TooLarge`].
    pub fn scaled(self, unit: Unit) -> Result<i64, Rule> {
        let Unit { places, largest } = unit;
        let scaled = if self.places <= places {
            self.mantissa.checked_mul(10_i128.pow(places - self.places)).ok_or(Rule::TooLarge)?
        } else {
            let divisor = 10_i128.pow(self.places - places);
            let half = divisor / 2;
            (self.mantissa + if self.mantissa < 0 { -half } else { half }) / divisor
        };
        let limit = i128::from(largest) * 10_i128.pow(places);
        if scaled.abs() > limit {
            return Err(Rule::TooLarge);
        }
        i64::try_from(scaled).ok().ok_or(Rule::TooLarge)
    }
}

/// The number in a cell. `None` if the cell is blank.
///
/// # Errors
/// The rule that the cell breaks.
pub fn of_cell(column: &Column, row: usize, decision: MarkDecision, unit: Unit) -> Result<Option<i64>, Rule> {
    Ok(read_cell(column, row, decision, unit)?.map(|read| read.value))
}

/// The number in a cell and the rule by which it was read. `None` if the cell is blank.
///
/// # Errors
/// The rule that the cell breaks.
pub fn read_cell(column: &Column, row: usize, decision: MarkDecision, unit: Unit) -> Result<Option<Read>, Rule> {
    match column.kind(row) {
        Kind::Empty => Ok(None),
        Kind::Number => of_float(column.number(row), unit).map(Some),
        Kind::Error => Err(Rule::CellError),
        Kind::DateTime | Kind::Time | Kind::Bool => Err(Rule::NotANumber),
        Kind::Text => {
            let text = column.text(row).unwrap_or_default();
            if is_blank(text) {
                return Ok(None);
            }
            let number = if unit == QUANTITY { without_measure(text) } else { text };
            let mut read = of_text(number, decision)?.read_in(unit)?;
            let has_measure = unit == QUANTITY && number.len() < text.trim().trim_end_matches('.').len();
            if has_measure && read.change != Some(Change::Rounded) {
                read.change = Some(Change::MeasureRemoved);
            }
            Ok(Some(read))
        }
    }
}

/// The number in a text.
///
/// # Errors
/// [`Rule::NotANumber`], also for an ambiguous value in a column that proves both marks. If values are read each by
/// itself, also for a value with separators of thousands or a percent sign.
pub fn of_text(text: &str, decision: MarkDecision) -> Result<Number, Rule> {
    let shape = shape(text).ok_or(Rule::NotANumber)?;
    let mark = match shape.proof {
        _ if decision.each_alone => shape.mark_alone().ok_or(Rule::NotANumber)?,
        Proof::Only(mark) => mark,
        Proof::Lakhs { .. } if !decision.evidence.proves_lakhs() => return Err(Rule::NotANumber),
        Proof::Lakhs { .. } => Mark::Point,
        Proof::Either if decision.is_mixed() => return Err(Rule::NotANumber),
        Proof::Either | Proof::Neutral => decision.mark,
    };
    shape.number(mark).ok_or(Rule::NotANumber)
}

/// The exact number that an f64 cell shows: its shortest decimal form, rounded half away from zero.
///
/// # Errors
/// [`Rule::TooLarge`], also for NaN and infinity.
pub fn of_float(number: f64, unit: Unit) -> Result<Read, Rule> {
    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
    if !number.is_finite() || number.abs() > unit.largest as f64 {
        return Err(Rule::TooLarge);
    }
    let scale = 10_f64.powi(i32::try_from(unit.places).unwrap_or(0));
    let scaled = (number * scale).round();
    // In the usual case the cell shows no more places than are kept. Then the division yields exactly the same f64.
    #[expect(clippy::float_cmp, reason = "equality is the question")]
    #[expect(clippy::cast_possible_truncation, reason = "below 2^53, checked")]
    if scaled.abs() < 9_007_199_254_740_992.0 && scaled / scale == number {
        return Ok(Read { value: scaled as i64, change: None });
    }
    let decimal: Decimal = plain_number(number).parse().ok().ok_or(Rule::TooLarge)?;
    Number { mantissa: decimal.mantissa(), places: decimal.scale(), percent: false, style: None }.read_in(unit)
}

/// Whether a text is a number in any style.
#[must_use]
pub fn looks_numeric(text: &str) -> bool {
    shape(text).is_some()
}

/// Whether a text is a number that is a thousand times as much with the other decimal mark.
#[must_use]
pub fn has_two_readings(text: &str) -> bool {
    shape(text).is_some_and(|shape| shape.proof == Proof::Either)
}

/// Whether a text is a quantity: a number, perhaps with its measure ("2 un", "3x").
#[must_use]
pub fn looks_like_quantity(text: &str) -> bool {
    shape(without_measure(text)).is_some()
}

/// Removes the measure from "2 un".
fn without_measure(text: &str) -> &str {
    let text = text.trim().trim_end_matches('.');
    let number = text.trim_end_matches(char::is_alphabetic);
    let measure = text.get(number.len()..).unwrap_or_default();
    let known = !measure.is_empty() && MEASURES.has_in_any_case(measure);
    if known && number.chars().any(|c| c.is_ascii_digit()) { number.trim_end() } else { text }
}

/// Whether a text is empty or one of the signs that people use for an empty value: `-`, `--`, and `R$ -` as the format
/// for accounts shows it.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let text = plain_characters(text.trim());
    let mut rest = text.trim();
    if rest.is_empty() {
        return true;
    }
    if let Some((_, other)) = without_currency(rest) {
        rest = other.trim();
    }
    !rest.is_empty() && rest.bytes().all(|byte| byte == b'-')
}

/// The parts of a text.
pub(super) struct Shape<'a> {
    /// The change around the digits: a minus in an unusual place, or a currency.
    around: Option<Change>,
    negative: bool,
    percent: bool,
    /// Whether there were spaces or apostrophes between the digits.
    pub(super) spaced: bool,
    /// Digits, commas and points.
    pub(super) body: Cow<'a, str>,
    pub(super) proof: Proof,
}

pub(super) fn shape(text: &str) -> Option<Shape<'_>> {
    let text = text.trim();
    // Most numbers have nothing around them.
    if is_bare(text) {
        let (body, proof) = (Cow::Borrowed(text), proof(text)?);
        return Some(Shape { around: None, negative: false, percent: false, spaced: false, body, proof });
    }
    let plain = plain_characters(text);
    let Around { digits, negative, unusual_minus, percent, currency } = around(&plain)?;
    let body = without_group_marks(digits).filter(|body| is_bare(body))?;
    let (spaced, proof) = (body.len() != digits.len(), proof(&body)?);
    let around = unusual_minus.then_some(Change::NegativeStyle).or(currency.map(|_| Change::CurrencyRemoved));
    Some(Shape { around, negative, percent, spaced, body: Cow::Owned(body.into_owned()), proof })
}

/// A text in the characters of a keyboard: full-width digits, dashes, spaces and apostrophes of all kinds become the
/// usual ones, and characters that nobody sees are dropped.
pub(super) fn plain_characters(text: &str) -> Cow<'_, str> {
    const FULL_WIDTH: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
    let half_width = |c: char| if FULL_WIDTH.contains(&c) { char::from_u32(u32::from(c) - 0xFEE0) } else { Some(c) };
    let plain = |c: char| match half_width(c)? {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '‘' | '’' | '‛' | '′' | '´' | '`' | 'ʼ' | 'ʹ' => Some('\''),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        c if !c.is_ascii() && c.is_whitespace() => Some(' '),
        c => Some(c),
    };
    if text.bytes().all(|byte| byte.is_ascii() && byte != b'`') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(plain).collect())
}

/// The digits of a text, and the signs that stood around them.
struct Around<'a> {
    digits: &'a str,
    negative: bool,
    unusual_minus: bool,
    percent: bool,
    currency: Option<&'static str>,
}

/// Takes off sign, currency and percent, which may be in any order around the digits: "-R$ 5", "R$ (5)", "(R$ 5)",
/// "5 -", "5 %". `None` if there are two signs.
fn around(text: &str) -> Option<Around<'_>> {
    // A spreadsheet shows an apostrophe before a number that is kept as a text.
    let mut rest = text.trim().strip_prefix('\'').unwrap_or(text.trim());
    let mut found = Around { digits: "", negative: false, unusual_minus: false, percent: false, currency: None };
    let mut signed = false;
    loop {
        rest = rest.trim();
        let minus = |other, is_unusual| Some((other, true, is_unusual));
        let sign = if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            minus(inner, true)
        } else if let Some(other) = rest.strip_prefix('-') {
            minus(other, false)
        } else if let Some(other) = rest.strip_prefix('+').or_else(|| rest.strip_suffix('+')) {
            Some((other, false, false))
        } else if let Some(other) = rest.strip_suffix('-') {
            let whole = other.strip_suffix('-').unwrap_or(other);
            // "12,-" and "12.--" have no cents.
            if whole.ends_with([',', '.']) {
                rest = whole;
                continue;
            }
            minus(other, true)
        } else {
            None
        };
        if let Some((other, is_minus, is_unusual)) = sign {
            if signed {
                return None;
            }
            (rest, signed) = (other, true);
            (found.negative, found.unusual_minus) = (is_minus, is_unusual);
        } else if let Some(other) = rest.strip_suffix('%') {
            if found.percent {
                return None;
            }
            (rest, found.percent) = (other, true);
        } else if let Some((sign, other)) = without_currency(rest).filter(|_| found.currency.is_none()) {
            (rest, found.currency) = (other, Some(sign));
        } else {
            return Some(Around { digits: rest, ..found });
        }
    }
}

/// The sign of the currency with which a text begins or ends, in letters of any case, and the rest of the text.
fn without_currency(text: &str) -> Option<(&'static str, &str)> {
    if is_digit_at_both_ends(text) {
        return None;
    }
    let is = |part: Option<&str>, sign: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(sign));
    CURRENCIES.iter().find_map(|sign| {
        let tail = text.len().checked_sub(sign.len())?;
        let rest = if is(text.get(..sign.len()), sign) { text.get(sign.len()..) } else { None };
        let rest = rest.or_else(|| if is(text.get(tail..), sign) { text.get(..tail) } else { None });
        rest.map(|rest| (sign, rest))
    })
}

/// The sign of the currency that stands beside a number.
pub(super) fn currency_of(text: &str) -> Option<&'static str> {
    around(&plain_characters(text)).filter(|around| is_bare(&around.digits.replace([' ', '\''], "")))?.currency
}

/// Takes out the spaces or the apostrophes between groups of three digits. `None` if they stand elsewhere: "12 34",
/// "12, 50".
fn without_group_marks(digits: &str) -> Option<Cow<'_, str>> {
    let Some(mark) = digits.chars().find(|c| matches!(c, ' ' | '\'')) else { return Some(Cow::Borrowed(digits)) };
    let (whole, part) = digits.split_at(digits.find([',', '.']).unwrap_or(digits.len()));
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let is_grouped = (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(is_group);
    (is_grouped && !part.contains([' ', '\''])).then(|| Cow::Owned(digits.replace(mark, "")))
}

/// Whether a text consists of digits, commas and points, with at least one digit.
fn is_bare(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.'))
}

fn is_digit_at_both_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_digit) && bytes.last().is_some_and(u8::is_ascii_digit)
}

fn proof(body: &str) -> Option<Proof> {
    let commas = body.matches(',').count();
    let points = body.matches('.').count();
    let whole = body.split_once('.').map_or(body, |(whole, _)| whole);
    if points <= 1 && is_in_lakhs(whole) {
        return Some(Proof::Lakhs { with_decimals: points == 1 });
    }
    let (mark, separator) = match (commas, points) {
        (0, 0) => return Some(Proof::Neutral),
        (0, _) => (Mark::Point, '.'),
        (_, 0) => (Mark::Comma, ','),
        // If there are both, the last one separates decimals and occurs once, and the other separates thousands.
        _ => {
            let mark = if body.rfind(',') > body.rfind('.') { Mark::Comma } else { Mark::Point };
            return read(body, mark).map(|_| Proof::Only(mark));
        }
    };
    if body.matches(separator).count() > 1 {
        return read(body, mark.other()).map(|_| Proof::Only(mark.other()));
    }
    let (before, after) = body.split_once(separator)?;
    let could_be_thousands = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    Some(if could_be_thousands { Proof::Either } else { Proof::Only(mark) })
}

/// Whether commas separate groups as in India: the last group has three digits and the others two, "1,23,456".
fn is_in_lakhs(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split(',').collect();
    matches!(groups.as_slice(), [first, between @ .., last]
        if !between.is_empty()
            && matches!(first.len(), 1 | 2)
            && !first.starts_with('0')
            && last.len() == 3
            && between.iter().all(|group| group.len() == 2))
}

impl Shape<'_> {
    /// The mark of a value that is read by itself. A mark that could separate thousands is not guessed, and a
    /// percentage is not an amount, so both yield `None`.
    pub(super) fn mark_alone(&self) -> Option<Mark> {
        let count = |mark: char| self.body.matches(mark).count();
        match (count('.'), count(',')) {
            _ if self.percent || self.spaced => None,
            (0 | 1, 0) => Some(Mark::Point),
            (0, 1) => Some(Mark::Comma),
            _ => None,
        }
    }

    fn number(&self, mark: Mark) -> Option<Number> {
        let (mantissa, places) = match self.proof {
            Proof::Lakhs { .. } => read(&self.body.replace(',', ""), Mark::Point)?,
            _ => read(&self.body, mark)?,
        };
        let separated = match mark {
            _ if !self.body.contains([',', '.']) => Change::NumberFromText,
            Mark::Comma => Change::DecimalComma,
            Mark::Point => Change::DecimalPoint,
        };
        let mantissa = if self.negative { -mantissa } else { mantissa };
        Some(Number { mantissa, places, percent: self.percent, style: Some(self.around.unwrap_or(separated)) })
    }
}

/// Most digits of a number: more than any amount of money has, and few enough for 128 bits.
const MOST_DIGITS: usize = 30;

/// Reads digits with this decimal mark. `None` if thousands are not in groups of three or there are too many digits.
fn read(body: &str, mark: Mark) -> Option<(i128, u32)> {
    let (decimal, thousand) = match mark {
        Mark::Comma => (',', '.'),
        Mark::Point => ('.', ','),
    };
    let (whole, part) = body.split_once(decimal).unwrap_or((body, ""));
    if part.contains([decimal, thousand]) {
        return None;
    }
    let mut groups = whole.split(thousand);
    let first = groups.next().unwrap_or_default();
    if groups.any(|group| group.len() != 3 || first.is_empty() || first.len() > 3) {
        return None;
    }
    let digits = || whole.bytes().chain(part.bytes()).filter(u8::is_ascii_digit);
    if !(1..=MOST_DIGITS).contains(&digits().count()) {
        return None;
    }
    let mantissa = digits().fold(0, |mantissa, digit| mantissa * 10 + i128::from(digit - b'0'));
    Some((mantissa, u32::try_from(part.len()).ok()?))
}

/// Whether all values other than zero are texts below one with two decimals, as money is written, and one of them
/// proves it by a last zero: "0,50". A share would be written "0,5" or "50%".
pub(crate) fn is_below_one_with_cents(cells: &Column, rows: &[usize]) -> bool {
    let mut with_cents = false;
    for row in rows {
        let text = match cells.kind(*row) {
            Kind::Empty => continue,
            Kind::Text => cells.text(*row).unwrap_or_default().trim().trim_start_matches('-'),
            _ => return false,
        };
        let Some(decimals) = text.strip_prefix("0,").or_else(|| text.strip_prefix("0.")) else {
            if is_blank(text) || text == "0" { continue } else { return false }
        };
        if decimals.len() != 2 {
            return false;
        }
        with_cents |= decimals.ends_with('0') && decimals != "00";
    }
    with_cents
}

#[cfg(test)]
mod tests {
    use super::super::mark::MarkEvidence;
    use super::*;

    fn decided(mark: Mark, comma: u64, point: u64) -> MarkDecision {
        MarkDecision { evidence: MarkEvidence { comma, point, ..MarkEvidence::default() }, ..MarkDecision::given(mark) }
    }

    fn cents(text: &str) -> Option<i64> {
        of_text(text, MarkDecision::given(Mark::Comma)).ok().and_then(|number| number.scaled(MONEY).ok())
    }

    #[test]
    fn money_is_read_as_people_write_it() {
        for (text, expected) in [
            ("1.234,56", 123_456),
            ("R$ 10,00", 1_000),
            ("R$\u{a0}1.234.567,89", 123_456_789),
            ("10,5", 1_050),
            ("3500.00", 350_000),
            ("1,234.56", 123_456),
            ("(1.234,56)", -123_456),
            ("5,00-", -500),
            ("-R$ 5,00", -500),
            ("R$ -5,00", -500),
            ("1 234 567,8", 123_456_780),
            ("1'234.50", 123_450),
            ("0.125", 13),
            (",5", 50),
            ("12,34 %", 1_234),
        ] {
            assert_eq!(cents(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        for text in ["abc", "12 34", "1,2,3", "1.23.4", "1..2", "--5", "10 un", "", "R$", "1.2345.678,00"] {
            assert_eq!(cents(text), None, "{text}");
        }
    }

    #[test]
    fn a_thousand_or_one_is_decided_by_the_column() {
        let (point, mixed) = (decided(Mark::Point, 0, 3), decided(Mark::Point, 2, 3));
        assert_eq!(cents("1.234"), Some(123_400));
        assert_eq!(of_text("1.234", point).unwrap().scaled(PRICE), Ok(12_340));
        assert_eq!(of_text("1.234", mixed), Err(Rule::NotANumber), "a column that uses both cannot say");
        assert_eq!(
            of_text("1.234,5", mixed).unwrap().scaled(MONEY),
            Ok(123_450),
            "a value that proves its mark can be read"
        );
    }

    #[test]
    fn a_number_cell_gives_what_it_shows() {
        let of = |number, unit| of_float(number, unit).map(|read| read.value);
        let change = |number| of_float(number, MONEY).unwrap().change;
        assert_eq!((change(0.5), change(2.675)), (None, Some(Change::Rounded)));
        assert_eq!(of("1234567.8899999999".parse().unwrap(), MONEY), Ok(123_456_789));
        assert_eq!(of(0.1 + 0.2, MONEY), Ok(30));
        assert_eq!(of(2.675, MONEY), Ok(268));
        assert_eq!(of(-1.005, MONEY), Ok(-101));
        assert_eq!(of(1e300, MONEY), Err(Rule::TooLarge));
        assert_eq!(of(f64::NAN, MONEY), Err(Rule::TooLarge));
        assert_eq!(of(7_891_234_567_895.0, QUANTITY), Err(Rule::TooLarge), "a bar code is no quantity");
    }
}
