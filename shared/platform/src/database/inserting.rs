//! Macros that insert rows into a table.

/// Inserts many rows: one by one with a cached statement on SQLite, with COPY on PostgreSQL.
#[macro_export]
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        match $connection {
            $crate::database::DbConnection::Sqlite(connection) => {
                for row in &$rows {
                    ::diesel::insert_into($table).values(row).execute(connection)?;
                }
            }
            $crate::database::DbConnection::Postgres(connection) => {
                if !$rows.is_empty() {
                    ::diesel::copy_from($table).from_insertable($rows).execute(connection)?;
                }
            }
        }
    };
}

/// Makes a row its own `INSERT` on SQLite, for tables that get a row for each imported row. Diesel would build the
/// statement from every row anew, only to find that it equals the cached one, which took a third of the time of storing
/// a sale. The macro must name every field of the row; if one is missing, the program does not compile.
#[macro_export]
macro_rules! prepared_insert {
    ($row:ident into $table:ident: $first:ident $(, $column:ident)* $(,)?) => {
        impl ::diesel::query_builder::QueryFragment<::diesel::sqlite::Sqlite> for $row<'_> {
            fn walk_ast<'b>(
                &'b self,
                mut out: ::diesel::query_builder::AstPass<'_, 'b, ::diesel::sqlite::Sqlite>,
            ) -> ::diesel::QueryResult<()> {
                use ::diesel::dsl::SqlTypeOf;
                let Self { $first, $($column),* } = self;
                out.push_sql(concat!(
                    "INSERT INTO `", stringify!($table), "` (`", stringify!($first), "`",
                    $(", `", stringify!($column), "`",)*
                    ") VALUES ("
                ));
                out.push_bind_param::<SqlTypeOf<$table::$first>, _>($first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<SqlTypeOf<$table::$column>, _>($column)?;
                )*
                out.push_sql(")");
                Ok(())
            }
        }

        impl ::diesel::query_builder::QueryId for $row<'_> {
            type QueryId = $row<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl ::diesel::RunQueryDsl<::diesel::sqlite::SqliteConnection> for $row<'_> {}
    };
}
