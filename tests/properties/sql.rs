//! What shops write: random statements against a second reading of the contract.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;
use crate::checks::sql_inputs;

/// The stories of the corpus, each a few statements.
fn stories() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sql_inputs");
    let files = fs::read_dir(folder).expect("the corpus").map(|file| file.expect("a file").path());
    let mut files: Vec<_> = files.collect();
    // By name, so that a seed means the same case on every machine.
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_write_of_a_shop_is_taken_and_due_or_refused_with_a_sentence(choices in vec(any::<u8>(), 0..240)) {
        sql_inputs::check(&choices);
    }

    #[test]
    fn the_same_holds_of_stories_told_one_after_another_and_bent(
        told in vec(prop::sample::select(stories()), 1..5), bent in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        // The first byte of each is about the connection.
        let mut choices: Vec<u8> = vec![0];
        told.iter().for_each(|story| choices.extend(story.iter().skip(1)));
        for (at, byte) in bent {
            let at = at.index(choices.len());
            choices[at] = byte;
        }
        sql_inputs::check(&choices);
    }
}
