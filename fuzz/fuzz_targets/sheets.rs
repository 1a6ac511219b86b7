//! Any text as a file: read, its header looked for, cleaned.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| caudal_reading::fuzz::any_sheet(bytes));
