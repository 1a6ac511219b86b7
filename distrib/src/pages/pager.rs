//! The pages of a list, and the beginning of a list that has no pages.

use caudal_contract::format;
use caudal_contract::language::Language;

/// Rows on a page of a list.
pub(super) const PAGE_ROWS: i64 = 50;
const LAST_PAGE: i64 = 1_000_000;

/// The page number from a URL, from 1. An invalid number means the first page.
pub(super) fn page_number(text: &str) -> i64 {
    text.trim().parse().unwrap_or(1).clamp(1, LAST_PAGE)
}

/// Links to the neighbouring pages.
pub(super) struct Pager {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) total: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

impl Pager {
    pub(super) fn new(number: i64, rows: i64, total: i64, language: Language, link: impl Fn(i64) -> String) -> Self {
        Self::after((number - 1) * PAGE_ROWS, number, (rows, total), language, link)
    }

    /// The rows of a page of a complete list with this many rows on a page, and the links of the page.
    pub(super) fn part<T>(
        all: Vec<T>,
        page_rows: usize,
        number: i64,
        language: Language,
        link: impl Fn(i64) -> String,
    ) -> (Vec<T>, Self) {
        let last_page = all.len().saturating_sub(1) / page_rows;
        let page = usize::try_from(number - 1).unwrap_or(0).min(last_page);
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let (before, total) = (page * page_rows, count(all.len()));
        let rows: Vec<T> = all.into_iter().skip(before).take(page_rows).collect();
        let pager = Self::after(count(before), count(page) + 1, (count(rows.len()), total), language, link);
        (rows, pager)
    }

    fn after(
        before: i64,
        number: i64,
        (rows, total): (i64, i64),
        language: Language,
        link: impl Fn(i64) -> String,
    ) -> Self {
        Self {
            first: format::count((before + 1).min(total), language),
            last: format::count(before + rows, language),
            total: format::count(total, language),
            previous: (number > 1).then(|| link(number - 1)),
            next: (before + rows < total).then(|| link(number + 1)),
        }
    }
}

/// The first items of a list of unlimited length, and the number of items left out.
pub(super) struct First<T> {
    pub(super) items: Vec<T>,
    pub(super) more: Option<String>,
}

impl<T> First<T> {
    pub(super) fn of<S>(
        most: usize,
        all: impl IntoIterator<Item = S>,
        language: Language,
        view: impl FnMut(S) -> T,
    ) -> Self {
        let mut all = all.into_iter();
        let items = all.by_ref().take(most).map(view).collect();
        let more = i64::try_from(all.count()).unwrap_or(i64::MAX);
        Self { items, more: (more > 0).then(|| format::count(more, language)) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
