//! The service over HTTP: batches of sales from API clients, and commands from the pages.

pub mod commands;
pub mod layouts;
pub mod sales;
