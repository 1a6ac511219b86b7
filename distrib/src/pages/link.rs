//! Addresses within Caudal.

/// In bytes: room for the longest name of a sheet or for a name of a hundred letters, and less than a page has for its texts.
const LONGEST_ADDRESS: usize = 400;
/// In bytes: a path to come back to, with everything that the list of sales can be asked for.
const LONGEST_PATH: usize = 8_000;

/// `?name=value&…` of the values that are not empty; nothing when all are.
pub(super) fn query_string(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        push_encoded(&mut out, value);
    }
    out
}

/// Where a row of an import is shown as it came; where its sheet's name is too long for an address, the import.
pub(super) fn row_address(import_id: i64, sheet: &str, row: i64) -> String {
    if !fits(sheet) {
        return format!("/imports/{import_id}");
    }
    format!("/imports/{import_id}/row{}", query_string(&[("sheet", sheet), ("row", &row.to_string())]))
}

/// Whether a text is short enough for an address, or for a form, of which a page may have hundreds.
pub(super) fn fits(text: &str) -> bool {
    let mut encoded = String::new();
    // A byte is encoded as one at least
    text.len() <= LONGEST_ADDRESS && {
        push_encoded(&mut encoded, text);
        encoded.len() <= LONGEST_ADDRESS
    }
}

fn push_encoded(out: &mut String, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// A path on this server to go to next; anything that could lead elsewhere, or is too long to be carried on, becomes the first page.
pub(super) fn local_path(text: &str) -> &str {
    let leads_elsewhere = text.starts_with("//") || text.contains('\\') || text.chars().any(char::is_control);
    if text.starts_with('/') && text.len() <= LONGEST_PATH && !leads_elsewhere { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_and_empty_ones_left_out() {
        let pairs = [("q", "João & Cia"), ("from", ""), ("sort", "amount")];
        assert_eq!(query_string(&pairs), "?q=Jo%C3%A3o%20%26%20Cia&sort=amount");
        assert_eq!(query_string(&[("q", "")]), "");
    }

    #[test]
    fn only_paths_of_this_server_are_followed() {
        assert_eq!(local_path("/sales?q=a&page=2"), "/sales?q=a&page=2");
        for elsewhere in
            ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "/a\nb"]
        {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
