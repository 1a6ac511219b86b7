//! Finds the product of each row.

use caudal_contract::field::Field;
use caudal_contract::notice::{Change, Remark, Rule};
use polars::prelude::{ChunkFull, ChunkFullNull, PolarsResult, StringChunked};

use super::columns::{Columns, Unreadable, name};
use super::text_column::TextColumn;
use crate::layout::Sold;
use crate::sheet::Kind;
use crate::value::status::took_place;

/// The product of rows that are whole orders.
const WHOLE_ORDER: &str = "Pedido";

pub(super) struct Products {
    pub(super) names: StringChunked,
    pub(super) skus: Option<TextColumn>,
}

/// The product's name, or its code if there is no name. A row with neither is rejected. `sections` are the titles that
/// name the product of the rows below them. A row with neither whose `status` says that it was paid or sent is kept as a
/// whole order, because no total line has a status.
pub(super) fn clean(
    columns: &mut Columns<'_>,
    sections: &[(usize, String)],
    status: Option<&TextColumn>,
) -> PolarsResult<Products> {
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
        Sold::Product => return named(columns, status),
        Sold::Category => (Field::Category, in_rows(columns.texts(Field::Category), rows)?),
        Sold::Order => (Field::OrderId, StringChunked::full(name(Field::Product), WHOLE_ORDER, rows)),
        Sold::Titles => (Field::Product, titled(rows, sections)),
    };
    reject_nameless(columns, field, &names);
    Ok(Products { names: names.with_name(name(Field::Product)), skus: None })
}

fn named(columns: &mut Columns<'_>, status: Option<&TextColumn>) -> PolarsResult<Products> {
    let rows = columns.rows.len();
    let names = in_rows(columns.texts(Field::Product), rows)?;
    // A product that has a name is clear without its code.
    let of_code = |index: usize| match names.get(index) {
        Some(_) => Unreadable::LeaveOut,
        None => Unreadable::RejectRow,
    };
    let skus = columns.identifiers(Field::Sku, of_code);
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
    let either = match status {
        Some(status) if either.null_count() > 0 => whole_orders(columns, field, &either, status),
        _ => either,
    };
    reject_nameless(columns, field, &either);
    Ok(Products { names: either.with_name(name(Field::Product)), skus })
}

/// Names the blank rows that took place. A cell with an error is not blank.
fn whole_orders(columns: &mut Columns<'_>, field: Field, names: &StringChunked, status: &TextColumn) -> StringChunked {
    let cells = columns.layout.column(field).and_then(|column| columns.sheet.columns.get(column));
    let is_blank = |index: usize| columns.rows.get(index).zip(cells).is_some_and(|(row, cells)| cells.is_blank(*row));
    let placed = status.flags(took_place);
    let (mut rows, mut filled) = (0, Vec::with_capacity(names.len()));
    for (index, (name, placed)) in names.iter().zip(placed).enumerate() {
        let is_order = name.is_none() && placed && is_blank(index) && !columns.has_problem(index, Field::Sku);
        if is_order {
            rows += 1;
            columns.did(index, Field::Product, Some(Change::Assumed));
        }
        filled.push(if is_order { Some(WHOLE_ORDER) } else { name });
    }
    if let (1.., Some(column)) = (rows, columns.layout.header(field)) {
        columns.remarks.push(Remark::ProductBlank { column: column.to_owned(), rows });
    }
    filled.into_iter().collect()
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

#[cfg(test)]
mod tests {
    use crate::batch::Batch;
    use crate::value::{Basis, Conventions, Mark};

    fn batch(text: &str) -> Batch {
        let contents = crate::sheet::read(text.as_bytes(), "x.csv").unwrap();
        let arrived = "2026-04-01T12:00:00Z".parse().unwrap();
        let zone = chrono_tz::America::Sao_Paulo;
        let conventions = Conventions { zone, basis: Basis::Column, mark: Mark::Comma, day_first: true, arrived };
        Batch::of_file(&contents, &conventions, &[]).unwrap()
    }

    #[test]
    fn a_shortened_code_beside_what_it_names_costs_no_sale() {
        let sheet = |header: &str, product: &str, code: &str| {
            let row =
                |day: u32| format!("{day:02}/03/2026;{product};{};10,00\n", if day == 3 { code } else { "789100" });
            format!("Data;Produto;{header};Total\n{}", (1..=9).map(row).collect::<String>())
        };
        for code in ["7,89E+12", "7.89E+12", &"7".repeat(3_000)] {
            for header in ["SKU", "Código de barras", "CPF", "CNPJ do cliente"] {
                let batch = batch(&sheet(header, "Blusa", code));
                assert_eq!(batch.rejected.len(), 0, "{header} {code:.9}");
                assert_eq!(batch.warnings.len(), 1, "{header} {code:.9}: {:?}", batch.warnings);
                assert_eq!(batch.warnings[0].row, 4);
            }
            assert_eq!(batch(&sheet("SKU", "", code)).rejected.len(), 1, "nothing else names the product");
            assert_eq!(batch(&sheet("Pedido", "Blusa", code)).rejected.len(), 1, "lines of two orders may look alike");
        }
    }
    #[test]
    fn a_payment_without_a_description_is_a_sale_if_its_status_says_so() {
        for (product, status, others) in [
            ("Description", "Status", ["Paid", "paid", "succeeded", "Completed"]),
            ("Descrição", "Situação", ["Pago", "Aprovada", "Concluído", "Entregue"]),
            ("Descripción", "Estado del pago", ["Pagado", "Aprobado", "Acreditado y cobrado", "Enviado"]),
        ] {
            let row = |(day, status): (usize, &str)| {
                let product = if day % 2 == 0 { "" } else { "Plano" };
                format!("2026-03-{:02},{product},{day}.50,{status},ana@example.com\n", day + 1)
            };
            let rows: String = others.repeat(2).into_iter().enumerate().map(row).collect();
            let more = "2026-03-20,,7.00,Failed,\n2026-03-21,,9.00,,\n2026-03-22,,9.00,Pending,\n";
            let batch = batch(&format!("Date,{product},Amount,{status},Customer email\n{rows}{more}"));
            assert_eq!((batch.rejected.len(), batch.rows_ignored), (2, 1), "{status}: neither says that it was paid");
            assert_eq!(batch.accepted().unwrap().amount.0, 28_00 + 4_00, "{status}");
        }
    }
}
