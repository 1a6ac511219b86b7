//! Finds the number of the order if its header is the bare word for a number.

use std::collections::HashSet;

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;

use crate::layout::evidence::{Evidence, FEWEST};
use crate::layout::finding::Finding;
use crate::layout::profile::Profile;
use crate::layout::result::Layout;
use crate::layout::titles;
use crate::words::sheets::BARE_NUMBER;
use crate::words::words_of;

/// Takes a column such as "Número" or "id" for the order of each row if nothing else names the order or the thing sold,
/// and its cells are all filled and all different. Then each row is a whole order. Beside a product the same column may
/// number anything.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let has = |field: Field| layout.column(field).is_some();
    let names_the_sold = [Field::Product, Field::Sku, Field::Category, Field::OrderId].into_iter().any(has);
    let is_dated = has(Field::Date) || !layout.title_days.is_empty();
    if names_the_sold || !is_dated || !has(Field::Total) || titles::name_the_product(evidence.sheet, layout) {
        return Vec::new();
    }
    let is_free = |column: usize| layout.columns.iter().all(|(_, taken)| *taken != column);
    let number = evidence
        .columns()
        .filter(|(column, header, _)| is_free(*column) && BARE_NUMBER.has_only(&words_of(header)))
        .find(|(column, ..)| numbers_the_rows(evidence, layout, *column));
    let Some((column, header, _)) = number else { return Vec::new() };
    vec![Finding::assign(Field::OrderId, column, Remark::OrderByContents { column: header.clone() })]
}

/// Whether each row with an amount has a value of its own in a column. A column that counts the rows from one is not
/// taken, because the rows of the next file have the same numbers.
fn numbers_the_rows(evidence: &Evidence<'_>, layout: &Layout, column: usize) -> bool {
    let Some(cells) = evidence.sheet.columns.get(column) else { return false };
    let amounts = layout.column(Field::Total).and_then(|total| evidence.sheet.columns.get(total));
    let dates = layout.column(Field::Date).and_then(|date| evidence.sheet.columns.get(date));
    // A total line has neither a day nor a number.
    let is_row = |row: &&usize| {
        amounts.is_some_and(|amounts| !amounts.is_blank(**row)) && dates.is_none_or(|dates| !dates.is_blank(**row))
    };
    let mut known = HashSet::new();
    let rows: Vec<&usize> = evidence.rows.iter().filter(is_row).collect();
    let from_one = rows.first().is_some_and(|row| cells.shown(**row).is_some_and(|text| text.trim() == "1"));
    let counts = from_one && evidence.profiles.get(column).is_some_and(Profile::counts_rows);
    rows.len() >= FEWEST && !counts && rows.iter().all(|row| cells.shown(**row).is_some_and(|text| known.insert(text)))
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::Refusal;

    use crate::layout::{Layout, Sold, find};

    fn layout(text: &str) -> Result<Layout, Refusal> {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0))
    }

    #[test]
    fn a_bare_number_is_that_of_the_order_if_each_row_has_its_own() {
        let sheet = |headers: &str, number: fn(u32) -> String, state: &str| {
            let row = |day: u32| format!("{};{day:02}/03/2026;Consumidor Final;{day},50;{state}\n", number(day));
            format!("{headers}\n{}", (1..=9).map(row).collect::<String>())
        };
        let numbers = |number: u32| (47 + number).to_string();
        for headers in [
            "numero;data;cliente;valor;situacao",
            "Número;Emissão;Nome do contato;Valor total;Situação",
            "id;date;customer;amount;status",
            "Nº;Fecha;Cliente;Importe;Estado",
            "NumeroTicket;Fecha;Cliente;Total;Estado",
            "No.;Date;Customer;Total;Status",
            "#;Date;Customer;Total;Status",
        ] {
            let found = layout(&sheet(headers, numbers, "Atendido")).unwrap();
            assert_eq!((found.sold, found.column(Field::OrderId)), (Sold::Order, Some(0)), "{headers}");
            assert_eq!(found.header(Field::Total), headers.split(';').nth(3), "{headers}");
        }
        let of_orders = "numero;data;loja integrada;valor;situacao";
        assert_eq!(layout(&sheet(of_orders, numbers, "Enviado")).map(|found| found.sold), Ok(Sold::Order));
        assert!(layout(&sheet(of_orders, numbers, "ativo")).is_err(), "nothing says that it was sold");
        let repeated = |number: u32| (number / 2).to_string();
        assert!(layout(&sheet("numero;data;cliente;valor;situacao", repeated, "Atendido")).is_err());
        let counted = |number: u32| number.to_string();
        assert!(
            layout(&sheet("Nº;data;cliente;valor;situacao", counted, "Atendido")).is_err(),
            "rows that are counted"
        );
        let bills = "numero;vencimento;fornecedor;valor;situacao";
        assert!(layout(&sheet(bills, numbers, "Pago")).is_err(), "bills of suppliers");
    }
}
