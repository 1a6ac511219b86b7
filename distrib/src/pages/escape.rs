//! Escapes the texts of pages. `askama.toml` uses these escapers for every `{{ … }}`.

use std::cell::Cell;
use std::fmt::{self, Write};

use askama::filters::Escaper;
use caudal_contract::outside::{self, write_escaped};

thread_local! {
    /// Maximum number of bytes, as sent, of a text on the page that this thread fills. It is thread-local because askama creates
    /// its escapers without arguments.
    static LONGEST: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// A byte grows to at most this many bytes: `&` becomes `&#38;`, DEL becomes `\u{7f}`.
const MOST_GROWTH: usize = 6;
/// Marks the end of a text that was cut.
const CUT: char = '…';

/// Fills a page, or a part of one, and cuts every visible text to `longest` bytes.
pub(super) fn with_texts_up_to<T>(longest: usize, fill: impl FnOnce() -> T) -> T {
    /// Restores the limit even after a panic, because the thread is used again.
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            LONGEST.set(self.0);
        }
    }
    let _restore = Restore(LONGEST.replace(longest));
    fill()
}

/// Escapes markup and makes invisible characters visible: a direction mark in a file name is shown as `\u{202e}`. If a text is
/// longer than the page has room for, it is cut.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        match beginning(text, LONGEST.get()) {
            None => write_visible(to, text),
            Some(beginning) => {
                write_visible(&mut to, beginning)?;
                to.write_char(CUT)
            }
        }
    }
}

/// Escapes markup and writes invisible characters as numeric references. It is for values of forms and URLs, because the browser
/// sends these back unchanged: `{{ …|escape("exact") }}`. Nothing is cut, so the caller must ensure that the text is short.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exact;

impl Escaper for Exact {
    fn write_escaped_str<W: Write>(&self, to: W, text: &str) -> fmt::Result {
        write_html(to, text, |to, hidden| match hidden {
            '\n' | '\t' => to.write_char(hidden),
            // Past the escaping of markup, which would write out the reference itself
            _ => write!(to.to, "&#{};", u32::from(hidden)),
        })
    }
}

/// The number of bytes that a text takes on a page if it is written by [`Exact`].
pub(super) fn exact_bytes(text: &str) -> usize {
    let mut count = Count(0);
    // Writing to a counter never fails.
    Exact.write_escaped_str(&mut count, text).map_or(usize::MAX, |()| count.0)
}

fn write_visible<W: Write>(to: W, text: &str) -> fmt::Result {
    write_html(to, text, |to, hidden| write!(to, "{}", outside::shown(hidden)))
}

/// The beginning of a text that fits `most` bytes together with the cut mark. `None` if the whole text fits.
fn beginning(text: &str, most: usize) -> Option<&str> {
    if text.len() <= most / MOST_GROWTH {
        return None;
    }
    let (mut written, mut end) = (Count(0), 0);
    for (place, character) in text.char_indices() {
        if written.0 + CUT.len_utf8() <= most {
            end = place;
        }
        // Writing to a counter never fails.
        let counted = write_visible(&mut written, character.encode_utf8(&mut [0; 4]));
        if counted.is_err() || written.0 > most {
            return text.get(..end);
        }
    }
    None
}

/// Counts the bytes that are written.
struct Count(usize);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn write_html<W: Write>(
    mut to: W,
    text: &str,
    hidden: impl FnMut(&mut Markup<'_>, char) -> fmt::Result,
) -> fmt::Result {
    write_escaped(&mut Markup { to: &mut to }, text, hidden)
}

/// Escapes the markup in everything that is written to it.
struct Markup<'a> {
    to: &'a mut dyn Write,
}

impl Write for Markup<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(&mut self.to, text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn visible(text: &str) -> String {
        let mut written = String::new();
        Visible.write_escaped_str(&mut written, text).unwrap();
        written
    }

    #[test]
    fn a_text_is_cut_where_the_page_has_no_more_room_for_it() {
        for (text, shown) in [
            ("Café com leite", "Café com leite"),
            ("Café com leite e pão", "Café com leite…"),
            ("<<<<<", "&#60;&#60;&#60;…"),
            ("a\u{202e}b\u{202e}c", "a\\u{202e}b…"),
        ] {
            assert_eq!(with_texts_up_to(18, || visible(text)), shown);
            assert!(shown.len() <= 18, "{shown}");
        }
        assert_eq!(visible(&"é".repeat(9_000)).len(), 18_000, "only while a page is filled");
    }

    #[test]
    fn a_text_that_comes_back_is_the_same_for_the_browser() {
        let mut written = String::new();
        Exact.write_escaped_str(&mut written, "a\u{202e}<&b\n\u{7}").unwrap();
        assert_eq!(written, "a&#8238;&#60;&#38;b\n&#7;");
        assert_eq!(exact_bytes("a\u{202e}<&b\n\u{7}"), written.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_takes_more_than_it_may_and_one_that_fits_is_whole(
            text in ".{0,80}|[&<>'\"\\x00-\\x9f\u{200b}-\u{206f}\u{e0001}a-c]{0,80}",
            most in 3_usize..600,
        ) {
            let whole = visible(&text);
            let shown = with_texts_up_to(most, || visible(&text));
            prop_assert!(whole.len() <= text.len() * MOST_GROWTH, "{whole}");
            prop_assert!(shown.len() <= most, "{} of {most}: {shown}", shown.len());
            if whole.len() <= most {
                prop_assert_eq!(shown, whole);
            } else {
                let kept = shown.strip_suffix(CUT);
                prop_assert!(kept.is_some_and(|kept| whole.starts_with(kept)), "{shown}");
            }
        }
    }

    /// A URL that was cut would lead elsewhere, and a value that was cut would come back changed.
    #[test]
    fn what_comes_back_from_a_page_is_written_exactly() {
        let mut found = 0;
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "html") {
                continue;
            }
            let template = std::fs::read_to_string(&path).unwrap();
            for attribute in [" href=\"", " action=\"", " value=\"", " src=\""] {
                for rest in template.split(attribute).skip(1) {
                    let mut rest = rest;
                    while let Some((before, after)) = rest.split_once("{{").filter(|(before, _)| !before.contains('"'))
                    {
                        let (expression, after) = after.split_once("}}").unwrap();
                        let is_number = expression.trim().ends_with("id");
                        let is_exact = expression.contains("|escape(\"exact\")");
                        assert!(is_number || is_exact, "{}:{attribute}{before}{{{{{expression}}}}}", path.display());
                        (rest, found) = (after, found + 1);
                    }
                }
            }
        }
        assert!(found > 60, "{found}");
    }
}
