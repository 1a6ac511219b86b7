//! The texts of a column. Repeated texts are kept once, because a product or a customer occurs in thousands of rows and
//! the result of cleaning it once holds for all of them.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Texts by index.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// All texts, concatenated.
    together: String,
    /// The end of each text, in bytes.
    ends: Vec<usize>,
}

impl Texts {
    /// The number of texts. Equal texts usually share one index, but not always.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no texts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at this index.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.together.get(start..end)
    }

    fn push(&mut self, text: &str) -> usize {
        self.together.push_str(text);
        self.ends.push(self.together.len());
        self.ends.len() - 1
    }
}

/// Collects texts and looks each one up before it is added.
pub(super) struct TextsBuilder {
    texts: Texts,
    /// Indices by the hash of the text. `None` if so many texts differ that lookups would cost more than they save.
    known: Option<HashTable<u32>>,
    /// Seeded at random, so that nobody can make a file with texts that all collide.
    hasher: RandomState,
    /// Recent texts by a cheap mark of each. A text that occurs in every second row is found without hashing.
    recent: Vec<(u64, usize)>,
    added: usize,
    last: usize,
}

/// Number of slots for recent texts, a power of two.
const RECENT: usize = 1_024;

/// Number of texts after which the builder decides whether lookups pay.
const TRIED: usize = 65_536;

impl TextsBuilder {
    pub(super) fn new() -> Self {
        let (texts, known) = (Texts::default(), Some(HashTable::new()));
        Self { texts, known, hasher: RandomState::new(), recent: Vec::new(), added: 0, last: 0 }
    }

    /// The index of this text, which is added if it is missing. NUL becomes U+FFFD because PostgreSQL stores no NUL in
    /// a text. `None` beyond 2^32 texts.
    pub(super) fn place_of(&mut self, text: &str) -> Option<u32> {
        self.added += 1;
        // Sorted sheets repeat a text in consecutive rows, so the last one is compared first.
        if self.texts.get(self.last) != Some(text) {
            self.last = self.find_lately(text);
        }
        u32::try_from(self.last).ok().filter(|place| *place != NO_TEXT)
    }

    fn find_lately(&mut self, text: &str) -> usize {
        if self.known.is_none() {
            return self.find_or_add(text);
        }
        let mark = mark(text);
        self.recent.resize(RECENT, (0, usize::MAX));
        let slot = usize::try_from(mark % RECENT as u64).unwrap_or(0);
        if let Some((other, place)) = self.recent.get(slot).copied()
            && other == mark
            && self.texts.get(place) == Some(text)
        {
            return place;
        }
        let place = self.find_or_add(text);
        if let Some(recent) = self.recent.get_mut(slot) {
            *recent = (mark, place);
        }
        place
    }

    fn find_or_add(&mut self, text: &str) -> usize {
        if self.added >= TRIED && self.texts.len() > self.added / 2 {
            self.known = None;
            self.recent = Vec::new();
        }
        let Some(known) = &mut self.known else { return self.texts.push(&without_nul(text)) };
        let hash = self.hasher.hash_one(text);
        let is_it = |place: &u32| self.texts.get(*place as usize) == Some(text);
        if let Some(place) = known.find(hash, is_it) {
            return *place as usize;
        }
        let place = self.texts.push(&without_nul(text));
        if let Ok(place) = u32::try_from(place) {
            let (texts, hasher) = (&self.texts, &self.hasher);
            let rehash = |place: &u32| hasher.hash_one(texts.get(*place as usize).unwrap_or_default());
            known.insert_unique(hash, place, rehash);
        }
        place
    }

    /// The memory of the texts and their indices, in bytes.
    pub(super) fn bytes(&self) -> usize {
        const BESIDE: usize = 16;
        self.texts.together.len() + BESIDE * self.texts.len()
    }

    pub(super) fn finish(mut self) -> Texts {
        self.texts.together.shrink_to_fit();
        self.texts.ends.shrink_to_fit();
        self.texts
    }
}

/// A mark of a text's length and its first and last eight bytes. Different texts may have the same mark.
fn mark(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let short = || bytes.iter().fold(0, |mark, byte| mark << 8 | u64::from(*byte));
    let first = bytes.first_chunk::<8>().map_or_else(short, |first| u64::from_le_bytes(*first));
    let last = bytes.last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last));
    // Fibonacci hashing. The high bits depend on all bits, so they are mixed into the low bits that choose the slot.
    let mixed = (first ^ last.rotate_left(23) ^ bytes.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

/// The text without NUL, because PostgreSQL stores none.
pub(super) fn without_nul(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_none() { text.into() } else { text.replace('\0', "\u{fffd}").into() }
}

/// The index of a cell without a text.
pub(super) const NO_TEXT: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_repeats_has_one_place() {
        let mut builder = TextsBuilder::new();
        let places: Vec<_> = ["Pão", "Café", "Café", "Pão", ""].map(|text| builder.place_of(text).unwrap()).into();
        assert_eq!(places, [0, 1, 1, 0, 2]);
        let texts = builder.finish();
        assert_eq!((texts.len(), texts.get(0), texts.get(1), texts.get(2)), (3, Some("Pão"), Some("Café"), Some("")));
        assert_eq!(texts.get(3), None);
    }

    #[test]
    fn texts_with_the_same_beginning_and_end_are_told_apart() {
        let mut builder = TextsBuilder::new();
        let texts: Vec<String> = (0..5_000).map(|number| format!("Rua das Flores {number:06} São Paulo")).collect();
        for round in 0..3 {
            for (place, text) in (0_u32..).zip(&texts) {
                assert_eq!(builder.place_of(text), Some(place), "{round}");
            }
        }
        assert_eq!(builder.finish().len(), 5_000);
    }

    #[test]
    fn a_text_holds_no_nul() {
        let mut builder = TextsBuilder::new();
        let places = ["a\0b", "c", "a\0b"].map(|text| builder.place_of(text).unwrap());
        let texts = builder.finish();
        assert_eq!(places.map(|place| texts.get(place as usize)), [Some("a\u{fffd}b"), Some("c"), Some("a\u{fffd}b")]);
    }

    #[test]
    fn texts_that_all_differ_are_kept_as_they_come() {
        let mut builder = TextsBuilder::new();
        for number in 0..200_000_u32 {
            assert_eq!(builder.place_of(&number.to_string()), Some(number));
        }
        assert!(builder.known.is_none());
        assert_eq!(builder.place_of("199999"), Some(199_999), "the one before is always known");
        assert_eq!(builder.finish().get(123_456), Some("123456"));
    }
}
