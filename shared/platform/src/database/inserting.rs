//! Rows on their way into a table.

/// Inserts many rows: one by one with a cached statement on SQLite, by COPY on PostgreSQL.
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

/// Makes a row its own `INSERT` on SQLite, for tables of which an import fills a row each. Diesel goes through an insert that it
/// builds of a row again and again to find that it is like the one before, which took a third of the time of storing a sale. Every
/// field of the row is to be named; where one is missing, the program does not compile.
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
