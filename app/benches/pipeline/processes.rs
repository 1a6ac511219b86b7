//! Memory and processor time of processes, as reported by Linux. On other systems everything is 0.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::deployment::Process;
use crate::servers::Server;

/// Short enough to catch the end of a reading process, and long enough that a look costs next to nothing.
const INTERVAL: Duration = Duration::from_millis(20);
/// The number of intervals between two looks at PostgreSQL, because it has many processes.
const TURNS: u64 = 10;

/// Memory in KiB.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The highest value of each process by itself (`VmHWM`). Children count as one process `reader`.
    pub peaks: BTreeMap<String, u64>,
    /// The highest sum over all of them at one moment (of `VmRSS`).
    pub together: u64,
    /// The highest value of each server. Servers are not our processes.
    pub servers: BTreeMap<String, u64>,
}

/// Watches the processes with their children, and the servers, during `work`. Adds up the processor time that the processes and
/// the servers took for it.
pub fn watched<T>(processes: &[Process], servers: &[Server], work: impl FnOnce() -> T) -> (T, Memory, [f64; 2]) {
    let names: Vec<(String, u32)> = processes.iter().map(|process| (process.name.clone(), process.pid())).collect();
    for (_, pid) in &names {
        // Forgets earlier peaks. If the system does not allow that, they count.
        let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
    }
    let seconds = || {
        [
            names.iter().map(|(_, pid)| processor_seconds(*pid)).sum::<f64>(),
            servers.iter().map(Server::processor_seconds).sum::<f64>(),
        ]
    };
    let (before, done) = (seconds(), AtomicBool::new(false));
    let (result, memory) = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut memory = Memory::default();
            for turn in 0_u64.. {
                look(&names, &mut memory);
                if turn.is_multiple_of(TURNS) {
                    for server in servers {
                        let highest = memory.servers.entry(server.name.to_owned()).or_default();
                        *highest = server.kib().max(*highest);
                    }
                }
                if done.load(Ordering::Relaxed) {
                    break;
                }
                thread::sleep(INTERVAL);
            }
            memory
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        (result, watch.join().unwrap_or_default())
    });
    let ([ours, theirs], [ours_before, theirs_before]) = (seconds(), before);
    (result, memory, [ours - ours_before, theirs - theirs_before])
}

fn look(processes: &[(String, u32)], memory: &mut Memory) {
    let mut together = 0;
    let mut note = |name: &str, pid: u32| {
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return };
        together += kib(&status, "VmRSS:");
        let peak = memory.peaks.entry(name.to_owned()).or_default();
        *peak = kib(&status, "VmHWM:").max(*peak);
    };
    for (name, pid) in processes {
        note(name, *pid);
        children(*pid).into_iter().for_each(|child| note("reader", child));
    }
    memory.together = memory.together.max(together);
}

pub fn kib(status: &str, name: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
    value.and_then(|value| value.parse().ok()).unwrap_or_default()
}

pub fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<_>>()).collect()
}

/// The user and system time of a process and of its ended children.
pub fn processor_seconds(pid: u32) -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name of the program, in brackets, may hold spaces.
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok());
    times.sum::<f64>() / TICKS_A_SECOND
}
