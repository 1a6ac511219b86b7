//! Data that every page shares: language, texts, the signed-in user, and the forms in the page head.

use std::fmt::{self, Write};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION};
use askama::Template;
use caudal_contract::language::Language;

pub(super) use super::Section;
use super::texts::{Texts, texts};
use super::visitor::{SignedIn, Visitor};
use super::{MENU, PageError, Pages, assets, escape};

/// Maximum size of a page in bytes, regardless of the stored data.
const LONGEST_PAGE: usize = 1 << 20;
/// Limits of a text on a page, in bytes. The first one has room for the longest notes. If the page becomes too long, it is filled
/// again with the next limit for all texts. The last one still has room for a hash.
const LONGEST_TEXTS: [usize; 5] = [16_000, 4_000, 1_000, 300, 64];

/// The menu as a list, and its parts as an enum.
macro_rules! menu {
    ($($name:ident: $address:literal $icon:literal $text:ident;)*) => {
        /// The part of the menu that a page belongs to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Section {
            $($name,)*
            /// The page has no part of the menu.
            None,
        }

        const MENU: &[$crate::pages::frame::MenuEntry] = &[$($crate::pages::frame::MenuEntry {
            section: Section::$name,
            address: $address,
            icon: $icon,
            text: |texts| texts.$text,
        },)*];
    };
}

pub(super) use menu;

/// A line of the menu, which `layout.html` shows.
#[derive(Debug)]
pub(super) struct MenuEntry {
    pub(super) section: Section,
    pub(super) address: &'static str,
    pub(super) icon: &'static str,
    pub(super) text: fn(&Texts) -> &'static str,
}

impl MenuEntry {
    pub(super) fn text(&self, texts: &Texts) -> &'static str {
        (self.text)(texts)
    }
}

/// The part of a template's data that `layout.html` reads.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) language: Language,
    pub(super) t: &'static Texts,
    /// The name of the signed-in user.
    pub(super) user: Option<String>,
    /// The token for forms. Empty on pages without forms.
    pub(super) csrf: String,
    pub(super) section: Section,
    /// The page to return to after the choice of a language.
    pub(super) here: String,
}

impl Frame {
    pub(super) fn signed_in(reader: &SignedIn, section: Section, here: String) -> Self {
        Self {
            language: reader.language,
            t: texts(reader.language),
            user: Some(reader.user.name.clone()),
            csrf: reader.csrf.clone(),
            section,
            here,
        }
    }

    pub(super) fn visitor(visitor: &Visitor, here: String) -> Self {
        Self { csrf: visitor.csrf.clone(), ..Self::anonymous(visitor.language, Section::None, here) }
    }

    /// A page without forms.
    pub(super) fn anonymous(language: Language, section: Section, here: String) -> Self {
        Self { language, t: texts(language), user: None, csrf: String::new(), section, here }
    }

    /// The lines of the menu.
    #[expect(clippy::unused_self, reason = "a template calls methods of its data only")]
    pub(super) fn menu(&self) -> &'static [MenuEntry] {
        MENU
    }

    /// The language that the page offers as the alternative.
    pub(super) fn other_language(&self) -> Language {
        self.language.pick(Language::English, Language::Portuguese)
    }

    /// The URL of an embedded file.
    pub(super) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
}

/// Hints for the next step on an empty page.
pub(super) struct NextStep {
    pub(super) inbox: String,
    pub(super) public_url: String,
}

impl NextStep {
    pub(super) fn new(pages: &Pages) -> Self {
        Self { inbox: pages.config.inbox().display().to_string(), public_url: pages.config.public_url.clone() }
    }
}

/// A page as a response.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, PageError> {
    let body = filled(template)?;
    Ok(HttpResponse::build(status).insert_header(ContentType::html()).body(body))
}

/// The answer to a form: the browser opens another page of Caudal.
pub(super) fn go_to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// The HTML of a page, with its texts as long as there is room.
pub(super) fn filled(template: &impl Template) -> Result<String, PageError> {
    let attempt = |longest| {
        let mut body = Body { html: String::new(), has_room: true };
        let outcome = escape::with_texts_up_to(longest, || template.render_into(&mut body));
        (body, outcome)
    };
    for longest in LONGEST_TEXTS {
        match attempt(longest) {
            (body, Ok(())) => return Ok(body.html),
            (Body { has_room: true, .. }, Err(error)) => return Err(PageError::Internal(error.to_string())),
            _ => {}
        }
    }
    // The lists are limited, so this cannot happen. An error is still better than a page that no browser can show.
    Err(PageError::Internal(format!("the page would be longer than {LONGEST_PAGE} bytes")))
}

/// The HTML of a page. Writing fails if there is no more room.
struct Body {
    html: String,
    has_room: bool,
}

impl Write for Body {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.has_room = self.html.len() + text.len() < LONGEST_PAGE;
        if !self.has_room {
            return Err(fmt::Error);
        }
        self.html.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Template)]
    #[template(source = "{% for text in texts %}{{ text }}\n{% endfor %}", ext = "html")]
    struct Texts {
        texts: Vec<String>,
    }

    #[test]
    fn every_line_of_the_menu_has_an_icon_that_there_is() {
        let icons = std::fs::read_to_string("../templates/icons.html").unwrap();
        for entry in MENU {
            assert!(icons.contains(&format!("when \"{}\"", entry.icon)), "{entry:?}");
        }
    }

    #[derive(Template)]
    #[template(path = "layout.html")]
    struct Bare {
        f: Frame,
    }

    #[test]
    fn the_menu_marks_the_part_that_a_page_belongs_to() {
        for entry in MENU {
            let user = Some("ana".to_owned());
            let frame = Frame { user, ..Frame::anonymous(Language::Portuguese, entry.section, String::new()) };
            let page = filled(&Bare { f: frame }).unwrap();
            let marked: Vec<&str> = page.lines().filter(|line| line.contains("aria-current")).collect();
            assert_eq!(marked.len(), 1, "{marked:?}");
            assert!(marked[0].contains(&format!("<a href=\"{}\" aria-current=\"page\">", entry.address)), "{marked:?}");
            assert!(marked[0].contains(entry.text(texts(Language::Portuguese))), "{marked:?}");
        }
    }

    #[test]
    fn the_longer_the_page_the_shorter_its_texts() {
        let fill = |texts: usize, length: usize| filled(&Texts { texts: vec!["é".repeat(length); texts] });
        assert_eq!(fill(1, 2_000).unwrap().len(), 4_001, "whole");
        assert_eq!(fill(1, 8 << 20).unwrap().len(), 16_000, "cut, with its mark and the end of its line");
        for texts in [260, 1_000, 3_000, 10_000] {
            let page = fill(texts, 8_000).unwrap();
            assert!(page.len() < LONGEST_PAGE, "{texts}: {}", page.len());
            assert!(page.lines().all(|line| line.ends_with("é…")) && page.lines().count() == texts, "{texts}");
        }
        assert!(fill(20_000, 8_000).is_err());
        assert_eq!(fill(20_000, 10).unwrap().len(), 420_000);
    }
}
