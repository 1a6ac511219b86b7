//! The processes of an installation under fault.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use caudal_platform::fault::FailPoint;
use serde_json::Value;

use crate::installation::{Installation, PASSWORD, Service, free_port, wait_until_at_most};

/// Longer than any server here takes to come back.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// The broker gives up a worker that has been silent for twice as many seconds.
pub const HEARTBEAT: &str = "?heartbeat=2";
/// Longer than the broker waits for a silent worker.
const COMA: Duration = Duration::from_secs(8);
/// Longer than a file takes from the inbox to the database.
const LULL: Duration = Duration::from_secs(5);

/// A process of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    All,
    Ingest,
    Worker,
    Distrib,
}

impl Role {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Ingest => &["ingest"],
            Self::Worker => &["worker", "--concurrency", "2"],
            Self::Distrib => &["distrib"],
        }
    }

    /// Whether a process of this role ever comes to a point.
    fn reaches(self, point: FailPoint) -> bool {
        match self {
            Self::All => true,
            Self::Worker => point == FailPoint::AfterDeliverBeforeAck,
            Self::Ingest => point != FailPoint::AfterDeliverBeforeAck,
            Self::Distrib => false,
        }
    }
}

/// A running installation with processes that come and go.
pub struct Cluster<'a> {
    installation: &'a Installation,
    ports: [u16; 2],
    /// The workers' queue. The short heartbeat in it makes the broker notice dead workers soon.
    queue_url: String,
    processes: Vec<Process>,
    kills: usize,
    /// The points at which processes have died.
    reached: BTreeSet<&'static str>,
}

struct Process {
    role: Role,
    service: Service,
    /// The point at which it will die by itself.
    fail_at: Option<FailPoint>,
    /// The length of the common log when it was started.
    logged_before: usize,
}

impl<'a> Cluster<'a> {
    pub fn start(installation: &'a Installation, roles: &[Role]) -> Self {
        Self::start_with(installation, roles, HEARTBEAT)
    }

    /// Like [`Self::start`], with a parameter for the broker's URL of the workers. An empty one gives the default.
    pub fn start_with(installation: &'a Installation, roles: &[Role], heartbeat: &str) -> Self {
        let ports = [free_port(), free_port()];
        let queue_url = installation.backend().queue_url(&installation.data_dir());
        let heartbeat = if queue_url.starts_with("amqp:") { heartbeat } else { "" };
        let queue_url = format!("{queue_url}{heartbeat}");
        let (processes, reached) = (Vec::new(), BTreeSet::new());
        let mut cluster = Self { installation, ports, queue_url, processes, kills: 0, reached };
        for role in roles {
            let process = cluster.launch(*role, None);
            cluster.processes.push(process);
        }
        cluster
    }

    /// The address of the API.
    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// The address of the pages.
    pub fn pages(&self) -> String {
        let alone = self.processes.iter().any(|process| process.role == Role::All);
        format!("http://127.0.0.1:{}", self.ports[usize::from(!alone)])
    }

    pub fn len(&self) -> usize {
        self.processes.len()
    }

    /// How often a process was killed or killed itself.
    pub fn kills(&self) -> usize {
        self.kills
    }

