use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::language::Language;

/// A remark about one cell of a row that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The sheet; empty for text files and API batches.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row as spreadsheets count it.
    pub row: u32,
    /// What the cell was taken for.
    pub field: Field,
    /// The column's header; absent where no such column exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// What the cell holds; absent where it holds nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// What is odd about it.
    pub rule: Oddity,
}

/// What is odd about a value that was kept, or left out while its row was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Check digits that do not fit.
    DocumentDoubtful,
    /// A total that is not quantity times price less discount.
    AmountDiffers,
    /// No total where every other row has one.
    AmountMissing,
    /// A word for no payment method that is known.
    PaymentUnknown,
    /// A value that could not be read and that the sale can do without.
    LeftOut,
    /// A text longer than its field may be, that was cut.
    Shortened,
    /// A negative quantity.
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
            Oddity::DocumentDoubtful => ("os dígitos verificadores não conferem", "its check digits do not fit"),
            Oddity::AmountDiffers => (
                "não é quantidade × preço − desconto; ficou o que a planilha diz",
                "is not quantity × price − discount; what the sheet says was kept",
            ),
            Oddity::AmountMissing => {
                ("está em branco; a venda ficou com zero", "is blank; the sale was kept with zero")
            }
            Oddity::PaymentUnknown => (
                "não é uma forma de pagamento conhecida; ficou como Outros",
                "is no payment method that is known; it was kept as Other",
            ),
            Oddity::LeftOut => ("não pôde ser lido e foi deixado de fora", "could not be read and was left out"),
            Oddity::Shortened => ("é longo demais e foi cortado", "is too long and was cut"),
            Oddity::Return => ("é negativo: a linha ficou como devolução", "is negative: the row was kept as a return"),
        };
        let text = language.pick(portuguese, english);
        if value.is_empty() { format!("{name}: {text}") } else { format!("{name} ({value}): {text}") }
    }
}
