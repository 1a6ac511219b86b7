//! The processes of PostgreSQL and RabbitMQ, if they run on this machine.

use std::fs;

use diesel::prelude::*;
use diesel::sql_types::Integer;
use serde_json::Value;

use crate::Failed;
use crate::deployment::Running;
use crate::processes::{children, kib, processor_seconds};

/// One server.
pub struct Server {
    /// Its name in the tables.
    pub name: &'static str,
    pid: u32,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

impl Server {
    /// The servers that an installation stores on, without servers on other machines.
    pub fn all_of(running: &Running) -> Result<Vec<Self>, Failed> {
        let mut servers = Vec::new();
        if running.servers().postgres.is_some() {
            let query = diesel::sql_query("SELECT pg_backend_pid() AS pid");
            let backend: Backend = query.get_result(&mut *running.database("distrib")?.get()?)?;
            let status = fs::read_to_string(format!("/proc/{}/status", backend.pid)).unwrap_or_default();
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
            if let Some(pid) = parent.and_then(|pid| pid.trim().parse().ok())
                && is_program(pid, "postgres")
            {
                servers.push(Self { name: "PostgreSQL", pid });
            }
        }
        if let Some((_, api)) = &running.servers().rabbitmq {
            let nodes: Value = ureq::get(format!("{api}/api/nodes")).call()?.body_mut().read_json()?;
            let pid = nodes.pointer("/0/os_pid").and_then(Value::as_str).and_then(|pid| pid.parse().ok());
            if let Some(pid) = pid.filter(|pid| is_program(*pid, "beam")) {
                servers.push(Self { name: "RabbitMQ", pid });
            }
        }
        Ok(servers)
    }

    /// Its memory: the private memory of each process, and the shared memory once.
    pub fn kib(&self) -> u64 {
        let status = |pid: u32| fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let all: Vec<String> = self.pids().into_iter().map(status).collect();
        let shared = all.iter().map(|status| kib(status, "RssShmem:")).max().unwrap_or_default();
        all.iter().map(|status| kib(status, "RssAnon:")).sum::<u64>() + shared
    }

    pub fn processor_seconds(&self) -> f64 {
        self.pids().into_iter().map(processor_seconds).sum()
    }

    fn pids(&self) -> Vec<u32> {
        let mut pids = children(self.pid);
        pids.push(self.pid);
        pids
    }
}

fn is_program(pid: u32, name: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|program| program.starts_with(name))
}