    /// The points at which processes have died.
    pub fn reached(&self) -> &BTreeSet<&'static str> {
        &self.reached
    }

    fn launch(&self, role: Role, fail_at: Option<FailPoint>) -> Process {
        let [ingest, distrib] = self.ports.map(|port| format!("http://127.0.0.1:{port}"));
        let port = if role == Role::Distrib { self.ports[1] } else { self.ports[0] };
        let mut environment = Vec::new();
        if role != Role::All {
            environment.extend([("CAUDAL_INGEST_URL", ingest.as_str()), ("CAUDAL_DISTRIB_URL", &distrib)]);
        }
        // Small messages, so that work is left between any two kills. Without a reserve, a disk is full only if no byte is
        // free.
        environment.extend([("CAUDAL_BATCH_ROWS", "25"), ("CAUDAL_DISK_RESERVE_MIB", "0")]);
        if role == Role::Worker {
            environment.push(("QUEUE_URL", self.queue_url.as_str()));
        }
        environment.extend(fail_at.map(|point| ("CAUDAL_FAIL_AT", point.name())));
        let logged_before = self.installation.log().len();
        let service = self.installation.start_role(role.arguments(), port, &environment);
        Process { role, service, fail_at, logged_before }
    }

    /// kill -9, and an immediate start.
    pub fn kill(&mut self, index: usize) {
        self.kill_and_start(index, None);
    }

    /// Ends a process as a service manager does, and starts it again after `between`.
    pub fn restart<T>(&mut self, index: usize, between: impl FnOnce() -> T) -> T {
        let Process { role, service, .. } = self.processes.remove(index);
        assert_eq!(service.terminate(), Some(0), "{role:?} does not end well: {}", self.last_words(0));
        let done = between();
        let process = self.launch(role, None);
        self.processes.insert(index, process);
        done
    }

    /// kill -9 of a process that passes this point, and an immediate start. The new process dies at the point by itself and is
    /// started once more.
    pub fn kill_before(&mut self, point: FailPoint) {
        let index = self.processes.iter().position(|process| process.role.reaches(point));
        self.kill_and_start(index.expect("no role comes to this point"), Some(point));
    }

    fn kill_and_start(&mut self, index: usize, fail_at: Option<FailPoint>) {
        let process = self.processes.remove(index);
        process.service.kill();
        self.kills += 1;
        let process = self.launch(process.role, fail_at);
        self.processes.insert(index, process);
    }

    /// Restarts processes that have died at their point. None may end otherwise, because all kills are ours.
    pub fn revive(&mut self) {
        for index in 0..self.processes.len() {
            let process = &mut self.processes[index];
            let Some(status) = process.service.ended() else { continue };
            let (role, logged_before) = (process.role, process.logged_before);
            let point = process.fail_at.take().filter(|_| status.code().is_none());
            let point = point.unwrap_or_else(|| {
                panic!("{role:?} has ended by itself, {status}: {}", self.last_words(logged_before))
            });
            self.kills += 1;
            self.reached.insert(point.name());
            self.processes[index] = self.launch(role, None);
        }
    }

    /// Waits until every process that was told to die has died. If nothing brings one to its point because another worker was
    /// faster, `batch` is sent once more; it is stored only once.
    pub fn await_deaths(&mut self, batch: &Value) {
        let (end, mut next) = (Instant::now() + PATIENCE, Instant::now() + LULL);
        loop {
            self.revive();
            let pending = self.processes.iter().find_map(|process| Some((process.role, process.fail_at?)));
            let Some((role, point)) = pending else { return };
            assert!(Instant::now() < end, "{role:?} never comes to {}: {}", point.name(), self.last_words(0));
            if Instant::now() > next {
                post(self, batch);
                next = Instant::now() + LULL;
            }
            std::thread::park_timeout(Duration::from_millis(25));
        }
    }

    /// Waits until the intake says that it pauses. A broker tells it only when it is sent something, so `batch` is sent in case
    /// nothing is on its way.
    pub fn await_pause(&mut self, batch: &Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut is_sent = false;
        wait_until_at_most(PATIENCE, "the intake pauses", || {
            self.revive();
            is_sent = is_sent || post(self, batch) == Some(200);
            let answer = agent.get(format!("{}/ready", self.api())).call();
            answer.is_ok_and(|mut answer| {
                answer.body_mut().read_json::<Value>().is_ok_and(|ready| ready["status"] == "paused")
            })
        });
    }

    /// Stops a process for a while without ending it, like a machine that swaps or sleeps.
    pub fn pause(&self, index: usize, time: Duration) {
        self.signal(index, "-STOP");
        std::thread::park_timeout(time);
        self.signal(index, "-CONT");
    }

    /// Does the work while this many workers stand still.
    pub fn while_workers_stand_still(&self, count: usize, work: impl FnOnce()) {
        self.workers().take(count).for_each(|index| self.signal(index, "-STOP"));
        work();
        self.workers().take(count).for_each(|index| self.signal(index, "-CONT"));
    }

    fn workers(&self) -> impl Iterator<Item = usize> {
        let all = self.processes.iter().zip(0..);
        all.filter(|(process, _)| process.role == Role::Worker).map(|(_, index)| index)
    }

    fn signal(&self, index: usize, signal: &str) {
        let pid = self.processes[index].service.pid().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// The last errors of the processes since the log had this length.
    fn last_words(&self, logged_before: usize) -> String {
        let log = self.installation.log();
        let words: Vec<String> = log[logged_before..].lines().filter_map(words_of).collect();
        words[words.len().saturating_sub(10)..].join("\n")
    }

    /// Waits until a batch is refused because a process has run into the end of the disk.
    pub fn await_refusal(&mut self, batch: &Value) {
        wait_until_at_most(PATIENCE, "a batch is refused for want of room", || {
            self.revive();
            post(self, batch) != Some(200)
        });
    }

    /// Stops a worker for so long that the broker takes it for dead and gives its messages to another one. When the worker goes
    /// on, it finishes its step and finds that it was not needed.
    pub fn put_worker_into_coma(&self) {
        self.pause(self.workers().next().expect("there is a worker"), COMA);
    }
}

/// An error of the log in short. A line that is no log entry is kept, because a process prints it before it ends.
fn words_of(line: &str) -> Option<String> {
    let Ok(logged) = serde_json::from_str::<Value>(line) else { return Some(line.to_owned()) };
    let word = |name: &str| logged[name].as_str().unwrap_or_default().to_owned();
    (logged["level"] == "ERROR").then(|| format!("{} {}: {}", word("timestamp"), word("message"), word("error")))
}

/// Sends an API batch until it is answered, like a client that must not lose its sales. Dead processes are started again
/// meanwhile.
pub fn post_until_answered(cluster: &mut Cluster<'_>, body: &Value) {
    wait_until_at_most(PATIENCE, "a batch is answered", || {
        cluster.revive();
        post(cluster, body) == Some(200)
    });
}

/// Fetches a token and sends an API batch. Returns the status if there was an answer.
fn post(cluster: &Cluster<'_>, body: &Value) -> Option<u16> {
    let timeout = Some(Duration::from_secs(10));
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout).build().into();
    let form = [("username", "loja"), ("password", PASSWORD)];
    let mut answer = agent.post(format!("{}/token", cluster.pages())).send_form(form).ok()?;
    let answer = answer.body_mut().read_json::<Value>().ok()?;
    let token = answer["access_token"].as_str()?;
    let request = agent.post(format!("{}/ingest/v1/sales", cluster.api())).content_type("application/json");
    let answer = request.header("Authorization", format!("Bearer {token}")).send(body.to_string());
    Some(answer.ok()?.status().as_u16())
}

/// The names of these files.
pub fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn what_a_process_says_before_it_ends_is_told_without_its_routine() {
    let log = r#"{"timestamp":"2026-10-01T10:00:00Z","level":"INFO","message":"started"}
{"timestamp":"2026-10-01T10:00:01Z","level":"ERROR","message":"cannot start yet","error":"away","target":"caudal"}
error: the database cannot be opened"#;
    let told: Vec<String> = log.lines().filter_map(words_of).collect();
    assert_eq!(told, ["2026-10-01T10:00:01Z cannot start yet: away", "error: the database cannot be opened"]);
}
