//! Finds the period of a report in a title above its table or in the name of the sheet.

use caudal_contract::text::folded;
use chrono::{Datelike, Months, NaiveDate};

use crate::sheet::Sheet;
use crate::words::calendar::{self, BETWEEN_PARTS, MADE};
use crate::words::words_of;

const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;

/// The last day of the period, from the first title that names one, or else from the name of the sheet. Only titles
/// above the row `end` count.
pub(super) fn last_day(sheet: &Sheet, end: usize, day_first: bool) -> Option<NaiveDate> {
    let titles = (0..end.min(sheet.rows)).map(|row| {
        let cells: Vec<String> = (0..sheet.columns.len()).filter_map(|column| sheet.shown(row, column)).collect();
        cells.join(" ")
    });
    titles.chain([sheet.name.clone()]).find_map(|text| in_text(&text, day_first))
}

fn in_text(text: &str, day_first: bool) -> Option<NaiveDate> {
    let words = folded(text);
    if MADE.has_any(&words_of(text)) {
        return None;
    }
    let words: Vec<&str> = words.split(' ').collect();
    let days = words.windows(3).filter_map(|three| match three {
        [a, b, c] => day(a, b, c, day_first),
        _ => None,
    });
    days.max().or_else(|| month(&words))
}

/// The day that three numbers name: `31 03 2026`, `2026 03 31`.
fn day(a: &str, b: &str, c: &str, day_first: bool) -> Option<NaiveDate> {
    if let Some(year) = year(a).filter(|_| a.len() == 4) {
        return NaiveDate::from_ymd_opt(year, b.parse().ok()?, c.parse().ok()?);
    }
    let (first, second): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
    let (day, month) = if second > 12 || !day_first && first <= 12 { (second, first) } else { (first, second) };
    NaiveDate::from_ymd_opt(year(c)?, month, day)
}

/// The last day of the last month named: `março de 2026`, `mar 26`, `03 2026`, `2026 03`.
fn month(words: &[&str]) -> Option<NaiveDate> {
    let number = |word: &str| word.parse::<u32>().ok().filter(|number| (1..=12).contains(number) && word.len() <= 2);
    let mut last = None;
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        let then = words.get(index + 2).copied().unwrap_or_default();
        let found = if let Some(month) = calendar::month(word) {
            let after = if BETWEEN_PARTS.has(next) { then } else { next };
            year(after).map(|year| (year, month))
        } else if let Some(month) = number(word) {
            year(next).filter(|_| next.len() == 4).map(|year| (year, month))
        } else {
            year(word).filter(|_| word.len() == 4).zip(number(next))
        };
        last = last.max(found);
    }
    let (year, month) = last?;
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    first.checked_add_months(Months::new(1))?.pred_opt().filter(|day| day.month() == first.month())
}

fn year(word: &str) -> Option<i32> {
    if !word.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let number: i32 = word.parse().ok()?;
    match word.len() {
        4 => Some(number).filter(|year| YEARS.contains(year)),
        2 => Some(2000 + number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_from_titles() {
        for (title, day) in [
            ("Vendas de março de 2026", "2026-03-31"),
            ("RELATÓRIO DE VENDAS - FEV/24", "2024-02-29"),
            ("Período: 01/03/2026 a 15/03/2026", "2026-03-15"),
            ("Vendas 2026-03", "2026-03-31"),
            ("Competência 12/2025", "2025-12-31"),
            ("Sales from 2026-03-01 to 2026-03-20", "2026-03-20"),
            ("Mar 2026", "2026-03-31"),
        ] {
            assert_eq!(in_text(title, true).map(|day| day.to_string()).as_deref(), Some(day), "{title}");
        }
        assert_eq!(in_text("03/31/2026", false), NaiveDate::from_ymd_opt(2026, 3, 31));
    }

    #[test]
    fn other_titles_tell_none() {
        for title in ["Vendas do mês", "Emitido em 05/04/2026 10:30", "Rua 12 de outubro, 300", "Loja 3", ""] {
            assert_eq!(in_text(title, true), None, "{title}");
        }
    }
}
