//! The commands that do one thing and end. Data goes to standard output, messages for people to standard error.

mod arriving;
pub mod backup;
pub mod config;
pub mod dead_letters;
pub mod doctor;
pub mod health;
pub mod import;
pub mod imports;
pub mod layout;
pub mod migrate;
pub mod migrate_data;
pub mod read_sheet;
pub mod restore;
pub mod undo;
pub mod user;
