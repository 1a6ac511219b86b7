use serde::{Deserialize, Serialize};

use super::{ReadLimit, quoted};
use crate::field::Field;
use crate::language::Language;

/// The reason for which a whole file was not taken. Nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// The file has no bytes.
    EmptyFile,
    /// The file has more bytes than the limit.
    TooLarge {
        /// Size in MiB, rounded up.
        size_mib: u64,
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// A workbook with an archive that ends too early or is corrupt.
    Damaged,
    /// An encrypted workbook.
    PasswordProtected,
    /// A kind of file that Caudal does not read.
    UnknownKind {
        /// The kind that it resembles, or its extension.
        kind: String,
    },
    /// Text in an encoding that could not be identified.
    UnreadableText,
    /// All sheets are empty.
    NoContent,
    /// No row looks like a header above data.
    NoHeader,
    /// A header, but not with the columns of sales.
    NotSales {
        /// Fields that every sale needs and that have no column.
        missing: Vec<Field>,
        /// The headers found.
        found: Vec<String>,
    },
    /// The columns are not those of sales, but those of something else.
    LooksLike {
        /// The kind of sheet that it resembles.
        like: OtherSheet,
        /// The headers found.
        found: Vec<String>,
    },
    /// Products, days or money, but no sign of a sale.
    NothingSold {
        /// The headers found.
        found: Vec<String>,
    },
    /// Unpaired quotation marks, and more broken rows than sales.
    RowsTorn {
        /// Rows that could not be read.
        rows: u64,
    },
    /// Rows with more columns than the header, because a comma inside a value was read as the end of a column.
    ColumnsTorn {
        /// Rows with more columns than the header.
        rows: u64,
        /// Columns of the header.
        columns: u64,
    },
    /// The only money is the total of whole orders, but the products have no amounts of their own.
    OrderTotalsOnly {
        /// Its column.
        column: String,
    },
    /// A column that every sale needs is there by its name, but its content cannot be read.
    UnreadableColumn {
        /// Its header.
        column: String,
        /// The field expected in it.
        field: Field,
    },
    /// Two tables with the same headers beside each other.
    TablesSideBySide,
    /// Below the table another one begins, with other columns.
    OtherTableBelow {
        /// The row of its header, as spreadsheets count it.
        row: u32,
    },
    /// A header of sales without a row below it.
    NoRows,
    /// The reader gave up on broken content.
    ReaderFailed {
        /// The error of the reader.
        detail: String,
    },
    /// The file exceeds a limit that keeps one file from exhausting the service.
    OverLimit {
        /// The limit.
        limit: ReadLimit,
        /// The most allowed, in the limit's unit.
        most: u64,
    },
    /// An archive built to mislead its reader. No program writes such a workbook.
    UnsafeArchive {
        /// The part of the archive that shows it.
        part: String,
    },
    /// The reader process ended while it read this file.
    ReaderCrashed,
    /// A repair workbook without a changed cell in a row that is still rejected.
    NothingMended,
    /// A repair workbook saved in a format without hidden sheets, such as CSV.
    RepairTokenLost,
    /// A mended cell changes the interpretation of a whole column.
    MendingChangesColumn {
        /// The column's header.
        column: String,
    },
    /// A repair workbook of an import that is missing or was undone.
    RepairOfNothing,
    /// A repair workbook of an import with an original file that is missing from the data folder or was replaced.
    OriginalGone,
    /// A file that waited for a layout until a person said that it is not wanted.
    Dismissed {
        /// The user's name; empty for the command line.
        by: String,
    },
}

/// Other kinds of sheets that are mistaken for sheets of sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherSheet {
    /// The cost and effect of advertisements.
    Advertising,
    /// Sales targets.
    Targets,
    /// Purchases from suppliers.
    Purchases,
    /// The stock.
    Stock,
    /// Payments made and received.
    Ledger,
    /// Offers to customers.
    Quotes,
    /// Returns of customers, or cancellations.
    Returns,
    /// A summary with a column for each month or day.
    Pivot,
    /// Totals of products, sellers or the like: a ranking, an ABC curve.
    Totals,
}

impl OtherSheet {
    fn name(self, language: Language) -> &'static str {
        match self {
            Self::Advertising => language.pick("um relatório de anúncios", "a report of advertisements"),
            Self::Targets => language.pick("uma lista de metas", "a list of targets"),
            Self::Purchases => {
                language.pick("uma lista de compras de fornecedores", "a list of purchases from suppliers")
            }
            Self::Stock => language.pick("um controle de estoque", "a stock list"),
            Self::Quotes => language.pick("uma lista de orçamentos", "a list of quotes"),
            Self::Returns => {
                language.pick("uma lista de devoluções ou cancelamentos", "a list of returns or cancellations")
            }
            Self::Pivot => language
                .pick("um resumo com uma coluna por mês ou dia", "a summary with a column for each month or day"),
            Self::Totals => language.pick(
                "um resumo com totais (um ranking, uma curva ABC, um relatório por produto)",
                "a summary of totals (a ranking, an ABC curve, a report by product)",
            ),
            Self::Ledger => language.pick("um livro-caixa (entradas e saídas)", "a ledger of income and expenses"),
        }
    }
}

