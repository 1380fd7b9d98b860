#![no_main]

use ecpayd_fuzz::{decoder, envelope};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    decoder::is_frugal(data, &HEAP);
    envelope::check(data);
});
