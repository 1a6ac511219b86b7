//! Which column each field gets: by its name, by what it holds and by the table it stands in.

use caudal_contract::field::Field;

use super::profile::Profile;
use super::vocabulary::NOT_SALE_DAY;
use super::words::words_of;
use super::{Layout, names};

/// What an empty column loses against a full one: of two names as good as each other the fuller column wins.
const BLANK: u32 = 30;

/// Gives each field its best column, the surest pairs first.
pub(super) fn assign(headers: &[String], profiles: &[Profile]) -> Vec<(Field, usize)> {
    let main = main_table(headers, profiles);
    let fullest =
        |columns: &mut dyn Iterator<Item = &Profile>| columns.map(|profile| profile.filled).max().unwrap_or(0);
    let height = fullest(&mut profiles.iter().enumerate().filter(|(column, _)| main.contains(column)).map(|(_, p)| p));
    let mut pairs: Vec<(bool, u32, Field, usize)> = Vec::new();
    for (column, (header, profile)) in headers.iter().zip(profiles).enumerate() {
        let inside = main.contains(&column);
        // A table beside the table has rows of its own: only columns as high as the main ones belong to its rows
        if !inside && profile.filled * 5 < height * 4 {
            continue;
        }
        let is_number = counts_sales(header, profile);
        let can_be =
            |field: Field| profile.fits(field) && !(is_number && matches!(field, Field::Total | Field::UnitPrice));
        let fitting = names::fields_named(header).into_iter().filter(|(field, _)| can_be(*field));
        pairs.extend(fitting.map(|(field, score)| (inside, score.saturating_sub(profile.blank(BLANK)), field, column)));
        if profile.holds_order_marks() && words_of(header) == ["name"] {
            pairs.push((inside, 80, Field::OrderId, column));
        }
    }
    let numbered = headers.iter().zip(profiles).position(|(header, profile)| counts_sales(header, profile));
    pairs.extend(numbered.map(|column| (main.contains(&column), 70, Field::OrderId, column)));
    pairs.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.3.cmp(&b.3)));
    let mut assigned: Vec<(Field, usize)> = Vec::new();
    for (_, _, field, column) in pairs {
        if assigned.iter().all(|(other, taken)| *other != field && *taken != column) {
            assigned.push((field, column));
        }
    }
    settle_value_column(headers, profiles, &mut assigned);
    assigned
}

/// Where no column is called the date, the only one that holds days and nothing else is it, unless it is called another day:
/// that of delivery, of payment, of birth.
pub(super) fn day_by_contents(layout: &mut Layout, profiles: &[Profile]) {
    let is_free = |column: usize| {
        let taken = layout.columns.iter().find(|(_, taken)| *taken == column);
        taken.is_none_or(|(field, _)| *field == Field::Time)
    };
    let is_other_day = |header: &String| {
        words_of(header)
            .iter()
            .any(|word| NOT_SALE_DAY.contains(&word.as_str()) || word == "cancelled" || word == "cancelado")
    };
    let columns = layout.headers.iter().zip(profiles).enumerate();
    let days: Vec<usize> = columns
        .filter(|(column, (header, profile))| {
            !header.is_empty() && is_free(*column) && profile.holds_days() && !is_other_day(header)
        })
        .map(|(column, _)| column)
        .collect();
    if let [day] = days.as_slice() {
        layout.columns.retain(|(_, column)| column != day);
        layout.columns.push((Field::Date, *day));
    }
}

/// A column called "Venda" that counts its rows: the sale's number, not its money.
fn counts_sales(header: &str, profile: &Profile) -> bool {
    profile.counts_rows()
        && matches!(words_of(header).as_slice(), [word] if matches!(word.as_str(), "venda" | "sale" | "venta"))
}

