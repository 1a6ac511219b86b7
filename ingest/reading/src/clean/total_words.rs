//! Finds out whether a cell says that its line is a total.

use caudal_contract::text::folded;

use crate::words::totals::{BEFORE_TOTAL, BESIDE_TOTAL, HINTS_AT_TOTAL, TOTALS};

/// The statement of a cell about its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saying {
    Nothing,
    /// The text begins or ends with "total". Some products have such names too.
    Perhaps,
    /// The text has only words of totals.
    Total,
}

/// A longer text is not the name of a total.
const LONGEST: usize = 40;

pub(super) fn saying(text: &str) -> Saying {
    // Folding costs an allocation, so a cheap check comes first.
    if text.len() > LONGEST || !may_be_total(text) {
        return Saying::Nothing;
    }
    let name = folded(text);
    let is_total = |word: &str| TOTALS.has(word);
    let words = || name.split(' ').filter(|word| !word.chars().all(|c| c.is_ascii_digit()));
    let (first, last) = (words().next().unwrap_or_default(), words().next_back().unwrap_or_default());
    if words().any(is_total) && words().all(|word| is_total(word) || BESIDE_TOTAL.has(word)) {
        Saying::Total
    } else if is_total(first) || is_total(last) || BEFORE_TOTAL.has(first) && words().nth(1).is_some_and(is_total) {
        Saying::Perhaps
    } else {
        Saying::Nothing
    }
}

fn may_be_total(text: &str) -> bool {
    let holds =
        |part: &str| text.as_bytes().windows(part.len()).any(|bytes| bytes.eq_ignore_ascii_case(part.as_bytes()));
    HINTS_AT_TOTAL.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_told_from_products_that_are_named_like_them() {
        for text in
            ["TOTAL:", "Total geral", "Subtotal", "Order Total", "Grand Total", "Total de vendas", "Soma", "Total 2026"]
        {
            assert_eq!(saying(text), Saying::Total, "{text}");
        }
        for text in ["Total Clean", "Leite total", "Total Janeiro"] {
            assert_eq!(saying(text), Saying::Perhaps, "{text}");
        }
        for text in ["Somaliland", "Café", "Summit", "leite em pó total cálcio", ""] {
            assert_eq!(saying(text), Saying::Nothing, "{text}");
        }
    }
}
