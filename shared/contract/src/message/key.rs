//! The identity of a sale: its key, and a hash of its content.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! hash_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&to_hex(&self.0))
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                from_hex(&text).map(Self).ok_or_else(|| {
                    serde::de::Error::custom(concat!("expected ", stringify!($length), " bytes in hex"))
                })
            }
        }
    };
}

hash_bytes!(
    /// The identity of a sale.
    SaleKey,
    16
);
hash_bytes!(
    /// A hash of a sale's content.
    Fingerprint,
    16
);

impl Fingerprint {
    /// The first bytes of a longer hash.
    #[must_use]
    pub fn first_of(hash: &[u8]) -> Self {
        Self(first_bytes(hash))
    }
}

impl SaleKey {
    /// The key of a row that is identified by its content alone: the sender, the content, and its number among equal
    /// rows of one import, from 0. `day` is absent if the day was assumed.
    #[must_use]
    pub fn of_content(source: &str, content: Fingerprint, occurrence: u32, day: Option<NaiveDate>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"content\x1f");
        hash.update(source.as_bytes());
        hash.update([0x1F]);
        hash.update(content.0);
        hash.update(occurrence.to_le_bytes());
        Self::of_day(day, &hash.finalize())
    }

    /// A key that starts with its day, so that the sales of a file lie close together in the index. With random keys
    /// the index would be the most expensive part of storing a sale.
    #[must_use]
    pub fn of_day(day: Option<NaiveDate>, hash: &[u8]) -> Self {
        let days = day.map_or(0, |day| day.signed_duration_since(NaiveDate::default()).num_days());
        let mut key: [u8; 16] = first_bytes(hash);
        key[..4].copy_from_slice(&u32::try_from(days).unwrap_or(0).to_be_bytes());
        Self(key)
    }
}

fn first_bytes(hash: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = *from;
    }
    bytes
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of exactly `N` pairs of hex digits.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(out)
}
