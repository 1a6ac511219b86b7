//! Decides which mark separates the decimals of a column, from all its values: `1.234,56` proves the comma, and `1.234`
//! proves nothing. The columns of one sheet come from one program, so the values of one count for the others.

use caudal_contract::field::Field;

use super::number::{self, PRICE, QUANTITY, Unit, shape};
use super::per_text::PerText;
use crate::sheet::{Column, Kind};

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The comma, as in `1.234,56`.
    Comma,
    /// The point, as in `1,234.56`.
    Point,
}

impl Mark {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Comma => Self::Point,
            Self::Point => Self::Comma,
        }
    }
}

/// The evidence of one value for the decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The value is valid only with this mark.
    Only(Mark),
    /// The value has no separator.
    Neutral,
    /// The value has two meanings: `1.234` may be more than a thousand, or a little more than one.
    Either,
    /// The value is valid only with groups as in India: "1,23,456.78".
    Lakhs {
        /// Whether it has a decimal point.
        with_decimals: bool,
    },
}

/// Number of values of a column, or of several, that prove each mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MarkEvidence {
    /// Values that are valid only with the comma.
    pub comma: u64,
    /// Values that are valid only with the point.
    pub point: u64,
    /// Values that have a different meaning with each mark.
    pub either: u64,
    /// Values among `either` whose mark is a comma.
    pub either_commas: u64,
    /// Values among `either` that end in zero. A program that writes as few decimals as it needs writes no such value.
    pub either_padded: u64,
    /// Whole numbers below a thousand without a mark. A program that writes three decimals writes no such value.
    pub plain_small: u64,
    /// Whole numbers from a thousand without a mark. A program that separates thousands writes no such value.
    pub plain_large: u64,
    /// Values in groups as in India.
    pub lakhs: u64,
    /// Values among `lakhs` with a decimal point.
    pub lakhs_with_decimals: u64,
    /// Values with two commas or more between groups of three.
    pub millions: u64,
}

impl MarkEvidence {
    /// Counts the values of a column.
    fn of(column: &Column, rows: &[usize]) -> Self {
        let mut known = PerText::of(column);
        let mut sum = Self::default();
        for row in rows.iter().filter(|row| column.kind(**row) == Kind::Text) {
            let of_value = known.get(*row, || column.text(*row).and_then(Self::of_text));
            sum = sum.and(of_value.unwrap_or_default());
        }
        if sum.proves_lakhs() {
            sum.point += sum.lakhs;
        }
        sum
    }

    fn of_text(text: &str) -> Option<Self> {
        let shape = shape(text)?;
        let mut one = Self::default();
        let commas = shape.body.matches(',').count();
        match shape.proof {
            Proof::Only(Mark::Comma) => one.comma = 1,
            Proof::Only(Mark::Point) => {
                one.point = 1;
                one.millions = u64::from(commas > 1);
            }
            Proof::Lakhs { with_decimals } => {
                (one.lakhs, one.lakhs_with_decimals) = (1, u64::from(with_decimals));
            }
            Proof::Either => {
                one.either = 1;
                one.either_commas = u64::from(commas > 0);
                one.either_padded = u64::from(shape.body.ends_with('0'));
            }
            Proof::Neutral if shape.spaced => {}
            Proof::Neutral => match shape.body.trim_start_matches('0').len() {
                0 => {}
                1..=3 => one.plain_small = 1,
                _ => one.plain_large = 1,
            },
        }
        Some(one)
    }

    /// The sum of both.
    fn and(self, other: Self) -> Self {
        Self {
            comma: self.comma + other.comma,
            point: self.point + other.point,
            either: self.either + other.either,
            either_commas: self.either_commas + other.either_commas,
            either_padded: self.either_padded + other.either_padded,
            plain_small: self.plain_small + other.plain_small,
            plain_large: self.plain_large + other.plain_large,
            lakhs: self.lakhs + other.lakhs,
            lakhs_with_decimals: self.lakhs_with_decimals + other.lakhs_with_decimals,
            millions: self.millions + other.millions,
        }
    }

