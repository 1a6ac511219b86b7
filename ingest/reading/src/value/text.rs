//! Reads texts from cells: white space, Unicode, garbled accents, identifiers.

use std::borrow::Cow;

use caudal_contract::notice::{Change, Rule};
use encoding_rs::WINDOWS_1252;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::sheet::{Column, Kind};

/// Returns a text without surrounding or repeated white space (including no-break spaces and line breaks) and without
/// control characters. Accents are composed (NFC) and garbled UTF-8 ("JoÃ£o") is repaired. Also returns the most
/// important rule that changed the text.
#[must_use]
pub fn tidy(text: &str) -> (Cow<'_, str>, Option<Change>) {
    let (repaired, was_garbled) = match repaired(text) {
        Some(repaired) => (Cow::Owned(repaired), true),
        None => (Cow::Borrowed(text), false),
    };
    let is_composed = repaired.is_ascii() || is_nfc(&repaired);
    let composed = if is_composed { repaired } else { Cow::Owned(repaired.nfc().collect()) };
    let (tidied, was_untidy) = match composed {
        Cow::Borrowed(text) => {
            let tidied = single_spaced(text);
            let was_untidy = tidied != text;
            (tidied, was_untidy)
        }
        Cow::Owned(text) => {
            let tidied = single_spaced(&text).into_owned();
            let was_untidy = tidied != text;
            (Cow::Owned(tidied), was_untidy)
        }
    };
    let changes = [
        (was_garbled, Change::LettersRepaired),
        (!is_composed, Change::AccentsJoined),
        (was_untidy, Change::SpacesTidied),
    ];
    (tidied, changes.into_iter().find(|(is_so, _)| *is_so).map(|(_, change)| change))
}

/// Cuts a text to at most so many bytes. A mark at its end shows that it was cut.
pub(crate) fn shortened(mut text: String, most_bytes: usize) -> String {
    if text.len() > most_bytes {
        text.truncate(text.floor_char_boundary(most_bytes));
        text.push('…');
    }
    text
}

fn single_spaced(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let is_clean = |text: &str| {
        let mut previous = 'x';
        text.chars().all(|c| {
            let fine = !c.is_control()
                && c != '\u{a0}'
                && c != '\u{feff}'
                && !(c.is_whitespace() && (c != ' ' || previous == ' '));
            previous = c;
            fine
        })
    };
    if is_clean(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    let words =
        trimmed.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}').filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// Repairs UTF-8 that was read as Windows-1252: "Ã", "Â" or "â" followed by the rest of a character. The text is
/// changed only if all of its bytes form valid UTF-8.
fn repaired(text: &str) -> Option<String> {
    let mut previous = ' ';
    let garbled = text.chars().any(|c| {
        let pair = matches!(previous, 'Ã' | 'Â' | 'â') && !c.is_ascii();
        previous = c;
        pair
    });
    if !garbled {
        return None;
    }
    let (bytes, _, lossy) = WINDOWS_1252.encode(text);
    if lossy {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

/// The value of a text column for one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellText {
    /// The text. `None` if the cell is blank.
    pub text: Option<String>,
    /// The change that was made.
    pub change: Option<Change>,
}

/// The text in a cell of any kind.
///
/// # Errors
/// [`Rule::CellError`].
pub fn of_cell(column: &Column, row: usize) -> Result<CellText, Rule> {
    match column.kind(row) {
        Kind::Empty => Ok(CellText { text: None, change: None }),
        Kind::Error => Err(Rule::CellError),
        Kind::Text => {
            let (text, change) = tidy(column.text(row).unwrap_or_default());
            Ok(CellText { text: (!text.is_empty()).then(|| text.into_owned()), change })
        }
        Kind::Number | Kind::DateTime | Kind::Time | Kind::Bool => {
            Ok(CellText { text: column.shown(row), change: None })
        }
    }
}

/// The identifier in a cell: a text, or a whole number without `.0`.
///
/// # Errors
/// [`Rule::DigitsLost`] if the spreadsheet kept only the first digits: a text such as `1,23E+13`, or a number cell of
/// more than 15 digits. [`Rule::CellError`] if the cell is a spreadsheet error.
pub fn identifier_of_cell(column: &Column, row: usize) -> Result<CellText, Rule> {
    const MOST_EXACT: f64 = 1e15;
    if column.kind(row) == Kind::Number && column.number(row).abs() >= MOST_EXACT {
        return Err(Rule::DigitsLost);
    }
    let cell = of_cell(column, row)?;
    match &cell.text {
        Some(text) if is_scientific(text) => Err(Rule::DigitsLost),
        _ => Ok(cell),
    }
}

/// Whether the text is in scientific notation, such as `1,23457E+13`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    mantissa.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.' | b'-'))
        && mantissa.contains([',', '.'])
        && exponent
            .strip_prefix('+')
            .is_some_and(|digits| is_number(digits) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The e-mail address in lower case. `None` if the text is not an address.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let mut text = text.trim();
    while let Some(address) = text.strip_prefix("mailto:") {
        text = address.trim_start();
    }
    let (name, host) = text.split_once('@')?;
    let valid = !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    let has_more = text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';'));
    (valid && !has_more).then(|| text.to_owned())
}

/// The phone number as digits, with a leading `+` if it had one. `None` if it has fewer than eight digits.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plus = if text.trim_start().starts_with('+') { "+" } else { "" };
    (digits.len() >= 8).then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_tidied() {
        assert_eq!(tidy("  João\u{a0} da\n Silva\t").0, "João da Silva");
        assert_eq!(tidy("\u{feff}Cafe\u{301}").0, "Café");
        assert!(matches!(tidy("João da Silva").0, Cow::Borrowed(_)), "a clean text is not copied");
    }

    #[test]
    fn garbled_accents_are_repaired_and_real_ones_left_alone() {
        assert_eq!(tidy("JoÃ£o ConceiÃ§Ã£o"), (Cow::Borrowed("João Conceição"), Some(Change::LettersRepaired)));
        assert_eq!(tidy("MAÇÃ"), (Cow::Borrowed("MAÇÃ"), None));
        assert_eq!(tidy("Ã São"), (Cow::Borrowed("Ã São"), None));
    }

    #[test]
    fn identifiers_that_lost_digits_are_known() {
        assert!(is_scientific("1,23457E+13") && is_scientific("7.89E+12"));
        assert!(!is_scientific("AE+12") && !is_scientific("12E34") && !is_scientific("Café E+ 2"));
    }

    #[test]
    fn contacts_are_tidied_or_left_out() {
        assert_eq!(email(" Ana@Loja.com.br ").as_deref(), Some("ana@loja.com.br"));
        assert_eq!(email("MAILTO: Ana@Loja.com").as_deref(), Some("ana@loja.com"));
        assert_eq!(email("ana at loja"), None);
        assert_eq!(email("ana\u{c}@loja.com"), None);
        assert_eq!(phone("+55 (11) 99999-0000").as_deref(), Some("+5511999990000"));
        assert_eq!(phone("ramal 12"), None);
    }
}
