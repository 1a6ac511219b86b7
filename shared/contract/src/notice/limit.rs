use serde::{Deserialize, Serialize};

use crate::format::count;
use crate::language::Language;

/// The limits of one file. The unit of each is part of its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadLimit {
    /// Rows of a sheet.
    Rows,
    /// Columns of a sheet.
    Columns,
    /// Sheets of a workbook.
    Sheets,
    /// Filled cells of all sheets.
    Cells,
    /// Bytes of a cell's text.
    CellText,
    /// Files within the workbook's archive.
    ArchiveParts,
    /// MiB of the unpacked archive.
    Unpacked,
    /// The ratio between the unpacked and the packed size of a part of the archive.
    Ratio,
    /// MiB of memory for reading.
    Memory,
    /// Seconds for reading.
    Seconds,
    /// MiB of messages about the file as a whole.
    Account,
}

impl ReadLimit {
    /// The limit, and the remedy if a setting decides it.
    pub(super) fn sentence(self, most: u64, language: Language) -> String {
        let (portuguese, english, setting) = match self {
            Self::Rows => ("linhas por planilha", "rows in a sheet", None),
            Self::Columns => ("colunas por planilha", "columns in a sheet", None),
            Self::Sheets => ("abas", "sheets", None),
            Self::Cells => ("células preenchidas", "filled cells", None),
            Self::CellText => ("bytes de texto em uma célula", "bytes of text in a cell", None),
            Self::ArchiveParts => ("partes no arquivo compactado", "parts in its archive", None),
            Self::Unpacked => ("MiB descompactados", "MiB unpacked", Some("CAUDAL_MAX_UNPACKED_MIB")),
            Self::Ratio => ("vezes o tamanho compactado", "times its packed size", None),
            Self::Memory => {
                ("MiB de memória para a leitura", "MiB of memory to read it", Some("CAUDAL_READ_MEMORY_MIB"))
            }
            Self::Account => ("MiB de avisos e cabeçalhos", "MiB of remarks and headers", None),
            Self::Seconds => ("segundos para a leitura", "seconds to read it", Some("CAUDAL_READ_SECONDS")),
        };
        let most = count(i64::try_from(most).unwrap_or(i64::MAX), language);
        match language {
            Language::Portuguese => {
                let setting = setting.map(|name| format!(" ou aumente {name}")).unwrap_or_default();
                format!("O arquivo passa do limite de {most} {portuguese}; divida-o{setting}.")
            }
            Language::English => {
                let setting = setting.map(|name| format!(" or raise {name}")).unwrap_or_default();
                format!("The file exceeds the limit of {most} {english}; split it{setting}.")
            }
        }
    }
}
