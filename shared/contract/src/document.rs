//! CPF and CNPJ, the Brazilian tax numbers of persons and companies.
//!
//! The check digits follow Receita Federal, modulus 11. The alphanumeric CNPJ (issued since July 2026, IN RFB
//! 2.229/2024) uses the same weights. A letter counts as its ASCII code minus 48, and the two check digits stay digits.

use serde::{Deserialize, Serialize};

/// The register to which a document belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A person's number: 11 digits.
    Cpf,
    /// A company's number: 14 characters, the last two of them digits.
    Cnpj,
    /// Another number: kept as written, without punctuation.
    Other,
}

impl DocumentKind {
    /// The name used in tables.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cpf => "cpf",
            Self::Cnpj => "cnpj",
            Self::Other => "other",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Cpf, Self::Cnpj, Self::Other].into_iter().find(|kind| kind.code() == code)
    }
}

/// A tax number without punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Only upper-case letters and digits.
    pub number: String,
    /// The kind that was recognised.
    pub kind: DocumentKind,
    /// Whether the check digits are right. A wrong one is a warning, never a rejection.
    pub valid: bool,
    /// Whether leading zeros that a number cell had lost were restored.
    pub zeros_restored: bool,
}

impl Document {
    /// Reads a document from a cell's text, with or without punctuation. Lost leading zeros (a CPF typed into a number
    /// cell) are restored: up to 11 characters make a CPF, 12 to 14 a CNPJ. `None` if the text has no letter or digit
    /// other than 0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        if number.is_empty() || number.chars().all(|c| c == '0') {
            return None;
        }
        let all_digits = number.bytes().all(|b| b.is_ascii_digit());
        let (kind, length) = match number.len() {
            // With fewer than eight digits it is not a CPF that lost zeros, because hardly any CPF starts with four
            // zeros. It is the code of another register.
            8..=11 if all_digits => (DocumentKind::Cpf, 11),
            12..=14 if all_digits => (DocumentKind::Cnpj, 14),
            14 => (DocumentKind::Cnpj, 14),
            _ => return Some(Self { number, kind: DocumentKind::Other, valid: true, zeros_restored: false }),
        };
        let padded = format!("{number:0>length$}");
        let valid = match kind {
            DocumentKind::Cpf => cpf_is_valid(padded.as_bytes()),
            _ => cnpj_is_valid(padded.as_bytes()),
        };
        let zeros_restored = padded.len() != number.len();
        // A CNPJ that lost three zeros or more has 11 digits or fewer. Accept it only if its check digits are right.
        if kind == DocumentKind::Cpf && !valid {
            let as_company = format!("{number:0>14}");
            if zeros_restored && cnpj_is_valid(as_company.as_bytes()) {
                return Some(Self { number: as_company, kind: DocumentKind::Cnpj, valid: true, zeros_restored: true });
            }
        }
        Some(Self { number: padded, kind, valid, zeros_restored })
    }
}

/// A document with its usual punctuation: `123.456.789-09`, `12.ABC.345/01DE-35`. Any other number is unchanged.
#[must_use]
pub fn punctuated(number: &str) -> String {
    let part = |from: usize, to: usize| number.get(from..to).unwrap_or_default();
    match number.len() {
        11 if number.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}.{}.{}-{}", part(0, 3), part(3, 6), part(6, 9), part(9, 11))
        }
        14 => format!("{}.{}.{}/{}-{}", part(0, 2), part(2, 5), part(5, 8), part(8, 12), part(12, 14)),
        _ => number.to_owned(),
    }
}

fn cpf_is_valid(number: &[u8]) -> bool {
    if number.len() != 11 || all_same(number) {
        return false;
    }
    let (body, check) = number.split_at(9);
    let first = check_digit(body, (2..=10).rev());
    let second = check_digit(&number[..10], (2..=11).rev());
    check == [first, second]
}

fn cnpj_is_valid(number: &[u8]) -> bool {
    if number.len() != 14 || all_same(number) {
        return false;
    }
    let weights = |first: u32| (2..=first).rev().chain((2..=9).rev());
    let (body, check) = number.split_at(12);
    let first = check_digit(body, weights(5));
    let second = check_digit(&number[..13], weights(6));
    check == [first, second]
}

