//! `caudal imports …`: lists imports and shows them; taking them back is in [`super::undo`].

use std::sync::Arc;

use anyhow::{Context, bail};
use caudal_distrib::view::imports::{self, ImportDetail, ImportSummary};
use caudal_ingest::commands::CommandError;
use caudal_shared::calendar::to_local;
use caudal_shared::config::Config;
use caudal_shared::database::DbConnection;
use caudal_shared::format;
use caudal_shared::message::Outcome;
use caudal_shared::outside::shown;

use super::arriving;
use super::undo::{self, Asked};
use crate::cli::ImportsCommand;
use crate::exit::{Code, JsonLayout, print, print_json, print_lines};
use crate::services;

/// Rejected rows shown of one import.
const SHOWN: i64 = 200;

/// Lists imports or shows one, each with its ledger; takes one back.
pub fn run(config: &Arc<Config>, command: &ImportsCommand) -> anyhow::Result<Code> {
    let database = services::distrib_database(config)?;
    let mut connection = database.get()?;
    match command {
        ImportsCommand::List { limit, json } => {
            let imports = imports::list(&mut connection, 0, *limit)?;
            if *json {
                print_json(&imports, JsonLayout::Pretty)?;
            } else {
                let ingest = services::ingest_database(config)?;
                // Every import that distrib knows, because the list may show fewer
                let heard_of = imports::list(&mut connection, 0, i64::MAX)?;
                arriving::print_all(config, &arriving::unheard_of(&ingest, &heard_of)?);
                for import in &imports {
                    print_lines(&summary(config, import));
                }
            }
        }
        ImportsCommand::Show { id, json } => {
            let import = find(&mut connection, id)?;
            if *json {
                let rejected = imports::rejected_rows(&mut connection, import.summary.id, 0, i64::MAX)?;
                let mut value = serde_json::to_value(&import)?;
                if let Some(object) = value.as_object_mut() {
                    object.insert("rejected_rows".to_owned(), serde_json::to_value(rejected)?);
                }
                print_json(&value, JsonLayout::Pretty)?;
            } else {
                show(config, &mut connection, &import)?;
            }
        }
        ImportsCommand::Undo { id, yes, dry_run, json } => {
            return undo::run(config, &mut connection, id, &Asked { yes: *yes, dry_run: *dry_run, json: *json });
        }
        ImportsCommand::Repair { id, output } => {
            let import = find(&mut connection, id)?;
            let intake = services::intake(config, services::ingest_database(config)?)?;
            let workbook = match intake.repair_workbook(import.summary.uuid) {
                Err(CommandError::Refused(refused)) => bail!(refused.sentence(config.language)),
                workbook => workbook?,
            };
            let output = output.clone().unwrap_or_else(|| format!("import-{}-repair.xlsx", import.summary.id).into());
            std::fs::write(&output, workbook).with_context(|| format!("cannot write {}", output.display()))?;
            print(&output.display().to_string());
        }
        ImportsCommand::Dismiss { id } => {
            undo::dismiss(config, &mut connection, id)?;
            let import = find(&mut connection, id)?;
            show(config, &mut connection, &import)?;
        }
        ImportsCommand::Release { id, row, sheet } => {
            undo::release(config, &mut connection, id, sheet, *row)?;
            let import = find(&mut connection, id)?;
            show(config, &mut connection, &import)?;
        }
    }
    Ok(Code::Ok)
}

/// An import by its number or id.
pub(super) fn find(connection: &mut DbConnection, id: &str) -> anyhow::Result<ImportDetail> {
    imports::find(connection, id)?
        .ok_or_else(|| anyhow::anyhow!("there is no import {id}; list them with: caudal imports list"))
}

/// An import with its ledger in two lines.
pub(super) fn summary(config: &Config, import: &ImportSummary) -> String {
    let at = format::date_time(to_local(import.received_at, config.time_zone), config.language);
    let name = match import.name.as_deref() {
        Some("") => "(API)",
        Some(name) => name,
        None => "…",
    };
    let name = shown(name);
    let rows = import.ledger.rows;
    let count = |rows: Option<i64>| rows.map_or_else(|| "?".to_owned(), |rows| rows.to_string());
    format!(
        "{:>5}  {at}  {:<12} {name}\n       {} read = {} stored + {} updated + {} duplicate + {} rejected + {} ignored  [{}]",
        import.id,
        shown(&import.source).to_string(),
        count(rows.read),
        rows.stored,
        rows.updated,
        rows.duplicate,
        rows.rejected,
        count(rows.ignored),
        import.state.code(),
    )
}

fn show(config: &Config, connection: &mut DbConnection, import: &ImportDetail) -> anyhow::Result<()> {
    let language = config.language;
    print_lines(&summary(config, &import.summary));
    let money = import.summary.ledger.money;
    if let (Some(read), Some(ignored)) = (money.read, money.ignored) {
        print(&format!(
            "       {read} read = {} stored + {} updated + {} duplicate + {} rejected + {ignored} ignored",
            money.stored, money.updated, money.duplicate, money.rejected
        ));
    }
    match &import.summary.outcome {
        Some(Outcome::Refused(refusal)) => print(&format!("       {}", refusal.sentence(language))),
        Some(Outcome::NeedsLayout { reason }) => print(&format!("       {}", reason.sentence(language))),
        Some(Outcome::AlreadyImported { import_id, .. }) => print(&format!("       already imported as {import_id}")),
        Some(Outcome::Repaired { import_id, .. }) => print(&format!("       mended rows of {import_id}")),
        Some(Outcome::Taken) | None => {}
    }
    for remark in &import.remarks {
        print(&format!("     {} {}", if remark.is_warning() { "!" } else { "-" }, remark.sentence(language)));
    }
    for row in imports::rejected_rows(connection, import.summary.id, 0, SHOWN)? {
        let place = if row.sheet.is_empty() { String::new() } else { format!("{}, ", row.sheet) };
        for reason in &row.reasons {
            print(&format!(
                "     x {place}{} {}: {}",
                language.pick("linha", "row"),
                row.row,
                reason.sentence(language)
            ));
        }
    }
    if import.summary.ledger.rows.rejected > SHOWN {
        print(&format!("     … (--json shows all {})", import.summary.ledger.rows.rejected));
    }
    Ok(())
}
