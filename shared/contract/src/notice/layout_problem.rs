use serde::{Deserialize, Serialize};

use super::{Refusal, Rejection, quoted};
use crate::field::Field;
use crate::language::Language;

/// Why the columns of a table cannot be identified, or why a decision about them is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LayoutProblem {
    /// No row names the columns.
    NoHeader,
    /// Fields that every sale needs have no column.
    Missing {
        /// The fields.
        missing: Vec<Field>,
        /// The headers found.
        found: Vec<String>,
    },
    /// Products or days with money, but no sign of a sale.
    NothingSold {
        /// The headers found.
        found: Vec<String>,
    },
    /// The period should be in a title, but no title or sheet name has one.
    NoPeriod,
    /// Two columns for one field.
    Twice {
        /// The field.
        field: Field,
        /// The headers.
        columns: Vec<String>,
    },
    /// A column with content that does not fit its field.
    Unfit {
        /// The field.
        field: Field,
        /// The column's header.
        column: String,
        /// A value of the column; empty if it has none.
        value: String,
    },
    /// No row could be read.
    NothingReadable {
        /// The row, as spreadsheets count it.
        row: u32,
        /// Its first problem.
        reason: Box<Rejection>,
    },
    /// Many rows would be rejected for the same reason, so the column may have another meaning.
    ManyRejected {
        /// Rows with that reason.
        rows: u64,
        /// All rows that should be sales.
        of: u64,
        /// The first of them, as spreadsheets count.
        row: u32,
        /// Its reason.
        reason: Box<Rejection>,
    },
    /// Quantity times price is not the total on most rows, and nothing explains the difference. Values may be below the
    /// wrong headers.
    AmountsDiffer {
        /// The header of the quantity.
        quantity: String,
        /// The header of the price.
        unit_price: String,
        /// The header of the total.
        total: String,
        /// The number of rows with a difference.
        rows: u64,
        /// Rows that have all three.
        of: u64,
        /// The first of them, as spreadsheets count.
        row: u32,
    },
    /// The product of two columns is a third column, so the header of one of them is wrong.
    ProductOf {
        /// The headers of the two columns.
        factors: [String; 2],
        /// The header of the third column.
        product: String,
        /// The number of rows with this product.
        rows: u64,
        /// Rows compared.
        of: u64,
    },
    /// A total that seems to be of the whole order, repeated on its lines.
    OrderTotal {
        /// Its header.
        column: String,
    },
    /// The only total is gross, because a column of discounts was not subtracted.
    GrossTotal {
        /// Its header.
        total: String,
        /// The header of the discount.
        discount: String,
    },
    /// Discounts below one that may be money or a part of the price, without a total that decides.
    DiscountUnclear {
        /// The column's header.
        column: String,
    },
    /// A value beside a quantity that may be the price of one or the total, without evidence for either.
    ValueUnclear {
        /// The column's header.
        column: String,
    },
    /// Sales mixed with other rows, distinguished by a column with their kinds.
    MixedKinds {
        /// The column's header.
        column: String,
        /// The kinds that are not sales.
        others: Vec<String>,
    },
    /// Rows that seem to be totals of a product, or of a seller and a product, because they have no day, order or
    /// customer and none occurs twice.
    Totals {
        /// The headers of the columns that the totals are grouped by.
        per: Vec<String>,
    },
    /// There is no row below the header.
    NoRows,
    /// The file has no table with these headers.
    NoSuchTable,
    /// The file cannot be read at all.
    Unreadable {
        /// The reason.
        refusal: Box<Refusal>,
    },
}

