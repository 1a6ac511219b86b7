use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The reason for which a message could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// It is not a message, or it is damaged.
    Malformed,
    /// The worker does not read its version.
    UnknownVersion,
    /// It refers to a missing record.
    RefersToNothing,
    /// The database refused its content.
    Refused,
    /// It met the same record repeatedly.
    Collides,
    /// The database cancelled it because it took too long.
    TooSlow,
    /// None of its many rows could be stored.
    NoRowStored,
    /// A defect of this program.
    ProgramFailed,
    /// It was handed out repeatedly, and no worker finished it.
    NeverFinished,
}

impl FailureReason {
    /// All reasons.
    pub const ALL: [Self; 9] = [
        Self::Malformed,
        Self::UnknownVersion,
        Self::RefersToNothing,
        Self::Refused,
        Self::Collides,
        Self::TooSlow,
        Self::NoRowStored,
        Self::ProgramFailed,
        Self::NeverFinished,
    ];

    /// The name used in JSON and the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownVersion => "unknown_version",
            Self::RefersToNothing => "refers_to_nothing",
            Self::Refused => "refused",
            Self::Collides => "collides",
            Self::TooSlow => "too_slow",
            Self::NoRowStored => "no_row_stored",
            Self::ProgramFailed => "program_failed",
            Self::NeverFinished => "never_finished",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The failure and the next step.
    #[must_use]
    pub fn sentence(self, language: Language) -> &'static str {
        let (portuguese, english) = match self {
            Self::Malformed => (
                "Isto não está na forma que o Caudal lê: outro programa enviou a mensagem, ou ela chegou danificada. Corrija o texto; se não pertence a nenhuma importação, pode ser descartado.",
                "This is not in the form that Caudal reads: another program sent it, or it arrived damaged. Correct the text; if it belongs to no import it can be discarded.",
            ),
            Self::UnknownVersion => (
                "Esta mensagem foi escrita por outra versão do Caudal, que o worker não conhece. Deixe todos os serviços na mesma versão e tente de novo.",
                "This message was written by another version of Caudal, which the worker does not know. Bring all services to the same version, then try it again.",
            ),
            Self::RefersToNothing => (
                "A mensagem se refere a algo que não está no banco de dados. Execute caudal doctor e siga as instruções dele; depois tente de novo.",
                "The message refers to something that is not in the database. Run caudal doctor and follow its advice; then try it again.",
            ),
            Self::Refused => (
                "O banco de dados recusou o conteúdo desta mensagem. Se um valor está errado, corrija o texto; se o problema era do banco, resolva-o e tente de novo; ou descarte a mensagem e importe uma planilha corrigida.",
                "The database refused the content of this message. If a value is wrong, correct the text; if the database was at fault, repair it and try again; or discard the message and import a corrected sheet.",
            ),
            Self::Collides => (
                "Ao ser gravada, a mensagem entrou repetidas vezes em conflito com um registro já gravado. Tente de novo quando houver menos movimento; se continuar, avise o administrador do Caudal.",
                "While it was being stored, the message repeatedly conflicted with a record that is stored already. Try it again when there is less activity; if it fails again, tell the administrator of Caudal.",
            ),
            Self::TooSlow => (
                "O banco de dados demorou demais com esta mensagem e interrompeu a gravação. Encontre a causa da demora, por exemplo outro programa que o mantém ocupado, e tente de novo.",
                "The database took too long to store this message and cancelled it. Find the cause, such as another program that keeps the database busy, then try it again.",
            ),
            Self::NoRowStored => (
                "Nenhuma das muitas linhas desta mensagem pôde ser gravada; o problema deve estar no banco de dados, não nas linhas. Execute caudal doctor, resolva o problema e tente de novo.",
                "None of this message's many rows could be stored, so the database is probably at fault, not the rows. Run caudal doctor, solve the problem and try again.",
            ),
            Self::ProgramFailed => (
                "O próprio Caudal falhou com esta mensagem: é um defeito. Relate-o com os detalhes técnicos; depois de uma atualização tente de novo, ou descarte, e as linhas contam como rejeitadas.",
                "Caudal itself failed on this message: this is a defect. Report it with the technical details; try again after an update, or discard it, and its rows count as rejected.",
            ),
            Self::NeverFinished => (
                "A mensagem foi entregue muitas vezes e nenhum worker terminou de gravá-la; talvez ela seja a causa da queda deles. Veja o log e a memória dos workers antes de tentar de novo.",
                "The message was handed out many times, and no worker finished it; it may be the cause of their crashes. Look at the workers' log and memory before you try it again.",
            ),
        };
        language.pick(portuguese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_by_its_code_which_is_also_what_json_says() {
        for reason in FailureReason::ALL {
            assert_eq!(FailureReason::from_code(reason.code()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
    }
}
