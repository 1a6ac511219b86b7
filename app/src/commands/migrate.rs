//! `caudal migrate`

use caudal_platform::config::Config;
use caudal_platform::database::Database;

use crate::exit::{Code, print};
use crate::{folders, services};

/// Brings the databases and the queue up to date and prints the migrations that were applied.
pub fn run(config: &Config) -> anyhow::Result<Code> {
    folders::prepare(config)?;
    let up_to_date = config.language.pick("em dia", "up to date");
    for (name, url) in [("ingest", &config.ingest_database), ("distrib", &config.distrib_database)] {
        let database = Database::open(url, 1)?;
        let applied =
            if name == "ingest" { caudal_ingest::migrate(&database)? } else { caudal_distrib::migrate(&database)? };
        let what = if applied.is_empty() {
            up_to_date.to_owned()
        } else {
            format!("{} {}", config.language.pick("aplicadas", "applied"), applied.join(", "))
        };
        print(&format!("{name}: {what}"));
    }
    services::queue(config, 1)?;
    print(&format!("{}: {up_to_date}", config.language.pick("fila", "queue")));
    Ok(Code::Ok)
}
