//! Signs of life of a worker: the worker's loop keeps the modification time of a file fresh, so that another command
//! can tell a worker that works or waits from one that is stuck.
//!
//! Each loop has a file of its own, named by machine, process and loop, because several workers may share a folder. A
//! worker holds a lock on its file. An unlocked file means that the worker has exited, even if its process number was
//! reused.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The shortest interval between two updates of the file's time, because an idle worker looks around several times a
/// second.
const SHORTEST: Duration = Duration::from_secs(1);
/// Files of workers that ended this long ago are removed.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// The sign of life of a worker's loop. The default value shows none.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    beating: Option<Arc<Beating>>,
}

#[derive(Debug)]
struct Beating {
    /// Locked as long as it is open.
    file: File,
    started: Instant,
    /// The last update of the file's time, in milliseconds since the start.
    last: AtomicU64,
}

/// A living worker of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// The number of its process.
    pub process: String,
    /// The time since the last step of its loop.
    pub silent: Duration,
}

impl Pulse {
    /// Starts the pulse of one loop of this process. Makes the folder if it is missing.
    ///
    /// # Errors
    /// The I/O error, if the folder or the file cannot be made or locked.
    pub fn start(folder: &Path, number: usize) -> io::Result<Self> {
        crate::secret::create_private_dir(folder)?;
        clear(folder);
        let name = format!("{}-{}-{number}", machine(), std::process::id());
        // Lock the file before it gets its final name, so that under that name it is always locked.
        let unfinished = folder.join(format!(".{name}"));
        let file = File::create(&unfinished)?;
        file.lock()?;
        std::fs::rename(&unfinished, folder.join(name))?;
        let beating = Beating { file, started: Instant::now(), last: AtomicU64::new(0) };
        Ok(Self { beating: Some(Arc::new(beating)) })
    }

    /// Shows that the loop goes on.
    pub fn beat(&self) {
        let Some(beating) = &self.beating else { return };
        let now = u64::try_from(beating.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = beating.last.load(Ordering::Relaxed);
        if last > 0 && u128::from(now.saturating_sub(last)) < SHORTEST.as_millis() {
            return;
        }
        beating.last.store(now.max(1), Ordering::Relaxed);
        if let Err(error) = beating.file.set_modified(SystemTime::now()) {
            tracing::debug!(%error, "a worker's sign of life could not be updated");
        }
    }
}

/// The worker loops of this machine that are alive and show it in this folder.
///
/// # Errors
/// The I/O error, if the folder cannot be read. A missing folder holds no workers.
pub fn living(folder: &Path) -> io::Result<Vec<Living>> {
    let own = format!("{}-", machine());
    let mut living = Vec::new();
    for (name, file) in files(folder)? {
        let Some((process, _number)) = name.strip_prefix(&own).and_then(|rest| rest.rsplit_once('-')) else { continue };
        // Another machine's name may begin with ours, so the rest must be a process number.
        if process.parse::<u32>().is_ok() && is_held(&file)? {
            let silent = file.metadata()?.modified()?.elapsed().unwrap_or_default();
            living.push(Living { process: process.to_owned(), silent });
        }
    }
    Ok(living)
}

/// Removes the files of workers that ended long ago.
fn clear(folder: &Path) {
    for (name, file) in files(folder).unwrap_or_default() {
        let age = file.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed().unwrap_or_default());
        let is_forgotten = age.is_ok_and(|age| age > FORGOTTEN) && is_held(&file).is_ok_and(|held| !held);
        if is_forgotten && let Err(error) = std::fs::remove_file(folder.join(name)) {
            tracing::debug!(%error, "the file of a worker that ended could not be removed");
        }
    }
}

fn files(folder: &Path) -> io::Result<Vec<(String, File)>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A file that cannot be opened is skipped, because another worker may be removing it.
        if let (Ok(name), Ok(file)) = (entry.file_name().into_string(), File::open(entry.path())) {
            files.push((name, file));
        }
    }
    Ok(files)
}

/// Whether a worker holds the file. A shared lock is tried, so that two commands that ask at once do not take each
/// other for a worker.
fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The name of this machine, or of the container.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // On other systems a data folder belongs to one machine.
    match name.trim() {
        "" => "here".to_owned(),
        name => name.replace('/', "_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(folder: &Path, name: &str, age: Duration) -> File {
        let file = File::create(folder.join(name)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        file
    }

    #[test]
    fn only_workers_of_this_machine_that_live_are_asked() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(living(&folder.path().join("nowhere")).unwrap(), []);
        let pulse = Pulse::start(folder.path(), 0).unwrap();
        at(folder.path(), &format!("{}-1-0", machine()), Duration::from_secs(9));
        let elsewhere = at(folder.path(), "another-machine-1-0", Duration::from_secs(9));
        elsewhere.lock().unwrap();
        let processes = |folder| living(folder).unwrap().into_iter().map(|living| living.process).collect::<Vec<_>>();
        assert_eq!(processes(folder.path()), [std::process::id().to_string()]);
        drop(pulse);
        assert!(processes(folder.path()).is_empty());
    }

    #[test]
    fn a_beat_ends_the_silence() {
        let folder = tempfile::tempdir().unwrap();
        let pulse = Pulse::start(folder.path(), 0).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(1000);
        pulse.beating.as_ref().unwrap().file.set_modified(long_ago).unwrap();
        assert!(living(folder.path()).unwrap()[0].silent > Duration::from_secs(999));
        pulse.beat();
        assert!(living(folder.path()).unwrap()[0].silent < Duration::from_secs(900));
    }

    #[test]
    fn what_workers_left_that_ended_long_ago_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let (a_day, a_while) = (FORGOTTEN + Duration::from_secs(9), Duration::from_secs(9));
        let held = at(folder.path(), "a-1-0", a_day);
        held.lock().unwrap();
        at(folder.path(), "b-1-0", a_day);
        at(folder.path(), "c-1-0", a_while);
        let pulse = Pulse::start(folder.path(), 0).unwrap();
        let mut names: Vec<String> = files(folder.path()).unwrap().into_iter().map(|(name, _)| name).collect();
        names.retain(|name| !name.starts_with(&machine()));
        names.sort();
        assert_eq!(names, ["a-1-0", "c-1-0"]);
        drop(pulse);
    }
}
