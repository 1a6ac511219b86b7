//! Reads a file in a process of its own. Bytes go in, and sheets or a refusal come out. This process keeps running even
//! if the reading process crashes.
//!
//! The readers of foreign formats can be made to allocate without end, loop or overflow their stack, and no language
//! feature catches the end of a process. So the program starts itself with the command `read-sheet`, writes a [`Task`]
//! and the file to the child's standard input, and takes the cells from its standard output. See
//! [`crate::sheet::transfer`].

mod child;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod network;

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use caudal_contract::notice::{ReadLimit, Refusal};
use serde::{Deserialize, Serialize};

use crate::sheet::transfer::{self, TransferError};
use crate::sheet::{self, Contents, Limits};
pub use child::serve;

/// The hidden command of the reading process.
pub const COMMAND: &str = "read-sheet";

/// The task of the reading process, sent as one line of JSON before the bytes of the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Task {
    /// The name of the file, which refusals quote.
    pub name: String,
    /// The limits of the process.
    pub limits: Limits,
}

/// Reads files, each in a process of its own.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
    limits: Limits,
}

impl Reader {
    /// A reader with these limits. It starts this very program, which must answer [`COMMAND`] with [`serve`].
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        // On Linux this link leads to the running program even after an upgrade has replaced its file. If the path is
        // unknown on other systems, the error is reported when the process cannot be started.
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe().unwrap_or_default()
        };
        Self { program, limits }
    }

    /// Reads a file. Blocks until the file is read or a limit is reached.
    ///
    /// # Errors
    /// [`Refusal`] with the reason in plain words if the file cannot be read.
    pub fn read(&self, bytes: &[u8], name: &str) -> Result<Contents, Refusal> {
        match self.start() {
            Ok(child) => self.read_with(child, bytes, name),
            Err(error) if sheet::is_safe_here(bytes, name) => {
                tracing::warn!(%error, "no process could be started to read the file, so it is read in this one");
                sheet::read_within(bytes, name, &self.limits)
            }
            Err(error) => {
                tracing::error!(%error, "no process could be started to read the file");
                Err(Refusal::ReaderFailed { detail: error.to_string() })
            }
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.arg(COMMAND).env_clear();
        // Without this the allocator would reserve more address space than the memory limit allows.
        command.env("MIMALLOC_ARENA_RESERVE", "0");
        // A Ctrl+C on the terminal must reach only this process, which finishes the work it has begun. So the child
        // gets its own process group.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    fn read_with(&self, mut child: Child, bytes: &[u8], name: &str) -> Result<Contents, Refusal> {
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Refusal::ReaderCrashed);
        };
        let child = Mutex::new(child);
        let task = Task { name: name.to_owned(), limits: self.limits };
        let (arrived, is_late, said): (_, bool, String) = thread::scope(|scope| {
            let (done, waiting) = mpsc::channel::<()>();
            let (child_to_watch, time) = (&child, Duration::from_secs(self.limits.seconds));
            let watch = scope.spawn(move || end_when_late(child_to_watch, &waiting, time));
            let said = scope.spawn(|| first_words(errors));
            // The error is ignored. If the child has gone, its output, its messages and its status tell why.
            let _ = hand_over(input, &task, bytes);
            let arrived = transfer::receive(io::BufReader::with_capacity(1 << 20, output), &self.limits);
            // Without the sender the watch stops waiting and returns.
            drop(done);
            let is_late = watch.join().unwrap_or(false);
            // Nobody needs the child any more. If it has ended, its exit status does not change.
            end(&child);
            (arrived, is_late, said.join().unwrap_or_default())
        });
        let status = child.into_inner().unwrap_or_else(PoisonError::into_inner).wait().ok();
        match arrived {
            Ok(contents) => Ok(contents),
            Err(TransferError::Refused(refusal)) => Err(refusal),
            Err(TransferError::Broken(error)) => {
                let ended = status.map(tracing::field::display);
                tracing::warn!(%error, status = ended, %said, is_late, "the process that read the file ended early");
                Err(self.reason(status, &said, is_late))
            }
        }
    }

    /// The reason that the process ended before it had read the file.
    fn reason(&self, status: Option<ExitStatus>, said: &str, is_late: bool) -> Refusal {
        if is_late || status.is_some_and(ended_by_processor_limit) {
            return Refusal::OverLimit { limit: ReadLimit::Seconds, most: self.limits.seconds };
        }
        // Rust's texts for a failed allocation: the first before it aborts the process, the second in a returned error.
        if said.contains("memory allocation of") || said.contains("out of memory") {
            return Refusal::OverLimit { limit: ReadLimit::Memory, most: self.limits.memory_bytes / (1024 * 1024) };
        }
        Refusal::ReaderCrashed
    }
}

