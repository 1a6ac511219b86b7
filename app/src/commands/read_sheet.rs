//! `caudal read-sheet`: reads one file for [`caudal_reading::reader`]. People never call it.

use crate::exit::Code;

/// Reads a task and a file from standard input and writes the cells to standard output.
pub fn run() -> anyhow::Result<Code> {
    caudal_reading::reader::serve()?;
    Ok(Code::Ok)
}
