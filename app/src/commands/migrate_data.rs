//! `caudal migrate-data`

use std::path::Path;

use crate::moving::carry::{self, Carried, give_back, hold_alone};
use anyhow::{Context, bail, ensure};
use caudal_contract::language::Language;
use caudal_distrib::view::{consistency, imports};
use caudal_ingest::publisher;
use caudal_platform::config::Config;
use caudal_platform::database::{Database, DatabaseUrl, DbConnection, Lent, write};
use serde::Serialize;

use super::progress::Progress;
use crate::cli::MigrateDataArguments;
use crate::exit::{Code, JsonLayout, eprint, print, print_json};

/// The data that was carried over.
#[derive(Serialize)]
struct MigrationReport {
    ingest: Vec<Carried>,
    distrib: Vec<Carried>,
    /// The number of imports with equal ledgers on both sides.
    imports: usize,
    /// The number of messages that are published again.
    messages: usize,
}

/// Carries both databases over, each in a transaction that commits only if both sides are the same.
pub fn run(config: &Config, arguments: &MigrateDataArguments) -> anyhow::Result<Code> {
    let language = config.language;
    let (from, queue) = sources(config, arguments)?;
    let to = targets(config, arguments)?;
    let from = from.map(|url| Database::open(&url, 1));
    let [from_ingest, from_distrib] = from;
    let (from_ingest, from_distrib) = (from_ingest?, from_distrib?);
    let queue = queue.map(|url| Database::open(&url, 1)).transpose()?;
    // Fails early if another process uses a source, before anything changes, even by a migration.
    for database in [Some(&from_ingest), Some(&from_distrib), queue.as_ref()].into_iter().flatten() {
        give_back(&mut *held(database)?)?;
    }
    let [to_ingest, to_distrib] = to.map(|url| Database::open(&url, 1));
    let (to_ingest, to_distrib) = (to_ingest?, to_distrib?);
    for database in [&from_ingest, &to_ingest] {
        caudal_ingest::migrate(database)?;
    }
    for database in [&from_distrib, &to_distrib] {
        caudal_distrib::migrate(database)?;
    }
    let _queue = queue.as_ref().map(held).transpose()?;
    let (mut ingest, mut distrib) = (held(&from_ingest)?, held(&from_distrib)?);
    let mut is_distrib_committed = false;
    let progress = Progress::start(arguments.quiet);
    let carrying = language.pick("levando", "carrying");
    let say = |from: &Database, to: &Database| {
        if !arguments.quiet {
            progress.say(&format!("{carrying} {} → {}", from.url(), to.url()));
        }
        // The step lasts as long as the database is carried.
        progress.tell(|| format!("{carrying} …"));
    };
    let report = write(&mut *to_ingest.get()?, |target| {
        say(&from_ingest, &to_ingest);
        let carried = carry::carry(&mut ingest, target)?;
        let messages = publisher::forget_published(target)?;
        let report = write(&mut *to_distrib.get()?, |target| {
            say(&from_distrib, &to_distrib);
            let distrib_tables = carry::carry(&mut distrib, target)?;
            let imports = compare(&mut distrib, target, language)?;
            anyhow::Ok(MigrationReport { ingest: carried, distrib: distrib_tables, imports, messages })
        })?;
        is_distrib_committed = true;
        anyhow::Ok(report)
    });
    progress.clear();
    let report =
        if is_distrib_committed { report.with_context(|| half_carried(&to_distrib, &to_ingest))? } else { report? };
    give_back(&mut ingest)?;
    give_back(&mut distrib)?;
    show(&report, arguments, language)?;
    Ok(Code::Ok)
}

/// The error if only one database is filled. Two databases cannot commit at one instant: distrib commits first, then ingest.
fn half_carried(committed: &Database, other: &Database) -> String {
    format!(
        "{} is filled, but {} could not commit and is empty; create both databases again and repeat the command (nothing \
         in the SQLite files was changed)",
        committed.url(),
        other.url()
    )
}

/// A connection to a database that nobody else uses meanwhile.
fn held(database: &Database) -> anyhow::Result<Lent> {
    let mut connection = database.get()?;
    hold_alone(&mut connection, &database.url().to_string())?;
    Ok(connection)
}

