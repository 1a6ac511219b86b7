//! The file of a known export.

use std::collections::BTreeMap;

use caudal_contract::field::Field;
use caudal_contract::text::folded;
use serde::{Deserialize, Deserializer};

/// A known export, as its file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Export {
    /// Its name for people.
    pub(super) name: String,
    /// The documentation of its columns.
    pub(super) source: String,
    /// Headers that all files of this export have.
    pub(super) recognised_by: Vec<Names>,
    /// The column of each field. Later versions of an export may lack some of them.
    #[serde(deserialize_with = "by_code")]
    pub(super) fields: BTreeMap<Field, Names>,
    /// Whether the discount of the line has still to come off the total of the line.
    #[serde(default)]
    pub(super) total_is_before_discount: bool,
    /// The discount of whole orders.
    pub(super) order_discount: Option<DiscountOfOrders>,
    /// The money that was returned.
    pub(super) refund: Option<MoneyBack>,
    /// Columns with amounts that are no part of the sale: fees, payouts, what the customer paid.
    #[serde(default)]
    pub(super) beside: Vec<Names>,
    /// Columns with amounts that this layout cannot count. If one holds money, the layout is not applied.
    #[serde(default)]
    pub(super) only_without: Vec<Names>,
    /// The sums that have to be right.
    #[serde(default)]
    pub(super) proof: Vec<Equation>,
}

/// A discount of whole orders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountOfOrders {
    pub(super) column: Names,
    /// Whether it stands once for the order, or again on each line. Otherwise each line has its share.
    #[serde(default = "yes")]
    pub(super) of_order: bool,
    /// The total that has the discount off. If it has not, the discount was of something else, such as the freight.
    pub(super) left_off: Option<Names>,
}

fn yes() -> bool {
    true
}

/// A column of money that was returned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoneyBack {
    pub(super) column: Names,
    /// Whether it belongs to the whole order. Otherwise each line has its own.
    pub(super) of_order: bool,
}

/// The lines plus and minus other amounts are an amount of the sheet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Equation {
    /// Whether it holds for whole orders. Otherwise it holds for each row.
    #[serde(default)]
    pub(super) of_order: bool,
    /// An amount of each line. The lines of an order are added up.
    pub(super) lines: Amount,
    /// Amounts that are added.
    #[serde(default)]
    pub(super) plus: Vec<Names>,
    /// Amounts that come off, with or without a minus.
    #[serde(default)]
    pub(super) minus: Vec<Names>,
    /// The result.
    pub(super) gives: Names,
}

/// An amount of a line.
#[derive(Debug)]
pub(super) enum Amount {
    /// The quantity times the price.
    QuantityTimesPrice,
    /// The quantity times the price, less the discount of the line in money or percent.
    LessDiscount,
    /// A column.
    Column(Names),
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "quantity × price" => Self::QuantityTimesPrice,
            "quantity × price − discount" => Self::LessDiscount,
            column => Self::Column(Names::of(column)),
        })
    }
}

/// The names that a column has in different languages and versions of an export, parted by ` | `. `Estado#2` is the second
/// column of this name.
#[derive(Debug)]
pub(super) struct Names(Vec<(String, usize)>);

impl Names {
    fn of(text: &str) -> Self {
        let one = |name: &str| {
            let numbered = name.rsplit_once('#').and_then(|(name, place)| Some((name, place.parse::<usize>().ok()?)));
            let (name, place) = numbered.unwrap_or((name, 1));
            (folded(without_currency(name)), place)
        };
        Self(text.split(" | ").map(one).collect())
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

fn by_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Field, Names>, D::Error> {
    let by_code: BTreeMap<String, Names> = BTreeMap::deserialize(deserializer)?;
    let field = |(code, names): (String, Names)| match Field::from_code(&code) {
        Some(field) => Ok((field, names)),
        None => Err(serde::de::Error::custom(format!("{code} is not a field"))),
    };
    by_code.into_iter().map(field).collect()
}

/// The folded headers of a sheet.
pub(super) struct Headers(Vec<String>);

impl Headers {
    /// Folds headers. A currency behind a header, as in "Total (BRL)", differs between the countries of one system.
    pub(super) fn of(headers: &[String]) -> Self {
        Self(headers.iter().map(|header| folded(without_currency(header))).collect())
    }

    /// The column with one of these names.
    pub(super) fn find(&self, names: &Names) -> Option<usize> {
        names.0.iter().find_map(|(name, place)| {
            let same = self.0.iter().enumerate().filter(|(_, header)| *header == name);
            same.map(|(column, _)| column).nth(place.checked_sub(1)?)
        })
    }
}

fn without_currency(header: &str) -> &str {
    let Some((name, behind)) = header.trim().rsplit_once('(') else { return header };
    let is_currency =
        |text: &str| (2..=3).contains(&text.len()) && text.chars().all(|c| c.is_ascii_uppercase() || c == '$');
    if behind.strip_suffix(')').is_some_and(is_currency) { name } else { header }
}

impl Export {
    /// Whether the headers are those of this export.
    pub(super) fn is_named_by(&self, headers: &Headers) -> bool {
        self.recognised_by.iter().all(|names| headers.find(names).is_some())
    }
}
