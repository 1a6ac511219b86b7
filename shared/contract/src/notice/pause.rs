use serde::{Deserialize, Serialize};

use crate::language::Language;

/// The reason for which nothing is taken in at the moment. Dropped files stay in the inbox, and the intake resumes by
/// itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Pause {
    /// Too little room is left on a disk.
    DiskFull {
        /// A folder on the disk.
        folder: String,
        /// The free space, in MiB.
        free_mib: u64,
        /// The space that must stay free, in MiB.
        reserve_mib: u64,
    },
    /// The database's disk has no room left.
    DatabaseFull,
    /// The database does not answer.
    DatabaseAway,
    /// Too much data waits to be stored.
    OutboxFull {
        /// The waiting data, in MiB.
        mib: u64,
        /// The limit, in MiB.
        most_mib: u64,
    },
    /// Too much data could not be stored and waits for a person's decision.
    DeadLetters {
        /// The data that waits for storage or for a decision, in MiB.
        mib: u64,
        /// The limit, in MiB.
        most_mib: u64,
    },
    /// A database's write-ahead log has grown too large and cannot be started anew.
    WalFull {
        /// The database's file.
        file: String,
        /// The size of the log, in MiB.
        mib: u64,
        /// The limit, in MiB.
        most_mib: u64,
    },
    /// The broker is short of memory or disk.
    BrokerBlocked,
}

impl Pause {
    /// The reason in a form for anybody, without folders and figures.
    #[must_use]
    pub fn plain(&self, language: Language) -> &'static str {
        match self {
            Self::DiskFull { .. } => language.pick(
                "Entrada em pausa: há pouco espaço livre em disco. A entrada volta sozinha e nada se perde.",
                "Intake paused: too little room is left on a disk. Intake resumes by itself and nothing is lost.",
            ),
            Self::DatabaseFull => language.pick(
                "Entrada em pausa: o banco de dados está sem espaço em disco. A entrada volta sozinha e nada se perde.",
                "Intake paused: the database's disk has no room left. Intake resumes by itself and nothing is lost.",
            ),
            Self::DatabaseAway => language.pick(
                "Entrada em pausa: o banco de dados não responde. A entrada volta sozinha e nada se perde.",
                "Intake paused: the database does not answer. Intake resumes by itself and nothing is lost.",
            ),
            Self::OutboxFull { .. } => language.pick(
                "Entrada em pausa: há dados demais à espera de gravação. A entrada volta sozinha e nada se perde.",
                "Intake paused: too much data waits to be stored. Intake resumes by itself and nothing is lost.",
            ),
            Self::DeadLetters { .. } => language.pick(
                "Entrada em pausa: mensagens demais não puderam ser gravadas e esperam por uma decisão. A entrada volta sozinha depois dela e nada se perde.",
                "Intake paused: too many messages could not be stored and wait for a decision. Intake resumes by itself after it and nothing is lost.",
            ),
            Self::WalFull { .. } => language.pick(
                "Entrada em pausa: o log de um banco de dados cresceu demais. A entrada volta sozinha e nada se perde.",
                "Intake paused: the log of a database has grown too large. Intake resumes by itself and nothing is lost.",
            ),
            Self::BrokerBlocked => language.pick(
                "Entrada em pausa: a fila não aceita mensagens. A entrada volta sozinha e nada se perde.",
                "Intake paused: the queue takes no messages. Intake resumes by itself and nothing is lost.",
            ),
        }
    }

    /// The reason in a plain sentence, with the next step.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        match (self, language) {
            (Self::DiskFull { folder, free_mib, reserve_mib }, Language::Portuguese) => format!(
                "Entrada em pausa: o disco de {folder} tem só {free_mib} MiB livres, e {reserve_mib} MiB são reservados. Libere espaço; a entrada volta sozinha e nada se perde."
            ),
            (Self::DiskFull { folder, free_mib, reserve_mib }, Language::English) => format!(
                "Intake paused: the disk of {folder} has only {free_mib} MiB free, and {reserve_mib} MiB are kept in reserve. Free some space; intake resumes by itself and nothing is lost."
            ),
            (Self::DatabaseFull, Language::Portuguese) => {
                "Entrada em pausa: o disco do banco de dados da entrada (ingest) está cheio. Libere espaço nele; a entrada volta sozinha e nada se perde.".to_owned()
            }
            (Self::DatabaseFull, Language::English) => {
                "Intake paused: the disk of the intake's database (ingest) is full. Free some space there; intake resumes by itself and nothing is lost.".to_owned()
            }
            (Self::DatabaseAway, Language::Portuguese) => {
                "Entrada em pausa: o banco de dados da entrada (ingest) não responde; o log diz por quê. A entrada volta sozinha e nada se perde.".to_owned()
            }
            (Self::DatabaseAway, Language::English) => {
                "Intake paused: the intake's database (ingest) does not answer; the log says why. Intake resumes by itself and nothing is lost.".to_owned()
            }
            (Self::OutboxFull { mib, most_mib }, Language::Portuguese) => format!(
                "Entrada em pausa: {mib} MiB já esperam para ser gravados, e o limite é {most_mib} MiB. Veja se o worker, a fila e o banco de dados estão funcionando; a entrada volta sozinha."
            ),
            (Self::OutboxFull { mib, most_mib }, Language::English) => format!(
                "Intake paused: {mib} MiB wait to be stored already, and the limit is {most_mib} MiB. See whether worker, queue and database are working; intake resumes by itself."
            ),
            (Self::DeadLetters { mib, most_mib }, Language::Portuguese) => format!(
                "Entrada em pausa: {mib} MiB não puderam ser gravados ou ainda esperam, e o limite é {most_mib} MiB. Decida sobre as mensagens com falha; a entrada volta sozinha e nada se perde."
            ),
            (Self::DeadLetters { mib, most_mib }, Language::English) => format!(
                "Intake paused: {mib} MiB could not be stored or still wait, and the limit is {most_mib} MiB. Decide about the messages that failed; intake resumes by itself and nothing is lost."
            ),
            (Self::WalFull { file, mib, most_mib }, Language::Portuguese) => format!(
                "Entrada em pausa: o log (WAL) de {file} tem {mib} MiB, e o limite é {most_mib} MiB: uma operação demorada, como um backup, ainda o lê. A entrada volta sozinha quando ela terminar e nada se perde."
            ),
            (Self::WalFull { file, mib, most_mib }, Language::English) => format!(
                "Intake paused: the log (WAL) of {file} has {mib} MiB, and the limit is {most_mib} MiB: a long operation, such as a backup, is still reading it. Intake resumes by itself when the operation ends and nothing is lost."
            ),
            (Self::BrokerBlocked, Language::Portuguese) => {
                "Entrada em pausa: a fila (RabbitMQ) está sem memória ou sem espaço em disco e não aceita mensagens. Libere memória ou espaço nela; a entrada volta sozinha e nada se perde.".to_owned()
            }
            (Self::BrokerBlocked, Language::English) => {
                "Intake paused: the queue (RabbitMQ) is short of memory or disk and takes no messages. Free some memory or disk space there; intake resumes by itself and nothing is lost.".to_owned()
            }
        }
    }
}
