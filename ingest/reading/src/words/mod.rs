//! All words by which sheets are read, in one place: headers, titles, states of orders, currencies, months.
//!
//! This is the lowest layer of reading. It depends on nothing but the fields and the folding of texts, because readers
//! of values, judges of layouts and cleaning all ask it. Whether a word counts is decided here; the meaning of the
//! answer is decided by the code that asks.
//!
//! | file | words of |
//! |---|---|
//! | [`headers`] | headers that name a field, one rule a line, with the steps of [`weights`] |
//! | [`split`] | fillers and abbreviations, by which a header is split into words |
//! | [`amounts`] | money in headers: prices, fees, discounts, hundredths |
//! | [`calendar`] | months, periods, clocks, and days that are not the day of a sale |
//! | [`places`] | federal states and postal codes |
//! | [`sheets`] | sales, and other kinds of sheets and rows |
//! | [`signs`] | currencies and measures beside numbers |
//! | [`statuses`] | cancellations, refunds and answers |
//! | [`totals`] | sums, ranks and shares |
//!
//! Each list has a form. The form says how its words are written, and only the questions that fit it can be asked.
//! Every list is sorted alphabetically, except [`PartsLast`], of which the order counts. A table is sorted by its first
//! column. A new list goes into the file of its subject, inside `lists!`. Then the tests check it: its order, its form,
//! and that no word occurs twice. If two lists must not share a word, a line in `tests.rs` says so.

/// Declares lists of words, each with its form, and registers them for the tests.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $form:ident = [$($word:literal),+ $(,)?];)+) => {
        $($(#[$doc])* pub(crate) const $name: $crate::words::$form = $crate::words::$form(&[$($word),+]);)+

        /// The lists of this file.
        #[cfg(test)]
        pub(super) const LISTS: &[$crate::words::tests::Listed] = &[
            $($crate::words::tests::Listed {
                name: stringify!($name),
                form: $crate::words::tests::Form::$form,
                words: &[$($word),+],
            }),+
        ];
    };
}

pub(crate) mod amounts;
pub(crate) mod calendar;
pub(crate) mod headers;
pub(crate) mod places;
pub(crate) mod sheets;
pub(crate) mod signs;
mod split;
pub(crate) mod statuses;
#[cfg(test)]
mod tests;
pub(crate) mod totals;
pub(crate) mod weights;

pub(crate) use split::words_of;

/// Words of headers, as [`words_of`] gives them: folded, in the singular and spelt out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderWords(&'static [&'static str]);

impl HeaderWords {
    /// Whether the list has this word.
    pub(crate) fn has(self, word: &str) -> bool {
        self.0.contains(&word)
    }

    /// Whether the list has one of these words.
    pub(crate) fn has_any(self, words: &[String]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether there is only one word, and the list has it.
    pub(crate) fn has_only(self, words: &[String]) -> bool {
        matches!(words, [word] if self.has(word))
    }

    /// Whether all words are in one of the two lists, and at least one of them in this list.
    pub(crate) fn has_all_beside(self, beside: Self, words: &[String]) -> bool {
        self.has_any(words) && words.iter().all(|word| self.has(word) || beside.has(word))
    }
}

/// Words of a folded text, in each form in which people write them: singular and plural.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextWords(&'static [&'static str]);

impl TextWords {
    /// Whether the list has this word.
    pub(crate) fn has(self, word: &str) -> bool {
        self.0.contains(&word)
    }
}

/// Beginnings of folded words or texts, which stand for every ending: "vend" is "venda", "vendas" and "vendido".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starts(&'static [&'static str]);

impl Starts {
    /// Whether a folded word or text begins with an entry of the list.
    pub(crate) fn begin(self, text: &str) -> bool {
        self.0.iter().any(|start| text.starts_with(start))
    }
}

/// Parts of folded texts, which may stand anywhere in them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts(&'static [&'static str]);

impl Parts {
    /// Whether a folded text contains an entry of the list.
    pub(crate) fn are_in(self, text: &str) -> bool {
        self.0.iter().any(|part| text.contains(part))
    }

    /// The entries, for texts that are not folded.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

/// Signs and abbreviations exactly as people write them, which are compared without folding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs(&'static [&'static str]);

impl Signs {
    /// Whether the list has this sign.
    pub(crate) fn has(self, text: &str) -> bool {
        self.0.contains(&text)
    }

    /// Whether the list has this sign in upper or lower case.
    pub(crate) fn has_in_any_case(self, text: &str) -> bool {
        self.0.iter().any(|sign| sign.eq_ignore_ascii_case(text))
    }

    /// Whether a text contains a sign of the list.
    pub(crate) fn are_in(self, text: &str) -> bool {
        self.0.iter().any(|sign| text.contains(sign))
    }

    /// The signs.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

/// Signs that are cut off a text, one after the other. The order counts, because a sign must be tried before a part of
/// it: "US$" before "$". The frequent ones come first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartsLast(&'static [&'static str]);

impl PartsLast {
    /// The signs in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}
