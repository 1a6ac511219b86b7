//! Checks that a database stores data durably.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{DatabaseError, DatabaseUrl, DbConnection};

/// Older versions can lose committed writes if two connections use one WAL file (sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// In the format of `server_version_num`.
const OLDEST_POSTGRES: u32 = 150_000;

pub(super) fn check_fitness(connection: &mut DbConnection, url: &DatabaseUrl) -> Result<(), DatabaseError> {
    let unfit = |reason: String| DatabaseError::Unfit { url: url.to_string(), reason };
    match connection {
        DbConnection::Sqlite(connection) => {
            let version =
                diesel::select(diesel::dsl::sql::<Text>("sqlite_version()")).get_result::<String>(connection)?;
            let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
            if numbers.as_slice() < OLDEST_SQLITE.as_slice() {
                return Err(unfit(format!(
                    "SQLite {version} can lose committed rows; build Caudal with its bundled SQLite"
                )));
            }
        }
        DbConnection::Postgres(connection) => {
            for setting in POSTGRES_CHECKS {
                let value = diesel::select(diesel::dsl::sql::<Text>(&format!("current_setting('{setting}')")))
                    .get_result::<String>(connection)?;
                if let Some(problem) = problem_of(setting, &value) {
                    return Err(unfit(problem));
                }
            }
        }
    }
    Ok(())
}

/// The settings of a PostgreSQL server that are checked.
const POSTGRES_CHECKS: [&str; 5] =
    ["server_version_num", "synchronous_commit", "fsync", "full_page_writes", "lc_messages"];

/// The problem with a setting of a PostgreSQL server, and its remedy.
fn problem_of(setting: &str, value: &str) -> Option<String> {
    let is_fit = match setting {
        "server_version_num" => value.parse::<u32>().is_ok_and(|version| version >= OLDEST_POSTGRES),
        // Some failures can be told apart only by the server's texts, which must be English.
        "lc_messages" => {
            let language = value.to_ascii_lowercase();
            language == "c" || ["c.", "posix", "en"].iter().any(|start| language.starts_with(start))
        }
        _ => !matches!(value, "off" | "local"),
    };
    let problem = || match setting {
        "server_version_num" => format!("its version is {value}, and Caudal needs PostgreSQL 15 or newer (150000)"),
        "lc_messages" => format!(
            "lc_messages is '{value}', and Caudal understands the server's messages in English only; have an administrator run: \
             ALTER ROLE the_user_of_the_url SET lc_messages = 'C'"
        ),
        _ => format!("{setting} is {value}, so a committed row can be lost; set it to on"),
    };
    (!is_fit).then(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_or_speaks_another_language_is_refused_with_the_remedy() {
        let fit = [
            ("server_version_num", "150004"),
            ("lc_messages", "C"),
            ("lc_messages", "C.UTF-8"),
            ("lc_messages", "en_US.UTF-8"),
            ("lc_messages", "English_United States.1252"),
            ("lc_messages", "POSIX"),
            ("fsync", "on"),
            ("synchronous_commit", "remote_apply"),
        ];
        for (setting, value) in fit {
            assert_eq!(problem_of(setting, value), None, "{setting} {value}");
        }
        for (setting, value, said) in [
            ("server_version_num", "140012", "needs PostgreSQL 15 or newer"),
            ("lc_messages", "pt_BR.UTF-8", "ALTER ROLE the_user_of_the_url SET lc_messages = 'C'"),
            ("lc_messages", "ca_ES.UTF-8", "in English only"),
            ("lc_messages", "", "in English only"),
            ("fsync", "off", "can be lost"),
            ("synchronous_commit", "local", "can be lost"),
        ] {
            let problem = problem_of(setting, value).unwrap();
            assert!(problem.contains(said), "{problem}");
        }
    }
}
