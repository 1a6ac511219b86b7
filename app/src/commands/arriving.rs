//! Imports that ingest has staged and that are not wholly stored. Distrib may not know them yet.

use caudal_distrib::view::imports;
use caudal_ingest::staging::{self, MessageProgress};
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DbConnection};

use crate::exit::print;

/// The imports that distrib does not know yet, the oldest first.
pub fn unheard_of(ingest: &Database, distrib: &mut DbConnection) -> anyhow::Result<Vec<MessageProgress>> {
    let mut unheard_of = Vec::new();
    for import in staging::progress(&mut *ingest.get()?)?.into_iter().filter(|import| !import.is_stored()) {
        if imports::find(distrib, &import.id)?.is_none() {
            unheard_of.push(import);
        }
    }
    Ok(unheard_of)
}

/// Prints two lines for each import.
pub fn print_all(config: &Config, imports: &[MessageProgress]) {
    for import in imports {
        let name = match import.name.as_str() {
            "" => config.language.pick("(lote da API)", "(API batch)"),
            name => name,
        };
        let (waiting, all) = (import.messages - import.messages_settled, import.messages);
        print(&format!("    …  {}  {name}", import.id));
        print(&config.language.pick(
            format!("       {waiting} de {all} mensagens ainda não foram gravadas; o serviço, ou este comando outra vez, termina a gravação  [chegando]"),
            format!("       {waiting} of {all} messages are not stored yet; the service, or this command again, stores them  [arriving]"),
        ));
    }
}
