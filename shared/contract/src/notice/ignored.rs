use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The reason for which a row is not a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// The row is empty.
    Blank,
    /// The header, repeated.
    RepeatedHeader,
    /// A title or a note.
    Title,
    /// A total or subtotal.
    Total,
    /// A cancelled, refused or refunded order.
    Cancelled,
}

impl Ignored {
    /// The reason in a few plain words.
    #[must_use]
    pub fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::Blank => language.pick("em branco", "blank"),
            Self::RepeatedHeader => language.pick("cabeçalho repetido", "repeated header"),
            Self::Title => language.pick("título ou observação", "title or note"),
            Self::Total => language.pick("total ou subtotal", "total or subtotal"),
            Self::Cancelled => {
                language.pick("pedido cancelado, recusado ou devolvido", "cancelled, refused or refunded order")
            }
        }
    }
}
