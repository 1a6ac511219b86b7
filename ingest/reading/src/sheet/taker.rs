//! Takes the cells of a file while it is read, and either keeps them or hands them over at once.

use caudal_contract::notice::Refusal;

use super::transfer::Sender;
use super::{Kind, Sheet, SheetBuilder};

/// Where the cells go.
pub(super) enum Taker<'a> {
    /// To sheets in memory.
    Keep {
        /// Those that are finished.
        sheets: Vec<Sheet>,
        /// The one being read.
        open: SheetBuilder,
    },
    /// To the process that waits for them.
    Send(Sender<'a>),
}

impl<'a> Taker<'a> {
    pub(super) fn keep() -> Self {
        Self::Keep { sheets: Vec::new(), open: SheetBuilder::default() }
    }

    /// Begins a sheet. Cells until [`Taker::end`] are its own.
    pub(super) fn begin(&mut self, name: &str, hidden: bool) -> Result<(), Refusal> {
        match self {
            Self::Keep { .. } => Ok(()),
            Self::Send(sender) => gone(sender.begin(name, hidden)),
        }
    }

    /// Forgets the cells since [`Taker::begin`]: the file is read in another way.
    pub(super) fn begin_again(&mut self) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                *open = SheetBuilder::default();
                Ok(())
            }
            Self::Send(sender) => gone(sender.begin_again()),
        }
    }

    /// Sets a number; in each column rows must grow.
    pub(super) fn set_number(&mut self, row: usize, column: usize, kind: Kind, number: f64) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                open.set_number(row, column, kind, number);
                Ok(())
            }
            Self::Send(sender) => gone(sender.set_number(row, column, kind, number)),
        }
    }

    /// Sets a text; in each column rows must grow.
    pub(super) fn set_text(&mut self, row: usize, column: usize, kind: Kind, text: &str) -> Result<(), Refusal> {
        match self {
            Self::Keep { open, .. } => {
                open.set_text(row, column, kind, text);
                Ok(())
            }
            Self::Send(sender) => gone(sender.set_text(row, column, kind, text)),
        }
    }

    pub(super) fn end(&mut self, name: &str, hidden: bool) -> Result<(), Refusal> {
        match self {
            Self::Keep { sheets, open } => {
                sheets.push(std::mem::take(open).finish(name.to_owned(), hidden, 0));
                Ok(())
            }
            Self::Send(sender) => gone(sender.end()),
        }
    }

    /// Whether no cell of any sheet came.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Keep { sheets, .. } => sheets.iter().all(|sheet| sheet.rows == 0),
            Self::Send(sender) => sender.is_empty(),
        }
    }
}

/// Who waited for the cells has gone: whatever reading still says, nobody hears it.
fn gone(sent: std::io::Result<()>) -> Result<(), Refusal> {
    sent.or(Err(Refusal::ReaderCrashed))
}
