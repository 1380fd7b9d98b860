//! docs/page.md: the page of the demo.

use std::net::TcpListener;

use crate::machine::Machine;
use crate::page::{Reading, bare};

/// Played once: the page is there in both languages.
pub async fn play(pages: &mut [Reading; 2]) {
    let mut machine = Machine::new(pages[0].page().locale(), "http://127.0.0.1:9");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    machine.place("127.0.0.1:8420", &free.to_string());
    let [command, twin] = pages.each_mut().map(|page| bare(&page.next("ecpayd demo --listen 127.0.0.1:8420")));
    assert_eq!(command, twin);
    let mut demo = machine.starts(&command);
    demo.until_it_says("until Ctrl-C").await;
    for language in ["en", "zh"] {
        let html = machine.types(&format!("curl -sf 'http://127.0.0.1:8420/?lang={language}'")).await;
        assert!(html.contains(&format!("<html lang=\"{language}")) && html.contains("<svg"), "{html}");
    }
    demo.interrupt().await;
}