fn hand_over(mut input: ChildStdin, task: &Task, bytes: &[u8]) -> io::Result<()> {
    serde_json::to_writer(&mut input, task)?;
    input.write_all(b"\n")?;
    input.write_all(bytes)
}

/// Ends the process if reading is not done in time. Returns whether it was late.
fn end_when_late(child: &Mutex<Child>, waiting: &mpsc::Receiver<()>, time: Duration) -> bool {
    let is_late = waiting.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if is_late {
        end(child);
    }
    is_late
}

fn end(child: &Mutex<Child>) {
    // This fails only if the process has ended already.
    let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
}

/// The beginning of the process's messages. The rest is read and dropped, because a full pipe would block the process.
fn first_words(mut errors: impl Read) -> String {
    let mut words = Vec::new();
    let _ = errors.by_ref().take(4096).read_to_end(&mut words);
    let _ = io::copy(&mut errors, &mut io::sink());
    String::from_utf8_lossy(&words).into_owned()
}

#[cfg(unix)]
fn ended_by_processor_limit(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    // SIGXCPU has this number on every Unix that Rust supports.
    const PROCESSOR_LIMIT: i32 = 24;
    status.signal() == Some(PROCESSOR_LIMIT)
}

#[cfg(not(unix))]
fn ended_by_processor_limit(_: ExitStatus) -> bool {
    false
}

/// These tests replace the reading process with a script. See `testdata/reader.sh`.
#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn reader(program: &str) -> Reader {
        Reader { program: program.into(), limits: Limits { seconds: 1, ..Limits::default() } }
    }

    /// The refusal of a file. The name says how reading it fails.
    fn refusal(name: &str) -> Refusal {
        // The bytes are more than a pipe holds, so that a process that does not read blocks its writer.
        let bytes = vec![b'x'; 1024 * 1024];
        reader(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/reader.sh")).read(&bytes, name).unwrap_err()
    }

    #[test]
    fn a_process_that_ends_early_refuses_its_file_and_nothing_else() {
        for name in ["silent", "crash", "garbage"] {
            assert_eq!(refusal(name), Refusal::ReaderCrashed, "{name}");
        }
    }

    #[test]
    fn a_process_that_takes_too_much_is_ended_and_the_limit_is_named() {
        let seconds = Refusal::OverLimit { limit: ReadLimit::Seconds, most: 1 };
        for name in ["out-of-processor-time", "endless-work", "endless-output", "endless-complaint", "deaf"] {
            assert_eq!(refusal(name), seconds, "{name}");
        }
        assert_eq!(refusal("out-of-memory"), Refusal::OverLimit { limit: ReadLimit::Memory, most: 1024 });
    }

    #[test]
    fn without_a_process_only_what_cannot_end_this_one_is_read() {
        let nowhere = reader("/nowhere/caudal");
        assert_eq!(nowhere.read(b"a;b\n1;2\n", "x.csv").unwrap().sheets.len(), 1);
        let xls = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        assert!(matches!(nowhere.read(&xls, "x.xls").unwrap_err(), Refusal::ReaderFailed { .. }));
    }
}
