//! URLs within Caudal.

/// Maximum bytes of an encoded text: room for the longest sheet name or a name of a hundred letters, and less than a page allows
/// a text.
const LONGEST_ADDRESS: usize = 400;
/// Maximum bytes of a path to return to: room for every parameter of the sales list.
const LONGEST_PATH: usize = 8_000;

/// `?name=value&…` for the values that are not empty. Empty if all values are.
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

/// The URL of the page that shows a row as received. If the sheet name is too long for a URL, the URL of the import.
pub(super) fn row_address(import_id: i64, sheet: &str, row: i64) -> String {
    if !fits(sheet) {
        return format!("/imports/{import_id}");
    }
    format!("/imports/{import_id}/row{}", query_string(&[("sheet", sheet), ("row", &row.to_string())]))
}

/// Whether a text is short enough for a URL or a form field, because a page may have hundreds of them.
pub(super) fn fits(text: &str) -> bool {
    let mut encoded = String::new();
    // Encoding never shortens a text, so a long text is rejected without encoding it.
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

/// A local path to redirect to. A path that could lead elsewhere or is too long to be passed on becomes the first page.
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
