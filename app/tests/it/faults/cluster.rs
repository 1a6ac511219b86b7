//! The processes of an installation under fault.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use caudal_shared::fault::FailPoint;

use crate::installation::{Installation, PASSWORD, Service, free_port, wait_until_at_most};

/// Longer than any server here takes to come back.
pub const PATIENCE: Duration = Duration::from_secs(180);

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

/// A running installation whose processes come and go.
pub struct Cluster<'a> {
    installation: &'a Installation,
    ports: [u16; 2],
    processes: Vec<Process>,
    kills: usize,
    /// The points at which processes have died.
    reached: BTreeSet<&'static str>,
}

struct Process {
    role: Role,
    service: Service,
    /// Where it will die by itself.
    fail_at: Option<FailPoint>,
}

impl<'a> Cluster<'a> {
    pub fn start(installation: &'a Installation, roles: &[Role]) -> Self {
        let ports = [free_port(), free_port()];
        let mut cluster = Self { installation, ports, processes: Vec::new(), kills: 0, reached: BTreeSet::new() };
        for role in roles {
            let process = cluster.launch(*role, None);
            cluster.processes.push(process);
        }
        cluster
    }

    /// Where the API is.
    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Where the pages are.
    pub fn pages(&self) -> String {
        let alone = self.processes.iter().any(|process| process.role == Role::All);
        format!("http://127.0.0.1:{}", self.ports[usize::from(!alone)])
    }

    pub fn len(&self) -> usize {
        self.processes.len()
    }

    /// How often a process was killed, or killed itself.
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
        // Small messages, so that there is something between any two kills
        environment.push(("CAUDAL_BATCH_ROWS", "25"));
        environment.extend(fail_at.map(|point| ("CAUDAL_FAIL_AT", point.name())));
        Process { role, service: self.installation.start_role(role.arguments(), port, &environment), fail_at }
    }

    /// kill -9, and a start at once.
    pub fn kill(&mut self, index: usize) {
        self.kill_and_start(index, None);
    }

    /// kill -9 of a process that comes to this point, and a start at once; the new process dies there by itself, and is started
    /// once more.
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

    /// Starts again what has died at the point it was told to.
    pub fn revive(&mut self) {
        for index in 0..self.processes.len() {
            if self.processes[index].service.has_ended() {
                self.kills += 1;
                self.reached.extend(self.processes[index].fail_at.map(FailPoint::name));
                self.processes[index] = self.launch(self.processes[index].role, None);
            }
        }
    }

    /// Waits until every process has died that was told to.
    pub fn await_deaths(&mut self) {
        wait_until_at_most(PATIENCE, "a process comes to the point where it dies", || {
            self.revive();
            self.processes.iter().all(|process| process.fail_at.is_none())
        });
    }

    /// Waits until the intake says that it pauses.
    pub fn await_pause(&mut self) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        wait_until_at_most(PATIENCE, "the intake pauses", || {
            self.revive();
            let answer = agent.get(format!("{}/ready", self.api())).call();
            answer.is_ok_and(|mut answer| {
                answer.body_mut().read_json::<serde_json::Value>().is_ok_and(|ready| ready["status"] == "paused")
            })
        });
    }

    /// Stops a process for a while without ending it, as a machine does that swaps or sleeps.
    pub fn pause(&self, index: usize, time: Duration) {
        let pid = self.processes[index].service.pid().to_string();
        signal("-STOP", &pid);
        std::thread::park_timeout(time);
        signal("-CONT", &pid);
    }
}

fn signal(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

/// Fetches a token and sends an API batch until it is answered, as a client does that will not lose its sales. Whoever has
/// died is started again meanwhile.
pub fn post_until_answered(cluster: &mut Cluster<'_>, body: &serde_json::Value) {
    let timeout = Some(Duration::from_secs(10));
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout).build().into();
    wait_until_at_most(PATIENCE, "a batch is answered", || {
        cluster.revive();
        let form = [("username", "loja"), ("password", PASSWORD)];
        let Ok(mut answer) = agent.post(format!("{}/token", cluster.pages())).send_form(form) else { return false };
        let Ok(answer) = answer.body_mut().read_json::<serde_json::Value>() else { return false };
        let Some(token) = answer["access_token"].as_str() else { return false };
        let request = agent.post(format!("{}/ingest/v1/sales", cluster.api())).content_type("application/json");
        let answer = request.header("Authorization", format!("Bearer {token}")).send(body.to_string());
        answer.is_ok_and(|answer| answer.status() == 200)
    });
}

/// The files of a folder and its subfolders, by name.
pub fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}
