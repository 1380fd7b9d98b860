//! A published client that is not ours against the simulator's voucher calls.
//!
//! `npm ci --ignore-scripts` in `tests/clients/third-party` fetches it, as its lock file says, by
//! hash. Where that was not done the test is skipped and says so, or fails where `ALL_CLIENTS` is set.

mod support;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use support::{gateway, told};

/// The third has an `IssueDate` with a space in it. There this client (0.5.0) reads the page on
/// the checksum otherwise than we do: `%20` in the text that is hashed, not urlencode's `+`.
const PRINTED: &str = "\
V1 {\"status\":3,\"tradeAmount\":3600,\"remark\":\"\"}
V2 {\"status\":2,\"tradeAmount\":3600,\"remark\":\"票券庫存不足\"}
V3 {\"error\":\"Invalid CheckMacValue\"}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_published_client_reads_voucher_orders() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/third-party");
    if !folder.join("node_modules").is_dir() {
        let why = "the published client is not installed: run npm ci --ignore-scripts in tests/clients/third-party";
        assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}");
        // Past the capture of the test's output, so that a person sees it.
        writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
        return;
    }
    let running = gateway().await;
    let mut command = Command::new("node");
    command.current_dir(folder).arg("vouchers.cjs").arg(running.url()).env("NODE_NO_WARNINGS", "1");
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    let told = tokio::task::spawn_blocking(|| told(command)).await.expect("the client's process");
    assert_eq!((told.code, told.err.as_str(), told.out.as_str()), (Some(0), "", PRINTED));
}
