//! Reads a file and sends its cells to the process that waits for them.

use std::io::{self, Write};

use super::limits::Limits;
use super::read_to;
use super::taker::Taker;
use super::transfer::{End, Sender, write_end};

/// Reads a file, see [`super::read_within`], and sends its cells as they are read.
///
/// # Errors
/// If writing fails. A refusal is not an error here because it is sent to the receiver.
pub fn send(to: &mut dyn Write, bytes: &[u8], name: &str, limits: &Limits) -> io::Result<()> {
    let end = match read_to(bytes, name, limits, &mut Taker::Send(Sender::new(to))) {
        Ok(remarks) => End::Read { remarks },
        Err(refusal) => End::Refused(refusal),
    };
    write_end(to, &end)
}