impl LayoutProblem {
    /// The problem and the next step, in one plain sentence.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let portuguese = language == Language::Portuguese;
        let pick = |portuguese: &str, english: &str| language.pick(portuguese, english).to_owned();
        match self {
            Self::NoHeader => pick(
                "Nenhuma linha dá nome às colunas: indique o significado de cada coluna.",
                "No row names the columns: choose the meaning of each column.",
            ),
            Self::Missing { missing, found } => missing_sentence(missing, found, language),
            Self::NothingSold { found } => {
                let columns = quoted(found, 12, language);
                if portuguese {
                    format!(
                        "Não há sinal de que estas linhas são vendas: se são, informe a data delas ou confirme o significado de cada coluna; as colunas são {columns}."
                    )
                } else {
                    format!(
                        "There is no sign that these rows are sales: if they are, give their date or confirm the meaning of each column; the columns are {columns}."
                    )
                }
            }
            Self::NoPeriod => pick(
                "Nenhum título acima da tabela traz o período: informe a data das vendas ou indique a coluna.",
                "No title above the table gives the period: give the date of the sales or name the column.",
            ),
            Self::Twice { field, columns } => {
                let (label, columns) = (field.label(language), quoted(columns, 4, language));
                if portuguese {
                    format!("Mais de uma coluna foi indicada como {label} ({columns}): escolha só uma.")
                } else {
                    format!("More than one column was chosen as the {label} ({columns}): choose only one.")
                }
            }
            Self::Unfit { field, column, value } => {
                let label = field.label(language);
                match (portuguese, value.is_empty()) {
                    (true, true) => {
                        format!("A coluna \"{column}\" está vazia e não pode ser {label}: escolha outra.")
                    }
                    (false, true) => {
                        format!("The column \"{column}\" is empty and cannot be the {label}: choose another.")
                    }
                    (true, false) => {
                        format!("A coluna \"{column}\" não pode ser {label}: ela tem valores como \"{value}\".")
                    }
                    (false, false) => {
                        format!("The column \"{column}\" cannot be the {label}: it has values like \"{value}\".")
                    }
                }
            }
            Self::NothingReadable { row, reason } => {
                let reason = reason.sentence(language);
                if portuguese {
                    format!("Com estas colunas nenhuma linha pode ser lida; na linha {row}: {reason}")
                } else {
                    format!("With these columns no row can be read; in row {row}: {reason}")
                }
            }
            Self::ManyRejected { rows, of, row, reason } => {
                let reason = reason.sentence(language);
                let count = |rows: u64| crate::format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
                let (rows, of) = (count(*rows), count(*of));
                if portuguese {
                    format!(
                        "{rows} de {of} linhas seriam rejeitadas, todas pelo mesmo motivo (a primeira, na linha {row}: {reason}). Se as colunas estão certas, confirme-as, e as outras linhas entram; senão, indique outra coluna, ou uma data para o arquivo inteiro."
                    )
                } else {
                    format!(
                        "{rows} of {of} rows would be rejected, all for the same reason (the first, in row {row}: {reason}). If the columns are right, confirm them, and the other rows are taken; otherwise choose another column, or one date for the whole file."
                    )
                }
            }
            Self::AmountsDiffer { quantity, unit_price, total, rows, of, row } => {
                let count = |rows: u64| crate::format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
                let (rows, of) = (count(*rows), count(*of));
                if portuguese {
                    format!(
                        "Em {rows} de {of} linhas \"{quantity}\" × \"{unit_price}\" não é igual a \"{total}\", e nenhuma coluna explica a diferença (a primeira é a linha {row}): talvez os valores estejam sob os cabeçalhos errados. Confirme o significado de cada coluna."
                    )
                } else {
                    format!(
                        "On {rows} of {of} rows \"{quantity}\" × \"{unit_price}\" does not equal \"{total}\", and no column explains the difference (the first is row {row}): the values may be below the wrong headers. Confirm the meaning of each column."
                    )
                }
            }
            Self::ProductOf { factors: [a, b], product, rows, of } => {
                let count = |rows: u64| crate::format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
                let (rows, of) = (count(*rows), count(*of));
                if portuguese {
                    format!(
                        "Em {rows} de {of} linhas \"{a}\" × \"{b}\" é igual a \"{product}\": talvez os valores estejam sob os cabeçalhos errados. Confirme qual coluna é a quantidade, qual é o preço e qual é o total."
                    )
                } else {
                    format!(
                        "On {rows} of {of} rows \"{a}\" × \"{b}\" equals \"{product}\": the values may be below the wrong headers. Confirm which column is the quantity, which is the price and which is the total."
                    )
                }
            }
            Self::OrderTotal { column } if portuguese => format!(
                "\"{column}\" parece ser o total do pedido inteiro, repetido em cada linha dele: indique a coluna com o valor da linha, ou confirme esta."
            ),
            Self::OrderTotal { column } => format!(
                "\"{column}\" seems to be the total of the whole order, repeated on each of its lines: choose the column with the line's amount, or confirm this one."
            ),
            Self::GrossTotal { total, discount } if portuguese => format!(
                "\"{total}\" é o valor antes de \"{discount}\", e nenhuma coluna traz o valor pago: confirme \"{total}\" como total, ou indique só o preço e o desconto."
            ),
            Self::GrossTotal { total, discount } => format!(
                "\"{total}\" is the amount before \"{discount}\", and no column has the amount paid: confirm \"{total}\" as the total, or choose only the price and the discount."
            ),
            Self::DiscountUnclear { column } if portuguese => format!(
                "\"{column}\" tem valores como 0,50, que podem ser dinheiro ou metade do preço, e nenhuma coluna traz o total: confirme a coluna para contar os valores como dinheiro, ou acrescente uma coluna com o total."
            ),
            Self::DiscountUnclear { column } => format!(
                "\"{column}\" has values like 0.50 that may be money or half of the price, and no column has the total: confirm the column to count the values as money, or add a column with the total."
            ),
            Self::ValueUnclear { column } if portuguese => format!(
                "\"{column}\" pode ser o preço unitário ou o total da linha, e nada na planilha mostra qual dos dois: indique-o."
            ),
            Self::ValueUnclear { column } => format!(
                "\"{column}\" may be the unit price or the line's total, and nothing in the sheet shows which one: choose it."
            ),
            Self::MixedKinds { column, others } => {
                let others = quoted(others, 6, language);
                if portuguese {
                    format!(
                        "A coluna \"{column}\" mistura vendas com outras linhas ({others}): solte uma planilha só com as vendas, ou confirme as colunas, e todas as linhas contam como vendas."
                    )
                } else {
                    format!(
                        "The column \"{column}\" mixes sales with other rows ({others}): drop a sheet with only the sales, or confirm the columns, and all rows count as sales."
                    )
                }
            }
            Self::Totals { per } => {
                let per = per.iter().map(|header| format!("\"{header}\"")).collect::<Vec<_>>().join(" + ");
                if portuguese {
                    format!(
                        "Parecem totais por {per}, e não vendas: nenhuma linha se repete, e faltam a data, o pedido e o cliente. Se cada linha é uma venda, confirme as colunas e informe a data; senão, dispense o arquivo."
                    )
                } else {
                    format!(
                        "These seem to be totals per {per}, not sales: no row occurs twice, and there is no date, order or customer. If each row is a sale, confirm the columns and give the date; otherwise dismiss the file."
                    )
                }
            }
            Self::NoRows => pick(
                "Não há nenhuma linha abaixo do cabeçalho: escolha outra linha ou outra aba.",
                "There is no row below the header: choose another row or sheet.",
            ),
            Self::Unreadable { refusal } => refusal.sentence(language),
            Self::NoSuchTable => pick(
                "O arquivo não tem uma tabela com estes cabeçalhos: escolha a linha do cabeçalho outra vez.",
                "The file has no table with these headers: choose the header's row again.",
            ),
        }
    }
}

fn missing_sentence(missing: &[Field], found: &[String], language: Language) -> String {
    let columns = quoted(found, 12, language);
    let portuguese = language == Language::Portuguese;
    if missing == [Field::Date] {
        return if portuguese {
            format!(
                "Falta a data da venda: informe uma para o arquivo inteiro ou indique a coluna; as colunas são {columns}."
            )
        } else {
            format!("No sale date: give one for the whole file, or name the column; the columns are {columns}.")
        };
    }
    let fields = missing.iter().map(|field| field.label(language)).collect::<Vec<_>>().join(", ");
    let date = match (missing.contains(&Field::Date), portuguese) {
        (false, _) => "",
        (true, true) => " (a data pode valer para o arquivo inteiro)",
        (true, false) => " (the date may be given for the whole file)",
    };
    let is_one = missing.len() == 1;
    if portuguese {
        let which = if is_one { "qual é" } else { "quais são" };
        format!("Nenhuma coluna foi reconhecida como {fields}: indique {which}{date}; as colunas são {columns}.")
    } else {
        let which = if is_one { "it" } else { "them" };
        format!("No column was recognised as {fields}: name {which}{date}; the columns are {columns}.")
    }
}
