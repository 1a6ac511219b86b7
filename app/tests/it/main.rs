//! Black-box tests: the real binary, real files, real HTTP. One module for each thing that a user would notice.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_sign_loss,
    reason = "a test that cannot go on fails"
)]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod api;
mod batches_cut;
mod bodies;
mod broker;
mod browser;
mod cancelled;
mod cli;
mod command_line;
mod connections;
mod corpus;
mod crash;
mod dead_letters;
mod deployment;
mod disk;
mod documentation;
mod drop;
mod faults;
mod formats;
mod full_disk;
mod health;
mod hostile;
mod installation;
mod layouts;
mod moving;
#[cfg(target_os = "linux")]
mod operator;
mod outside_text;
mod page_sizes;
mod pages;
mod plain_english;
mod predecessor;
mod pressure;
#[cfg(unix)]
mod private_files;
mod proofs;
mod rehearsal;
mod repair;
mod secrets;
mod servers;
#[cfg(target_os = "linux")]
mod slow_clients;
mod totals;
mod undo;
mod workbook;
#[cfg(target_os = "linux")]
mod worst_batches;
