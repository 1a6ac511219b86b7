//! Turns clean rows into sales: the bridge from columns to messages.

use caudal_contract::document::DocumentKind;
use caudal_contract::field::Field;
use caudal_contract::message::{Address, Customer, Fingerprint, Product, Sale, SaleKey, SoldTime};
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, Days, NaiveDate};
use polars::prelude::{
    BooleanChunked, DataFrame, Int32Chunked, Int64Chunked, PolarsResult, StringChunked, UInt32Chunked,
};

/// The columns of a cleaned sheet, ready to be read row by row.
pub struct Records<'a> {
    sheet: &'a str,
    date_assumed: &'a BooleanChunked,
    frame: &'a DataFrame,
    row: &'a UInt32Chunked,
    sold_at: &'a Int64Chunked,
    sold_on: &'a Int32Chunked,
    has_time: &'a BooleanChunked,
    quantity: &'a Int64Chunked,
    unit_price: &'a Int64Chunked,
    discount: &'a Int64Chunked,
    freight: Option<&'a Int64Chunked>,
    tax: Option<&'a Int64Chunked>,
    total: &'a Int64Chunked,
    cost: Option<&'a Int64Chunked>,
    document_kind: Option<&'a StringChunked>,
    texts: Vec<(Field, Option<&'a StringChunked>)>,
}

const TEXTS: &[Field] = &[
    Field::OrderId,
    Field::Line,
    Field::Customer,
    Field::Document,
    Field::Email,
    Field::Phone,
    Field::Address,
    Field::District,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::Country,
    Field::Product,
    Field::Sku,
    Field::Category,
    Field::PaymentMethod,
    Field::Status,
    Field::Seller,
    Field::Store,
    Field::Channel,
    Field::Notes,
];

impl<'a> Records<'a> {
    /// Opens a frame made by [`crate::clean::clean`].
    ///
    /// # Errors
    /// Only if the frame lacks a column, which is a bug.
    pub fn new(frame: &'a DataFrame, sheet: &'a str) -> PolarsResult<Self> {
        let number = |field: Field| frame.column(field.code())?.i64();
        let given = |field: Field| frame.column(field.code()).ok().map(|column| column.i64()).transpose();
        let text = |name: &str| frame.column(name).ok().map(|column| column.str()).transpose();
        Ok(Self {
            sheet,
            date_assumed: frame.column("date_assumed")?.bool()?,
            frame,
            row: frame.column("row")?.u32()?,
            sold_at: frame.column("sold_at")?.i64()?,
            sold_on: frame.column("sold_on")?.i32()?,
            has_time: frame.column("has_time")?.bool()?,
            quantity: number(Field::Quantity)?,
            unit_price: number(Field::UnitPrice)?,
            discount: number(Field::Discount)?,
            freight: given(Field::Freight)?,
            tax: given(Field::Tax)?,
            total: number(Field::Total)?,
            cost: given(Field::Cost)?,
            document_kind: text("document_kind")?,
            texts: TEXTS.iter().map(|field| Ok((*field, text(field.code())?))).collect::<PolarsResult<_>>()?,
        })
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A text of a row.
    #[must_use]
    pub fn text(&self, field: Field, index: usize) -> Option<&'a str> {
        self.texts.iter().find(|(other, _)| *other == field).and_then(|(_, column)| column.as_ref()?.get(index))
    }

    /// The local day of the sale.
    #[must_use]
    pub fn sold_on(&self, index: usize) -> NaiveDate {
        let days = self.sold_on.get(index).and_then(|days| u64::try_from(days).ok()).unwrap_or(0);
        NaiveDate::default().checked_add_days(Days::new(days)).unwrap_or_default()
    }

    /// The row's place in its sheet.
    #[must_use]
    pub fn row(&self, index: usize) -> u32 {
        self.row.get(index).unwrap_or(0)
    }

