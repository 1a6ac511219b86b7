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
mod bodies;
mod broker;
mod browser;
mod cli;
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
mod pages;
mod predecessor;
mod pressure;
mod rehearsal;
mod repair;
mod secrets;
mod servers;
mod totals;
mod undo;
mod workbook;
