//! Any text, as a number, a day, a document, a contact, a payment and a header.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| caudal_reading::fuzz::any_text(text));