/// The databases to carry over, and the queue in the same folder.
fn sources(
    config: &Config,
    arguments: &MigrateDataArguments,
) -> anyhow::Result<([DatabaseUrl; 2], Option<DatabaseUrl>)> {
    let of_folder = |folder: &Path| ["ingest.db", "distrib.db"].map(|name| DatabaseUrl::Sqlite(folder.join(name)));
    let queue_of = |folder: &Path| {
        let file = folder.join("queue.db");
        file.is_file().then_some(DatabaseUrl::Sqlite(file))
    };
    let (urls, queue) = match arguments.from.as_slice() {
        [] => (of_folder(&config.data_dir), queue_of(&config.data_dir)),
        [folder] if !folder.starts_with("sqlite:") => (of_folder(Path::new(folder)), queue_of(Path::new(folder))),
        [ingest, distrib] => ([ingest.parse()?, distrib.parse()?], None),
        _ => bail!("--from needs a data folder, or the URLs of both databases: sqlite:PATH sqlite:PATH"),
    };
    for url in &urls {
        match url {
            DatabaseUrl::Sqlite(file) => ensure!(file.is_file(), "there is no database {}", file.display()),
            DatabaseUrl::Postgres(_) => bail!("--from names {url}, which is not a SQLite file"),
        }
    }
    ensure!(urls[0] != urls[1], "--from names the same file twice; ingest and distrib have a file each");
    Ok((urls, queue))
}

fn targets(config: &Config, arguments: &MigrateDataArguments) -> anyhow::Result<[DatabaseUrl; 2]> {
    let urls: [DatabaseUrl; 2] = match arguments.to.as_slice() {
        [ingest, distrib] => [ingest.parse()?, distrib.parse()?],
        _ => [config.ingest_database.clone(), config.distrib_database.clone()],
    };
    ensure!(
        urls.iter().all(|url| matches!(url, DatabaseUrl::Postgres(_))),
        "name the target: --to postgres://…/INGEST postgres://…/DISTRIB, or INGEST_DATABASE_URL and DISTRIB_DATABASE_URL"
    );
    ensure!(urls[0] != urls[1], "the target is one database for two services; each service needs its own database");
    Ok(urls)
}

/// Checks that each import has the same ledger on both sides, and that the doctor would say the same. Returns the number of
/// imports.
fn compare(source: &mut DbConnection, target: &mut DbConnection, language: Language) -> anyhow::Result<usize> {
    let before = imports::list(source, 0, i64::MAX).context("the source's imports")?;
    let after = imports::list(target, 0, i64::MAX).context("the target's imports")?;
    ensure!(before.len() == after.len(), "{} imports in the source, {} in the target", before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        let is_same = before.id == after.id
            && before.uuid == after.uuid
            && before.state == after.state
            && before.ledger == after.ledger
            && before.quantity == after.quantity;
        ensure!(is_same, "the import {} differs in the target", before.uuid);
    }
    let found = (consistency::findings(source, language)?, consistency::findings(target, language)?);
    for (before, after) in found.0.into_iter().zip(found.1) {
        ensure!(before == after, "{}: {before:?} in the source, {after:?} in the target", before.check);
    }
    Ok(after.len())
}

fn show(report: &MigrationReport, arguments: &MigrateDataArguments, language: Language) -> anyhow::Result<()> {
    if arguments.json {
        print_json(&report, JsonLayout::Pretty)?;
        return Ok(());
    }
    print(&format!("{:<8} {:<20} {:>12} {:>12}", "", language.pick("tabela", "table"), "SQLite", "PostgreSQL"));
    for (name, tables) in [("ingest", &report.ingest), ("distrib", &report.distrib)] {
        for Carried { table, source, target } in tables {
            print(&format!("{name:<8} {table:<20} {source:>12} {target:>12}"));
        }
    }
    let MigrationReport { imports, messages, .. } = report;
    print(&language.pick(
        format!(
            "{imports} importações têm o mesmo balanço dos dois lados; {messages} mensagens são publicadas de novo"
        ),
        format!("{imports} imports have the same ledger on both sides; {messages} messages are published again"),
    ));
    eprint(language.pick(
        "Defina INGEST_DATABASE_URL e DISTRIB_DATABASE_URL com os novos bancos e mantenha a pasta de dados: a pasta de \
         entrada, os originais e as chaves continuam nela. Nada mudou nos arquivos *.db antigos; guarde-os em outro lugar, \
         para que ninguém inicie com eles por engano.",
        "Set INGEST_DATABASE_URL and DISTRIB_DATABASE_URL to the new databases and keep the data folder: the inbox, the \
         originals and the keys stay there. Nothing in the old *.db files was changed; put them away, so that nobody \
         starts with them by mistake.",
    ));
    Ok(())
}
