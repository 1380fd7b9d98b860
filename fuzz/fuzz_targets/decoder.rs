#![no_main]

use ecpayd_fuzz::{decoder, scripted};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    decoder::is_frugal(&scripted::enveloped(&String::from_utf8_lossy(data)), &HEAP);
    decoder::check(data);
});
