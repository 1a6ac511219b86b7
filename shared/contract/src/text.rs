//! Comparing names the way people do: without case, accents, punctuation or repeated spaces.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The form of a name for comparing and searching: lower case, without accents, with punctuation and repeated spaces
/// replaced by one space. `"  João  da SILVA."` becomes `"joao da silva"`.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut push = |c: char| {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    };
    for c in text.chars() {
        if c.is_ascii() {
            push(c.to_ascii_lowercase());
        } else {
            // Each character can be decomposed by itself, because combining marks are dropped and their order does not
            // matter.
            decompose_compatible(c, |part| {
                if !is_combining_mark(part) {
                    part.to_lowercase().for_each(&mut push);
                }
            });
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn names_are_compared_without_case_accents_and_spaces() {
        assert_eq!(folded("  João  da SILVA. "), "joao da silva");
        assert_eq!(folded("N.º de venda"), "n o de venda");
        assert_eq!(folded("***"), "");
    }
}
