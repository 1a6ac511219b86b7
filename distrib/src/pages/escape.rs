//! How texts get into pages: `askama.toml` names these for every `{{ … }}`.

use std::fmt::{self, Write};

use askama::filters::Escaper;
use caudal_shared::outside::{self, write_escaped};

/// Escapes markup, and writes out what hides: a mark of direction in a file's name is shown as `\u{202e}`. Line breaks stay.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, to: W, text: &str) -> fmt::Result {
        write_html(to, text, |to, hidden| match hidden {
            '\n' => to.write_char(hidden),
            _ => write!(to, "{}", outside::shown(hidden)),
        })
    }
}

/// Escapes markup, and writes what hides as a reference to its number: for values of forms that come back as they are, by
/// `{{ …|escape("exact") }}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exact;

impl Escaper for Exact {
    fn write_escaped_str<W: Write>(&self, to: W, text: &str) -> fmt::Result {
        write_html(to, text, |to, hidden| match hidden {
            '\n' | '\t' => to.write_char(hidden),
            _ => write!(to, "&#{};", u32::from(hidden)),
        })
    }
}

fn write_html<W: Write>(
    mut to: W,
    text: &str,
    hidden: impl FnMut(&mut Markup<'_>, char) -> fmt::Result,
) -> fmt::Result {
    write_escaped(&mut Markup { to: &mut to }, text, hidden)
}

/// Escapes what is no reference of ours.
struct Markup<'a> {
    to: &'a mut dyn Write,
}

impl Write for Markup<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(&mut self.to, text)
    }
}
