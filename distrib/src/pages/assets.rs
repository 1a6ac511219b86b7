//! Style sheets, scripts and pictures, embedded in the program. Each is served under a name that holds a hash of its
//! content, so that browsers may keep it for ever and still see the new one after an update.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use caudal_shared::message::to_hex;
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
        [$(Asset {
            name: $name,
            kind: $kind,
            content: include_bytes!(concat!("../../../templates/static/", $path)),
            address: String::new(),
        },)*]
    };
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let assets = embedded! {
        "tabler.css" "text/css; charset=utf-8" "vendor/tabler/tabler.min.css";
        "caudal.css" "text/css; charset=utf-8" "caudal.css";
        "htmx.js" "text/javascript; charset=utf-8" "vendor/htmx/htmx.min.js";
        "chart.js" "text/javascript; charset=utf-8" "vendor/chartjs/chart.umd.min.js";
        "theme.js" "text/javascript; charset=utf-8" "theme.js";
        "caudal.js" "text/javascript; charset=utf-8" "caudal.js";
        "logo.svg" "image/svg+xml" "logo.svg";
    };
    assets.into_iter().map(addressed).collect()
});

fn addressed(asset: Asset) -> Asset {
    let hash = to_hex(&Sha256::digest(asset.content));
    let (stem, extension) = asset.name.rsplit_once('.').unwrap_or((asset.name, ""));
    Asset { address: format!("/static/{stem}-{}.{extension}", &hash[..12]), ..asset }
}

/// The address of an embedded file by its plain name; a name that is not embedded leads to a page that is not there,
/// which the tests look for.
#[must_use]
pub fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/static/missing", |asset| asset.address.as_str())
}

/// `GET /static/{name}`: an embedded file.
///
/// # Errors
/// [`PageError::NotFound`] for any other name.
pub async fn serve(name: web::Path<String>) -> Result<HttpResponse, PageError> {
    let asset = ASSETS.iter().find(|asset| asset.address.strip_prefix("/static/") == Some(name.as_str()));
    let asset = asset.ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.content))
}
