//! Reads numbers from cells, exactly.
//!
//! A text may carry a currency, a percent sign, separators of thousands, and three styles of minus. The decimal mark,
//! comma or point, is decided for a whole column from all its values: a value such as `1.234,56` proves the comma,
//! `1.234` proves nothing.

use std::borrow::Cow;

use caudal_contract::money::{LARGEST_AMOUNT, LARGEST_QUANTITY};
use caudal_contract::notice::{Change, Rule};
use rust_decimal::Decimal;

use super::per_text::PerText;
use crate::sheet::{Column, Kind, plain_number};
use crate::words::signs::{CURRENCIES, MEASURES};

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The comma, as in `1.234,56`.
    Comma,
    /// The point, as in `1,234.56`.
    Point,
}

impl Mark {
    fn other(self) -> Self {
        match self {
            Self::Comma => Self::Point,
            Self::Point => Self::Comma,
        }
    }
}

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

/// The evidence of one value for the decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// The value is valid only with this mark.
    Only(Mark),
    /// The value has no separator.
    Neutral,
    /// The value has two meanings: `1.234` may be more than a thousand, or a little more than one.
    Either,
}

/// Number of values of a column that prove each mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MarkEvidence {
    /// Values that are valid only with the comma.
    pub comma: u64,
    /// Values that are valid only with the point.
    pub point: u64,
    /// Values that have a different meaning with each mark.
    pub either: u64,
}

impl MarkEvidence {
    /// The mark that more values prove. `None` if as many values prove the other.
    #[must_use]
    pub fn winner(self) -> Option<Mark> {
        match self.comma.cmp(&self.point) {
            std::cmp::Ordering::Greater => Some(Mark::Comma),
            std::cmp::Ordering::Less => Some(Mark::Point),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// The evidence of a column, and the mark in its ambiguous values if it is the same in all of them.
fn counted(column: &Column, rows: &[usize]) -> (MarkEvidence, Option<Mark>) {
    let mut evidence = MarkEvidence::default();
    let mut commas = 0;
    let mut known = PerText::of(column);
    let proof = |text: &str| shape(text).map(|shape| (shape.proof, shape.body.contains(',')));
    for row in rows.iter().filter(|row| column.kind(**row) == Kind::Text) {
        match known.get(*row, || column.text(*row).and_then(proof)) {
            Some((Proof::Only(Mark::Comma), _)) => evidence.comma += 1,
            Some((Proof::Only(Mark::Point), _)) => evidence.point += 1,
            Some((Proof::Either, comma)) => {
                evidence.either += 1;
                commas += u64::from(comma);
            }
            Some((Proof::Neutral, _)) | None => {}
        }
    }
    let ambiguous = match commas {
        0 if evidence.either > 0 => Some(Mark::Point),
        all if all == evidence.either && all > 0 => Some(Mark::Comma),
        _ => None,
    };
    (evidence, ambiguous)
}

/// The mark that the values of several columns prove together.
#[must_use]
pub fn mark_of_all<'a>(columns: impl Iterator<Item = &'a Column>, rows: &[usize]) -> Option<Mark> {
    let mut sum = MarkEvidence::default();
    for (evidence, _) in columns.map(|column| counted(column, rows)) {
        sum.comma += evidence.comma;
        sum.point += evidence.point;
    }
    sum.winner()
}

/// The mark chosen for a column, and its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkDecision {
    /// The mark for values that do not prove one.
    pub mark: Mark,
    /// Counts over the whole column.
    pub evidence: MarkEvidence,
    /// Whether each value is read by itself. Then a point separates decimals, and so does a single comma without a
    /// point.
    pub each_alone: bool,
}

impl MarkDecision {
    /// The decision for values that are read each by itself, as in JSON.
    #[must_use]
    pub fn of_values() -> Self {
        Self { mark: Mark::Point, evidence: MarkEvidence::default(), each_alone: true }
    }

    /// Decides for a column. `fallback` is the configured mark.
    #[must_use]
    pub fn of(column: &Column, rows: &[usize], fallback: Mark) -> Self {
        let (evidence, _) = counted(column, rows);
        Self { mark: evidence.winner().unwrap_or(fallback), evidence, each_alone: false }
    }

    /// Decides for a column of money. If it has ambiguous values and proves nothing itself, the mark that the `beside`
    /// columns prove counts. If they prove none, a mark that always has exactly three digits after it separates
    /// thousands, because money has two decimals.
    #[must_use]
    pub fn of_money(column: &Column, rows: &[usize], beside: impl FnOnce() -> Option<Mark>, fallback: Mark) -> Self {
        let (evidence, ambiguous) = counted(column, rows);
        let mark = evidence.winner().or_else(|| if evidence.either > 0 { beside() } else { None });
        let thousands = || ambiguous.map(Mark::other);
        Self { mark: mark.or_else(thousands).unwrap_or(fallback), evidence, each_alone: false }
    }

    /// Whether the column proves both marks. Then an ambiguous value cannot be read.
    fn is_mixed(self) -> bool {
        self.evidence.comma > 0 && self.evidence.point > 0
    }
}

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

/// Whether a text is empty or one of the signs that people use for an empty value.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "–" | "—")
}

