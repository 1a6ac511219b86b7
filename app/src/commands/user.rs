//! `caudal user add|passwd|list`

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use caudal_distrib::accounts::{self, Role};
use caudal_shared::config::Config;

use crate::cli::UserCommand;
use crate::exit::{Code, JsonLayout, eprint, print, print_json};
use crate::services;

/// Adds and lists users and changes passwords.
pub fn run(config: &Config, command: &UserCommand) -> anyhow::Result<Code> {
    let database = services::distrib_database(config)?;
    let mut connection = database.get()?;
    match command {
        UserCommand::Add { name, role } => {
            let Some(role) = Role::from_code(role) else { bail!("\"{role}\" is no role; use admin or reader") };
            let user = accounts::add_user(&mut connection, name, &ask_password()?, role)?;
            eprint(&format!("added {} ({})", user.name, user.role.code()));
        }
        UserCommand::Passwd { name } => {
            accounts::set_password(&mut connection, name, &ask_password()?)?;
            eprint(&format!("the password of {name} is changed; open sessions have ended"));
        }
        UserCommand::List { json } => {
            let users = accounts::list_users(&mut connection)?;
            if *json {
                print_json(&users, JsonLayout::Pretty)?;
            } else {
                for user in users {
                    print(&format!("{:<24} {:<8} {}", user.name, user.role.code(), user.created_at.format("%Y-%m-%d")));
                }
            }
        }
    }
    Ok(Code::Ok)
}

/// Asks twice on a terminal; elsewhere takes the first line of standard input, so that no password stands in a command.
fn ask_password() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("no password on standard input")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("Again: ")? != password {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(password)
}
