//! The fields of a sale, which are the possible meanings of a column of a sheet or of a JSON property.

use serde::{Deserialize, Serialize};

use crate::language::Language;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
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
        }
    };
}

fields! {
    /// The sender's number of the order or invoice.
    OrderId "order_id" "pedido" "order";
    /// The line within the order.
    Line "line" "linha do pedido" "order line";
    /// The day, or day and time, of the sale.
    Date "date" "data" "date";
    /// The time of day, if it has a column of its own.
    Time "time" "hora" "time";
    /// The customer's name.
    Customer "customer" "cliente" "customer";
    /// CPF, CNPJ or another register number.
    Document "document" "CPF/CNPJ" "tax number";
    /// The customer's e-mail.
    Email "email" "e-mail" "e-mail";
    /// The customer's phone.
    Phone "phone" "telefone" "phone";
    /// Street, number, and other parts of an address that are in the same column.
    Address "address" "endereço" "address";
    /// Neighbourhood.
    District "district" "bairro" "district";
    /// City.
    City "city" "cidade" "city";
    /// State or UF.
    State "state" "estado" "state";
    /// Postal code, CEP.
    PostalCode "postal_code" "CEP" "postal code";
    /// Country.
    Country "country" "país" "country";
    /// The product's name.
    Product "product" "produto" "product";
    /// The product's code.
    Sku "sku" "código do produto" "product code";
    /// The product's category.
    Category "category" "categoria" "category";
    /// The number of units.
    Quantity "quantity" "quantidade" "quantity";
    /// The price of one unit.
    UnitPrice "unit_price" "preço unitário" "unit price";
    /// Discount on the line.
    Discount "discount" "desconto" "discount";
    /// Freight on the line.
    Freight "freight" "frete" "freight";
    /// Tax on the line.
    Tax "tax" "imposto" "tax";
    /// The total of the line.
    Total "total" "total" "total";
    /// The means of payment.
    PaymentMethod "payment_method" "forma de pagamento" "payment method";
    /// The state of the order. Cancelled orders are not sales.
    Status "status" "situação" "status";
    /// The seller.
    Seller "seller" "vendedor" "seller";
    /// The place of the sale.
    Store "store" "loja" "store";
    /// The sales channel.
    Channel "channel" "canal" "channel";
    /// The seller's cost.
    Cost "cost" "custo" "cost";
    /// Remarks.
    Notes "notes" "observações" "notes";
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
