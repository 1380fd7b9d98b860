//! Every file that a fuzz target starts from is a test of its own.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::checks::TARGETS;

const LARGEST_BYTES: u64 = 16 * 1024;

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

#[test]
fn every_file_of_the_corpus_keeps_the_promises_of_its_target() {
    for (target, check) in TARGETS {
        let files = corpus(target);
        assert!(files.len() >= 12, "{target} has {} files", files.len());
        for file in files {
            let bytes = fs::read(&file).expect("a file");
            assert!(catch_unwind(|| check(&bytes)).is_ok(), "{}", file.display());
        }
    }
}

#[test]
fn the_corpus_is_small() {
    for (target, _) in TARGETS {
        for file in corpus(target) {
            let bytes = fs::metadata(&file).expect("a file").len();
            assert!(bytes <= LARGEST_BYTES, "{} has {bytes} bytes", file.display());
        }
    }
}

/// A target that nobody runs keeps no promise.
#[test]
fn every_target_has_a_program_and_a_corpus() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for (target, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not in fuzz/Cargo.toml");
        assert!(root.join("fuzz_targets").join(format!("{target}.rs")).exists(), "{target}");
    }
    let folders = fs::read_dir(root.join("corpus")).expect("fuzz/corpus").count();
    assert_eq!(folders, TARGETS.len());
}