/// The parts of a text.
struct Shape<'a> {
    /// The change around the digits: a minus in an unusual place, or a currency.
    around: Option<Change>,
    negative: bool,
    percent: bool,
    /// Whether there were spaces or apostrophes between the digits.
    spaced: bool,
    /// Digits, commas and points.
    body: Cow<'a, str>,
    proof: Proof,
}

fn shape(text: &str) -> Option<Shape<'_>> {
    let mut rest = text.trim();
    // Most numbers have nothing around them.
    if is_bare(rest) {
        let proof = proof(rest)?;
        return Some(Shape {
            around: None,
            negative: false,
            percent: false,
            spaced: false,
            body: Cow::Borrowed(rest),
            proof,
        });
    }
    let mut negative = false;
    let mut percent = false;
    let (mut currency_removed, mut unusual_minus) = (false, false);
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (rest, negative) = (inner.trim(), true);
        unusual_minus = true;
    }
    // Sign, currency and percent may be in any order around the digits: "-R$ 5", "R$ -5", "5- ", "5 %".
    loop {
        let before = rest;
        rest = rest.trim();
        for sign in ["-", "−"] {
            if let Some(other) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                if negative {
                    return None;
                }
                unusual_minus |= rest.ends_with(sign);
                (rest, negative) = (other, true);
            }
        }
        if let Some(other) = rest.strip_suffix('%') {
            (rest, percent) = (other, true);
        }
        rest = rest.strip_prefix('+').unwrap_or(rest);
        if !is_digit_at_both_ends(rest) {
            for currency in CURRENCIES.iter() {
                if let Some(other) = rest.strip_prefix(currency).or_else(|| rest.strip_suffix(currency)) {
                    (rest, currency_removed) = (other, true);
                }
            }
        }
        if rest == before {
            break;
        }
    }
    let body: String = rest.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    let spaced = body.len() != rest.len();
    if !is_bare(&body) {
        return None;
    }
    if spaced && !groups_are_thousands(rest) {
        return None;
    }
    let proof = proof(&body)?;
    let minus = unusual_minus.then_some(Change::NegativeStyle);
    let around = minus.or(currency_removed.then_some(Change::CurrencyRemoved));
    Some(Shape { around, negative, percent, spaced, body: Cow::Owned(body), proof })
}

/// Whether a text consists of digits, commas and points, with at least one digit.
fn is_bare(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.'))
}

fn is_digit_at_both_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_digit) && bytes.last().is_some_and(u8::is_ascii_digit)
}

/// Whether each space in a text such as "1 234 567,89" has exactly three digits after it.
fn groups_are_thousands(text: &str) -> bool {
    let whole = text.split([',', '.']).next().unwrap_or_default();
    let mut groups = whole.split([' ', '\u{a0}', '\u{202f}', '\'', '’']);
    groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
}

fn proof(body: &str) -> Option<Proof> {
    let commas = body.matches(',').count();
    let points = body.matches('.').count();
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

impl Shape<'_> {
    /// The mark of a value that is read by itself. A mark that could separate thousands is not guessed, and a
    /// percentage is not an amount, so both yield `None`.
    fn mark_alone(&self) -> Option<Mark> {
        let count = |mark: char| self.body.matches(mark).count();
        match (count('.'), count(',')) {
            _ if self.percent || self.spaced => None,
            (0 | 1, 0) => Some(Mark::Point),
            (0, 1) => Some(Mark::Comma),
            _ => None,
        }
    }

    fn number(&self, mark: Mark) -> Option<Number> {
        let (mantissa, places) = read(&self.body, mark)?;
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
    use super::*;

    const UNDECIDED: MarkDecision =
        MarkDecision { mark: Mark::Comma, evidence: MarkEvidence { comma: 0, point: 0, either: 0 }, each_alone: false };

    fn cents(text: &str) -> Option<i64> {
        of_text(text, UNDECIDED).ok().and_then(|number| number.scaled(MONEY).ok())
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
        let point = MarkDecision {
            mark: Mark::Point,
            evidence: MarkEvidence { comma: 0, point: 3, either: 1 },
            each_alone: false,
        };
        let mixed = MarkDecision {
            mark: Mark::Point,
            evidence: MarkEvidence { comma: 2, point: 3, either: 1 },
            each_alone: false,
        };
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
    fn money_with_three_digits_behind_its_only_mark_is_in_thousands() {
        let column = |text: &str| {
            crate::sheet::read(format!("x\n{text}").as_bytes(), "x.csv").unwrap().sheets.remove(0).columns.remove(0)
        };
        let mark = |text: &str, beside| MarkDecision::of_money(&column(text), &[1, 2], || beside, Mark::Comma).mark;
        assert_eq!(mark("$5,320\n$980\n", None), Mark::Point);
        assert_eq!(mark("5.320\n980\n", None), Mark::Comma);
        assert_eq!(mark("5,899\n6,010\n", Some(Mark::Comma)), Mark::Comma, "litres of fuel beside totals in cents");
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
