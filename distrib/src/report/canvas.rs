//! Draws on a page of the PDF report: boxes, and texts that start or end at a position.
//!
//! Positions are in points from the lower left corner of the page. Each state (font, colour, text section) is set only if it
//! changes, because a page has many operations.

use printpdf::{Color, FontId, Op, PaintMode, PdfDocument, PdfFontHandle, Pt, Rect, Rgb, TextItem, TextMatrix};

use super::ReportError;
use super::face::{Face, Weight};

/// A colour of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Muted,
    Accent,
    Shade,
    Rule,
    White,
    Negative,
}

impl Ink {
    fn color(self) -> Color {
        let (r, g, b): (u8, u8, u8) = match self {
            Self::Text => (0x1f, 0x29, 0x37),
            Self::Muted => (0x6b, 0x72, 0x80),
            Self::Accent => (0x1f, 0x3a, 0x5f),
            Self::Shade => (0xf3, 0xf5, 0xf8),
            Self::Rule => (0xd5, 0xda, 0xe1),
            Self::White => (0xff, 0xff, 0xff),
            Self::Negative => (0xb4, 0x23, 0x18),
        };
        let part = |value: u8| f32::from(value) / 255.0;
        Color::Rgb(Rgb { r: part(r), g: part(g), b: part(b), icc_profile: None })
    }
}

/// The look of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    pub weight: Weight,
    /// In points.
    pub size: f32,
    pub ink: Ink,
}

/// Both weights and their names in the document.
pub(super) struct Typeface {
    regular: (Face, FontId),
    bold: (Face, FontId),
}

impl Typeface {
    /// Embeds the fonts in a document.
    pub fn load(document: &mut PdfDocument) -> Result<Self, ReportError> {
        let mut embedded = |weight| {
            let face = Face::load(weight)?;
            let id = document.add_font(&face.font);
            Ok::<_, ReportError>((face, id))
        };
        Ok(Self { regular: embedded(Weight::Regular)?, bold: embedded(Weight::Bold)? })
    }

    pub fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular.0,
            Weight::Bold => &self.bold.0,
        }
    }

    fn id(&self, weight: Weight) -> &FontId {
        match weight {
            Weight::Regular => &self.regular.1,
            Weight::Bold => &self.bold.1,
        }
    }
}

/// The operations of one page.
#[derive(Default)]
pub(super) struct Canvas {
    ops: Vec<Op>,
    font: Option<(Weight, f32)>,
    ink: Option<Ink>,
    in_text: bool,
}

impl Canvas {
    /// Fills a box with its lower left corner at (`x`, `y`).
    pub fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        self.end_text();
        self.set_ink(ink);
        let mut rectangle = Rect::from_xywh(Pt(x), Pt(y), Pt(width), Pt(height));
        rectangle.mode = Some(PaintMode::Fill);
        self.ops.push(Op::DrawRectangle { rectangle });
    }

    /// Writes a text that starts at `x`, cut to `limit` points.
    pub fn text(&mut self, typeface: &Typeface, x: f32, y: f32, limit: f32, text: &str, style: Style) {
        let text = typeface.face(style.weight).fitted(text, style.size, limit);
        self.show(typeface, x, y, text, style);
    }

    /// Writes a text that ends at `right`. If it is wider than `limit`, its font becomes smaller. It is never cut, because half a
    /// number would be a different number.
    pub fn text_right(&mut self, typeface: &Typeface, right: f32, y: f32, limit: f32, text: &str, style: Style) {
        let face = typeface.face(style.weight);
        let width = face.width(text, style.size);
        let size = if width > limit { style.size * limit / width } else { style.size };
        self.show(typeface, right - face.width(text, size), y, text.to_owned(), Style { size, ..style });
    }

    /// The operations of the page.
    pub fn finish(mut self) -> Vec<Op> {
        self.end_text();
        self.ops
    }

    fn show(&mut self, typeface: &Typeface, x: f32, y: f32, text: String, style: Style) {
        if text.is_empty() {
            return;
        }
        self.set_ink(style.ink);
        if !self.in_text {
            self.ops.push(Op::StartTextSection);
            self.in_text = true;
        }
        if self.font != Some((style.weight, style.size)) {
            let font = PdfFontHandle::External(typeface.id(style.weight).clone());
            self.ops.push(Op::SetFont { font, size: Pt(style.size) });
            self.font = Some((style.weight, style.size));
        }
        self.ops.push(Op::SetTextMatrix { matrix: TextMatrix::Translate(Pt(x), Pt(y)) });
        self.ops.push(Op::ShowText { items: vec![TextItem::Text(text)] });
    }

    fn set_ink(&mut self, ink: Ink) {
        if self.ink != Some(ink) {
            self.ops.push(Op::SetFillColor { col: ink.color() });
            self.ink = Some(ink);
        }
    }

    fn end_text(&mut self) {
        if self.in_text {
            self.ops.push(Op::EndTextSection);
            self.in_text = false;
        }
    }
}
