//! Decides whether a sheet without a layout may hold sales anyway, so that a person should be asked.
//!
//! Catalogues and other sheets that do not look like sales stay refused, because a question about each of them would
//! bury the questions that matter.

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal};

use super::header::{find_header, header_fields, tidy};
use super::names;
use super::profile::Profile;
use super::titles::is_blank;
use crate::sheet::Sheet;
use crate::value::{date, number};
use crate::words::amounts::NO_MONEY;
use crate::words::sheets::SUPPLIER;
use crate::words::words_of;

/// The question to a person about the sheet, if it may hold sales.
pub(super) fn problem(sheet: &Sheet, refusal: &Refusal) -> Option<LayoutProblem> {
    if !matches!(refusal, Refusal::NoHeader | Refusal::NotSales { .. } | Refusal::NothingSold { .. }) {
        return None;
    }
    let Some((header_row, headers)) = likely_header(sheet) else {
        return may_be_sales(sheet, 0, &[]).then_some(LayoutProblem::NoHeader);
    };
    let missing = match refusal {
        // A column may have the right name and hold something else. The refusal knows this, so its list is better than
        // a list by the names alone, if it speaks of the same header.
        Refusal::NotSales { missing, found } if headers.iter().any(|header| found.contains(header)) => missing.clone(),
        _ => missing_in(&headers),
    };
    if !may_be_sales(sheet, header_row + 1, &headers) || is_catalogue(&headers, &missing) {
        return None;
    }
    let found: Vec<String> = headers.into_iter().filter(|header| !header.is_empty()).collect();
    match refusal {
        Refusal::NothingSold { .. } => Some(LayoutProblem::NothingSold { found }),
        _ => Some(LayoutProblem::Missing { missing, found }),
    }
}

/// The row that is most likely the header: the row that names the most fields, or the filled row above it if that row
/// holds values ("SKU-1", "Loja 3").
pub(super) fn likely_header(sheet: &Sheet) -> Option<(usize, Vec<String>)> {
    let filled = |headers: &[String]| headers.iter().filter(|header| !header.is_empty()).count();
    let (row, headers) = find_header(sheet).filter(|(_, headers)| filled(headers) > 1)?;
    if !is_data(&headers) {
        return Some((row, headers));
    }
    let above = (0..row).rev().find(|above| !is_blank(sheet, *above))?;
    let names: Vec<String> =
        (0..sheet.columns.len()).map(|column| tidy(&sheet.shown(above, column).unwrap_or_default())).collect();
    (!is_data(&names) && filled(&names) * 2 > filled(&headers)).then_some((above, names))
}

/// Whether a row holds values: a day, an amount or several numbers, or one number if it names fewer than two fields.
fn is_data(headers: &[String]) -> bool {
    let count = |is_so: &dyn Fn(&String) -> bool| headers.iter().filter(|cell| !cell.is_empty() && is_so(cell)).count();
    let days = count(&|cell| date::looks_like_date(cell));
    let numbers = count(&|cell| number::looks_numeric(cell) && cell.chars().any(|c| c.is_ascii_digit()));
    let amounts = count(&|cell| number::looks_numeric(cell) && cell.contains([',', '.']));
    days > 0 || amounts > 0 || numbers > 1 || numbers > 0 && header_fields(headers).len() < 2
}

/// The fields that every sale needs and that no header names.
fn missing_in(headers: &[String]) -> Vec<Field> {
    let named = header_fields(headers);
    let has = |fields: &[Field]| named.iter().any(|field| fields.contains(field));
    let needs = [
        (Field::Product, has(&[Field::Product, Field::Sku, Field::Category])),
        (Field::Total, has(&[Field::Total, Field::UnitPrice])),
        (Field::Date, has(&[Field::Date])),
    ];
    needs.into_iter().filter(|(_, is_there)| !is_there).map(|(field, _)| field).collect()
}