    /// The mark that more values prove. `None` if as many values prove the other.
    #[must_use]
    pub fn winner(self) -> Option<Mark> {
        match self.comma.cmp(&self.point) {
            std::cmp::Ordering::Greater => Some(Mark::Comma),
            std::cmp::Ordering::Less => Some(Mark::Point),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The mark in the ambiguous values if it is the same in all of them.
    fn ambiguous(self) -> Option<Mark> {
        match self.either_commas {
            _ if self.either == 0 => None,
            0 => Some(Mark::Point),
            all if all == self.either => Some(Mark::Comma),
            _ => None,
        }
    }

    /// The decimal mark if the values of an amount of money can only have been written with separators of thousands:
    /// `980` beside `5,320`. With three decimals it would be `980,000`, and with as few as needed `5,32`.
    fn of_thousands(self) -> Option<Mark> {
        let can_only_be = self.plain_small > 0 && self.plain_large == 0 && self.either_padded > 0;
        self.ambiguous().filter(|_| can_only_be).map(Mark::other)
    }

    /// Whether the values prove groups as in India: one has a decimal point or there are two, and nothing contradicts.
    pub(super) fn proves_lakhs(self) -> bool {
        (self.lakhs > 1 || self.lakhs_with_decimals > 0) && self.comma == 0 && self.millions == 0
    }
}

/// What the columns of numbers of one sheet say about the decimal mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct SheetMarks {
    evidence: MarkEvidence,
    /// The mark that the amounts of money prove by their separators of thousands.
    thousands: Option<Mark>,
    /// The mark with which quantity times price is the total.
    product: Option<Mark>,
}

/// The columns of numbers of a sheet.
#[derive(Debug, Clone, Copy, Default)]
pub struct NumberColumns<'a> {
    /// The quantity.
    pub quantity: Option<&'a Column>,
    /// The price of one.
    pub unit_price: Option<&'a Column>,
    /// What is taken off.
    pub discount: Option<&'a Column>,
    /// The total.
    pub total: Option<&'a Column>,
}

impl<'a> NumberColumns<'a> {
    /// The columns of these fields.
    pub fn of(cells: impl Fn(Field) -> Option<&'a Column>) -> Self {
        Self {
            quantity: cells(Field::Quantity),
            unit_price: cells(Field::UnitPrice),
            discount: cells(Field::Discount),
            total: cells(Field::Total),
        }
    }
}

impl SheetMarks {
    /// Looks at the columns of numbers, and at `others` that are amounts of money too.
    #[must_use]
    pub fn of<'a>(columns: NumberColumns<'a>, others: impl Iterator<Item = &'a Column>, rows: &[usize]) -> Self {
        let NumberColumns { quantity, unit_price, discount, total } = columns;
        let money = [unit_price, discount, total].into_iter().flatten().chain(others);
        let money: Vec<MarkEvidence> = money.map(|column| MarkEvidence::of(column, rows)).collect();
        let of_quantity = quantity.map(|column| MarkEvidence::of(column, rows)).unwrap_or_default();
        let evidence = money.iter().fold(of_quantity, |sum, other| sum.and(*other));
        let mut found = Self { evidence, thousands: None, product: None };
        if evidence.either == 0 || evidence.winner().is_some() {
            return found;
        }
        let mut thousands = money.iter().filter_map(|evidence| evidence.of_thousands());
        found.thousands = thousands.next().filter(|first| thousands.all(|other| other == *first));
        if let (Some(quantity), Some(unit_price), Some(total)) = (quantity, unit_price, total) {
            found.product = of_product(quantity, unit_price, discount, total, rows);
        }
        found
    }

    /// The mark that the sheet proves, if any.
    #[must_use]
    pub fn proven(self) -> Option<Mark> {
        let lakhs = self.evidence.proves_lakhs().then_some(Mark::Point);
        self.evidence.winner().or(lakhs).or(self.product).or(self.thousands)
    }
}

