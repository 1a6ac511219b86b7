//! Cleans Brazilian states and postal codes. Those of other countries stay as they are written.

use std::collections::HashMap;
use std::sync::LazyLock;

use caudal_contract::notice::Change;
use caudal_contract::text::folded;

use crate::words::places::STATES;

static CODES: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| STATES.iter().flat_map(|(code, name)| [(folded(code), *code), (folded(name), *code)]).collect());

/// The two letters of a Brazilian state that is named or abbreviated in any case. Another text is returned as it is.
pub(crate) fn state(text: &str) -> Option<String> {
    let plain = text.trim_start_matches("BR-").trim_end_matches('.');
    Some(CODES.get(&folded(plain)).map_or_else(|| text.to_owned(), |code| (*code).to_owned()))
}

/// The eight digits of a CEP, and the rule by which it was changed. A CEP of seven digits lost its leading zero (those
/// of São Paulo begin with zero), so this must be called only for a column of CEPs. Any other text stays as it is.
pub(crate) fn cep(text: &str) -> (String, Option<Change>) {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let only_digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ' '));
    match (only_digits, digits.len()) {
        (true, 8) if digits == text => (digits, None),
        (true, 8) => (digits, Some(Change::PunctuationRemoved)),
        (true, 7) => (format!("0{digits}"), Some(Change::ZerosRestored)),
        _ => (text.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_their_two_letters_and_other_regions_stay() {
        for (written, clean) in [
            ("São Paulo", "SP"),
            ("sp", "SP"),
            ("minas gerais", "MG"),
            ("GOIAS", "GO"),
            ("BR-RJ", "RJ"),
            ("Texas", "Texas"),
        ] {
            assert_eq!(state(written).as_deref(), Some(clean));
        }
    }

    #[test]
    fn a_cep_is_eight_digits_with_its_zero() {
        for (written, clean) in [("01310-100", "01310100"), ("1310100", "01310100"), ("SW1A 1AA", "SW1A 1AA")] {
            assert_eq!(cep(written).0, clean);
        }
    }
}
