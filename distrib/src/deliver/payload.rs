//! Reads the payload of a message: bytes in, and out comes a message or the reason why the bytes are not one.

use caudal_contract::message::{Message, VERSION, wire};

use super::error::{DeliverError, guarded};

/// Parses a payload.
///
/// # Errors
/// [`DeliverError::Unreadable`]; [`DeliverError::UnknownVersion`]; [`DeliverError::Panicked`].
pub fn parse(payload: &[u8]) -> Result<Message, DeliverError> {
    let mut message = guarded(|| parse_unguarded(payload))?;
    for sale in message.body.sales_mut() {
        sale.shorten_texts().map_err(|field| {
            let most = field.most_characters();
            DeliverError::Unreadable(format!(
                "row {} has a {} with more than {most} characters",
                sale.row,
                field.code()
            ))
        })?;
    }
    Ok(message)
}

fn parse_unguarded(payload: &[u8]) -> Result<Message, DeliverError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u16,
    }
    let json = wire::json_of(payload).map_err(|error| DeliverError::Unreadable(error.to_string()))?;
    // Checks the UTF-8 of the whole text once, because that is faster than checking each string.
    let json = std::str::from_utf8(&json).map_err(|error| DeliverError::Unreadable(error.to_string()))?;
    let unreadable = |error: serde_json::Error| DeliverError::Unreadable(error.to_string());
    let message = serde_json::from_str::<Message>(json);
    if message.as_ref().is_ok_and(|message| message.version == VERSION) {
        return message.map_err(unreadable);
    }
    // The body of another version may have any form, so the version is the error to report, not the body.
    match serde_json::from_str(json).map_err(unreadable)? {
        Versioned { version: VERSION } => message.map_err(unreadable),
        Versioned { version } => Err(DeliverError::UnknownVersion(version)),
    }
}
