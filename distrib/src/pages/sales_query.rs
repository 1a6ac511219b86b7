//! Converts the URL of the sales list to a filter and back. Days in URLs are ISO dates in every language.

use std::collections::BTreeMap;
use std::fmt;

use caudal_contract::field::Field;
use caudal_contract::payment::PaymentMethod;
use chrono::NaiveDate;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::link::query_string;
use super::pager::page_number;
use crate::view::sales::{SalesFilter, SortColumn, Standing, dimensions};

const LONGEST_SEARCH: usize = 200;
/// Maximum number of characters of a day, a number or a code. Valid ones are shorter.
const LONGEST_CODE: usize = 40;

/// The query string of the list and of its reports, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SalesQuery {
    /// Part of a name, or an order number.
    pub q: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The code of a payment method.
    pub payment: String,
    /// The id of a product.
    pub product: String,
    /// The id of a customer.
    pub customer: String,
    /// The id of an import.
    pub import: String,
    /// `void` or `all`; empty for the sales that count.
    pub standing: String,
    /// The id of the import that cancelled the sales.
    pub cancelled_by: String,
    /// The column to sort by.
    pub sort: String,
    /// `asc` or `desc`.
    pub order: String,
    /// The page, from 1.
    pub page: String,
    /// Every other parameter: those with the code of a field that filters, and those that mean nothing.
    #[serde(flatten, deserialize_with = "each_once")]
    pub(super) others: BTreeMap<String, String>,
}

/// A query with its filter, so that a request parses its query once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedQuery {
    /// The query, as written.
    pub query: SalesQuery,
    /// The filter of the query, without its invalid values.
    pub filter: SalesFilter,
    /// The reason why the days are missing from the filter, if they were given but are invalid.
    pub problem: Option<QueryProblem>,
}

/// An error in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryProblem {
    /// A day is not a valid date.
    NotADay,
    /// The last day lies before the first.
    EndBeforeStart,
}

impl SalesQuery {
    /// The query with overlong values cut, because the page repeats the query in each of its links.
    #[must_use]
    pub(super) fn shortened(mut self) -> Self {
        let cut = |text: &mut String, most: usize| {
            if let Some((place, _)) = text.char_indices().nth(most) {
                text.truncate(place);
            }
        };
        cut(&mut self.q, LONGEST_SEARCH);
        self.others.retain(|name, _| field_of(name).is_some());
        for (name, text) in &mut self.others {
            cut(text, field_of(name).map_or(0, Field::most_characters));
        }
        let Self { from, to, payment, product, customer, import, standing, cancelled_by, sort, order, page, .. } =
            &mut self;
        for text in [from, to, payment, product, customer, import, standing, cancelled_by, sort, order, page] {
            cut(text, LONGEST_CODE);
        }
        self
    }

    /// The query with its filter.
    #[must_use]
    pub fn parsed(self) -> ParsedQuery {
        let days = self.days();
        let (from, to) = days.unwrap_or_default();
        let search = self.q.trim().chars().take(LONGEST_SEARCH).collect::<String>();
        let filter = SalesFilter {
            search: Some(search).filter(|text| !text.is_empty()),
            from,
            to,
            payment: PaymentMethod::from_code(&self.payment),
            product_id: number(&self.product),
            customer_id: number(&self.customer),
            import_id: number(&self.import),
            standing: Standing::from_code(&self.standing),
            cancelled_by: number(&self.cancelled_by),
            dimensions: self.dimensions().map(|(field, value)| (field, value.to_owned())).collect(),
            sort: sort_column(&self.sort),
            ascending: self.order == ASCENDING,
        };
        ParsedQuery { filter, problem: days.err(), query: self }
    }

    /// The page, from 1.
    #[must_use]
    pub fn page_number(&self) -> i64 {
        page_number(&self.page)
    }

    /// The query string with `?` but without the page. The first page of the list and its reports use it.
    #[must_use]
    pub fn to_query_string(&self) -> String {
        query_string(&self.pairs(""))
    }

    /// The query string of another page of the list.
    pub(super) fn with_page(&self, page: i64) -> String {
        query_string(&self.pairs(&page.to_string()))
    }

    fn pairs<'a>(&'a self, page: &'a str) -> Vec<(&'static str, &'a str)> {
        let first = [
            ("q", self.q.trim()),
            ("from", &self.from),
            ("to", &self.to),
            ("payment", &self.payment),
            ("product", &self.product),
            ("customer", &self.customer),
            ("import", &self.import),
            ("standing", &self.standing),
            ("cancelled_by", &self.cancelled_by),
        ];
        let dimensions = self.dimensions().map(|(field, value)| (field.code(), value));
        first
            .into_iter()
            .chain(dimensions)
            .chain([("sort", self.sort.as_str()), ("order", &self.order), ("page", page)])
            .collect()
    }

    /// The fields that narrow the list, with their values.
    pub(super) fn dimensions(&self) -> impl Iterator<Item = (Field, &str)> {
        let value = |field: Field| self.others.get(field.code()).map(|value| value.trim());
        dimensions().filter_map(move |field| Some((field, value(field).filter(|value| !value.is_empty())?)))
    }

    /// The query without one of its fields.
    pub(super) fn without(&self, field: Field) -> Self {
        let mut query = self.clone();
        query.others.remove(field.code());
        query
    }

    fn days(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>), QueryProblem> {
        let (from, to) = (day(&self.from)?, day(&self.to)?);
        match (from, to) {
            (Some(from), Some(to)) if to < from => Err(QueryProblem::EndBeforeStart),
            days => Ok(days),
        }
    }
}

