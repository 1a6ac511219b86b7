//! `caudal imports …`: lists imports and shows them; taking them back is in [`super::undo`].

use std::sync::Arc;

use anyhow::{Context, bail};
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_distrib::view::imports::{self, ImportDetail};
use caudal_ingest::intake::CommandError;
use caudal_platform::config::Config;
use caudal_platform::database::DbConnection;

use super::arriving;
use super::one_import::{find, reason, summary};
use super::undo::{self, Asked};
use super::words;
use crate::cli::ImportsCommand;
use crate::exit::{Code, JsonLayout, print, print_json, print_lines};
use crate::services;

/// The number of rejected rows shown of one import.
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
                let unheard_of = arriving::unheard_of(&ingest, &mut connection)?;
                let all = imports::count(&mut connection)?;
                arriving::print_all(config, &unheard_of);
                for import in &imports {
                    print_lines(&summary(config, import));
                }
                if !imports.is_empty() || unheard_of.is_empty() {
                    print_lines(&left_out(imports.len(), usize::try_from(all).unwrap_or(usize::MAX), config.language));
                }
            }
        }
        ImportsCommand::Show { id, json } => {
            let import = find(&mut connection, id, config.language)?;
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
            let import = find(&mut connection, id, config.language)?;
            let intake = services::intake(config, services::ingest_database(config)?)?;
            let workbook = match intake.repair_workbook(import.summary.uuid) {
                Err(CommandError::Refused(refused)) => bail!(refused.sentence(config.language)),
                workbook => workbook?,
            };
            let output = output.clone().unwrap_or_else(|| format!("import-{}-repair.xlsx", import.summary.id).into());
            std::fs::write(&output, workbook).with_context(|| {
                format!("{} {}", config.language.pick("não é possível gravar", "cannot write"), output.display())
            })?;
            print(&output.display().to_string());
        }
        ImportsCommand::Dismiss { id } => {
            undo::dismiss(config, &mut connection, id)?;
            let import = find(&mut connection, id, config.language)?;
            show(config, &mut connection, &import)?;
        }
        ImportsCommand::Release { id, row, sheet } => {
            undo::release(config, &mut connection, id, sheet, *row)?;
            let import = find(&mut connection, id, config.language)?;
            show(config, &mut connection, &import)?;
        }
    }
    Ok(Code::Ok)
}

/// A sentence if the list is empty or cut; otherwise empty.
fn left_out(listed: usize, all: usize, language: Language) -> String {
    if all == 0 {
        return language.pick("Ainda não há importações.", "There are no imports yet.").to_owned();
    }
    if listed >= all {
        return String::new();
    }
    let text = |count: usize| format::count(i64::try_from(count).unwrap_or(i64::MAX), language);
    let (listed, count) = (text(listed), text(all));
    match language {
        Language::Portuguese => format!("… {listed} de {count} importações; para ver todas: --limit {all}"),
        Language::English => format!("… {listed} of {count} imports; to see them all: --limit {all}"),
    }
}

fn show(config: &Config, connection: &mut DbConnection, import: &ImportDetail) -> anyhow::Result<()> {
    let language = config.language;
    print_lines(&summary(config, &import.summary));
    if reason(config, &import.summary).is_none() {
        print(&format!("       {}", words::money(&import.summary.ledger.money, language)));
    }
    for remark in &import.remarks {
        print(&format!(
            "     {} {}",
            if remark.is_warning() { "!" } else { "-" },
            remark.sentence(language, config.time_zone)
        ));
    }
    for row in imports::rejected_rows(connection, import.summary.id, 0, SHOWN)? {
        for reason in &row.reasons {
            print(&format!("     x {}: {}", words::place(&row.sheet, row.row, language), reason.sentence(language)));
        }
    }
    more(import.summary.ledger.rows.rejected - SHOWN, language);
    let shown_runs = usize::try_from(SHOWN).unwrap_or_default();
    for run in import.ignored.iter().take(shown_runs) {
        let first = words::place(&run.sheet, run.first.into(), language);
        let last = if run.last > run.first { format!("–{}", run.last) } else { String::new() };
        let ignored = language.pick("ignorada", "ignored");
        print(&format!("     ~ {first}{last}: {ignored}, {}", run.why.sentence(language)));
    }
    more(i64::try_from(import.ignored.len()).unwrap_or(i64::MAX) - SHOWN, language);
    Ok(())
}

/// Says how to see the rest of a list.
fn more(count: i64, language: Language) {
    if count > 0 {
        let count = format::count(count, language);
        print(&language.pick(
            format!("     … e mais {count} (--json mostra todas)"),
            format!("     … and {count} more (--json shows all)"),
        ));
    }
}
