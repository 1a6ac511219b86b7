//! The columns of every report, in one list. A column knows its title and reads its cell from a sale. A writer formats a cell by
//! its type and never by the look of its text.

use caudal_contract::calendar::to_local;
use caudal_contract::language::Language;
use caudal_contract::money::{Cents, TenThousandths};
use caudal_contract::payment::PaymentMethod;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::view::sales::SaleLine;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
        /// A column of a report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column { $($(#[$doc])* $name,)* }

        impl Column {
            /// The title for people.
            #[must_use]
            pub fn title(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($portuguese, $english),)* }
            }

            /// The title for programs, which is the same in every language and version.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

columns! {
    /// The local day of the sale.
    Date "sold_on" "Data" "Date";
    /// The local time of day, if the sender gave one.
    Time "sold_time" "Hora" "Time";
    /// The instant in UTC.
    Instant "sold_at" "Instante (UTC)" "Instant (UTC)";
    /// The precision of the time: exact, day only, or assumed.
    TimePrecision "time_precision" "Precisão da hora" "Time precision";
    /// The sender's order number.
    Order "order_id" "Pedido" "Order";
    /// The name of the customer.
    Customer "customer" "Cliente" "Customer";
    /// CPF or CNPJ.
    Document "document" "CPF/CNPJ" "CPF/CNPJ";
    /// The name of the product.
    Product "product" "Produto" "Product";
    /// The code of the product.
    Sku "sku" "Código" "SKU";
    /// The category of the product.
    Category "category" "Categoria" "Category";
    /// The seller.
    Seller "seller" "Vendedor" "Seller";
    /// The store.
    Store "store" "Loja" "Store";
    /// The channel.
    Channel "channel" "Canal" "Channel";
    /// The quantity.
    Quantity "quantity" "Quantidade" "Quantity";
    /// The unit price.
    UnitPrice "unit_price" "Preço unitário" "Unit price";
    /// The total of the line.
    Amount "amount" "Total" "Total";
    /// The payment method.
    Payment "payment" "Pagamento" "Payment";
    /// Lineage: the file.
    File "file" "Arquivo" "File";
    /// Lineage: the sheet.
    Sheet "sheet" "Planilha" "Sheet";
    /// Lineage: the row.
    Row "row" "Linha" "Row";
    /// The id of the sale in this installation.
    Sale "sale_id" "Venda" "Sale";
}

impl Column {
    /// The columns for a person with a spreadsheet program.
    pub const SPREADSHEET: &[Self] = &[
        Self::Date,
        Self::Time,
        Self::Order,
        Self::Customer,
        Self::Document,
        Self::Product,
        Self::Sku,
        Self::Category,
        Self::Quantity,
        Self::UnitPrice,
        Self::Amount,
        Self::Payment,
        Self::Seller,
        Self::Store,
        Self::Channel,
        Self::File,
        Self::Sheet,
        Self::Row,
    ];

    /// The columns for a program.
    pub const DATA: &[Self] = &[
        Self::Sale,
        Self::Date,
        Self::Instant,
        Self::TimePrecision,
        Self::Order,
        Self::Customer,
        Self::Document,
        Self::Product,
        Self::Sku,
        Self::Category,
        Self::Quantity,
        Self::UnitPrice,
        Self::Amount,
        Self::Payment,
        Self::Seller,
        Self::Store,
        Self::Channel,
        Self::File,
        Self::Sheet,
        Self::Row,
    ];

    /// The cell of this column for one sale. Times of day are in `zone`.
    #[must_use]
    pub fn cell(self, line: &SaleLine, zone: Tz) -> Cell<'_> {
        match self {
            Self::Date => Cell::Day(line.sold_on),
            // If the time is missing or assumed, there is no hour to show.
            Self::Time if line.sold_time == "exact" => Cell::TimeOfDay(to_local(line.sold_at, zone).time()),
            Self::Time => Cell::Empty,
            Self::Instant => Cell::Instant(line.sold_at),
            Self::TimePrecision => Cell::Text(&line.sold_time),
            Self::Order => text(line.order_id.as_deref()),
            Self::Customer => text(line.customer_name.as_deref()),
            Self::Document => line.customer_document.as_deref().map_or(Cell::Empty, Cell::Document),
            Self::Product => Cell::Text(&line.product_name),
            Self::Sku => text(line.product_sku.as_deref()),
            Self::Category => text(line.category.as_deref()),
            Self::Seller => text(line.seller.as_deref()),
            Self::Store => text(line.store.as_deref()),
            Self::Channel => text(line.channel.as_deref()),
            Self::Quantity => Cell::Quantity(line.quantity),
            Self::UnitPrice => line.unit_price.map_or(Cell::Empty, Cell::UnitPrice),
            Self::Amount => Cell::Amount(line.amount),
            Self::Payment => line.payment.map_or(Cell::Empty, Cell::Payment),
            Self::File => text(line.import_name.as_deref()),
            Self::Sheet => Cell::Text(&line.sheet),
            Self::Row => Cell::Number(line.row),
            Self::Sale => Cell::Number(line.id),
        }
    }
}

/// A typed value of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// A text from the sender. Only this type could contain a formula.
    Text(&'a str),
    /// A tax number without punctuation.
    Document(&'a str),
    /// A payment method.
    Payment(PaymentMethod),
    /// A local day.
    Day(NaiveDate),
    /// A local time.
    TimeOfDay(NaiveTime),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A quantity.
    Quantity(TenThousandths),
    /// A unit price.
    UnitPrice(TenThousandths),
    /// An amount of money.
    Amount(Cents),
    /// A whole number that is only a name, such as an id.
    Number(i64),
}

fn text(value: Option<&str>) -> Cell<'_> {
    value.map_or(Cell::Empty, Cell::Text)
}

/// Whether a spreadsheet program could evaluate a text as a formula. Leading spaces are ignored because the program ignores them
/// too. Only texts are checked: `-5.00` as an amount is a number and stays one.
#[must_use]
pub fn could_be_formula(text: &str) -> bool {
    let control = ['\t', '\r', '\n', '\0'];
    let first = text.chars().find(|c| control.contains(c) || !c.is_whitespace());
    first.is_some_and(|c| control.contains(&c) || ['=', '+', '-', '@', '＝', '＋', '－', '＠'].contains(&c))
}

#[cfg(test)]
mod tests {
    use super::could_be_formula;

    #[test]
    fn a_formula_is_known_by_its_first_sign() {
        for text in [
            "=1+1", "+55 11", "-x", "@SUM(A1)", "\t=1", "\rx", "\nx", "\0x", "  =1", "\u{a0}=1", "＝1", "＋1", "－1",
            "＠a",
        ] {
            assert!(could_be_formula(text), "{text:?}");
        }
        for text in ["", "  ", "a=1", "João", "'=1", "5-1", "·"] {
            assert!(!could_be_formula(text), "{text:?}");
        }
    }
}
