//! Shows text from outside as text only: names of files and sheets, headers, cells, and error messages of other
//! programs.
//!
//! A control character moves the cursor of a terminal, a line break forges a line of a log, and a direction mark makes
//! `fatura`, U+202E, `xcod` look like another name. Each such character is written as its escape, in logs, on the
//! terminal and on pages.

use std::fmt::{self, Display, Formatter, Write};

/// Whether a character is invisible but changes the look of others: controls, direction marks, line separators, and
/// characters without width. The joiners within a word or an emoji do not count.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text on one line, with each hidden character replaced by its escape.
#[must_use]
pub fn shown<T: Display>(text: T) -> Shown<T> {
    Shown(text)
}

/// See [`shown`].
#[derive(Debug, Clone, Copy)]
pub struct Shown<T>(T);

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(Escaping { to: formatter }, "{}", self.0)
    }
}

struct Escaping<'a, 'f> {
    to: &'a mut Formatter<'f>,
}

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.to, text, |to, hidden| match hidden {
            '\n' | '\r' | '\t' => write!(to, "{}", hidden.escape_default()),
            _ => write!(to, "{}", hidden.escape_unicode()),
        })
    }
}

/// Writes a text, with each hidden character written by `escape`.
///
/// # Errors
/// The error of the writer.
pub fn write_escaped<W: Write + ?Sized>(
    to: &mut W,
    text: &str,
    mut escape: impl FnMut(&mut W, char) -> fmt::Result,
) -> fmt::Result {
    let mut rest = text;
    while let Some((place, hidden)) = rest.char_indices().find(|(_, character)| is_hidden(*character)) {
        let (before, from) = rest.split_at(place);
        to.write_str(before)?;
        escape(to, hidden)?;
        rest = from.get(hidden.len_utf8()..).unwrap_or_default();
    }
    to.write_str(rest)
}

/// JSON with its hidden characters escaped. A JSON parser reads exactly the same texts. Line breaks between values
/// stay.
#[must_use]
pub fn shown_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let escape = |to: &mut String, hidden: char| match hidden {
        '\n' => to.write_char(hidden),
        _ => hidden.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(to, "\\u{unit:04x}")),
    };
    // Writing to a `String` cannot fail.
    write_escaped(&mut shown, json, escape).map_or_else(|_never| json.to_owned(), |()| shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_hides_or_moves_is_written_out() {
        for (text, expected) in [
            ("Café João ✓ 漢字 👩‍🍳", "Café João ✓ 漢字 👩‍🍳"),
            ("a\n2026-11-28 INFO x.csv", "a\\n2026-11-28 INFO x.csv"),
            ("\u{1b}]0;título\u{7}.csv", "\\u{1b}]0;título\\u{7}.csv"),
            ("fatura\u{202e}xcod", "fatura\\u{202e}xcod"),
            ("a\u{2028}b\u{85}c\u{9b}2J\u{7f}", "a\\u{2028}b\\u{85}c\\u{9b}2J\\u{7f}"),
        ] {
            assert_eq!(shown(text).to_string(), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_hidden_is_left_of_any_text(text in ".{0,40}|[\\x00-\\x9f\u{200b}-\u{206f}\u{feff}a-c]{0,40}") {
            let shown = shown(&text).to_string();
            prop_assert!(!shown.contains(is_hidden), "{shown:?}");
            let json = serde_json::to_string(&text).unwrap();
            let escaped = shown_json(&json);
            prop_assert!(!escaped.contains(is_hidden), "{escaped:?}");
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text, "JSON says the same");
        }
    }
}
