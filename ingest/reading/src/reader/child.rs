//! The reading process. It receives a [`Task`] and a file and sends the cells. If it exceeds its limits, only this
//! process ends.

use std::io::{self, BufRead, Read};

use super::Task;
use crate::sheet::{Limits, sending};

/// Reads a [`Task`] and a file from standard input and writes the cells to standard output. The limits apply to the
/// whole process for good, so the process must do nothing else.
///
/// # Errors
/// If a system call fails or the input is not a task. The parent then treats the process as crashed.
pub fn serve() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.by_ref().take(64 * 1024).read_line(&mut line)?;
    let task: Task = serde_json::from_str(&line)?;
    limit(&task.limits)?;
    // If the system does not permit this, the file is read without this protection.
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    let _ = super::network::give_up();
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    sending::send(&mut output, &bytes, &task.name, &task.limits)
}

/// Limits memory, time, open files, file size and core dumps. The limits cannot be raised again.
#[cfg(unix)]
fn limit(limits: &Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, most(limits.memory_bytes))?;
    // The soft limit sends SIGXCPU, which tells the parent the reason. One second later the hard limit sends SIGKILL,
    // which cannot be ignored.
    setrlimit(Resource::Cpu, Rlimit { current: Some(limits.seconds), maximum: Some(limits.seconds + 1) })?;
    setrlimit(Resource::Nofile, most(16))?;
    setrlimit(Resource::Fsize, most(0))?;
    setrlimit(Resource::Core, most(0))?;
    Ok(())
}

/// Without such limits only the time limit of the parent remains.
#[cfg(not(unix))]
fn limit(_: &Limits) -> io::Result<()> {
    Ok(())
}
