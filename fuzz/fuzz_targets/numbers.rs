//! Any number, in a cell of each kind that can hold one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: [u8; 8]| caudal_reading::fuzz::any_number(f64::from_le_bytes(bytes)));
