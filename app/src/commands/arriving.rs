//! Imports that are staged and not wholly stored, by what ingest knows: distrib may not have heard of them yet.

use std::collections::BTreeSet;

use caudal_distrib::view::imports::ImportSummary;
use caudal_ingest::staging::{self, Progress};
use caudal_shared::config::Config;
use caudal_shared::database::Database;

use crate::exit::print;

/// Those that distrib's list does not have, the oldest first.
pub fn unheard_of(ingest: &Database, listed: &[ImportSummary]) -> anyhow::Result<Vec<Progress>> {
    let listed: BTreeSet<String> = listed.iter().map(|import| import.uuid.to_string()).collect();
    let mut imports = staging::progress(&mut *ingest.get()?)?;
    imports.retain(|import| !import.is_stored() && !listed.contains(&import.id));
    Ok(imports)
}

/// Prints two lines for each.
pub fn print_all(config: &Config, imports: &[Progress]) {
    for import in imports {
        let name = match import.name.as_str() {
            "" => config.language.pick("(lote da API)", "(API batch)"),
            name => name,
        };
        let (waiting, all) = (import.messages - import.messages_settled, import.messages);
        print(&format!("    …  {}  {name}", import.id));
        print(&config.language.pick(
            format!("       {waiting} de {all} mensagens ainda não gravadas; o serviço, ou o mesmo comando, termina  [chegando]"),
            format!("       {waiting} of {all} messages are not stored yet; the service, or the same command, finishes  [arriving]"),
        ));
    }
}
