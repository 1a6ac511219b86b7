//! `caudal read-sheet`, which people never call: reads one file for [`caudal_reading::reader`].

use crate::exit::Code;

/// A task and a file from standard input, its cells to standard output.
pub fn run() -> anyhow::Result<Code> {
    caudal_reading::reader::serve()?;
    Ok(Code::Ok)
}
