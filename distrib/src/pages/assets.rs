//! Style sheets, scripts and pictures, embedded in the program. The name of each contains a hash of its content, so that browsers
//! may cache it without limit and still load the new file after an update.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use caudal_contract::message::to_hex;
use sha2::{Digest, Sha256};

use super::PageError;

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
    address: String,
}

macro_rules! embedded {
    ($($name:literal $kind:literal $path:literal;)*) => {
        vec![$(Asset::new($name, $kind, include_bytes!(concat!("../../../templates/static/", $path))),)*]
    };
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    embedded! {
        "tabler.css" "text/css; charset=utf-8" "vendor/tabler/tabler.min.css";
        "caudal.css" "text/css; charset=utf-8" "caudal.css";
        "htmx.js" "text/javascript; charset=utf-8" "vendor/htmx/htmx.min.js";
        "chart.js" "text/javascript; charset=utf-8" "vendor/chartjs/chart.umd.min.js";
        "theme.js" "text/javascript; charset=utf-8" "theme.js";
        "caudal.js" "text/javascript; charset=utf-8" "caudal.js";
        "logo.svg" "image/svg+xml" "logo.svg";
    }
});

impl Asset {
    fn new(name: &'static str, kind: &'static str, content: &'static [u8]) -> Self {
        let hash = to_hex(&Sha256::digest(content));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        Self { name, kind, content, address: format!("/static/{stem}-{}.{extension}", &hash[..12]) }
    }
}

/// The URL of an embedded file by its plain name. If no such file is embedded, the URL leads to a missing page, which the tests
/// detect.
#[must_use]
pub fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/static/missing", |asset| asset.address.as_str())
}

/// `GET /static/{name}`: an embedded file.
///
/// # Errors
/// [`PageError::NotFound`] if no file has this name.
pub async fn serve(name: web::Path<String>) -> Result<HttpResponse, PageError> {
    let asset = ASSETS.iter().find(|asset| asset.address.strip_prefix("/static/") == Some(name.as_str()));
    let asset = asset.ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.content))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    fn templates() -> Vec<(PathBuf, String)> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "html"));
        pages.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }

    #[test]
    fn every_file_that_a_template_names_is_embedded() {
        for (path, text) in templates() {
            for name in text.split("f.asset(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(ASSETS.iter().any(|asset| asset.name == name), "{}: {name}", path.display());
            }
        }
    }

    #[test]
    fn no_template_holds_inline_code_or_leaves_a_text_unescaped() {
        for (path, text) in templates() {
            for forbidden in [
                "|safe",
                "| safe",
                "escape=\"none\"",
                "style=\"",
                "<style",
                " onclick",
                " onload",
                " onchange",
                "javascript:",
                "hx-on",
            ] {
                assert!(!text.contains(forbidden), "{}: {forbidden}", path.display());
            }
            let scripts = text.matches("<script").count();
            assert_eq!(scripts, text.matches("<script src=").count(), "{}: an inline script", path.display());
        }
    }

    #[test]
    fn every_form_that_changes_something_carries_a_token() {
        for (path, text) in templates() {
            for form in text.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next()) {
                if form.contains("method=\"post\"") {
                    assert!(form.contains("name=\"csrf\""), "{}: {form}", path.display());
                }
            }
        }
    }

    #[test]
    fn an_address_changes_with_the_content() {
        assert_eq!(Asset::new("a.css", "text/css", b"x").address, "/static/a-2d711642b726.css");
        assert_eq!(address("not there"), "/static/missing");
    }
}
