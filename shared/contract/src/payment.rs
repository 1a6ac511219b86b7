//! Payment methods: a closed list, and the words for each.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::text::folded;

macro_rules! payment_methods {
    ($($(#[$doc:meta])* $name:ident $code:literal $portuguese:literal $english:literal;)*) => {
        /// The payment method of a sale. A text that fits no other method is [`PaymentMethod::Other`], with a warning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum PaymentMethod { $($(#[$doc])* $name,)* }

        impl PaymentMethod {
            /// Every method, in the order in which a page lists them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name used in messages, the database and addresses.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The method with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// The name people read.
            #[must_use]
            pub fn label(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($portuguese, $english),)* }
            }
        }
    };
}

payment_methods! {
    /// Brazil's instant payment.
    Pix "pix" "Pix" "Pix";
    /// Credit card.
    CreditCard "credit_card" "Cartão de crédito" "Credit card";
    /// Debit card.
    DebitCard "debit_card" "Cartão de débito" "Debit card";
    /// A card, if the text does not say credit or debit.
    Card "card" "Cartão" "Card";
    /// Notes and coins.
    Cash "cash" "Dinheiro" "Cash";
    /// Brazilian payment slip.
    Boleto "boleto" "Boleto" "Boleto";
    /// Bank transfer, TED, DOC, deposit.
    BankTransfer "bank_transfer" "Transferência bancária" "Bank transfer";
    /// PayPal, Mercado Pago and other wallets.
    Wallet "wallet" "Carteira digital" "Digital wallet";
    /// Cheque.
    Cheque "cheque" "Cheque" "Cheque";
    /// Gift card, meal voucher, store credit.
    Voucher "voucher" "Vale" "Voucher";
    /// Any other method.
    Other "other" "Outros" "Other";
}

impl PaymentMethod {
    /// The method that a cell's text names (`"Cartão de Crédito"`, `"credito"`, `"CREDIT_CARD"`). `None` if the text is
    /// empty, [`PaymentMethod::Other`] if no rule matches.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = folded(text);
        if name.is_empty() || matches!(name.as_str(), "nao informado" | "n a" | "na" | "none" | "null") {
            return None;
        }
        let has = |words: &[&str]| words.iter().any(|word| name.split(' ').any(|part| part == *word));
        let holds = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        Some(if has(&["pix"]) {
            Self::Pix
        } else if holds(&["debit"]) || has(&["deb"]) {
            Self::DebitCard
        } else if has(&["vale", "voucher", "giftcard", "gift", "vr", "va", "ticket", "sodexo", "alelo"])
            || holds(&["credito da loja", "store credit", "100 de desconto"])
        {
            Self::Voucher
        } else if holds(&["credit", "creditcard"])
            || has(&["cred", "visa", "mastercard", "master", "elo", "amex", "hipercard", "cc"])
        {
            Self::CreditCard
        } else if holds(&[
            "paypal",
            "ewallet",
            "e wallet",
            "wallet",
            "mercado pago",
            "mercadopago",
            "picpay",
            "pagseguro",
        ]) || holds(&["nuvem pago", "carteira", "apple pay", "google pay"])
        {
            Self::Wallet
        } else if holds(&["cartao", "card", "tarjeta"]) {
            Self::Card
        } else if holds(&["dinheiro", "especie", "efetivo", "efectivo"]) || has(&["cash", "money", "vista"]) {
            Self::Cash
        } else if holds(&["boleto", "bankslip", "bank slip"]) {
            Self::Boleto
        } else if holds(&["transfer", "deposito", "deposit"]) || has(&["ted", "doc", "wire"]) {
            Self::BankTransfer
        } else if holds(&["cheque"]) || has(&["check"]) {
            Self::Cheque
        } else {
            Self::Other
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PaymentMethod::{self, *};

    #[test]
    fn the_words_of_real_sheets_are_understood() {
        for (text, method) in [
            ("PIX", Pix),
            ("Cartão", Card),
            ("cartao de credito", CreditCard),
            ("Crédito", CreditCard),
            ("CREDIT_CARD", CreditCard),
            ("Credit card", CreditCard),
            ("Cartão de Débito", DebitCard),
            ("DEBITO", DebitCard),
            ("debit_card", DebitCard),
            ("Em espécie", Cash),
            ("Dinheiro", Cash),
            ("boleto", Boleto),
            ("Transferência Bancária", BankTransfer),
            ("Ewallet", Wallet),
            ("PAYPAL", Wallet),
            ("fiado", Other),
        ] {
            assert_eq!(PaymentMethod::parse(text), Some(method), "{text}");
        }
        assert_eq!(PaymentMethod::parse("  "), None);
    }

    #[test]
    fn every_code_names_its_method() {
        for method in PaymentMethod::ALL {
            assert_eq!(PaymentMethod::from_code(method.code()), Some(*method));
        }
    }
}
