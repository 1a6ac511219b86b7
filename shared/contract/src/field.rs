//! The fields of a sale that a column of a sheet, or a JSON property, can hold.

use serde::{Deserialize, Serialize};

use crate::language::Language;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
        /// What a column means.
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
    /// The time of day, where it has a column of its own.
    Time "time" "hora" "time";
    /// The customer's name.
    Customer "customer" "cliente" "customer";
    /// CPF, CNPJ or another register number.
    Document "document" "CPF/CNPJ" "tax number";
    /// The customer's e-mail.
    Email "email" "e-mail" "e-mail";
    /// The customer's phone.
    Phone "phone" "telefone" "phone";
    /// Street, number and whatever else one column holds of an address.
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
    /// How many.
    Quantity "quantity" "quantidade" "quantity";
    /// The price of one.
    UnitPrice "unit_price" "preço unitário" "unit price";
    /// Discount on the line.
    Discount "discount" "desconto" "discount";
    /// Freight on the line.
    Freight "freight" "frete" "freight";
    /// Tax on the line.
    Tax "tax" "imposto" "tax";
    /// What the line adds up to.
    Total "total" "total" "total";
    /// How it was paid.
    PaymentMethod "payment_method" "forma de pagamento" "payment method";
    /// The state of the order; cancelled ones are not sales.
    Status "status" "situação" "status";
    /// Who sold.
    Seller "seller" "vendedor" "seller";
    /// Where it was sold.
    Store "store" "loja" "store";
    /// Through which channel.
    Channel "channel" "canal" "channel";
    /// What it cost the seller.
    Cost "cost" "custo" "cost";
    /// Remarks.
    Notes "notes" "observações" "notes";
}

/// Characters that remarks may have.
const MOST_OF_NOTES: usize = 4_000;
/// Characters that every other text may have: a name, a code, an address.
const MOST_OF_TEXTS: usize = 500;

impl Field {
    /// Characters that a text of this field may have, in a file, in a batch and where it is stored. A code that is longer rejects its
    /// row; any other text is cut with [`Self::shortened`], and said.
    #[must_use]
    pub const fn most_characters(self) -> usize {
        match self {
            Self::Notes => MOST_OF_NOTES,
            _ => MOST_OF_TEXTS,
        }
    }

    /// The text cut to what the field may have, with a mark where it was cut; `None` where it fits.
    #[must_use]
    pub fn shortened(self, text: &str) -> Option<String> {
        let most = self.most_characters();
        // A character has one byte at least
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
