//! The pages of a list.

use caudal_shared::format;
use caudal_shared::language::Language;

/// Rows on a page of a list.
pub(super) const PAGE_ROWS: i64 = 50;
const LAST_PAGE: i64 = 1_000_000;

/// The page that an address asks for, from 1; anything that is no number is the first.
pub(super) fn page_number(text: &str) -> i64 {
    text.trim().parse().unwrap_or(1).clamp(1, LAST_PAGE)
}

/// Links to the pages around this one.
pub(super) struct Pager {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) total: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

impl Pager {
    pub(super) fn new(number: i64, rows: i64, total: i64, language: Language, link: impl Fn(i64) -> String) -> Self {
        let before = (number - 1) * PAGE_ROWS;
        Self {
            first: format::count((before + 1).min(total), language),
            last: format::count(before + rows, language),
            total: format::count(total, language),
            previous: (number > 1).then(|| link(number - 1)),
            next: (before + rows < total).then(|| link(number + 1)),
        }
    }
}
