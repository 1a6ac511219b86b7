//! Finds the product of each row.

use caudal_contract::field::Field;
use caudal_contract::notice::{Change, Rule};
use polars::prelude::{ChunkFull, ChunkFullNull, PolarsResult, StringChunked};

use super::columns::{Columns, name};
use super::text_column::TextColumn;
use crate::layout::Sold;
use crate::sheet::Kind;

/// The product of rows that are whole orders.
const WHOLE_ORDER: &str = "Pedido";

pub(super) struct Products {
    pub(super) names: StringChunked,
    pub(super) skus: Option<TextColumn>,
}

/// The product's name, or its code if there is no name. A row with neither is rejected. `sections` are the titles that
/// name the product of the rows below them.
pub(super) fn clean(columns: &mut Columns<'_>, sections: &[(usize, String)]) -> PolarsResult<Products> {
    let rows = columns.rows.len();
    let change = match columns.layout.sold {
        Sold::Product | Sold::Category => Change::Computed,
        Sold::Order => Change::Assumed,
        Sold::Titles => Change::FromTitle,
    };
    if columns.layout.sold != Sold::Product {
        columns.did_to_all(Field::Product, change);
    }
    let (field, names) = match columns.layout.sold {
        Sold::Product => return named(columns),
        Sold::Category => (Field::Category, in_rows(columns.texts(Field::Category), rows)?),
        Sold::Order => (Field::OrderId, StringChunked::full(name(Field::Product), WHOLE_ORDER, rows)),
        Sold::Titles => (Field::Product, titled(rows, sections)),
    };
    reject_nameless(columns, field, &names);
    Ok(Products { names: names.with_name(name(Field::Product)), skus: None })
}

fn named(columns: &mut Columns<'_>) -> PolarsResult<Products> {
    let rows = columns.rows.len();
    let names = in_rows(columns.texts(Field::Product), rows)?;
    let skus = columns.identifiers(Field::Sku);
    let either = match &skus {
        Some(skus) if names.null_count() > 0 => {
            if let Some(index) = columns.watched
                && names.get(index).is_none()
            {
                columns.understood(Field::Product, skus, |_| Some(Change::Computed));
            }
            names.iter().enumerate().map(|(index, name)| name.or(skus.get(index))).collect()
        }
        _ => names,
    };
    let field = if columns.layout.column(Field::Product).is_some() { Field::Product } else { Field::Sku };
    reject_nameless(columns, field, &either);
    Ok(Products { names: either.with_name(name(Field::Product)), skus })
}

fn in_rows(texts: Option<TextColumn>, rows: usize) -> PolarsResult<StringChunked> {
    match texts {
        Some(texts) => texts.into_rows(name(Field::Product)),
        None => Ok(StringChunked::full_null(name(Field::Product), rows)),
    }
}

fn titled(rows: usize, sections: &[(usize, String)]) -> StringChunked {
    let mut sections = sections.iter().peekable();
    let mut title: Option<&str> = None;
    (0..rows)
        .map(|index| {
            while let Some((_, next)) = sections.next_if(|(start, _)| *start <= index) {
                title = Some(next.as_str());
            }
            title
        })
        .collect()
}

fn reject_nameless(columns: &mut Columns<'_>, field: Field, names: &StringChunked) {
    let cells = columns.layout.column(field).and_then(|column| columns.sheet.columns.get(column));
    if names.null_count() == 0 {
        return;
    }
    for index in names.iter().enumerate().filter(|(_, name)| name.is_none()).map(|(index, _)| index) {
        let broken = cells.zip(columns.rows.get(index)).is_some_and(|(cells, row)| cells.kind(*row) == Kind::Error);
        if !columns.has_problem(index, Field::Sku) && !columns.has_problem(index, field) {
            columns.reject(index, field, if broken { Rule::CellError } else { Rule::Missing });
        }
    }
}
