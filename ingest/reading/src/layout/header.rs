//! Finds the row that names the columns. It also joins headers of two rows, and moves headers that stand beside their
//! columns.

use caudal_contract::field::Field;

use super::names;
use super::profile::Profile;
use crate::sheet::{Kind, Sheet};
use crate::value::{date, number};

/// Largest distance, in columns, of a header from the column that it names.
const FARTHEST: usize = 2;

/// Rows at the top that are searched for a header.
pub(super) const HEADER_SEARCH: usize = 60;
/// Fields that a row must name to be a header. One is enough for a row with a single filled cell.
const HEADER_FIELDS: usize = 2;

/// Finds the header: the row near the top that names the most fields, and the upper one if two rows name equally many.
pub(super) fn find_header(sheet: &Sheet) -> Option<(usize, Vec<String>)> {
    let headers_of = |row: usize| -> Vec<String> {
        (0..sheet.columns.len()).map(|column| tidy(&sheet.shown(row, column).unwrap_or_default())).collect()
    };
    let candidates = (0..sheet.rows.min(HEADER_SEARCH)).map(|row| (row, headers_of(row)));
    let mut best: Option<(usize, Vec<String>, usize)> = None;
    for (row, headers) in candidates {
        let named = header_fields(&headers).len();
        let filled = headers.iter().filter(|header| !header.is_empty()).count();
        let least = if best.is_none() { HEADER_FIELDS.min(filled.max(1)) } else { HEADER_FIELDS };
        if named >= least && best.as_ref().is_none_or(|(_, _, most)| named > *most) {
            best = Some((row, headers, named));
        }
    }
    if let Some((row, headers, _)) = best {
        return Some((row, headers));
    }
    // No row names enough fields. The first row with two texts is returned, so that the refusal still tells the owner
    // of the file which columns were seen.
    (0..sheet.rows.min(HEADER_SEARCH))
        .map(|row| (row, headers_of(row)))
        .find(|(_, headers)| headers.iter().filter(|header| header.chars().any(char::is_alphabetic)).count() >= 2)
}

