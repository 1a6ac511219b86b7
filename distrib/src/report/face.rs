//! The two fonts of the PDF report: their glyphs and the widths of texts.

use printpdf::ParsedFont;

use super::ReportError;

const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.subset.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.subset.ttf");

/// A weight of the report's font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One font with its advance widths.
pub(super) struct Face {
    pub font: ParsedFont,
}

impl Face {
    pub fn load(weight: Weight) -> Result<Self, ReportError> {
        let (bytes, name) = match weight {
            Weight::Regular => (REGULAR, "DejaVuSans"),
            Weight::Bold => (BOLD, "DejaVuSans-Bold"),
        };
        let mut font = ParsedFont::from_bytes(bytes, 0, &mut Vec::new()).ok_or(ReportError::Font)?;
        // If the font has no name, it is listed under a random one.
        font.font_name = Some(name.to_owned());
        Ok(Self { font })
    }

    /// The width of a text in points, at a font size in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.advance(c)).sum::<f32>() * size
    }

    /// The text on one line, no wider than `limit` points. Line breaks and tabs become spaces. A character without a glyph
    /// becomes its code point (`⟦U+4E2D⟧`), because a `?` could be taken for the sender's own. If the text is too long, it is cut
    /// and gets an ellipsis.
    pub fn fitted(&self, text: &str, size: f32, limit: f32) -> String {
        let limit = limit / size;
        let room_for_ellipsis = limit - self.advance('…');
        let (mut out, mut width, mut cut_at) = (String::new(), 0.0, 0);
        for c in text.trim().chars().filter(|c| !is_invisible(*c)) {
            if width <= room_for_ellipsis {
                cut_at = out.len();
            }
            let before = out.len();
            self.push_visible(&mut out, c);
            width += out[before..].chars().map(|c| self.advance(c)).sum::<f32>();
            if width > limit {
                out.truncate(cut_at);
                out.truncate(out.trim_end().len());
                out.push('…');
                return out;
            }
        }
        out
    }

    fn push_visible(&self, out: &mut String, c: char) {
        if c.is_whitespace() {
            out.push(' ');
        } else if self.font.lookup_glyph_index(u32::from(c)).is_some() {
            out.push(c);
        } else {
            out.push_str(&format!("⟦U+{:04X}⟧", u32::from(c)));
        }
    }

    /// The advance width in em.
    fn advance(&self, c: char) -> f32 {
        let glyph = self.font.lookup_glyph_index(u32::from(c)).unwrap_or(0);
        let units = self.font.get_glyph_width(glyph).unwrap_or(0);
        f32::from(units) / f32::from(self.font.units_per_em.max(1))
    }
}

/// Characters that only control the layout. They are invisible, and some reverse the direction of the text around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regular() -> Face {
        Face::load(Weight::Regular).unwrap()
    }

    #[test]
    fn both_fonts_show_what_the_report_writes() {
        for face in [regular(), Face::load(Weight::Bold).unwrap()] {
            let text = "R$ 1.234,56 João Ação €£ Łódź Ελλάδα Москва – “aspas” … → ⟦⟧ 1½ º ª №";
            assert_eq!(face.fitted(text, 10.0, 10_000.0), text);
        }
    }

    #[test]
    fn widths_are_those_of_the_font() {
        // In DejaVu Sans a digit is 1303 of 2048 units wide. A narrow letter is narrower, a bold digit wider.
        let digit = regular().width("0", 2048.0);
        assert!((digit - 1303.0).abs() < 0.01, "{digit}");
        assert!(regular().width("i", 8.0) < regular().width("0", 8.0));
        assert!(Face::load(Weight::Bold).unwrap().width("0", 8.0) > regular().width("0", 8.0));
    }

    #[test]
    fn a_long_text_is_cut_with_an_ellipsis_and_fits() {
        let face = regular();
        let cut = face.fitted("Distribuidora de Alimentos São João Ltda", 8.0, 80.0);
        assert!(cut.starts_with("Distribuidora") && cut.ends_with('…'), "{cut}");
        assert!(face.width(&cut, 8.0) <= 80.0);
        assert_eq!(face.fitted("curto", 8.0, 80.0), "curto");
    }

    #[test]
    fn a_missing_glyph_is_shown_by_its_number() {
        assert_eq!(regular().fitted("chá 中 🙂", 8.0, 500.0), "chá ⟦U+4E2D⟧ ⟦U+1F642⟧");
    }

    #[test]
    fn a_text_stays_on_its_line_and_cannot_turn_its_neighbours() {
        assert_eq!(regular().fitted(" a\r\nb\tc\u{202e}d\u{200b}\u{0} ", 8.0, 500.0), "a  b cd⟦U+0000⟧");
    }
}
