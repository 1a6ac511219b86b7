use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::language::Language;

/// The most characters shown of a value.
const SHOWN: usize = 40;

/// The rule that a value broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A column that every sale needs is blank.
    Missing,
    /// A text instead of a number.
    NotANumber,
    /// A number beyond the limits of money and quantities.
    TooLarge,
    /// A quantity of zero.
    Zero,
    /// A text or a number that is not a day.
    NotADate,
    /// A day before 1990 or more than a year ahead.
    ImplausibleDate,
    /// A spreadsheet error such as `#N/A`.
    CellError,
    /// An identifier that the spreadsheet shortened to `1,23E+13`.
    DigitsLost,
    /// A text longer than its field allows.
    TooLong,
    /// A JSON object that has the same name twice.
    NamedTwice,
    /// A positive discount on a return. It may make the refund smaller or larger.
    DiscountUnclear,
    /// A JSON value of the wrong kind.
    WrongKind,
    /// Money in another currency than the rest of its column. In JSON, money in another currency than reais.
    OtherCurrency,
    /// A row that was read but could not be stored, and that a person discarded.
    Undeliverable,
}

impl Rule {
    /// The name used in JSON, the database and logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotANumber => "not_a_number",
            Self::TooLarge => "too_large",
            Self::Zero => "zero",
            Self::NotADate => "not_a_date",
            Self::ImplausibleDate => "implausible_date",
            Self::CellError => "cell_error",
            Self::DigitsLost => "digits_lost",
            Self::TooLong => "too_long",
            Self::NamedTwice => "named_twice",
            Self::DiscountUnclear => "discount_unclear",
            Self::WrongKind => "wrong_kind",
            Self::OtherCurrency => "other_currency",
            Self::Undeliverable => "undeliverable",
        }
    }

    /// The rule with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Missing,
            Self::NotANumber,
            Self::TooLarge,
            Self::Zero,
            Self::NotADate,
            Self::ImplausibleDate,
            Self::CellError,
            Self::DigitsLost,
            Self::TooLong,
            Self::NamedTwice,
            Self::DiscountUnclear,
            Self::WrongKind,
            Self::OtherCurrency,
            Self::Undeliverable,
        ]
        .into_iter()
        .find(|rule| rule.code() == code)
    }
}

/// One reason why a row was not taken. A row has one for each bad cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The field expected in the cell.
    pub field: Field,
    /// The column's header as the sheet writes it, or the JSON property; absent if there is no such column.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The content of the cell as written; absent if it is empty.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// The rule that the value broke.
    pub rule: Rule,
}

impl Rejection {
    /// The reason in a plain sentence, with the expected value.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let label = self.field.label(language);
        let name = match &self.column {
            // The name may not be a field at all, so the field's label is left out.
            Some(column) if self.rule == Rule::NamedTwice => format!("\"{column}\""),
            Some(column) if !column.eq_ignore_ascii_case(label) => format!("\"{column}\" ({label})"),
            Some(column) => format!("\"{column}\""),
            None => label.to_owned(),
        };
        let value = self.value.as_deref().unwrap_or_default();
        match (self.rule, language) {
            (Rule::Missing, Language::Portuguese) => format!("{name}: está em branco; toda venda precisa deste valor"),
            (Rule::Missing, Language::English) => format!("{name}: is blank; every sale needs this value"),
            (Rule::NotANumber, Language::Portuguese) => {
                format!("{name}: \"{value}\" não é um número; esperado algo como 3 ou 1234,56 (em JSON, 1234.56)")
            }
            (Rule::NotANumber, Language::English) => {
                format!("{name}: \"{value}\" is not a number; expected something like 3 or 1234.56")
            }
            (Rule::TooLarge, Language::Portuguese) => format!("{name}: {value} é grande demais; confira o valor"),
            (Rule::TooLarge, Language::English) => format!("{name}: {value} is too large; check the value"),
            (Rule::Zero, Language::Portuguese) => {
                format!("{name}: é zero; uma venda tem quantidade (devoluções são negativas)")
            }
            (Rule::Zero, Language::English) => format!("{name}: is zero; a sale has a quantity (returns are negative)"),
            (Rule::NotADate, Language::Portuguese) => {
                format!("{name}: \"{value}\" não é uma data; esperado algo como 31/12/2026")
            }
            (Rule::NotADate, Language::English) => {
                format!("{name}: \"{value}\" is not a date; expected something like 2026-12-31")
            }
            (Rule::ImplausibleDate, Language::Portuguese) => {
                format!(
                    "{name}: \"{value}\" não pode ser o dia de uma venda; esperado um dia de 1990 até daqui a um ano"
                )
            }
            (Rule::ImplausibleDate, Language::English) => {
                format!(
                    "{name}: \"{value}\" cannot be the day of a sale; expected a day from 1990 to one year from now"
                )
            }
            (Rule::CellError, Language::Portuguese) => {
                format!("{name}: a célula mostra o erro {value}; corrija a fórmula")
            }
            (Rule::CellError, Language::English) => {
                format!("{name}: the cell shows the error {value}; mend its formula")
            }
            (Rule::DigitsLost, Language::Portuguese) => {
                format!(
                    "{name}: o código foi encurtado para {value} e dígitos se perderam; formate a coluna como texto, ou envie o código como texto no JSON"
                )
            }
            (Rule::DigitsLost, Language::English) => {
                format!(
                    "{name}: the code was shortened to {value} and digits are lost; format the column as text, or send the code as a string in JSON"
                )
            }
            (Rule::TooLong, Language::Portuguese) => {
                let start: String = value.chars().take(SHOWN).collect();
                let most = self.field.most_characters();
                format!("{name}: \"{start}…\" é longo demais; o limite é de {most} caracteres")
            }
            (Rule::TooLong, Language::English) => {
                let start: String = value.chars().take(SHOWN).collect();
                let most = self.field.most_characters();
                format!("{name}: \"{start}…\" is too long; the limit is {most} characters")
            }
            (Rule::NamedTwice, Language::Portuguese) => {
                format!("{name}: aparece duas vezes na mesma linha, e não se sabe qual valor usar; envie só um")
            }
            (Rule::NamedTwice, Language::English) => {
                format!("{name}: appears twice in one row, and it is unknown which value to use; send only one")
            }
            (Rule::DiscountUnclear, Language::Portuguese) => {
                format!(
                    "{name}: {value} em uma devolução pode aumentar ou diminuir o que é devolvido; envie o total da linha"
                )
            }
            (Rule::DiscountUnclear, Language::English) => {
                format!("{name}: {value} on a return may make the refund larger or smaller; send the line's total")
            }
            (Rule::WrongKind, Language::Portuguese) => {
                format!("{name}: {value} não é um texto nem um número válido")
            }
            (Rule::WrongKind, Language::English) => {
                format!("{name}: {value} is not a valid text or number")
            }
            (Rule::OtherCurrency, Language::Portuguese) => {
                format!(
                    "{name}: {value} está em outra moeda, e valores em moedas diferentes não podem ser somados; converta o valor"
                )
            }
            (Rule::OtherCurrency, Language::English) => {
                format!(
                    "{name}: {value} is in another currency, and amounts in different currencies cannot be added; convert the value"
                )
            }
            (Rule::Undeliverable, Language::Portuguese) => {
                format!("não pôde ser gravada e foi descartada por uma pessoa; a falha: {value}")
            }
            (Rule::Undeliverable, Language::English) => {
                format!("could not be stored and was discarded by a person; the failure: {value}")
            }
        }
    }
}
