//! The banner that a person sees at the start.

use std::io::IsTerminal;

use caudal_platform::config::{Config, LogFormat};
use caudal_platform::database::masked;

use crate::exit::eprint_lines;
use crate::roles::Roles;

/// Prints addresses, databases and folders on standard error. If the log is JSON (by setting, or automatically without a
/// terminal), logs one line instead.
pub fn print(config: &Config, roles: Roles, setup_link: Option<&str>) {
    let setup_link = setup_link.map(masked);
    let version = env!("CARGO_PKG_VERSION");
    let for_people = match config.log_format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    if !for_people {
        tracing::info!(
            version,
            url = masked(&config.public_url),
            setup_link,
            inbox = %config.inbox().display(),
            ingest_database = %config.ingest_database,
            distrib_database = %config.distrib_database,
            queue = %config.queue,
            data_dir = %config.data_dir.display(),
            "started"
        );
        return;
    }
    let text = |portuguese, english| config.language.pick(portuguese, english);
    let mut lines = vec![format!("\n  Caudal {version}\n")];
    let mut line = |label: &str, value: String| lines.push(format!("  {label:<11} {value}"));
    if roles.has_server() {
        line(text("Endereço", "Address"), masked(&config.public_url));
    }
    if let Some(link) = setup_link {
        line(text("Comece aqui", "Start here"), link);
        line(
            "",
            text("(vale 30 minutos e só pode ser usado uma vez)", "(valid for 30 minutes, for one use)").to_owned(),
        );
    }
    if roles.ingest {
        line(text("Entrada", "Inbox"), config.inbox().display().to_string());
        line(text("Banco", "Database"), format!("{} (ingest)", config.ingest_database));
    }
    if roles.distrib || roles.has_worker() {
        line(text("Banco", "Database"), format!("{} (distrib)", config.distrib_database));
    }
    line(text("Fila", "Queue"), config.queue.to_string());
    line(text("Dados", "Data"), config.data_dir.display().to_string());
    lines.push(format!("\n  {}\n", text("Para encerrar, pressione Ctrl+C.", "Press Ctrl+C to stop.")));
    eprint_lines(&lines.join("\n"));
}