impl Refusal {
    /// The reason in a plain sentence with the next step.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let pick = |portuguese: &str, english: &str| language.pick(portuguese, english).to_owned();
        match self {
            Self::EmptyFile => pick(
                "O arquivo está vazio (zero bytes); salve a planilha de novo e solte-a outra vez.",
                "The file is empty (zero bytes); save the sheet again and drop it once more.",
            ),
            Self::TooLarge { size_mib, limit_mib } => match language {
                Language::Portuguese => {
                    format!(
                        "O arquivo tem {size_mib} MiB e o limite é {limit_mib} MiB; divida-o ou aumente CAUDAL_MAX_FILE_MIB."
                    )
                }
                Language::English => {
                    format!(
                        "The file has {size_mib} MiB and the limit is {limit_mib} MiB; split it or raise CAUDAL_MAX_FILE_MIB."
                    )
                }
            },
            Self::Damaged => pick(
                "A planilha está incompleta ou corrompida; abra-a no programa de origem, salve de novo e solte-a outra vez.",
                "The workbook is incomplete or damaged; open it in the program that made it, save it again and drop it once more.",
            ),
            Self::PasswordProtected => pick(
                "A planilha é protegida por senha; salve uma cópia sem senha e solte a cópia.",
                "The workbook is protected by a password; save a copy without a password and drop the copy.",
            ),
            Self::UnknownKind { kind } => match language {
                Language::Portuguese => {
                    format!("Este tipo de arquivo ({kind}) não pode ser lido; salve a planilha como .xlsx ou .csv.")
                }
                Language::English => {
                    format!("This kind of file ({kind}) cannot be read; save the sheet as .xlsx or .csv.")
                }
            },
            Self::UnreadableText => pick(
                "A codificação do texto não foi reconhecida; salve o arquivo como CSV em UTF-8.",
                "The encoding of the text was not recognised; save the file as CSV in UTF-8.",
            ),
            Self::NoContent => pick(
                "A planilha não tem nenhuma célula preenchida; confira se salvou o arquivo certo.",
                "The workbook has no filled cell; check that the right file was saved.",
            ),
            Self::NoHeader => pick(
                "Não há uma linha de cabeçalho acima dos dados; escreva o nome de cada coluna na primeira linha.",
                "There is no header row above the data; write the name of each column in the first row.",
            ),
            Self::NotSales { missing, found } => {
                let fields = missing.iter().map(|field| field.label(language)).collect::<Vec<_>>().join(", ");
                let columns = quoted(found, 12, language);
                match language {
                    Language::Portuguese => {
                        format!(
                            "Isto não parece uma planilha de vendas: nenhuma coluna foi reconhecida como {fields}; as colunas são {columns}."
                        )
                    }
                    Language::English => {
                        format!(
                            "This does not look like a sheet of sales: no column was recognised as {fields}; the columns are {columns}."
                        )
                    }
                }
            }
            Self::LooksLike { like, found } => {
                let (kind, columns) = (like.name(language), quoted(found, 12, language));
                match language {
                    Language::Portuguese => {
                        format!("Isto parece {kind}, não uma planilha de vendas; as colunas são {columns}.")
                    }
                    Language::English => {
                        format!("This looks like {kind}, not a sheet of sales; the columns are {columns}.")
                    }
                }
            }
            Self::NothingSold { found } => {
                let columns = quoted(found, 12, language);
                match language {
                    Language::Portuguese => format!(
                        "Não há sinal de venda: falta a data da venda, o cliente, o vendedor ou a forma de pagamento; as colunas são {columns}."
                    ),
                    Language::English => format!(
                        "There is no sign of a sale: the sale's date, customer, seller or payment method is missing; the columns are {columns}."
                    ),
                }
            }
            Self::RowsTorn { rows } => match language {
                Language::Portuguese => format!(
                    "As aspas do texto não se fecham; por isso, a maior parte das linhas ({rows}) não pôde ser lida; salve a planilha como .xlsx e solte-a outra vez."
                ),
                Language::English => format!(
                    "The quotation marks of the text are not closed, so most rows ({rows}) could not be read; save the sheet as .xlsx and drop it once more."
                ),
            },
            Self::ColumnsTorn { rows, columns } => match language {
                Language::Portuguese => format!(
                    "{rows} linhas têm mais colunas que o cabeçalho ({columns}), porque a vírgula dos valores também separa as colunas; salve com ponto e vírgula ou como .xlsx."
                ),
                Language::English => format!(
                    "{rows} rows have more columns than the header ({columns}), because the comma in the values also separates the columns; save with semicolons or as .xlsx."
                ),
            },
            Self::OrderTotalsOnly { column } => match language {
                Language::Portuguese => format!(
                    "\"{column}\" é o total do pedido inteiro, e os produtos do pedido não têm preço; inclua o preço ou o total de cada linha."
                ),
                Language::English => format!(
                    "\"{column}\" is the total of the whole order, and the order's products have no price; add each line's price or total."
                ),
            },
            Self::UnreadableColumn { column, field } => {
                let label = field.label(language);
                match language {
                    Language::Portuguese => format!(
                        "A coluna \"{column}\" ({label}) não pôde ser lida; escreva todos os valores dela no mesmo formato e solte a planilha outra vez."
                    ),
                    Language::English => format!(
                        "The column \"{column}\" ({label}) could not be read; write all its values in the same format and drop the sheet once more."
                    ),
                }
            }
            Self::TablesSideBySide => pick(
                "Há duas tabelas com as mesmas colunas lado a lado; ponha uma abaixo da outra, ou cada uma em sua própria aba, e solte a planilha outra vez.",
                "Two tables with the same columns are side by side; put one below the other, or each on its own sheet, and drop the file once more.",
            ),
            Self::OtherTableBelow { row } => match language {
                Language::Portuguese => format!(
                    "Na linha {row} começa outra tabela, com as colunas em outra ordem ou com outros nomes; ponha cada tabela em sua própria aba e solte a planilha outra vez."
                ),
                Language::English => format!(
                    "Another table begins in row {row}, with its columns in another order or with other names; put each table on its own sheet and drop the file once more."
                ),
            },
            Self::NoRows => pick(
                "A planilha tem o cabeçalho de vendas, mas nenhuma linha abaixo dele; confira se salvou o arquivo certo.",
                "The sheet has the header of sales but no row below it; check that the right file was saved.",
            ),
            Self::ReaderFailed { detail } => match language {
                Language::Portuguese => {
                    format!("A planilha não pôde ser lida ({detail}); salve-a de novo como .xlsx e solte-a outra vez.")
                }
                Language::English => {
                    format!("The workbook could not be read ({detail}); save it again as .xlsx and drop it once more.")
                }
            },
            Self::OverLimit { limit, most } => limit.sentence(*most, language),
            Self::UnsafeArchive { part } => match language {
                Language::Portuguese => format!(
                    "O arquivo compactado da planilha é malformado ({part}); abra-a no programa de origem e salve de novo como .xlsx."
                ),
                Language::English => format!(
                    "The workbook's archive is malformed ({part}); open the workbook in the program that made it and save it again as .xlsx."
                ),
            },
            Self::NothingMended => pick(
                "Nenhuma célula deste arquivo de correção mudou em linhas ainda rejeitadas; corrija as células vermelhas, salve e solte-o outra vez.",
                "No cell of this repair workbook has changed in rows that are still rejected; mend the red cells, save and drop it once more.",
            ),
            Self::RepairTokenLost => pick(
                "Este é um arquivo de correção que perdeu a aba oculta; por isso, não se sabe de qual importação são as linhas. Corrija o arquivo .xlsx como ele foi baixado e salve-o como .xlsx.",
                "This is a repair workbook without its hidden sheet, so the import of its rows is unknown. Mend the .xlsx as it was downloaded and save it as .xlsx.",
            ),
            Self::MendingChangesColumn { column } => match language {
                Language::Portuguese => format!(
                    "Um valor corrigido em \"{column}\" está escrito de forma diferente do resto da coluna (vírgula ou ponto, dia ou mês primeiro) e mudaria a leitura das outras linhas; escreva-o como os outros e solte o arquivo outra vez."
                ),
                Language::English => format!(
                    "A mended value in \"{column}\" is not written like the rest of the column (comma or point, day or month first) and would change the reading of other rows; write it like the others and drop the file once more."
                ),
            },
            Self::RepairOfNothing => pick(
                "Este arquivo de correção é de uma importação que não existe aqui ou foi desfeita; solte a planilha original.",
                "This repair workbook belongs to an import that does not exist here or was undone; drop the original sheet.",
            ),
            Self::Dismissed { by } => match (language, by.as_str()) {
                (Language::Portuguese, "") => {
                    "Dispensado na linha de comando: nada foi importado. Para importar, solte o arquivo de novo."
                        .to_owned()
                }
                (Language::Portuguese, by) => {
                    format!("Dispensado por {by}: nada foi importado. Para importar, solte o arquivo de novo.")
                }
                (Language::English, "") => {
                    "Dismissed on the command line: nothing was imported. To import it, drop the file again.".to_owned()
                }
                (Language::English, by) => {
                    format!("Dismissed by {by}: nothing was imported. To import it, drop the file again.")
                }
            },
            Self::OriginalGone => pick(
                "A planilha original deste arquivo de correção não está mais na pasta de dados; corrija a planilha original e solte-a.",
                "The original sheet of this repair workbook is no longer in the data folder; mend the original sheet and drop it.",
            ),
            Self::ReaderCrashed => pick(
                "A leitura da planilha falhou por um defeito do leitor; abra-a no programa de origem, salve de novo como .xlsx e solte-a outra vez.",
                "The reader crashed on this workbook because of a defect; open it in the program that made it, save it again as .xlsx and drop it once more.",
            ),
        }
    }
}
