//! Every command of the section Reconcile, in both languages, as it stands there.

use crate::support::{BRISK, House, gateway};
use crate::{FUNDING, MEDIA, books, golden, write_big5};

const PAGES: [&str; 2] = [include_str!("../../docs/books.md"), include_str!("../../docs/books.zh-TW.md")];

/// The lines of the section's fences.
fn commands(page: &str) -> Vec<Vec<&str>> {
    let (_, section) = page.split_once("\n## Reconcile\n").expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let fences = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    fences.flat_map(str::lines).map(|line| line.split_whitespace().collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_commands_do_what_they_say() {
    for page in PAGES {
        let bank = gateway().await;
        let house = House::new(&bank.url(), BRISK);
        house.done(&["run", "--once"]);
        books(&house.sql().await, &[MEDIA, FUNDING]);
        for (file, name) in [(MEDIA, "media.csv"), (FUNDING, "funding.csv")] {
            write_big5(&house, name, &golden(file));
        }
        let commands = commands(page);
        assert_eq!(commands.len(), 4);
        for command in commands {
            assert_eq!(command[0], "ecpayd");
            house.done(&command[1..]);
        }
    }
}
