//! What every page shares: its language, its texts, who reads it, and the forms in its head.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use askama::Template;
use caudal_shared::language::Language;

use super::texts::{Texts, texts};
use super::visitor::{SignedIn, Visitor};
use super::{PageError, Pages, assets};

/// A page in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Sales,
    Imports,
    /// A page that is not in the navigation.
    None,
}

impl Section {
    pub(super) fn is_overview(self) -> bool {
        self == Self::Overview
    }

    pub(super) fn is_sales(self) -> bool {
        self == Self::Sales
    }

    pub(super) fn is_imports(self) -> bool {
        self == Self::Imports
    }
}

/// The part of a template's data that `layout.html` reads.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) language: Language,
    pub(super) t: &'static Texts,
    /// Who is signed in.
    pub(super) user: Option<String>,
    /// The token for forms; empty on pages that have none.
    pub(super) csrf: String,
    pub(super) section: Section,
    /// Where choosing a language leads back to.
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

    /// The language that the page offers to change to.
    pub(super) fn other_language(&self) -> Language {
        self.language.pick(Language::English, Language::Portuguese)
    }

    /// The address of an embedded file.
    pub(super) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
}

/// What an empty page offers to do next.
pub(super) struct NextStep {
    pub(super) inbox: String,
    pub(super) public_url: String,
}

impl NextStep {
    pub(super) fn new(pages: &Pages) -> Self {
        Self { inbox: pages.config.inbox().display().to_string(), public_url: pages.config.public_url.clone() }
    }
}

/// A page as an answer.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, PageError> {
    let body = template.render().map_err(|error| PageError::Internal(error.to_string()))?;
    Ok(HttpResponse::build(status).insert_header(ContentType::html()).body(body))
}
