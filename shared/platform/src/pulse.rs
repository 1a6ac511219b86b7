//! Signs of life of a worker: a file whose time its loop moves on, so that a command beside it tells a worker that works or waits from one
//! that is stuck.
//!
//! Each loop has a file of its own, named by machine, process and loop, for several workers may share a folder. As long as its worker
//! lives the file is locked: that of one that ended is known as such, whoever has the number of its process by now.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A file's time is moved on at most so often: a worker with nothing to do looks around several times a second.
const SHORTEST: Duration = Duration::from_secs(1);
/// Files of workers that ended this long ago are cleared away.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// Where a worker's loop says that it lives; the default one says it nowhere.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    beating: Option<Arc<Beating>>,
}

#[derive(Debug)]
struct Beating {
    /// Locked as long as it is open.
    file: File,
    started: Instant,
    /// When the file's time was moved on, in milliseconds since the start.
    last: AtomicU64,
}

/// A worker of this machine that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Living {
    /// The number of its process.
    pub process: String,
    /// How long ago its loop went on.
    pub silent: Duration,
}

impl Pulse {
    /// The pulse of one loop of this process, in a folder that is made where it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(folder: &Path, number: usize) -> io::Result<Self> {
        crate::secret::create_private_dir(folder)?;
        clear(folder);
        let name = format!("{}-{}-{number}", machine(), std::process::id());
        // Under its name it is locked from the beginning
        let unfinished = folder.join(format!(".{name}"));
        let file = File::create(&unfinished)?;
        file.lock()?;
        std::fs::rename(&unfinished, folder.join(name))?;
        let beating = Beating { file, started: Instant::now(), last: AtomicU64::new(0) };
        Ok(Self { beating: Some(Arc::new(beating)) })
    }

    /// The loop goes on.
    pub fn beat(&self) {
        let Some(beating) = &self.beating else { return };
        let now = u64::try_from(beating.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = beating.last.load(Ordering::Relaxed);
        if last > 0 && u128::from(now.saturating_sub(last)) < SHORTEST.as_millis() {
            return;
        }
        beating.last.store(now.max(1), Ordering::Relaxed);
        if let Err(error) = beating.file.set_modified(SystemTime::now()) {
            tracing::debug!(%error, "a worker's sign of life");
        }
    }
}

/// The loops of workers that live on this machine and show it in this folder.
///
/// # Errors
/// What the system says; a folder that is not there holds none.
pub fn living(folder: &Path) -> io::Result<Vec<Living>> {
    let own = format!("{}-", machine());
    let mut living = Vec::new();
    for (name, file) in files(folder)? {
        let Some((process, _number)) = name.strip_prefix(&own).and_then(|rest| rest.rsplit_once('-')) else { continue };
        // Another machine may have a longer name that begins like ours
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
            tracing::debug!(%error, "a sign of life of a worker that ended");
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
        // Another worker may be clearing it away
        if let (Ok(name), Ok(file)) = (entry.file_name().into_string(), File::open(entry.path())) {
            files.push((name, file));
        }
    }
    Ok(files)
}

/// Whether a worker holds it. Asked with a shared lock: two who ask at once are no worker.
fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The name of this machine; of the container, where this is one.
fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    // Elsewhere a data folder belongs to one machine
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