impl ParsedQuery {
    /// The query string of the list sorted by a column. If the list is sorted by it already, the order is reversed.
    pub(super) fn sorted_by(&self, column: SortColumn) -> String {
        let first_time = self.filter.sort != column;
        // Names start with A, numbers and days with the largest.
        let ascending = if first_time {
            matches!(column, SortColumn::Customer | SortColumn::Product)
        } else {
            !self.filter.ascending
        };
        let sort = SORT_CODES.iter().find(|(known, _)| *known == column).map_or("", |(_, code)| code);
        let order = if ascending { ASCENDING } else { DESCENDING };
        SalesQuery { sort: sort.to_owned(), order: order.to_owned(), ..self.query.clone() }.to_query_string()
    }
}

/// The orders in URLs.
const ASCENDING: &str = "asc";
const DESCENDING: &str = "desc";

/// The columns with their codes in URLs.
const SORT_CODES: [(SortColumn, &str); 5] = [
    (SortColumn::Date, "date"),
    (SortColumn::Customer, "customer"),
    (SortColumn::Product, "product"),
    (SortColumn::Quantity, "quantity"),
    (SortColumn::Amount, "amount"),
];

/// The column with this code. If it is unknown, the list is sorted by date.
fn sort_column(code: &str) -> SortColumn {
    SORT_CODES.iter().find(|(_, known)| *known == code).map(|(column, _)| *column).unwrap_or_default()
}

/// Reads the parameters that have no field of their own. One that narrows the list and stands there twice is an error, because a
/// list of only one of its values would look like the answer.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct EachOnce;
    impl<'de> Visitor<'de> for EachOnce {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("parameters")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut others = BTreeMap::new();
            while let Some((name, value)) = map.next_entry::<String, String>()? {
                let is_dimension = field_of(&name).is_some();
                if is_dimension && others.insert(name.clone(), value).is_some() {
                    return Err(de::Error::custom(format!("the parameter {name} is given twice")));
                }
            }
            Ok(others)
        }
    }
    deserializer.deserialize_map(EachOnce)
}

/// The field that a parameter of this name narrows the list by.
fn field_of(name: &str) -> Option<Field> {
    Field::from_code(name).filter(|field| field.filters())
}

fn day(text: &str) -> Result<Option<NaiveDate>, QueryProblem> {
    match text.trim() {
        "" => Ok(None),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(|_why| QueryProblem::NotADay),
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::web::Query;

    use super::*;

    fn query(text: &str) -> ParsedQuery {
        Query::<SalesQuery>::from_query(text).unwrap().into_inner().parsed()
    }

    #[test]
    fn an_empty_query_asks_for_everything_newest_first() {
        assert_eq!(query("").filter, SalesFilter::default());
        assert_eq!(query("q=+&from=&to=&payment=&product=&page=").filter, SalesFilter::default());
        assert_eq!(query("").query.to_query_string(), "");
    }

    #[test]
    fn every_part_of_a_query_is_understood() {
        let query = query(
            "q=Jo%C3%A3o&from=2026-11-01&to=2026-11-22&payment=pix&product=3&customer=4&import=5&store=Loja+3&sort=amount&order=asc&page=7",
        );
        let filter = &query.filter;
        assert_eq!(filter.search.as_deref(), Some("João"));
        assert_eq!(filter.from, NaiveDate::from_ymd_opt(2026, 11, 1));
        assert_eq!(filter.to, NaiveDate::from_ymd_opt(2026, 11, 22));
        assert_eq!(filter.payment, Some(PaymentMethod::Pix));
        assert_eq!((filter.product_id, filter.customer_id, filter.import_id), (Some(3), Some(4), Some(5)));
        assert_eq!(filter.dimensions, [(Field::Store, "Loja 3".to_owned())]);
        assert_eq!((filter.sort, filter.ascending), (SortColumn::Amount, true));
        assert_eq!(query.query.page_number(), 7);
        assert_eq!(query.problem, None);
    }

    #[test]
    fn what_cannot_be_understood_is_left_out() {
        let filter = query("payment=barter&product=x&sort=id;drop&order=up&page=-3").filter;
        assert_eq!(filter, SalesFilter::default());
        assert_eq!(query("page=-3").query.page_number(), 1);
        assert_eq!(query("page=99999999999999999999").query.page_number(), 1);
    }

    #[test]
    fn a_field_that_stands_twice_is_an_error() {
        assert!(Query::<SalesQuery>::from_query("store=A&store=B").is_err());
        assert!(Query::<SalesQuery>::from_query("store=A&seller=B&utm=x&utm=y").is_ok());
    }

    #[test]
    fn a_wrong_day_is_named_and_no_day_filters() {
        for (text, problem) in [
            ("from=31/12/2026&to=2026-12-31", QueryProblem::NotADay),
            ("to=2026-02-30", QueryProblem::NotADay),
            ("from=2026-12-31&to=2026-01-01", QueryProblem::EndBeforeStart),
        ] {
            let query = query(text);
            assert_eq!(query.problem, Some(problem), "{text}");
            assert_eq!((query.filter.from, query.filter.to), (None, None), "{text}");
        }
    }

    #[test]
    fn a_column_sorts_its_natural_way_first_and_then_the_other() {
        assert_eq!(query("q=a&page=3").sorted_by(SortColumn::Amount), "?q=a&sort=amount&order=desc");
        assert_eq!(query("sort=amount&order=desc").sorted_by(SortColumn::Amount), "?sort=amount&order=asc");
        assert_eq!(query("").sorted_by(SortColumn::Customer), "?sort=customer&order=asc");
        assert_eq!(query("").sorted_by(SortColumn::Date), "?sort=date&order=asc", "sorted by it already, newest first");
    }
}