/// A column that is surely called the date or the quantity, while no column was taken for it because what it holds cannot be
/// read: to assume a day or a quantity instead would contradict the sheet.
pub(super) fn unreadable(layout: &Layout, profiles: &[Profile]) -> Option<(Field, String)> {
    const SURE: u32 = 88;
    [Field::Date, Field::Quantity].into_iter().filter(|field| layout.column(*field).is_none()).find_map(|field| {
        let called = |(column, header): (usize, &String)| {
            let profile = profiles.get(column)?;
            let named = names::fields_named(header).into_iter().max_by_key(|(_, score)| *score)?;
            let free = layout.columns.iter().all(|(_, taken)| *taken != column);
            (free && named.0 == field && named.1 >= SURE && profile.is_mostly_filled()).then(|| header.clone())
        };
        layout.headers.iter().enumerate().find_map(called).map(|column| (field, column))
    })
}

/// Whether a second table of the same headers, with rows of its own, stands beside the one that was taken: half of the sales
/// would be lost without a word.
pub(super) fn stands_twice(layout: &Layout, profiles: &[Profile]) -> bool {
    const SAME: usize = 3;
    let taken = |header: &str| {
        let column =
            layout.columns.iter().find(|(_, column)| layout.headers.get(*column).is_some_and(|name| name == header));
        column.map(|(field, _)| *field)
    };
    let main = main_table(&layout.headers, profiles);
    // A blank column may part a table without making two of it
    let is_taken = |column: usize| layout.columns.iter().any(|(_, taken)| *taken == column);
    let columns = layout.headers.iter().zip(profiles).enumerate();
    let first = |header: &str| layout.headers.iter().position(|other| other == header);
    let again =
        |column: usize, header: &str| !main.contains(&column) || first(header).is_some_and(|first| first < column);
    let others = columns.filter(|(column, (header, _))| !is_taken(*column) && again(*column, header));
    let mut fields: Vec<Field> = others
        .filter(|(_, (header, profile))| !header.is_empty() && profile.filled > 0)
        .filter_map(|(_, (header, _))| taken(header))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields.len() >= SAME
        && fields.iter().any(|field| matches!(field, Field::Total | Field::UnitPrice | Field::Quantity))
}

/// The run of neighbouring columns that names the most fields. Columns without header and content part the tables of a
/// sheet; a column that holds something without a header does not.
fn main_table(headers: &[String], profiles: &[Profile]) -> std::ops::Range<usize> {
    let (mut best, mut most) = (0..0, 0);
    let mut start = 0;
    for end in 0..=headers.len() {
        let parts =
            headers.get(end).is_none_or(String::is_empty) && profiles.get(end).is_none_or(|column| column.filled == 0);
        if !parts {
            continue;
        }
        let mut fields: Vec<Field> = headers
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .filter_map(|header| names::fields_named(header).into_iter().max_by_key(|(_, score)| *score))
            .map(|(field, _)| field)
            .collect();
        fields.sort_unstable();
        fields.dedup();
        if fields.len() > most {
            (best, most) = (start..end, fields.len());
        }
        start = end + 1;
    }
    best
}

/// `Valor` beside a quantity and a total is the price of one; alone it is the total.
fn settle_value_column(headers: &[String], profiles: &[Profile], assigned: &mut Vec<(Field, usize)>) {
    let has = |assigned: &[(Field, usize)], field| assigned.iter().any(|(other, _)| *other == field);
    if has(assigned, Field::UnitPrice) || !has(assigned, Field::Total) || !has(assigned, Field::Quantity) {
        return;
    }
    let free_value = headers.iter().zip(profiles).enumerate().find(|(column, (header, profile))| {
        let words = words_of(header);
        let bare = matches!(words.as_slice(), [word] if word == "valor" || word == "value");
        bare && profile.fits(Field::UnitPrice) && assigned.iter().all(|(_, taken)| taken != column)
    });
    if let Some((column, _)) = free_value {
        assigned.push((Field::UnitPrice, column));
    }
}