/// The mark with which quantity times price is the total, or the total and its discount, on nine of ten rows, if with
/// the other it hardly ever is.
fn of_product(
    quantity: &Column,
    unit_price: &Column,
    discount: Option<&Column>,
    total: &Column,
    rows: &[usize],
) -> Option<Mark> {
    const FEWEST: usize = 3;
    let agreeing = |mark: Mark| {
        let decision = MarkDecision::given(mark);
        let read = |column: &Column, row: usize, unit: Unit| {
            number::of_cell(column, row, decision, unit).ok().flatten().map(i128::from)
        };
        let (mut compared, mut agreeing) = (0_usize, 0_usize);
        for row in rows {
            let (Some(quantity), Some(price), Some(total)) =
                (read(quantity, *row, QUANTITY), read(unit_price, *row, PRICE), read(total, *row, PRICE))
            else {
                continue;
            };
            if quantity == 0 || price == 0 {
                continue;
            }
            // Ten-thousandths of ten-thousandths. A total is rounded to cents, and its price may be rounded too.
            const SCALE: i128 = 10_000;
            const CENT: i128 = 100 * SCALE;
            let near = |other: i128| (quantity * price - other * SCALE).abs() <= CENT + quantity.abs() / 2 * 100;
            let off = discount.and_then(|discount| read(discount, *row, PRICE)).unwrap_or(0);
            compared += 1;
            agreeing += usize::from(near(total) || off != 0 && near(total + off.abs()));
        }
        (compared >= FEWEST).then_some((agreeing, compared))
    };
    let ((comma, of_comma), (point, of_point)) = (agreeing(Mark::Comma)?, agreeing(Mark::Point)?);
    let proves = |agreeing: usize, of: usize, other: usize| agreeing * 10 >= of * 9 && other * 2 < of;
    match (proves(comma, of_comma, point), proves(point, of_point, comma)) {
        (true, false) => Some(Mark::Comma),
        (false, true) => Some(Mark::Point),
        _ => None,
    }
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
    /// Whether the values of the column or of the sheet prove the mark. If they do not, it is the configured one.
    pub is_proven: bool,
}

impl MarkDecision {
    /// The decision for values that are read each by itself, as in JSON.
    #[must_use]
    pub fn of_values() -> Self {
        Self { each_alone: true, ..Self::given(Mark::Point) }
    }

    /// The decision for values with this mark.
    #[must_use]
    pub fn given(mark: Mark) -> Self {
        Self { mark, evidence: MarkEvidence::default(), each_alone: false, is_proven: true }
    }

    /// Decides for a column. If it has ambiguous values and proves nothing itself, the mark that the `sheet` proves
    /// counts, and otherwise `configured`.
    #[must_use]
    pub fn of(column: &Column, rows: &[usize], sheet: SheetMarks, configured: Mark) -> Self {
        let evidence = MarkEvidence::of(column, rows);
        let proven = evidence.winner().or_else(|| if evidence.either > 0 { sheet.proven() } else { None });
        let mark = proven.unwrap_or(configured);
        let lakhs = if sheet.evidence.proves_lakhs() { sheet.evidence.lakhs } else { evidence.lakhs };
        Self {
            mark,
            evidence: MarkEvidence { lakhs, ..evidence },
            each_alone: false,
            is_proven: proven.is_some() || evidence.either == 0,
        }
    }

    /// Decides for a column that is only compared with others. If neither it nor the `beside` columns prove a mark, one
    /// that always has exactly three digits after it separates thousands, because money has two decimals. Cleaning does
    /// not guess so.
    #[must_use]
    pub fn of_money(column: &Column, rows: &[usize], beside: impl FnOnce() -> Option<Mark>, fallback: Mark) -> Self {
        let evidence = MarkEvidence::of(column, rows);
        let proven = evidence.winner().or_else(|| if evidence.either > 0 { beside() } else { None });
        let thousands = || evidence.ambiguous().map(Mark::other);
        let mark = proven.or_else(thousands).unwrap_or(fallback);
        Self { mark, evidence, each_alone: false, is_proven: proven.is_some() }
    }

    /// Whether the column proves both marks. Then an ambiguous value cannot be read.
    pub(super) fn is_mixed(self) -> bool {
        self.evidence.comma > 0 && self.evidence.point > 0
    }

    /// Whether values of the column are a thousand times as much with the other mark, and nothing tells which is right.
    #[must_use]
    pub fn is_doubtful(self) -> bool {
        !self.is_proven && !self.each_alone && self.evidence.either > 0
    }

    /// Whether the ambiguous values have decimals in this reading, or thousands. `None` if some have each.
    #[must_use]
    pub fn reads_decimals(self) -> Option<bool> {
        self.evidence.ambiguous().map(|mark| mark == self.mark)
    }
}
