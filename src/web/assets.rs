//! The stylesheet and the icons, as files: the policy of the page allows nothing inside it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("assets/style.css");

/// Of all is well, and of something that needs a person.
pub const WELL: &str = "/icon-well.svg";
pub const CRITICAL: &str = "/icon-crit.svg";

/// Its name changes with what is in it, so that a browser may keep it for ever.
pub static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE);
    let hash = digest.iter().take(6).fold(String::new(), |mut hash, byte| {
        // Writing into a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    format!("/style-{hash}.css")
});

pub fn routes() -> Router {
    let serve = |text: &'static str, kind: &'static str, keep: &'static str| {
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)];
        get(move || async move { (headers, text) })
    };
    let (for_ever, for_a_day) = ("public, max-age=31536000, immutable", "public, max-age=86400");
    Router::new()
        .route(&STYLE_PATH, serve(STYLE, "text/css; charset=utf-8", for_ever))
        .route(WELL, serve(include_str!("assets/icon-well.svg"), "image/svg+xml", for_a_day))
        .route(CRITICAL, serve(include_str!("assets/icon-crit.svg"), "image/svg+xml", for_a_day))
}
