//! Assigns a column to each field by the name of the column, by its contents, and by the table around it.

use caudal_contract::field::Field;

use super::names;
use super::profile::Profile;
use crate::words::amounts::BARE_VALUE;
use crate::words::sheets::{BARE_SALE, ORDER_WITH_MARKS};
use crate::words::weights::{BLANK, LOOSE, WEAK};
use crate::words::words_of;

/// Gives each field its best column. The surest pairs of field and column come first.
pub(super) fn assign(headers: &[String], profiles: &[Profile]) -> Vec<(Field, usize)> {
    let main = main_table(headers, profiles);
    let fullest =
        |columns: &mut dyn Iterator<Item = &Profile>| columns.map(|profile| profile.filled).max().unwrap_or(0);
    let height = fullest(&mut profiles.iter().enumerate().filter(|(column, _)| main.contains(column)).map(|(_, p)| p));
    let mut pairs: Vec<(bool, u32, Field, usize)> = Vec::new();
    for (column, (header, profile)) in headers.iter().zip(profiles).enumerate() {
        let inside = main.contains(&column);
        // A second table beside the main one has rows of its own. A column outside the main table counts only if it is
        // nearly as high as the main columns, because only then does it belong to their rows.
        if !inside && profile.filled * 5 < height * 4 {
            continue;
        }
        let is_number = counts_sales(header, profile);
        let can_be =
            |field: Field| profile.fits(field) && !(is_number && matches!(field, Field::Total | Field::UnitPrice));
        let fitting = names::fields_named(header).into_iter().filter(|(field, _)| can_be(*field));
        pairs.extend(fitting.map(|(field, score)| (inside, score.saturating_sub(profile.blank(BLANK)), field, column)));
        if profile.holds_order_marks() && ORDER_WITH_MARKS.has_only(&words_of(header)) {
            pairs.push((inside, LOOSE, Field::OrderId, column));
        }
    }
    let numbered = headers.iter().zip(profiles).position(|(header, profile)| counts_sales(header, profile));
    pairs.extend(numbered.map(|column| (main.contains(&column), WEAK, Field::OrderId, column)));
    pairs.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.3.cmp(&b.3)));
    let mut assigned: Vec<(Field, usize)> = Vec::new();
    for (_, _, field, column) in pairs {
        if assigned.iter().all(|(other, taken)| *other != field && *taken != column) {
            assigned.push((field, column));
        }
    }
    resolve_value_column(headers, profiles, &mut assigned);
    assigned
}

/// Whether a column is called "Venda" and counts its rows. Then it holds the number of the sale, not its money.
fn counts_sales(header: &str, profile: &Profile) -> bool {
    profile.counts_rows() && BARE_SALE.has_only(&words_of(header))
}

/// The run of adjacent columns that names the most fields. A column without a header and without contents separates two
/// tables of a sheet. A column with contents but no header does not.
pub(super) fn main_table(headers: &[String], profiles: &[Profile]) -> std::ops::Range<usize> {
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

/// Takes `Valor` for the price of one if it stands beside a quantity and a total. Alone it is the total.
fn resolve_value_column(headers: &[String], profiles: &[Profile], assigned: &mut Vec<(Field, usize)>) {
    let has = |assigned: &[(Field, usize)], field| assigned.iter().any(|(other, _)| *other == field);
    if has(assigned, Field::UnitPrice) || !has(assigned, Field::Total) || !has(assigned, Field::Quantity) {
        return;
    }
    let free_value = headers.iter().zip(profiles).enumerate().find(|(column, (header, profile))| {
        let bare = BARE_VALUE.has_only(&words_of(header));
        bare && profile.fits(Field::UnitPrice) && assigned.iter().all(|(_, taken)| taken != column)
    });
    if let Some((column, _)) = free_value {
        assigned.push((Field::UnitPrice, column));
    }
}
