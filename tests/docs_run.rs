//! Every command of the pages is typed by a test, in both languages, and does what its page says.
//!
//! Each page has a scene: a machine with what the page's reader has, the page's commands in their order, and what has
//! to be seen after each. What no test can type stands in a list, each with its reason.

#[path = "docs_run/alerts.rs"]
mod alerts;
#[path = "docs_run/books.rs"]
mod books;
#[path = "docs_run/clients.rs"]
mod clients;
#[path = "docs_run/clients_form.rs"]
mod clients_form;
#[path = "docs_run/foreground.rs"]
mod foreground;
#[path = "docs_run/inline.rs"]
mod inline;
#[path = "docs_run/machine.rs"]
mod machine;
#[path = "docs_run/not_run.rs"]
mod not_run;
#[path = "docs_run/operations.rs"]
mod operations;
#[path = "docs_run/page.rs"]
mod page;
#[path = "docs_run/readme.rs"]
mod readme;
#[path = "channels/receiver.rs"]
#[allow(dead_code)] // The channels' own tests use the rest.
mod receiver;
#[path = "docs_run/shops.rs"]
mod shops;
#[path = "docs_run/shown.rs"]
mod shown;
#[path = "docs_run/simulator.rs"]
mod simulator;
#[path = "docs_run/status_page.rs"]
mod status_page;
mod support;
#[path = "docs_run/twins.rs"]
mod twins;
#[path = "docs_run/unit.rs"]
mod unit;
#[path = "docs_run/vouchers.rs"]
mod vouchers;

use std::path::{Path, PathBuf};

use not_run::is_left_out;
use page::{Page, Reading};

fn of_tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels").join(name)
}

/// A test for each page of these, which types it from its top to its end in both languages.
macro_rules! scenes {
    ($($scene:ident of $stem:literal needs $programs:expr;)+) => {
        const PLAYED: &[&str] = &[$($stem),+];
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $scene() {
                let programs: &[&str] = $programs;
                if let Some(missing) = programs.iter().find(|program| !machine::is_there(program)) {
                    eprintln!("skipped: {missing} is not there");
                    return;
                }
                let is_left_out = |section: &str, command: &str| is_left_out($stem, section, command);
                let mut pages = Page::both($stem).map(|page| Reading::of(&page, is_left_out));
                $scene::play(&mut pages).await;
                pages.into_iter().for_each(Reading::ends);
            }
        )+
    };
}

scenes! {
    readme of "README" needs &["curl", "sqlite3"];
    alerts of "alerts" needs &[];
    books of "books" needs &["curl"];
    clients of "clients" needs &["curl"];
    clients_form of "clients-form" needs &["curl"];
    operations of "operations" needs &["curl", "sqlite3", "python3"];
    status_page of "page" needs &["curl"];
    shops of "shops" needs &["curl", "php"];
    simulator of "simulator" needs &["curl"];
    vouchers of "vouchers" needs &["curl"];
}

#[test]
fn no_page_has_commands_that_no_test_runs() {
    let pages = Page::all();
    assert!(pages.len() > 20, "{} pages", pages.len());
    for page in pages {
        let is_left_to_run =
            |(_, section, command): &(usize, &str, String)| !is_left_out(&page.stem, section, &page::bare(command));
        let left: Vec<_> = page.commands().into_iter().filter(is_left_to_run).map(|(_, _, command)| command).collect();
        assert!(
            left.is_empty() || PLAYED.contains(&page.stem.as_str()),
            "{} has commands that no test runs: give it a scene in tests/docs_run: {left:#?}",
            page.name()
        );
    }
}

/// A command in a fence that says nothing of a shell would be typed by nobody.
#[test]
fn no_command_stands_in_a_fence_that_is_no_shells() {
    for page in Page::all() {
        let others = page.fences().iter().filter(|fence| !page::is_shell(&fence.language));
        let lines = others.flat_map(|fence| fence.body.lines());
        let is_command = |line: &&str| {
            let starts = ["$ ", "ecpayd ", "sudo ", "curl ", "cargo ", "systemctl ", "sqlite3 "];
            starts.iter().any(|start| line.trim_start().starts_with(start))
        };
        let found: Vec<_> = lines.filter(is_command).collect();
        assert!(found.is_empty(), "{} has commands in a fence that is not marked `sh`: {found:#?}", page.name());
    }
}
