//! The payload of a message: JSON in an LZ4 frame; plain JSON is accepted, too. A batch of rows repeats its field names
//! two thousand times. Compressed it is a fifth as long in the outbox, in the queue and on the network, and compressing
//! costs less than writing the full length.

use std::borrow::Cow;
use std::io::{Read, Write};

use lz4_flex::frame::{FrameDecoder, FrameEncoder};

use super::Message;

/// The first bytes of an LZ4 frame. JSON cannot begin with them.
const FRAME: [u8; 4] = [0x04, 0x22, 0x4D, 0x18];
/// The limit for a decompressed payload: about a hundred times the longest batch.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// A payload cannot be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A value cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The frame is damaged.
    #[error("its LZ4 frame is damaged: {0}")]
    Frame(#[from] std::io::Error),
    /// The frame could not be ended.
    #[error("its LZ4 frame cannot be written: {0}")]
    Packing(#[from] lz4_flex::frame::Error),
    /// The payload decompresses to more than any message has.
    #[error("it unpacks to more than {MOST_BYTES} bytes")]
    TooLong,
}

/// Packs a message as a payload.
///
/// # Errors
/// [`WireError`] if a value cannot be written as JSON.
pub fn to_payload(message: &Message) -> Result<Vec<u8>, WireError> {
    let mut packer = FrameEncoder::new(Vec::new());
    // Written in one piece, because the encoder has a cost for each piece.
    packer.write_all(&serde_json::to_vec(message)?)?;
    Ok(packer.finish()?)
}

/// Returns the JSON of a payload, compressed or not.
///
/// # Errors
/// [`WireError`] if it is compressed and damaged.
pub fn json_of(payload: &[u8]) -> Result<Cow<'_, [u8]>, WireError> {
    if !payload.starts_with(&FRAME) {
        return Ok(Cow::Borrowed(payload));
    }
    let mut json = Vec::with_capacity(payload.len().saturating_mul(6));
    FrameDecoder::new(payload).take(MOST_BYTES + 1).read_to_end(&mut json)?;
    if json.len() as u64 > MOST_BYTES {
        return Err(WireError::TooLong);
    }
    Ok(Cow::Owned(json))
}

#[cfg(test)]
mod tests {
    use super::super::{ImportId, MessageId};

    use super::*;
    use crate::message::{Act, Body, VERSION};

    #[test]
    fn a_payload_unpacks_to_its_json_and_plain_json_passes() {
        let act = Act { by: "ana".repeat(500), at: chrono::Utc::now() };
        let message = Message {
            version: VERSION,
            message_id: MessageId::new(),
            import_id: ImportId::new(),
            source: "inbox".into(),
            body: Body::Undo(act),
        };
        let payload = to_payload(&message).unwrap();
        let json = json_of(&payload).unwrap();
        assert_eq!(serde_json::from_slice::<Message>(&json).unwrap(), message);
        assert!(payload.len() * 2 < json.len(), "{} of {}", payload.len(), json.len());
        assert_eq!(json_of(&json).unwrap(), json);
    }

    #[test]
    fn a_damaged_frame_is_said() {
        assert!(json_of(&[0x04, 0x22, 0x4D, 0x18, 0xFF, 0xFF, 1, 2, 3]).is_err());
    }
}
