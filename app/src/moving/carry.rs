//! Carries every row of a SQLite database, with its id, over to an empty PostgreSQL database with the same tables.
//!
//! Both databases are asked for their tables and columns, so that a new table cannot be forgotten. If they differ, nothing is
//! carried. Rows travel as JSON that SQLite writes and PostgreSQL reads, some megabytes at a time.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use caudal_platform::database::DbConnection;

/// The most rows and bytes of one statement.
const ROWS: usize = 5000;
const BYTES: usize = 4 << 20;

/// The number of rows that were carried of a table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Carried {
    /// The table.
    pub table: String,
    /// The number of its rows in the source.
    pub source: i64,
    /// The number of its rows in the target.
    pub target: i64,
}

/// The reason why nothing was carried.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The source is no SQLite database, or the target no PostgreSQL database.
    #[error("rows can be moved only from SQLite to PostgreSQL")]
    Direction,
    /// Another process works with the source.
    #[error("the database {0} is in use; stop every process of Caudal that uses it, then try again")]
    InUse(String),
    /// The target holds rows.
    #[error("the table {0} of the target has rows; the target database must be empty")]
    NotEmpty(String),
    /// The tables or columns differ.
    #[error("the two databases differ in {0}; bring both up to date with the same version of Caudal")]
    Different(String),
    /// Tables refer to each other in a circle.
    #[error("the tables {0} refer to each other in a circle")]
    Circle(String),
    /// The numbers of rows differ after the work.
    #[error("the table {table} has {of_source} rows in the source but {of_target} in the target")]
    Counts {
        /// The table.
        table: String,
        /// In the source.
        of_source: i64,
        /// In the target.
        of_target: i64,
    },
    /// A query failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The columns of each table, with their types.
type Tables = BTreeMap<String, Vec<(String, String)>>;

/// Makes sure that nobody else works with a SQLite database until [`give_back`].
///
/// # Errors
/// [`CarryError::InUse`].
pub fn hold_alone(connection: &mut DbConnection, name: &str) -> Result<(), CarryError> {
    let DbConnection::Sqlite(source) = connection else { return Err(CarryError::Direction) };
    // Only the last connection can leave the write-ahead log, and a running service keeps some open.
    source.batch_execute("PRAGMA busy_timeout = 1000")?;
    let left = source.batch_execute("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    left.map_err(|error| {
        tracing::debug!(%error, "could not lock the database for this process alone");
        CarryError::InUse(name.to_owned())
    })
}

/// Undoes [`hold_alone`].
///
/// # Errors
/// An error of SQLite.
pub fn give_back(connection: &mut DbConnection) -> Result<(), CarryError> {
    Ok(connection.batch_execute("ROLLBACK; PRAGMA journal_mode = WAL")?)
}

