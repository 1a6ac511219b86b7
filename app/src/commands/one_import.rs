//! One import as commands find it and tell it in two lines.

use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::Outcome;
use caudal_contract::outside::shown;
use caudal_distrib::view::imports::{self, ImportDetail, ImportSummary};
use caudal_platform::config::Config;
use caudal_platform::database::DbConnection;

use super::words;

/// An import by its number or id.
pub(super) fn find(connection: &mut DbConnection, id: &str, language: Language) -> anyhow::Result<ImportDetail> {
    imports::find(connection, id)?.ok_or_else(|| {
        anyhow::anyhow!(language.pick(
            format!("não há importação {id}; para ver as importações: caudal imports list"),
            format!("there is no import {id}; to see the imports: caudal imports list"),
        ))
    })
}

/// An import in two lines: its name and source, and its ledger or the reason why it has none.
pub(super) fn summary(config: &Config, import: &ImportSummary) -> String {
    let language = config.language;
    let at = format::date_time(to_local(import.received_at, config.time_zone), language);
    let name = match import.name.as_deref() {
        Some("") => language.pick("(lote da API)", "(API batch)"),
        Some(name) => name,
        None => "…",
    };
    let state = words::state(import, language);
    let below = match reason(config, import) {
        Some(reason) => format!("{state}: {}", shown(reason)),
        None => format!("{}  [{state}]", words::rows(&import.ledger.rows, language)),
    };
    let source = shown(&import.source).to_string();
    let mut text = format!("{:>5}  {at}  {source:<12} {}\n       {below}", import.id, shown(name));
    for effect in import.voids.sentences(language).into_iter().flatten() {
        text = format!("{text}\n       {effect}");
    }
    text
}

/// The reason why there is no ledger: nothing was taken, or the rows count for another import.
pub(super) fn reason(config: &Config, import: &ImportSummary) -> Option<String> {
    let language = config.language;
    match import.outcome.as_ref()? {
        Outcome::Taken => None,
        Outcome::Refused(refusal) => Some(refusal.sentence(language)),
        Outcome::NeedsLayout { reason } => Some(reason.sentence(language)),
        Outcome::AlreadyImported { import_id, received_at } => {
            let at = format::date_time(to_local(*received_at, config.time_zone), language);
            Some(format!("{at} ({import_id})"))
        }
        Outcome::Repaired { import_id, sales, rejected, ignored } => Some(match language {
            Language::Portuguese => {
                format!("{sales} vendas + {rejected} rejeitadas + {ignored} ignoradas, na importação {import_id}")
            }
            Language::English => {
                format!("{sales} sales + {rejected} rejected + {ignored} ignored, in import {import_id}")
            }
        }),
    }
}
