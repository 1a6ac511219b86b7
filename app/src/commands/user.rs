//! `caudal user add|passwd|list`

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, bail};
use caudal_contract::calendar::to_local;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_distrib::accounts::{self, AccountError, Role};
use caudal_platform::config::Config;

use crate::cli::UserCommand;
use crate::exit::{Code, JsonLayout, eprint, print, print_json};
use crate::services;

/// Adds and lists users and changes passwords.
pub fn run(config: &Config, command: &UserCommand) -> anyhow::Result<Code> {
    let database = services::distrib_database(config)?;
    let mut connection = database.get()?;
    let language = config.language;
    match command {
        UserCommand::Add { name, role } => {
            let Some(role) = Role::from_code(role) else {
                bail!(language.pick(
                    format!("\"{role}\" não é um perfil válido; use admin ou reader"),
                    format!("\"{role}\" is not a role; use admin or reader"),
                ))
            };
            let user = accounts::add_user(&mut connection, name, &ask_password(language)?, role);
            let user = in_language(user, language)?;
            eprint(&format!("{} {} ({})", language.pick("criado:", "added"), user.name, user.role.code()));
        }
        UserCommand::Passwd { name } => {
            in_language(accounts::set_password(&mut connection, name, &ask_password(language)?), language)?;
            eprint(&language.pick(
                format!("a senha de {name} foi alterada e as sessões abertas foram encerradas"),
                format!("the password of {name} was changed and the open sessions were ended"),
            ));
        }
        UserCommand::List { json } => {
            let users = accounts::list_users(&mut connection)?;
            if *json {
                print_json(&users, JsonLayout::Pretty)?;
            } else {
                for user in users {
                    let created = format::date(to_local(user.created_at.and_utc(), config.time_zone).date(), language);
                    print(&format!("{:<24} {:<8} {created}", user.name, user.role.code()));
                }
            }
        }
    }
    Ok(Code::Ok)
}

/// Asks twice on a terminal. Otherwise takes the first line of standard input, so that no password appears in a command line.
fn ask_password(language: Language) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .with_context(|| language.pick("não há senha na entrada padrão", "standard input has no password"))?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = rpassword::prompt_password(language.pick("Senha: ", "Password: "))?;
    if rpassword::prompt_password(language.pick("De novo: ", "Again: "))? != password {
        bail!(
            language
                .pick("as duas senhas são diferentes; nada mudou", "the two passwords differ; nothing was changed",)
        );
    }
    Ok(password)
}

/// Translates the user's mistakes into their language.
fn in_language<T>(outcome: Result<T, AccountError>, language: Language) -> anyhow::Result<T> {
    outcome.map_err(|error| match error {
        AccountError::Query(error) => error.into(),
        error => anyhow::anyhow!(error.sentence(language)),
    })
}
