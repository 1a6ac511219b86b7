use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Refusal, Rejection, quoted};
use crate::decision::DecimalMark;
use crate::field::Field;
use crate::format;
use crate::language::Language;
use crate::money::Cents;

/// A meaning that a column may have, and the sum of the sheet if it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The column's header.
    pub column: String,
    /// The number of columns before it with the same header.
    #[serde(default)]
    pub occurrence: usize,
    /// The field that the column may be.
    pub field: Field,
    /// The header of the value that is the price of one then, and not the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// The sum of the sales with the column as this field.
    pub total: Cents,
}

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
    /// A discount that may belong to the whole order or to each line, and no total proves which.
    OrderDiscount {
        /// Its header.
        column: String,
    },
    /// A total of orders beside freight, and nothing proves whether the total holds it.
    TotalMayHoldFreight {
        /// The total.
        total: String,
        /// The header of the freight.
        freight: String,
    },
    /// Quantities below zero beside totals above zero, and no price proves that these are returns.
    ReturnsAboveZero {
        /// The header of the quantity.
        quantity: String,
        /// The header of the total.
        total: String,
        /// The number of such rows.
        rows: u64,
    },
    /// The total of orders differs from the sum of their lines, and no column explains it.
    OrderTotalDiffers {
        /// The header of the total.
        column: String,
        /// The number of such orders.
        orders: u64,
        /// The orders that were compared.
        of: u64,
    },
    /// A column of refunds, and nothing proves whether they are of the order or of the line, or off already.
    RefundUnclear {
        /// Its header.
        column: String,
    },
    /// Orders that are refunded in part, without a column of the amounts.
    PartialRefund {
        /// The header of the status.
        column: String,
        /// The first such status.
        value: String,
        /// The number of such rows.
        rows: u64,
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
    /// Date cells beside days in texts, in which a spreadsheet program may have swapped day and month.
    DaysUnclear {
        /// The column's header.
        column: String,
        /// One of the days, as its cell shows it.
        day: NaiveDate,
        /// The same day with day and month swapped.
        swapped: NaiveDate,
    },
    /// Values such as 5,899 that may have decimals or thousands, without other values or arithmetic that tell which.
    MarkUnclear {
        /// The column's header.
        column: String,
        /// One of the values.
        value: String,
        /// The configured mark.
        mark: DecimalMark,
    },
    /// A value beside a quantity that may be the price of one or the total, without evidence for either.
    ValueUnclear {
        /// The column's header.
        column: String,
    },
    /// Columns of numbers that could change the sum, and no evidence that they do not.
    Unexplained {
        /// Their headers.
        columns: Vec<String>,
        /// The sum of the sales without these columns.
        without: Cents,
        /// Other readings with their sums, the likeliest first.
        readings: Vec<Reading>,
    },
    /// A total line of the sheet differs from the sum of its rows.
    OwnTotalDiffers {
        /// The row, as spreadsheets count it.
        row: u32,
        /// The total in the line.
        says: Cents,
        /// The sum of the rows.
        adds: Cents,
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
                let count = |rows: u64| format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
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
                let count = |rows: u64| format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
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
                let count = |rows: u64| format::count(i64::try_from(rows).unwrap_or(i64::MAX), language);
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
            Self::OrderDiscount { column } if portuguese => format!(
                "\"{column}\" pode ser o desconto do pedido inteiro ou de cada linha, e nenhum total prova qual: confirme para descontar de cada linha, ou deixe a coluna sem uso."
            ),
            Self::OrderDiscount { column } => format!(
                "\"{column}\" may be the discount of the whole order or of each line, and no total proves which: confirm to take it off each line, or leave the column unused."
            ),
            Self::TotalMayHoldFreight { total, freight } if portuguese => format!(
                "\"{total}\" pode já incluir \"{freight}\", e nada prova se inclui: confirme \"{total}\" para contá-lo como está, ou acrescente uma coluna só com os produtos."
            ),
            Self::TotalMayHoldFreight { total, freight } => format!(
                "\"{total}\" may include \"{freight}\", and nothing proves whether it does: confirm \"{total}\" to count it as it is, or add a column of the goods alone."
            ),
            Self::ReturnsAboveZero { quantity, total, rows: count } => {
                let rows = super::rows(*count, language);
                if portuguese {
                    format!(
                        "\"{quantity}\" está abaixo de zero em {rows}, mas \"{total}\" não: se são devoluções, ponha o sinal em \"{total}\"; confirme as colunas se o valor conta como está."
                    )
                } else {
                    format!(
                        "\"{quantity}\" is below zero on {rows}, but \"{total}\" is not: if these are returns, put the sign on \"{total}\"; confirm the columns if the amount is right as it is."
                    )
                }
            }
            Self::OrderTotalDiffers { column, orders, of } if portuguese => format!(
                "\"{column}\" difere da soma das linhas em {orders} de {of} pedidos, e nenhuma coluna explica a diferença, que pode ser um desconto: confirme as colunas para contar as linhas."
            ),
            Self::OrderTotalDiffers { column, orders, of } => format!(
                "\"{column}\" differs from the sum of the lines on {orders} of {of} orders, and no column explains the difference, which may be a discount: confirm the columns to count the lines."
            ),
            Self::RefundUnclear { column } if portuguese => format!(
                "\"{column}\" traz dinheiro devolvido, e nada prova se é do pedido ou da linha, ou se já está descontado: confirme qual coluna é o valor da venda."
            ),
            Self::RefundUnclear { column } => format!(
                "\"{column}\" holds money that was returned, and nothing proves whether it is of the order or of the line, or off already: confirm which column is the money of the sale."
            ),
            Self::PartialRefund { column, value, rows: count } => {
                let rows = super::rows(*count, language);
                if portuguese {
                    format!(
                        "\"{column}\" diz \"{value}\" em {rows}, e nenhuma coluna diz quanto foi devolvido: acrescente uma coluna com o valor devolvido, ou confirme as colunas e as vendas contam inteiras."
                    )
                } else {
                    format!(
                        "\"{column}\" says \"{value}\" on {rows}, and no column tells how much was returned: add a column with the returned money, or confirm the columns, and the sales count in full."
                    )
                }
            }
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
            Self::DaysUnclear { column, day, swapped } => {
                let (day, swapped) = (format::date(*day, language), format::date(*swapped, language));
                if portuguese {
                    format!(
                        "Em \"{column}\", um programa de planilhas pode ter trocado dia e mês: há células de data só com dias até 12, como {day}, e textos só com dias acima de 12. Se {day} está certo, confirme; se devia ser {swapped}, corrija a planilha."
                    )
                } else {
                    format!(
                        "In \"{column}\", a spreadsheet program may have swapped day and month: date cells have only days up to 12, such as {day}, and texts have only days above 12. If {day} is right, confirm; if it should be {swapped}, mend the sheet."
                    )
                }
            }
            Self::MarkUnclear { column, value, mark } => {
                let sign = if value.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
                let (mark, configured) = match (sign, mark) {
                    (DecimalMark::Comma, mark) => (pick("a vírgula", "the comma"), *mark == DecimalMark::Comma),
                    (DecimalMark::Point, mark) => (pick("o ponto", "the point"), *mark == DecimalMark::Point),
                };
                let usual = match configured {
                    true => pick("decimais", "decimals"),
                    false => pick("milhares", "thousands"),
                };
                if portuguese {
                    format!(
                        "Em \"{column}\", {mark} de \"{value}\" pode separar decimais ou milhares, e nada na planilha diz qual: indique o separador decimal, ou confirme e ela separa {usual}, como está configurado."
                    )
                } else {
                    format!(
                        "In \"{column}\", {mark} of \"{value}\" may separate decimals or thousands, and nothing in the sheet tells which: choose the decimal mark, or confirm, and it separates {usual}, as configured."
                    )
                }
            }
            Self::ValueUnclear { column } if portuguese => format!(
                "\"{column}\" pode ser o preço unitário ou o total da linha, e nada na planilha mostra qual dos dois: indique-o."
            ),
            Self::ValueUnclear { column } => format!(
                "\"{column}\" may be the unit price or the line's total, and nothing in the sheet shows which one: choose it."
            ),
            Self::OwnTotalDiffers { row, says, adds } => {
                let (says, adds) = (format::money(*says, language), format::money(*adds, language));
                if portuguese {
                    format!(
                        "A linha {row} diz que o total é {says}, mas as linhas somam {adds}: corrija a planilha, ou confirme o significado das colunas, e a soma das linhas conta."
                    )
                } else {
                    format!(
                        "Row {row} says that the total is {says}, but the rows add up to {adds}: mend the sheet, or confirm the meaning of the columns, and the sum of the rows counts."
                    )
                }
            }
            Self::Unexplained { columns, without, readings } => unexplained(columns, *without, readings, language),
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

fn unexplained(columns: &[String], without: Cents, readings: &[Reading], language: Language) -> String {
    let sum = |cents: Cents| format::money(cents, language);
    let others: Vec<String> = readings
        .iter()
        .map(|Reading { column, field, total, .. }| match language {
            Language::Portuguese => format!("{} se \"{column}\" é {}", sum(*total), field.label(language)),
            Language::English => format!("{} if \"{column}\" is the {}", sum(*total), field.label(language)),
        })
        .collect();
    let (columns, without, others) = (quoted(columns, 6, language), sum(without), others.join("; "));
    match language {
        Language::Portuguese => format!(
            "Há números sem explicação em {columns}, e eles podem mudar a soma: {without} sem eles; {others}. Escolha uma das somas ou o significado de cada coluna."
        ),
        Language::English => format!(
            "Nothing explains the numbers in {columns}, and they may change the sum: {without} without them; {others}. Choose one of the sums, or the meaning of each column."
        ),
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
