//! Any bytes as the body of an API batch: read, cleaned, and each row again by itself. Run it with `-rss_limit_mb=512`, because
//! the memory for a body is bounded by its bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| caudal_reading::fuzz::any_batch(bytes));
