//! The side of the reading process: a [`Task`] and a file in, its cells out, within limits that end this process and no
//! other.

use std::io::{self, BufRead, Read};

use super::Task;
use crate::sheet::{Limits, transfer};

/// A [`Task`] and a file from standard input, its cells to standard output. Limits the whole process for good: call it
/// from one that does nothing else.
///
/// # Errors
/// What the system says, and when the input is no task: then the one who waits takes the process for crashed.
pub fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.by_ref().take(64 * 1024).read_line(&mut line)?;
    let task: Task = serde_json::from_str(&line)?;
    limit(&task.limits)?;
    // Where the system does not permit it, the file is read with one protection less
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    let _ = super::network::give_up();
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    transfer::send(&mut output, &bytes, &task.name, &task.limits)
}

/// Gives up what reading a file does not need, for good: memory, time, files, core dumps.
#[cfg(unix)]
fn limit(limits: &Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, most(limits.memory_bytes))?;
    // A second between the signal that says why and the one that cannot be ignored
    setrlimit(Resource::Cpu, Rlimit { current: Some(limits.seconds), maximum: Some(limits.seconds + 1) })?;
    setrlimit(Resource::Nofile, most(16))?;
    setrlimit(Resource::Fsize, most(0))?;
    setrlimit(Resource::Core, most(0))?;
    Ok(())
}

/// Where there are no such limits, the time limit of the process that waits remains.
#[cfg(not(unix))]
fn limit(_: &Limits) -> io::Result<()> {
    Ok(())
}
