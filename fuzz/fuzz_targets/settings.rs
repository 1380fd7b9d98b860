#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ecpayd_fuzz::settings::check(data));
