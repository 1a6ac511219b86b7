//! The evidence that the sum of a sheet is right.

use serde::{Deserialize, Serialize};

use super::rows;
use crate::language::Language;

/// The evidence that the sum of a sheet is right. A sheet without such evidence waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum SumProof {
    /// Quantity, price and discount give the sheet's own total on nine of ten rows.
    Arithmetic {
        /// The rows on which they do.
        rows: u64,
        /// The rows that have all of them.
        of: u64,
    },
    /// A total line of the sheet agrees with its rows, and no other one differs.
    OwnTotal {
        /// The number of such lines.
        lines: u64,
    },
    /// The columns are those of a known export, whose documentation says which of them is the money of the sale.
    KnownExport {
        /// The system and its export.
        name: String,
    },
    /// No column is left that could change the sum: each column of numbers is a field, is named as something else, or
    /// follows from the others.
    NothingLeft,
    /// A person confirmed the meaning of the columns.
    Confirmed {
        /// The person.
        by: String,
    },
}

impl SumProof {
    /// The evidence in one plain sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let portuguese = language == Language::Portuguese;
        match self {
            Self::Arithmetic { rows: agreeing, of } => {
                let (agreeing, of) = (rows(*agreeing, language), rows(*of, language));
                if portuguese {
                    format!("Quantidade, preço e desconto dão o total da planilha em {agreeing} de {of}.")
                } else {
                    format!("Quantity, price and discount give the sheet's total on {agreeing} of {of}.")
                }
            }
            Self::OwnTotal { lines: 1 } => language
                .pick(
                    "A linha de total da planilha é a soma das vendas.",
                    "The sheet's total line is the sum of the sales.",
                )
                .to_owned(),
            Self::OwnTotal { lines } if portuguese => {
                format!("{lines} linhas de total da planilha são a soma das vendas.")
            }
            Self::OwnTotal { lines } => format!("{lines} total lines of the sheet are the sum of the sales."),
            Self::KnownExport { name } if portuguese => {
                format!(
                    "As colunas são da exportação conhecida \"{name}\", cuja documentação diz qual é o valor da venda."
                )
            }
            Self::KnownExport { name } => {
                format!(
                    "The columns are those of the known export \"{name}\", whose documentation says which is the money."
                )
            }
            Self::NothingLeft => language
                .pick(
                    "Nenhuma coluna de números ficou sem explicação, e por isso nada mais pode mudar a soma.",
                    "No column of numbers is left unexplained, so nothing else can change the sum.",
                )
                .to_owned(),
            Self::Confirmed { by } if portuguese => format!("{by} confirmou o significado das colunas."),
            Self::Confirmed { by } => format!("{by} confirmed the meaning of the columns."),
        }
    }
}
