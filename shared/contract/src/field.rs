//! The fields of a sale, which are the possible meanings of a column of a sheet or of a JSON property.

use serde::{Deserialize, Serialize};

use crate::language::Language;

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text. One that is too long is cut.
    Text,
    /// A text that identifies something. One that is too long rejects its row, because a part of a code is another code.
    Code,
    /// A word of a closed list.
    Word,
    /// An amount in cents.
    Money,
    /// A price of one, in ten-thousandths.
    Price,
    /// A number in ten-thousandths.
    Number,
    /// A local day, maybe with a time of day.
    Day,
    /// A time of day.
    TimeOfDay,
}

/// What a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldOwner {
    /// The whole order: its lines share the value.
    Order,
    /// The customer of the order.
    Customer,
    /// The address that the order goes to.
    Address,
    /// The product.
    Product,
    /// One line of the order.
    Line,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $kind:ident of $owner:ident, $code:literal $portuguese:literal $english:literal $($filters:ident)?;)*) => {
        /// The meaning of a column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name used in JSON, layouts and the database.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The name people read.
            #[must_use]
            pub fn label(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($portuguese, $english),)* }
            }

            /// What its values are.
            #[must_use]
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$name => FieldKind::$kind,)* }
            }

            /// What it belongs to.
            #[must_use]
            pub const fn owner(self) -> FieldOwner {
                match self { $(Self::$name => FieldOwner::$owner,)* }
            }

            /// Whether the list of sales can be filtered by it.
            #[must_use]
            pub const fn filters(self) -> bool {
                match self { $(Self::$name => fields!(@is $($filters)?),)* }
            }
        }
    };
    (@is) => { false };
    (@is filters) => { true };
}

fields! {
    /// The sender's number of the order or invoice.
    OrderId: Code of Order, "order_id" "pedido" "order";
    /// The line within the order.
    Line: Code of Line, "line" "linha do pedido" "order line";
    /// The day, or day and time, of the sale.
    Date: Day of Order, "date" "data" "date";
    /// The time of day, if it has a column of its own.
    Time: TimeOfDay of Order, "time" "hora" "time";
    /// The customer's name.
    Customer: Text of Customer, "customer" "cliente" "customer";
    /// CPF, CNPJ or another register number.
    Document: Code of Customer, "document" "CPF/CNPJ" "tax number";
    /// The customer's e-mail.
    Email: Text of Customer, "email" "e-mail" "e-mail";
    /// The customer's phone.
    Phone: Text of Customer, "phone" "telefone" "phone";
    /// Street, number and anything else that one column holds of an address.
    Address: Text of Address, "address" "endereço" "address";
    /// Neighbourhood.
    District: Text of Address, "district" "bairro" "district";
    /// City.
    City: Text of Address, "city" "cidade" "city";
    /// State or UF.
    State: Text of Address, "state" "estado" "state";
    /// Postal code, CEP.
    PostalCode: Text of Address, "postal_code" "CEP" "postal code";
    /// Country.
    Country: Text of Address, "country" "país" "country";
    /// The product's name.
    Product: Text of Product, "product" "produto" "product";
    /// The product's code.
    Sku: Code of Product, "sku" "código do produto" "product code";
    /// The product's category.
    Category: Text of Product, "category" "categoria" "category" filters;
    /// How many.
    Quantity: Number of Line, "quantity" "quantidade" "quantity";
    /// The price of one.
    UnitPrice: Price of Line, "unit_price" "preço unitário" "unit price";
    /// Discount on the line.
    Discount: Money of Line, "discount" "desconto" "discount";
    /// Freight on the line.
    Freight: Money of Line, "freight" "frete" "freight";
    /// Tax on the line.
    Tax: Money of Line, "tax" "imposto" "tax";
    /// What a marketplace, a card or another helper takes off the money of the line.
    Fee: Money of Line, "fee" "tarifa" "fee";
    /// The sum of the line.
    Total: Money of Line, "total" "total" "total";
    /// The currency of the money, as the sender writes it.
    Currency: Text of Line, "currency" "moeda" "currency" filters;
    /// How it was paid.
    PaymentMethod: Word of Order, "payment_method" "forma de pagamento" "payment method";
    /// The state of the order; cancelled ones are not sales.
    Status: Text of Order, "status" "situação" "status";
    /// Who sold.
    Seller: Text of Order, "seller" "vendedor" "seller" filters;
    /// Where it was sold.
    Store: Text of Order, "store" "loja" "store" filters;
    /// Through which channel.
    Channel: Text of Order, "channel" "canal" "channel" filters;
    /// What it cost the seller.
    Cost: Money of Line, "cost" "custo" "cost";
    /// Remarks.
    Notes: Text of Line, "notes" "observações" "notes";
}

/// The most characters of remarks.
const MOST_OF_NOTES: usize = 4_000;
/// The most characters of any other text: a name, a code, an address.
const MOST_OF_TEXTS: usize = 500;

impl Field {
    /// The most characters for a text of this field, in a file, in a batch and in the database. A longer code rejects
    /// its row; any other text is cut with [`Self::shortened`], and the cut is reported.
    #[must_use]
    pub const fn most_characters(self) -> usize {
        match self {
            Self::Notes => MOST_OF_NOTES,
            _ => MOST_OF_TEXTS,
        }
    }

    /// The text cut to the length allowed for the field, with a mark at the cut; `None` if it fits.
    #[must_use]
    pub fn shortened(self, text: &str) -> Option<String> {
        let most = self.most_characters();
        // Every character has at least one byte, so a text with few bytes fits.
        if text.len() <= most {
            return None;
        }
        text.char_indices().nth(most)?;
        let kept: String = text.chars().take(most - 1).collect();
        Some(format!("{}…", kept.trim_end()))
    }

    /// Whether its values are texts of any kind: words and codes too.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self.kind(), FieldKind::Text | FieldKind::Code | FieldKind::Word)
    }

    /// Whether its values are numbers: amounts, prices, quantities.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self.kind(), FieldKind::Money | FieldKind::Price | FieldKind::Number)
    }

    /// Whether its column must hold numbers, days or times.
    #[must_use]
    pub const fn is_measured(self) -> bool {
        !self.is_text()
    }

    /// Whether a blank cell below another line of the same order says "as above". Money never does, because it would count twice.
    /// Neither does the day: rows without one may also be titles.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self.owner(), FieldOwner::Order | FieldOwner::Customer | FieldOwner::Address)
            && !matches!(self, Self::Date)
            && !self.is_number()
    }

    /// The name of its property in a JSON sale.
    #[must_use]
    pub const fn property(self) -> &'static str {
        match self {
            Self::OrderId => "id",
            Self::Date => "sold_at",
            field => field.code(),
        }
    }

    /// The field with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_what_its_field_may_have() {
        for (field, most) in [(Field::Product, 500), (Field::Notes, 4_000)] {
            let longest = "é".repeat(most);
            assert_eq!(field.shortened(&longest), None, "{field:?}");
            let cut = field.shortened(&format!("{longest}s")).unwrap();
            assert_eq!(cut.chars().count(), most, "{field:?}");
            assert!(cut.ends_with("é…"), "{field:?}");
            assert_eq!(field.shortened(&cut), None, "a text that was cut is not cut again");
        }
    }
}