    /// The sheet's name.
    #[must_use]
    pub fn sheet(&self) -> &'a str {
        self.sheet
    }

    /// Whether a row has no date of its own.
    #[must_use]
    pub fn date_assumed(&self, index: usize) -> bool {
        self.date_assumed.get(index) == Some(true)
    }

    /// The numbers of a row, for its fingerprint, in a fixed order.
    #[must_use]
    pub fn numbers(&self, index: usize) -> [Option<i64>; 8] {
        // An assumed date is left out because it is not content: if the same bytes arrive an hour later, they are the
        // same sale.
        let sold_at = if self.date_assumed(index) { None } else { self.sold_at.get(index) };
        let (quantity, unit_price, discount) = (Some(self.quantity), Some(self.unit_price), Some(self.discount));
        let columns = [quantity, unit_price, discount, self.freight, self.tax, Some(self.total), self.cost];
        let mut numbers = [sold_at; 8];
        for (slot, column) in numbers.iter_mut().skip(1).zip(columns) {
            *slot = column.and_then(|column| column.get(index));
        }
        numbers
    }

    /// The texts of a row, for its fingerprint, in a fixed order.
    pub fn texts(&self, index: usize) -> impl Iterator<Item = Option<&'a str>> + '_ {
        self.texts.iter().map(move |(_, column)| column.and_then(|column| column.get(index)))
    }

    /// The row as a sale.
    #[must_use]
    pub fn sale(&self, index: usize, key: SaleKey, fingerprint: Fingerprint) -> Sale {
        let own = |field: Field| self.text(field, index).map(str::to_owned);
        let cents = |column: Option<&Int64Chunked>| column.and_then(|column| column.get(index)).map(Cents);
        let time = if self.date_assumed(index) {
            SoldTime::Assumed
        } else if self.has_time.get(index) == Some(true) {
            SoldTime::Exact
        } else {
            SoldTime::DayOnly
        };
        Sale {
            key,
            fingerprint,
            sheet: self.sheet.to_owned(),
            row: self.row(index),
            order_id: own(Field::OrderId),
            line: own(Field::Line),
            sold_at: DateTime::from_timestamp(self.sold_at.get(index).unwrap_or(0), 0).unwrap_or_default(),
            sold_on: self.sold_on(index),
            time,
            customer: self.customer(index),
            address: self.address(index),
            product: Product {
                name: own(Field::Product).unwrap_or_default(),
                sku: own(Field::Sku),
                category: own(Field::Category),
            },
            quantity: TenThousandths(self.quantity.get(index).unwrap_or(0)),
            unit_price: self.unit_price.get(index).map(TenThousandths),
            discount: cents(Some(self.discount)),
            freight: cents(self.freight),
            tax: cents(self.tax),
            amount: Cents(self.total.get(index).unwrap_or(0)),
            cost: cents(self.cost),
            payment_method: self.text(Field::PaymentMethod, index).and_then(PaymentMethod::from_code),
            status: own(Field::Status),
            seller: own(Field::Seller),
            store: own(Field::Store),
            channel: own(Field::Channel),
            notes: own(Field::Notes),
        }
    }

    fn customer(&self, index: usize) -> Option<Customer> {
        let own = |field: Field| self.text(field, index).map(str::to_owned);
        let document_kind = self.document_kind.and_then(|kinds| kinds.get(index)).map(|kind| match kind {
            "cpf" => DocumentKind::Cpf,
            "cnpj" => DocumentKind::Cnpj,
            _ => DocumentKind::Other,
        });
        let customer = Customer {
            name: own(Field::Customer),
            document: own(Field::Document),
            document_kind,
            email: own(Field::Email),
            phone: own(Field::Phone),
        };
        (customer != Customer::default()).then_some(customer)
    }

    fn address(&self, index: usize) -> Option<Address> {
        let own = |field: Field| self.text(field, index).map(str::to_owned);
        let address = Address {
            street: own(Field::Address),
            district: own(Field::District),
            city: own(Field::City),
            state: own(Field::State),
            postal_code: own(Field::PostalCode),
            country: own(Field::Country),
        };
        (address != Address::default()).then_some(address)
    }
}