/// The fields that a row of headers names, each once.
pub(super) fn header_fields(headers: &[String]) -> Vec<Field> {
    let mut fields: Vec<Field> = headers
        .iter()
        .filter_map(|header| names::fields_named(header).into_iter().max_by_key(|(_, score)| *score))
        .map(|(field, _)| field)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

pub(super) fn tidy(header: &str) -> String {
    header.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The joined names of a header that continues in the row below. That row holds only texts, and at least one of them
/// stands over a column of numbers or days.
pub(super) fn joined_with_next(sheet: &Sheet, row: usize, headers: &[String]) -> Option<Vec<String>> {
    let below = names_in(sheet, row + 1)?;
    let over_measures = below.iter().enumerate().any(|(column, name)| {
        let profile = Profile::of(sheet, column, row + 2);
        !name.is_empty() && profile.filled > 0 && profile.is_measured()
    });
    // More than half of its texts must name fields. Otherwise it may be the row of a product that lacks its numbers.
    let speaks = below.iter().filter(|name| !names::fields_named(name).is_empty()).count();
    let filled = below.iter().filter(|name| !name.is_empty()).count();
    let repeats = below.iter().zip(headers).all(|(below, above)| below == above);
    (filled >= 2 && over_measures && !repeats && speaks * 2 > filled && rows_below(sheet, row + 1))
        .then(|| joined(headers, &below))
}

/// The joined names of a header that begins in the row above.
pub(super) fn joined_with_above(sheet: &Sheet, row: usize, headers: &[String]) -> Option<Vec<String>> {
    let above = names_in(sheet, row.checked_sub(1)?)?;
    let filled = above.iter().filter(|name| !name.is_empty()).count();
    (filled >= 2).then(|| joined(&above, headers))
}

fn rows_below(sheet: &Sheet, row: usize) -> bool {
    row + 1 < sheet.rows
}

/// The texts of a row. `None` if a cell holds a number or a day, or if all cells are blank.
fn names_in(sheet: &Sheet, row: usize) -> Option<Vec<String>> {
    let cell = |column: &crate::sheet::Column| match column.kind(row) {
        Kind::Empty => Some(String::new()),
        Kind::Text => {
            let text = tidy(column.text(row).unwrap_or_default());
            (!number::looks_numeric(&text) && !date::looks_like_date(&text)).then_some(text)
        }
        _ => None,
    };
    let names: Vec<String> = sheet.columns.iter().map(cell).collect::<Option<_>>()?;
    names.iter().any(|name| !name.is_empty()).then_some(names)
}

/// Joins two rows of a header. The name of a group stands only over its first column. The cells over its other columns
/// are blank or merged with it.
fn joined(above: &[String], below: &[String]) -> Vec<String> {
    let mut group = "";
    let pair = |(column, below): (usize, &String)| {
        let own = above.get(column).map_or("", String::as_str);
        // A name begins the next group, and a column that is blank in both rows ends the group.
        if !own.is_empty() || below.is_empty() {
            group = own;
        }
        tidy(&format!("{group} {below}"))
    };
    below.iter().enumerate().map(pair).collect()
}

/// The distance of the data to the right of their headers, and the headers moved over the data. This is done only if
/// the table sticks out on that side, if nine of ten headers with a known name then fit the column below, and if at
/// least two more fit than before. The distance is negative if the data stand to the left.
pub(super) fn shifted(sheet: &Sheet, row: usize, headers: &[String]) -> Option<(i64, Vec<String>)> {
    let profiles: Vec<Profile> = (0..sheet.columns.len()).map(|column| Profile::of(sheet, column, row + 1)).collect();
    let named = |column: usize| headers.get(column).is_some_and(|header| !header.is_empty());
    let first = (0..headers.len()).find(|column| named(*column))?;
    let last = (0..headers.len()).rev().find(|column| named(*column))?;
    let filled = |column: usize| profiles.get(column).is_some_and(|profile| profile.filled > 0);
    let speaking = headers.iter().filter(|header| best_field(header).is_some()).count();
    let fitting = |shift: isize| {
        let fits = |(column, header): (usize, &String)| {
            let field = best_field(header)?;
            let profile = profiles.get(column.checked_add_signed(shift)?)?;
            (profile.filled > 0 && profile.fits(field)).then_some(())
        };
        headers.iter().enumerate().filter_map(fits).count()
    };
    let now = fitting(0);
    for distance in 1..=FARTHEST {
        let right = (1..=distance).all(|step| filled(last + step));
        let left = first >= distance && (1..=distance).all(|step| filled(first - step));
        let step = isize::try_from(distance).unwrap_or(0);
        for (shift, sticks_out) in [(step, right), (-step, left)] {
            let then = fitting(shift);
            if sticks_out && speaking >= 3 && then >= now + 2 && then * 10 >= speaking * 9 {
                let place =
                    |column: usize| column.checked_add_signed(-shift).and_then(|from| headers.get(from)).cloned();
                let moved = (0..sheet.columns.len()).map(|column| place(column).unwrap_or_default()).collect();
                return Some((i64::try_from(shift).unwrap_or(0), moved));
            }
        }
    }
    None
}

fn best_field(header: &str) -> Option<Field> {
    names::fields_named(header).into_iter().max_by_key(|(_, score)| *score).map(|(field, _)| field)
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::Remark;

    use crate::layout::{Layout, find};

    fn layout(text: &str) -> Layout {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap()
    }

    #[test]
    fn a_header_of_two_rows_is_read_as_one() {
        let group = layout("Data;Produto;Quantidade;Valores;\n;;;Unitário;Total\n01/03/2026;Café;2;5,00;10,00\n");
        assert_eq!(group.header(Field::UnitPrice), Some("Valores Unitário"));
        assert_eq!((group.header(Field::Total), group.header_row), (Some("Valores Total"), Some(1)));
        let split =
            layout("Data da;;Qtd.;Valor;Valor\nVenda;Produto;Vendida;Unitário;Total\n01/03/2026;Café;2;5,00;10,00\n");
        assert_eq!(
            (split.header(Field::Date), split.header(Field::Total)),
            (Some("Data da Venda"), Some("Valor Total"))
        );
    }

    #[test]
    fn headers_beside_their_columns_are_put_over_them() {
        let rows = "1;01/03/2026;Café;Ana;2;10,00\n2;02/03/2026;Chá;Bia;1;5,00\n";
        let right = layout(&format!("Data;Produto;Cliente;Quantidade;Total\n{rows}"));
        assert_eq!((right.column(Field::Date), right.column(Field::Total)), (Some(1), Some(5)));
        assert!(right.remarks.contains(&Remark::HeadersShifted { columns: 1 }));
        let straight = layout(&format!(";Data;Produto;Cliente;Quantidade;Total\n{rows}"));
        assert!(straight.remarks.is_empty(), "{:?}", straight.remarks);
    }
}
