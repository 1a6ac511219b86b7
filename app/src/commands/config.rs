//! `caudal config`

use caudal_platform::config::{Config, Provenance, SETTINGS};

use crate::cli::JsonArguments;
use crate::exit::{Code, JsonLayout, print, print_json};

/// Shows every setting with its value (secrets are masked) and its source.
pub fn run(config: &Config, arguments: &JsonArguments) -> anyhow::Result<Code> {
    let rows = SETTINGS.iter().map(|setting| {
        let (value, from) =
            config.shown.get(setting.name).cloned().unwrap_or_else(|| (String::new(), Provenance::Default));
        (setting, value, from)
    });
    if arguments.json {
        let object: serde_json::Map<_, _> = rows
            .map(|(setting, value, from)| {
                (
                    setting.name.to_owned(),
                    serde_json::json!({ "value": value, "from": from.name(), "help": setting.help }),
                )
            })
            .collect();
        print_json(&object, JsonLayout::Pretty)?;
    } else {
        for (setting, value, from) in rows {
            print(&format!("{:<22} {:<50} {:<12} {}", setting.name, value, from.name(), setting.help));
        }
    }
    Ok(Code::Ok)
}
