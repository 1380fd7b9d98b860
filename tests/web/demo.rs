//! The demo with a page, as far as it says no before it plays.

use std::net::TcpListener;

fn refused(address: &str, code: i32) -> String {
    let mut demo = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ecpayd"));
    let output = demo.args(["demo", "--listen", address]).output().expect("the command starts");
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn a_demo_listens_on_loopback_alone() {
    let said = refused("0.0.0.0:8420", 2);
    assert_eq!(
        said,
        "ecpayd: 0.0.0.0:8420 is not a loopback address: the demo asks nobody for a token; try 127.0.0.1:8420\n"
    );
}

#[test]
fn a_port_that_is_taken_is_told_before_ninety_days_are_played() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = refused(&address, 1);
    assert!(said.starts_with(&format!("ecpayd: cannot listen on {address}: ")) && said.lines().count() == 1, "{said}");
}
