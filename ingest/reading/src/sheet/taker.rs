//! Takes the cells of a file during reading, and either keeps them or sends them at once.

use caudal_contract::notice::Refusal;

use super::transfer::Sender;
use super::{Column, Kind, Sheet, SheetBuilder};

/// What is known of a sheet before its cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// Whether the workbook hides the sheet.
    pub(super) hidden: bool,
    /// Whether the workbook counts days from 1904, as old Macs do.
    pub(super) counts_from_1904: bool,
}

impl Traits {
    const HIDDEN: u8 = 1;
    const COUNTS_FROM_1904: u8 = 2;

    /// The traits in one byte.
    pub(super) fn to_byte(self) -> u8 {
        let bit = |trait_: bool, bit: u8| if trait_ { bit } else { 0 };
        bit(self.hidden, Self::HIDDEN) | bit(self.counts_from_1904, Self::COUNTS_FROM_1904)
    }

    /// The traits in a byte of [`Traits::to_byte`].
    pub(super) fn of_byte(byte: u8) -> Self {
        Self { hidden: byte & Self::HIDDEN != 0, counts_from_1904: byte & Self::COUNTS_FROM_1904 != 0 }
    }

    /// The finished sheet with these traits.
    pub(super) fn finish(self, builder: SheetBuilder, name: String) -> Sheet {
        let mut sheet = builder.finish(name, self.hidden, 0);
        if self.counts_from_1904 {
            sheet.columns.iter_mut().for_each(Column::count_from_1904);
        }
        sheet
    }
}

/// The destination of the cells.
pub(super) enum Taker<'a> {
    /// Sheets in memory.
    Keep {
        /// The finished sheets.
        sheets: Vec<Sheet>,
        /// The sheet being read.
        open: SheetBuilder,
    },
    /// The process that waits for the cells.
    Send(Sender<'a>),
}

impl<'a> Taker<'a> {
    pub(super) fn keep() -> Self {
        Self::Keep { sheets: Vec::new(), open: SheetBuilder::default() }
    }

    /// Begins a sheet. Cells that follow belong to it until [`Taker::end`].
    pub(super) fn begin(&mut self, name: &str, traits: Traits) -> Result<(), Refusal> {
        match self {
            Self::Keep { .. } => Ok(()),
            Self::Send(sender) => gone(sender.begin(name, traits)),
        }
    }

    /// Forgets the cells since [`Taker::begin`], because the file is read in another way.
    pub(super) fn begin_again(&mut self) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                *open = SheetBuilder::default();
                Ok(())
            }
            Self::Send(sender) => gone(sender.begin_again()),
        }
    }

    /// Sets a number. Rows of a column must be set in ascending order.
    pub(super) fn set_number(&mut self, row: usize, column: usize, kind: Kind, number: f64) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                open.set_number(row, column, kind, number);
                Ok(())
            }
            Self::Send(sender) => gone(sender.set_number(row, column, kind, number)),
        }
    }

    /// Sets a text. Rows of a column must be set in ascending order.
    pub(super) fn set_text(&mut self, row: usize, column: usize, kind: Kind, text: &str) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                open.set_text(row, column, kind, text);
                Ok(())
            }
            Self::Send(sender) => gone(sender.set_text(row, column, kind, text)),
        }
    }

    pub(super) fn end(&mut self, name: &str, traits: Traits) -> Result<(), Refusal> {
        match self {
            Self::Keep { sheets, open } => {
                sheets.push(traits.finish(std::mem::take(open), name.to_owned()));
                Ok(())
            }
            Self::Send(sender) => gone(sender.end()),
        }
    }

    /// Whether no sheet received a cell.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Keep { sheets, .. } => sheets.iter().all(|sheet| sheet.rows == 0),
            Self::Send(sender) => sender.is_empty(),
        }
    }
}

/// If sending fails, the receiving process is gone. The refusal only stops the reading, because nobody receives it.
fn gone(sent: std::io::Result<()>) -> Result<(), Refusal> {
    sent.or(Err(Refusal::ReaderCrashed))
}
