//! What an error of the network comes from.

use std::error::Error;

/// The innermost cause: the outer ones say only that sending failed, and may have the address in them.
pub(super) fn root(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

/// An error of TLS stands in ones of input and output, whose own source passes it over.
pub(super) fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    let inner: Option<&(dyn Error + 'static)> = match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    };
    inner.is_some_and(is_of_tls)
}