/// Carries all rows within the open transaction of the target and compares the numbers of rows.
///
/// # Errors
/// [`CarryError`]. The caller must then roll the target's transaction back.
pub fn carry(source: &mut DbConnection, target: &mut DbConnection) -> Result<Vec<Carried>, CarryError> {
    let (DbConnection::Sqlite(source), DbConnection::Postgres(target)) = (source, target) else {
        return Err(CarryError::Direction);
    };
    // A long statement must not time out, nor this transaction while it idles because the other target is filled.
    target.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")?;
    let tables = same_tables(source, target)?;
    let order = parents_first(target, &tables)?;
    for table in &order {
        // Other processes that write to the target wait until the end.
        target.batch_execute(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", quoted(table)))?;
        if count_pg(target, table)? > 0 {
            return Err(CarryError::NotEmpty(table.clone()));
        }
    }
    let mut carried = Vec::with_capacity(order.len());
    for table in order {
        let columns = tables.get(&table).map(Vec::as_slice).unwrap_or_default();
        carry_table(source, target, &table, columns)?;
        set_sequence(source, target, &table, columns)?;
        let count = format!("SELECT count(*) AS number FROM {}", quoted(&table));
        let of_source = sql_query(count).get_result::<Number>(source)?.number;
        let of_target = count_pg(target, &table)?;
        if of_source != of_target {
            return Err(CarryError::Counts { table, of_source, of_target });
        }
        carried.push(Carried { table, source: of_source, target: of_target });
    }
    Ok(carried)
}

/// The tables of the target, if the source has the same tables with the same columns.
fn same_tables(source: &mut SqliteConnection, target: &mut PgConnection) -> Result<Tables, CarryError> {
    let of_target = sql_query(
        "SELECT c.table_name::text AS of_table, c.column_name::text AS name, c.data_type::text AS kind
         FROM information_schema.columns c
         JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
         WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_\\_diesel%'
         ORDER BY c.table_name, c.ordinal_position",
    );
    let of_source = sql_query(
        "SELECT t.name AS of_table, c.name AS name, c.type AS kind
         FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\'
         ORDER BY t.name, c.cid",
    );
    let of_target = by_table(of_target.load(target)?);
    let of_source = by_table(of_source.load(source)?);
    let names = |tables: &Tables| -> BTreeMap<String, Vec<String>> {
        let sorted = |columns: &Vec<(String, String)>| {
            let mut names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        tables.iter().map(|(table, columns)| (table.clone(), sorted(columns))).collect()
    };
    let (source_names, target_names) = (names(&of_source), names(&of_target));
    let odd = source_names.iter().chain(&target_names).find(|(table, columns)| {
        source_names.get(*table) != Some(columns) || target_names.get(*table) != Some(columns)
    });
    match odd {
        Some((table, _)) => Err(CarryError::Different(table.clone())),
        None => Ok(of_target),
    }
}

fn by_table(rows: Vec<ColumnRow>) -> Tables {
    let mut tables = Tables::new();
    for row in rows {
        tables.entry(row.of_table).or_default().push((row.name, row.kind));
    }
    tables
}

/// The tables in an order that puts each one after the tables that it refers to.
fn parents_first(target: &mut PgConnection, tables: &Tables) -> Result<Vec<String>, CarryError> {
    let references = sql_query(
        "SELECT child.relname::text AS of_table, parent.relname::text AS name, '' AS kind FROM pg_constraint k
         JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
         WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace AND k.conrelid <> k.confrelid",
    );
    let references = by_table(references.load(target)?);
    let mut order: Vec<String> = Vec::with_capacity(tables.len());
    while order.len() < tables.len() {
        let is_next = |table: &&String| {
            let parents = references.get(*table).map(Vec::as_slice).unwrap_or_default();
            !order.contains(table) && parents.iter().all(|(parent, _)| order.contains(parent))
        };
        let next: Vec<String> = tables.keys().filter(is_next).cloned().collect();
        if next.is_empty() {
            let left: Vec<&str> = tables.keys().filter(|table| !order.contains(table)).map(String::as_str).collect();
            return Err(CarryError::Circle(left.join(", ")));
        }
        order.extend(next);
    }
    Ok(order)
}

fn carry_table(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &str,
    columns: &[(String, String)],
) -> Result<(), CarryError> {
    let fields: Vec<String> = columns
        .iter()
        .map(|(name, kind)| format!("'{}', {}", name.replace('\'', "''"), as_json(&quoted(name), kind)))
        .collect();
    let rows = format!("SELECT json_object({}) AS line FROM {}", fields.join(", "), quoted(table));
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let (names, into) = (names.join(", "), quoted(table));
    let insert =
        format!("INSERT INTO {into} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{into}, $1::json)");
    let mut batch = String::from("[");
    let mut count = 0;
    for row in sql_query(rows).load_iter::<Line, diesel::connection::DefaultLoadingMode>(source)? {
        if count > 0 {
            batch.push(',');
        }
        batch.push_str(&row?.line);
        count += 1;
        if count >= ROWS || batch.len() >= BYTES {
            send(target, &insert, &mut batch)?;
            count = 0;
        }
    }
    if count > 0 {
        send(target, &insert, &mut batch)?;
    }
    Ok(())
}

fn send(target: &mut PgConnection, insert: &str, batch: &mut String) -> QueryResult<()> {
    batch.push(']');
    sql_query(insert).bind::<Text, _>(batch.as_str()).execute(target)?;
    batch.clear();
    batch.push('[');
    Ok(())
}

/// The SQL for a value in JSON as PostgreSQL reads its type. NULL stays NULL.
fn as_json(column: &str, kind: &str) -> String {
    match kind {
        "bytea" => format!("CASE WHEN {column} IS NOT NULL THEN '\\x' || hex({column}) END"),
        // SQLite stores 0 and 1.
        "boolean" => format!("CASE {column} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END"),
        // Cut to the microsecond, as the program itself writes it to PostgreSQL.
        "timestamp without time zone" => format!("substr({column}, 1, 26)"),
        _ => column.to_owned(),
    }
}

/// Continues the ids of a table after the last one ever given, so that the ids of deleted rows are not given again.
fn set_sequence(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &str,
    columns: &[(String, String)],
) -> Result<(), CarryError> {
    if !columns.iter().any(|(name, _)| name == "id") {
        return Ok(());
    }
    let literal = quoted(table).replace('\'', "''");
    let sequence = sql_query(format!("SELECT COALESCE(pg_get_serial_sequence('{literal}', 'id'), '') AS line"))
        .get_result::<Line>(target)?
        .line;
    if sequence.is_empty() {
        return Ok(());
    }
    let has_counted = "SELECT count(*) AS number FROM sqlite_schema WHERE name = 'sqlite_sequence'";
    let given = if sql_query(has_counted).get_result::<Number>(source)?.number > 0 {
        let given = sql_query("SELECT COALESCE(max(seq), 0) AS number FROM sqlite_sequence WHERE name = $1");
        given.bind::<Text, _>(table).get_result::<Number>(source)?.number
    } else {
        0
    };
    let highest = sql_query(format!("SELECT COALESCE(max(id), 0) AS number FROM {}", quoted(table)));
    let last = highest.get_result::<Number>(target)?.number.max(given);
    if last > 0 {
        sql_query("SELECT setval($1::regclass, $2)")
            .bind::<Text, _>(sequence)
            .bind::<BigInt, _>(last)
            .execute(target)?;
    }
    Ok(())
}

fn count_pg(target: &mut PgConnection, table: &str) -> QueryResult<i64> {
    Ok(sql_query(format!("SELECT count(*) AS number FROM {}", quoted(table))).get_result::<Number>(target)?.number)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
