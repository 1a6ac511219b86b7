//! The columns that a sheet may have, and their headers.

use crate::chance::Chance;
use crate::truth::Language;
use crate::words;

/// The content of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    OrderNumber,
    Date,
    Time,
    Customer,
    Document,
    Email,
    Phone,
    City,
    Payment,
    Status,
    CancelledAt,
    Seller,
    Store,
    Currency,
    // Money of the order
    OrderSubtotal,
    OrderDiscount,
    Freight,
    Fee,
    OrderTotal,
    OrderGoods,
    Payout,
    Refund,
    Items,
    // The line
    Product,
    Sku,
    Category,
    Unit,
    Quantity,
    Price,
    Gross,
    LineDiscount,
    LinePercent,
    Net,
    Share,
    // Something else
    RowNumber,
    InternalId,
    Stock,
    Rating,
    Commission,
    Cost,
    ListPrice,
    Weight,
    Instalments,
    Points,
    Notes,
    Filler,
    Unnamed,
    /// Whether the row is a sale or a return.
    Kind,
    /// The money in the column of its way to pay.
    InCash,
    ByCard,
    ByTransfer,
    /// Tax on top of the sale, and the sale with it.
    Tax,
    WithTax,
    Profit,
    /// The sum of all rows so far.
    Running,
    // The order's second product, beside the first
    SecondProduct,
    SecondQuantity,
    SecondNet,
    // Of known exports only
    /// The state of the order beside the state of its payment.
    Standing,
    /// The line's share of the order's discount.
    DiscountShare,
    Zero,
}

/// How often a column repeats its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Order,
    Line,
}

impl What {
    pub fn level(self) -> Level {
        match self {
            Self::OrderNumber
            | Self::Date
            | Self::Time
            | Self::Customer
            | Self::Document
            | Self::Email
            | Self::Phone
            | Self::City
            | Self::Payment
            | Self::Status
            | Self::CancelledAt
            | Self::Seller
            | Self::Store
            | Self::Currency
            | Self::OrderSubtotal
            | Self::OrderDiscount
            | Self::Freight
            | Self::Fee
            | Self::OrderTotal
            | Self::OrderGoods
            | Self::Payout
            | Self::Refund
            | Self::Items
            | Self::Instalments
            | Self::Notes
            | Self::Standing => Level::Order,
            _ => Level::Line,
        }
    }

    pub fn is_money_of_order(self) -> bool {
        matches!(
            self,
            Self::OrderSubtotal
                | Self::OrderDiscount
                | Self::Freight
                | Self::Fee
                | Self::OrderTotal
                | Self::OrderGoods
                | Self::Payout
                | Self::Refund
        )
    }

    pub fn is_money(self) -> bool {
        self.is_money_of_order()
            || matches!(
                self,
                Self::Price
                    | Self::Gross
                    | Self::LineDiscount
                    | Self::Net
                    | Self::Share
                    | Self::DiscountShare
                    | Self::Zero
                    | Self::Commission
                    | Self::Cost
                    | Self::ListPrice
                    | Self::InCash
                    | Self::ByCard
                    | Self::ByTransfer
                    | Self::Tax
                    | Self::WithTax
                    | Self::Profit
                    | Self::Running
                    | Self::SecondNet
            )
    }

    /// Whether a row that sums up others has a sum in this column.
    pub fn is_summed(self) -> bool {
        matches!(self, Self::Quantity | Self::Gross | Self::LineDiscount | Self::Net | Self::Share)
            || matches!(self, Self::OrderGoods | Self::OrderTotal | Self::OrderSubtotal | Self::OrderDiscount)
    }
}

/// How well a header names its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Most sheets call it so.
    Common,
    /// A person understands it.
    Unusual,
    /// Nobody can know its meaning.
    MadeUp,
}

/// A column of a sheet.
#[derive(Debug, Clone)]
pub struct Column {
    pub what: What,
    pub header: String,
    pub word: Word,
}

impl Column {
    /// A column with a header drawn from the words of the language.
    pub fn draw(chance: &mut Chance, what: What, language: Language) -> Self {
        let (common, unusual) = words::headers(what, language);
        let made_up = matches!(what, What::Quantity | What::Price | What::LineDiscount | What::Gross);
        let word = match chance.below(100) {
            0..3 if made_up => Word::MadeUp,
            3..25 if !unusual.is_empty() => Word::Unusual,
            _ => Word::Common,
        };
        let header = match word {
            Word::MadeUp => chance.pick(&["Campo 7", "X1", "Coluna B", "Dado", "Zeta"]),
            Word::Unusual => chance.pick(unusual),
            Word::Common => chance.pick(common),
        };
        let header = match chance.below(20) {
            0 => header.to_uppercase(),
            1 => header.to_lowercase(),
            2 => header.replace(' ', "_"),
            3 => format!("{header} "),
            4 => format!("{header}:"),
            _ => header.to_owned(),
        };
        let word = if what == What::Unnamed { Word::MadeUp } else { word };
        Self { what, header, word }
    }

    /// A column whose header is as a known system writes it.
    pub fn known(what: What, header: &str) -> Self {
        Self { what, header: header.to_owned(), word: Word::Common }
    }
}
