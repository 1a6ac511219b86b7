use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::language::Language;

/// A remark about one cell of a row that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The sheet; empty for text files and API batches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as spreadsheets count it.
    pub row: u32,
    /// The meaning assumed for the cell.
    pub field: Field,
    /// The column's header; absent if there is no such column.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The content of the cell; absent if it is empty.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// The oddity of the value.
    pub rule: Oddity,
}

/// The oddity of a value that was kept, or that was left out while its row was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// The check digits are wrong.
    DocumentDoubtful,
    /// The total is not quantity times price less discount.
    AmountDiffers,
    /// The total is missing, although every other row has one.
    AmountMissing,
    /// The word matches no known payment method.
    PaymentUnknown,
    /// The value could not be read, but the sale is complete without it.
    LeftOut,
    /// The text was longer than its field allows, and was cut.
    Shortened,
    /// The quantity is negative.
    Return,
}

impl Warning {
    /// The warning in a plain sentence, without its place.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let name = match &self.column {
            Some(column) => format!("\"{column}\""),
            None => self.field.label(language).to_owned(),
        };
        let value = self.value.as_deref().unwrap_or_default();
        let (portuguese, english) = match self.rule {
            Oddity::DocumentDoubtful => ("os dígitos verificadores estão errados", "its check digits are wrong"),
            Oddity::AmountDiffers => (
                "não é igual a quantidade × preço − desconto; foi mantido o valor da planilha",
                "does not equal quantity × price − discount; the sheet's value was kept",
            ),
            Oddity::AmountMissing => {
                ("está em branco; a venda ficou com zero", "is blank; the sale was kept with zero")
            }
            Oddity::PaymentUnknown => (
                "não é uma forma de pagamento conhecida; ficou como Outros",
                "is not a known payment method; it was kept as Other",
            ),
            Oddity::LeftOut => ("não pôde ser lido e foi deixado de fora", "could not be read and was left out"),
            Oddity::Shortened => ("é longo demais e foi cortado", "is too long and was cut"),
            Oddity::Return => ("é negativo: a linha ficou como devolução", "is negative: the row was kept as a return"),
        };
        let text = language.pick(portuguese, english);
        if value.is_empty() { format!("{name}: {text}") } else { format!("{name} ({value}): {text}") }
    }
}