fn all_same(number: &[u8]) -> bool {
    number.windows(2).all(|pair| pair[0] == pair[1])
}

fn check_digit(characters: &[u8], weights: impl Iterator<Item = u32>) -> u8 {
    let sum: u32 = characters.iter().zip(weights).map(|(c, weight)| u32::from(c.saturating_sub(48)) * weight).sum();
    match sum % 11 {
        0 | 1 => b'0',
        rest => b'0' + u8::try_from(11 - rest).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (String, DocumentKind, bool) {
        let document = Document::parse(text).unwrap();
        (document.number, document.kind, document.valid)
    }

    #[test]
    fn a_masked_and_a_plain_cpf_are_the_same() {
        assert_eq!(parsed("012.345.678-90"), parsed("01234567890"));
        assert_eq!(parsed("529.982.247-25"), ("52998224725".into(), DocumentKind::Cpf, true));
    }

    #[test]
    fn zeros_lost_in_a_number_cell_come_back() {
        let document = Document::parse("1234567890").unwrap();
        assert_eq!((document.number.as_str(), document.valid, document.zeros_restored), ("01234567890", true, true));
    }

    #[test]
    fn wrong_check_digits_are_told_not_hidden() {
        assert_eq!(parsed("52998224724"), ("52998224724".into(), DocumentKind::Cpf, false));
        assert!(!Document::parse("11111111111").unwrap().valid);
    }

    #[test]
    fn numeric_and_alphanumeric_cnpj_are_checked() {
        assert_eq!(parsed("11.222.333/0001-81"), ("11222333000181".into(), DocumentKind::Cnpj, true));
        assert_eq!(parsed("12.abc.345/01de-35"), ("12ABC34501DE35".into(), DocumentKind::Cnpj, true));
        assert!(!Document::parse("12.ABC.345/01DE-36").unwrap().valid);
    }

    #[test]
    fn a_register_code_is_kept_as_it_is() {
        assert_eq!(parsed("C-1042"), ("C1042".into(), DocumentKind::Other, true));
        assert_eq!(Document::parse(" - "), None);
    }

    #[test]
    fn punctuation_is_put_back_for_people() {
        assert_eq!(punctuated("52998224725"), "529.982.247-25");
        assert_eq!(punctuated("12ABC34501DE35"), "12.ABC.345/01DE-35");
        assert_eq!(punctuated("C1042"), "C1042");
    }

    /// Appends the check digits: of a CPF to nine characters, of a CNPJ to twelve.
    fn with_check_digits(body: &str) -> String {
        let mut number = body.to_owned();
        for _ in 0..2 {
            let length = u32::try_from(number.len()).unwrap();
            let weights =
                (2..=length + 1).rev().map(|weight| if body.len() == 12 { (weight - 2) % 8 + 2 } else { weight });
            number.push(char::from(check_digit(number.as_bytes(), weights)));
        }
        number
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_document_is_read_as_it_is_punctuated(body in "[0-9]{9}|[0-9A-Z]{11}[0-9]") {
            let number = with_check_digits(&body);
            prop_assume!(!all_same(number.as_bytes()) && number.contains(|c: char| c != '0'));
            let expected = if body.len() == 9 { DocumentKind::Cpf } else { DocumentKind::Cnpj };
            for text in [number.clone(), punctuated(&number), punctuated(&number).to_lowercase(), format!(" {number} ")] {
                prop_assert_eq!(parsed(&text), (number.clone(), expected, true), "{}", text);
            }
        }

        #[test]
        fn zeros_lost_in_front_come_back(body in "0[1-9][0-9]{7}|00[1-9][0-9]{6}") {
            let number = with_check_digits(&body);
            let document = Document::parse(number.trim_start_matches('0')).unwrap();
            prop_assert_eq!((document.number, document.valid, document.zeros_restored), (number, true, true));
        }

        #[test]
        fn another_check_digit_is_noticed(body in "[0-9]{9}|[0-9A-Z]{11}[0-9]", last: bool, step in 1_u8..10) {
            let mut number = with_check_digits(&body).into_bytes();
            let place = number.len() - if last { 1 } else { 2 };
            number[place] = b'0' + (number[place] - b'0' + step) % 10;
            let number = String::from_utf8(number).unwrap();
            prop_assert!(!Document::parse(&number).unwrap().valid, "{}", number);
        }
    }
}
