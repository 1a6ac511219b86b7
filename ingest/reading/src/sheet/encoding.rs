//! Finds the encoding of a text, and decodes it.
//!
//! A byte order mark decides. Without one, UTF-16 is recognised by its zero bytes, and UTF-8 because other encodings are
//! hardly ever valid UTF-8 by accident. The others have one byte for each character: Windows-1252, code page 850 of old
//! programs, and that of old Macs. The words tell which of them it is: "JoÆo" is no word, and "João" is.

use std::borrow::Cow;
use std::cmp::Reverse;

use encoding_rs::{Encoding, MACINTOSH, UTF_8, WINDOWS_1252};

/// The upper half of code page 850.
const UPPER_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// Most characters above ASCII that are compared.
const COMPARED: usize = 50_000;

/// The encoding of a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum TextEncoding {
    /// One that browsers know too.
    Known(&'static Encoding),
    /// Code page 850.
    CodePage850,
}

impl TextEncoding {
    pub(super) fn of(bytes: &[u8]) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Self::Known(encoding);
        }
        if let Some(encoding) = super::kind::utf16(bytes) {
            return Self::Known(encoding);
        }
        if std::str::from_utf8(bytes).is_ok() { Self::Known(UTF_8) } else { by_words(bytes) }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Known(encoding) => encoding.name(),
            Self::CodePage850 => "IBM850",
        }
    }

    /// The text. `None` if a byte is invalid.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Known(encoding) => {
                let (text, _, broken) = encoding.decode(bytes);
                (!broken).then_some(text)
            }
            Self::CodePage850 => {
                let upper: Vec<char> = UPPER_850.chars().collect();
                let character = |byte: &u8| match byte.checked_sub(0x80) {
                    Some(place) => upper.get(usize::from(place)).copied(),
                    None => Some(char::from(*byte)),
                };
                bytes.iter().map(character).collect::<Option<String>>().map(Cow::Owned)
            }
        }
    }
}

/// Windows-1252, unless the words are odd in it and are not odd in another encoding.
fn by_words(bytes: &[u8]) -> TextEncoding {
    let known = TextEncoding::Known(WINDOWS_1252);
    let (usual, _) = oddities(known, bytes);
    let others = [TextEncoding::CodePage850, TextEncoding::Known(MACINTOSH)];
    let odd = |other: TextEncoding| {
        let (odd, letters) = oddities(other, bytes);
        (letters > 0 && odd * 4 <= usual).then_some((odd, Reverse(letters), other))
    };
    let best =
        others.into_iter().filter(|_| usual > 0).filter_map(odd).min_by_key(|(odd, letters, _)| (*odd, *letters));
    best.map_or(known, |(.., other)| other)
}

/// The characters above ASCII that cannot stand where they do in a word, and the letters that can.
fn oddities(encoding: TextEncoding, bytes: &[u8]) -> (usize, usize) {
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let Some(all) = encoding.decode(&all) else { return (usize::MAX, 0) };
    let all: Vec<char> = all.chars().collect();
    let at = |place: Option<usize>| {
        place.and_then(|place| bytes.get(place)).and_then(|byte| all.get(usize::from(*byte))).copied().unwrap_or(' ')
    };
    let upper = bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()).take(COMPARED);
    upper.fold((0, 0), |(odd, letters), (place, _)| {
        match fits(at(place.checked_sub(1)), at(Some(place)), at(place.checked_add(1))) {
            Some(true) => (odd, letters + usize::from(is_usual(at(Some(place))))),
            Some(false) => (odd + 1, letters),
            None => (odd, letters),
        }
    })
}

/// Whether a letter is one of Portuguese, Spanish or German, so that it is more likely than others.
fn is_usual(letter: char) -> bool {
    letter.to_lowercase().all(|letter| "áàâãäéêíóôõöúüçñ".contains(letter))
}

/// Whether a letter fits between its neighbours, or `false` for a sign that never stands there. `None` if it proves
/// nothing.
fn fits(before: char, character: char, after: char) -> Option<bool> {
    let is_between = before.is_alphabetic() && after.is_alphabetic();
    match character {
        '\u{80}'..='\u{9f}' | '\u{2500}'..='\u{25ff}' => Some(false),
        // "Bel–m" has a dash in the place of a letter, "Rio–São Paulo" is the way from one to the other.
        '–' | '—' if before.is_alphabetic() && after.is_lowercase() => Some(false),
        'ª' | 'º' | '’' | '–' | '—' | '·' | '\u{a0}' | '…' => None,
        'þ' | 'Þ' | 'ð' | 'Ð' | 'ı' | 'ƒ' | 'µ' => Some(false).filter(|_| before.is_alphabetic()),
        letter if letter.is_uppercase() => {
            let breaks = before.is_lowercase() || before.is_alphabetic() && after.is_lowercase();
            Some(!breaks)
        }
        letter if letter.is_lowercase() => Some(!(before.is_uppercase() && after.is_uppercase())),
        // "Caf‚" and "Aç£car" have a sign in the place of a letter.
        '‚' | '„' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '¢' | '£' | '¡' | '¿' if before.is_alphabetic() => {
            Some(false)
        }
        _ => Some(false).filter(|_| is_between),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str, encoding: TextEncoding) -> Vec<u8> {
        let TextEncoding::Known(known) = encoding else {
            let byte = |c: char| match UPPER_850.chars().position(|other| other == c) {
                Some(place) => u8::try_from(place + 0x80).unwrap(),
                None => u8::try_from(c).unwrap(),
            };
            return text.chars().map(byte).collect();
        };
        let (bytes, _, lossy) = known.encode(text);
        assert!(!lossy, "{text}");
        bytes.into_owned()
    }

    const ALL: [TextEncoding; 3] =
        [TextEncoding::Known(WINDOWS_1252), TextEncoding::CodePage850, TextEncoding::Known(MACINTOSH)];

    #[test]
    fn the_upper_half_of_a_code_page_has_128_characters() {
        assert_eq!(UPPER_850.chars().count(), 128);
    }

    #[test]
    fn one_name_is_enough_to_tell_the_encoding() {
        for name in ["João", "São Paulo", "Conceição", "Pão de açúcar", "AÇÚCAR", "Müller", "Café preto"] {
            for encoding in ALL {
                let bytes = encoded(&format!("Data;Cliente\n01/03/2026;{name}\n"), encoding);
                let read = TextEncoding::of(&bytes);
                assert_eq!(
                    read.decode(&bytes).unwrap().lines().last().unwrap(),
                    format!("01/03/2026;{name}"),
                    "{encoding:?}"
                );
            }
        }
    }

    #[test]
    fn signs_of_windows_are_no_letters() {
        for text in ["Preço em €", "D’água", "“Kit” 2º nº", "Mærsk", "Smørrebrød", "Œuvre", "Copa – 5 ½"]
        {
            let bytes = encoded(text, TextEncoding::Known(WINDOWS_1252));
            assert_eq!(TextEncoding::of(&bytes).name(), "windows-1252", "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_are_read_in_the_encoding_in_which_they_were_written(
            // Without "í", because on a Macintosh it is the byte of the apostrophe of Windows, as in "d’água".
            words in proptest::collection::vec("[A-Z][a-z]{0,3}[áâãçéêóôõúñ][a-z]{1,4}", 5..40),
            encoding in proptest::sample::select(ALL.to_vec()),
        ) {
            let text = words.join(";");
            let bytes = encoded(&text, encoding);
            let read = TextEncoding::of(&bytes);
            prop_assert_eq!(read.decode(&bytes).unwrap().into_owned(), text);
        }
    }
}
