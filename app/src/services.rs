//! Opens the things that roles and commands work with: settings, keys, databases, queue.

use std::sync::Arc;

use caudal_contract::language::Language;
use caudal_ingest::intake::Intake;
use caudal_platform::config::{Config, ConfigError, SETTINGS};
use caudal_platform::database::Database;
use caudal_platform::queue::Queue;
use caudal_platform::secret::Secrets;
use caudal_platform::telemetry;

use crate::cli::{Cli, Command};
use crate::exit::eprint;
use crate::folders;

/// The most connections to each database, not counting those of the workers.
const CONNECTIONS: u32 = 8;

/// Loads the settings and starts the log. Services log at the configured level; commands are quiet, because their output is for
/// people and programs.
pub fn load_config(cli: &Cli) -> anyhow::Result<Arc<Config>> {
    let config = Config::load(&cli.flags())?;
    if config.ingest_database == config.distrib_database && opens_both(cli.command.as_ref()) {
        let problem = config.language.pick(
            "DATABASE_URL indica um só banco para dois serviços; em vez dele, defina INGEST_DATABASE_URL e DISTRIB_DATABASE_URL",
            "DATABASE_URL names one database for two services; set INGEST_DATABASE_URL and DISTRIB_DATABASE_URL instead",
        );
        return Err(ConfigError { problems: vec![problem.to_owned()] }.into());
    }
    let is_service = matches!(cli.command, None | Some(Command::Ingest | Command::Distrib | Command::Worker(_)));
    telemetry::start(if is_service { &config.log } else { "error" }, config.log_format);
    for name in &config.unknown {
        if is_service {
            tracing::warn!(
                setting = name,
                meant = nearest_setting(name),
                "unknown setting: Caudal has no setting with this name; see caudal config"
            );
        } else {
            eprint(&no_setting(name, config.language));
        }
    }
    Ok(Arc::new(config))
}

fn no_setting(name: &str, language: Language) -> String {
    match (nearest_setting(name), language) {
        (Some(meant), Language::Portuguese) => {
            format!("aviso: {name} não é uma configuração do Caudal; você quis dizer {meant}? Veja caudal config")
        }
        (Some(meant), Language::English) => {
            format!("warning: {name} is not a setting of Caudal; did you mean {meant}? See caudal config")
        }
        (None, Language::Portuguese) => format!("aviso: {name} não é uma configuração do Caudal; veja caudal config"),
        (None, Language::English) => format!("warning: {name} is not a setting of Caudal; see caudal config"),
    }
}

/// The setting that the person most likely meant, if one is near enough.
fn nearest_setting(name: &str) -> Option<&'static str> {
    const NEAR: f64 = 0.85;
    // Compared without the prefix, because nearly all settings have it and would be near for that reason alone.
    let own = |name: &'_ str| name.strip_prefix("CAUDAL_").unwrap_or(name).to_owned();
    SETTINGS
        .iter()
        .map(|setting| (strsim::jaro_winkler(&own(name), &own(setting.name)), setting.name))
        .filter(|(nearness, _)| *nearness >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, setting)| setting)
}

/// Whether a command works with both databases, which then must differ.
fn opens_both(command: Option<&Command>) -> bool {
    match command {
        Some(Command::Ingest | Command::Distrib | Command::Worker(_)) => false,
        Some(Command::User(_) | Command::Health(_) | Command::Config(_)) => false,
        Some(Command::Completions { .. } | Command::ReadSheet) => false,
        // It names its databases itself and refuses equal ones itself.
        Some(Command::MigrateData(_)) => false,
        _ => true,
    }
}

/// The ingest database, up to date.
pub fn ingest_database(config: &Config) -> anyhow::Result<Database> {
    folders::prepare(config)?;
    let database = Database::open(&config.ingest_database, CONNECTIONS)?;
    caudal_ingest::migrate(&database)?;
    Ok(database)
}

/// The distrib database, up to date.
pub fn distrib_database(config: &Config) -> anyhow::Result<Database> {
    folders::prepare(config)?;
    let database = Database::open(&config.distrib_database, CONNECTIONS)?;
    caudal_distrib::migrate(&database)?;
    Ok(database)
}

/// The intake of files.
pub fn intake(config: &Arc<Config>, ingest: Database) -> anyhow::Result<Intake> {
    Ok(Intake::new(Arc::clone(config), ingest, &Secrets::load_or_create(&config.data_dir)?))
}

/// The queue for this many workers.
pub fn queue(config: &Config, workers: u8) -> anyhow::Result<Queue> {
    folders::prepare(config)?;
    Ok(Queue::open(&config.queue, workers)?)
}
