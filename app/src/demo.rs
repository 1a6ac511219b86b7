//! The sample workbooks: invented people and shops, one file with deliberate errors.

use anyhow::Context;
use caudal_ingest::originals::Original;
use caudal_ingest::staging;
use caudal_platform::config::Config;
use caudal_platform::database::Database;

/// The source of the samples, and their subfolder of the inbox.
const SOURCE: &str = "demo";

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../data/samples/", $name)) as &[u8])),*]
    };
}

const SAMPLES: &[(&str, &[u8])] =
    samples!["loja-centro-vendas.xlsx", "mercado-bairro.xlsx", "pedidos-com-erros.xlsx", "loja-online.csv"];

/// Drops the samples that were not imported before into the inbox.
pub fn load(config: &Config, database: &Database) -> anyhow::Result<()> {
    let folder = config.inbox().join(SOURCE);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let mut connection = database.get()?;
    for (name, bytes) in SAMPLES {
        let original = Original::new((*name).to_owned(), bytes.to_vec());
        if staging::find_taken(&mut connection, SOURCE, &original.sha256)?.is_none() {
            caudal_ingest::originals::write_copy(&folder.join(name), bytes)
                .with_context(|| format!("cannot write the sample {name}"))?;
        }
    }
    Ok(())
}