/// Whether one column can be the money and another one the thing sold. The day may be missing, because a person can
/// give it.
fn may_be_sales(sheet: &Sheet, first_row: usize, headers: &[String]) -> bool {
    let profiles: Vec<Profile> = (0..sheet.columns.len()).map(|column| Profile::of(sheet, column, first_row)).collect();
    let named = |column: usize| -> Option<Field> {
        let fields = names::fields_named(headers.get(column).map(String::as_str).unwrap_or_default());
        fields.into_iter().max_by_key(|(_, score)| *score).map(|(field, _)| field)
    };
    let columns = || (0..profiles.len()).zip(&profiles).filter(|(_, profile)| profile.filled > 0);
    let is_other = headers.iter().any(|header| SUPPLIER.has_any(&words_of(header)));
    let has_order = !is_other && columns().any(|(column, _)| named(column) == Some(Field::OrderId));
    let is_money = |(column, profile): &(usize, &Profile)| {
        let header = headers.get(*column).map(String::as_str).unwrap_or_default();
        profile.fits(Field::Total)
            && !profile.fits(Field::Date)
            && match named(*column) {
                // A cost may be the customer's, if there is an order and no other money.
                Some(Field::Cost) => has_order,
                Some(field) => matches!(field, Field::Total | Field::UnitPrice),
                None => !NO_MONEY.has_any(&words_of(header)),
            }
    };
    let is_sold = |(column, profile): &(usize, &Profile)| {
        !profile.fits(Field::Date)
            && match named(*column) {
                Some(field) => matches!(field, Field::Product | Field::Sku | Field::Category | Field::OrderId),
                None => true,
            }
    };
    // Any table with a number and another column would pass, but few of these hold sales. So at least one column must
    // hold days or have a known name.
    let is_familiar = columns().any(|(column, profile)| profile.fits(Field::Date) || named(column).is_some());
    is_familiar && columns().filter(is_money).any(|(money, _)| columns().filter(is_sold).any(|(sold, _)| sold != money))
}

/// Whether the sheet is a catalogue or a list of costs: only the day is missing, it has a cost or no total, and neither
/// a quantity nor a sign that somebody bought something.
fn is_catalogue(headers: &[String], missing: &[Field]) -> bool {
    const BOUGHT: &[Field] = &[
        Field::OrderId,
        Field::Customer,
        Field::Document,
        Field::PaymentMethod,
        Field::Seller,
        Field::Store,
        Field::Channel,
        Field::Time,
    ];
    let named = header_fields(headers);
    missing == [Field::Date]
        && !named.contains(&Field::Quantity)
        && !named.iter().any(|field| BOUGHT.contains(field))
        && (named.contains(&Field::Cost) || !named.contains(&Field::Total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::remembered::{Unmapped, find};

    fn doubt(text: &str) -> Option<LayoutProblem> {
        let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        match find(&sheet, &[]) {
            Err(Unmapped::Doubtful(problem)) => Some(problem),
            Err(Unmapped::Refused(_)) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn somebody_is_asked_about_what_may_be_sales() {
        assert!(matches!(doubt("Tag;Artikel;Betrag\n01.03.2026;Brot;10,00\n"), Some(LayoutProblem::Missing { .. })));
        assert!(matches!(doubt("Produto;Qtde;Preço\nCafé;2;10,00\n"), Some(LayoutProblem::NothingSold { .. })));
        let Some(LayoutProblem::Missing { found, .. }) =
            doubt("Filial;Kto;Co;Suma\nLoja 1;Cliente 7;SKU-1;10,00\nLoja 2;Cliente 8;SKU-2;12,00\n")
        else {
            panic!("values that sound like fields are no header")
        };
        assert_eq!(found, ["Filial", "Kto", "Co", "Suma"]);
        assert_eq!(doubt("01/03/2026;Café;2;10,00\n02/03/2026;Chá;1;5,00\n"), Some(LayoutProblem::NoHeader));
    }

    #[test]
    fn nobody_is_asked_about_catalogues_ledgers_and_prose() {
        for text in [
            "Produto;Preço;Marca\nCafé;10,00;X\n",
            "Data;Descrição;Entrada;Saída;Saldo\n01/03/2026;Luz;;50,00;10,00\n",
            "Caro João;\nsegue a lista;\n",
            "SKU;Dia;Loja;Quantidade\nA1;01/03/2026;Centro;2\n",
            "Date;Demand\n2026-03-01;17\n",
            "planeta;massa;luas\nMarte;6,4;2\n",
            "ID_Cliente;Nome;Cidade\n17;Ana;Recife\n",
        ] {
            assert_eq!(doubt(text), None, "{text}");
        }
    }
}
