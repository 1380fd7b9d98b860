//! The marker beside the ledger: what it takes for a restore to be noticed.

use std::path::PathBuf;

use crate::harness::{Shop, minutes, shop};
use crate::invariant_1_restored::{Method, lost, notices};

/// What the marker says, and whether the next start goes about it with care.
async fn started_with(marker: impl FnOnce(&PathBuf)) -> (Shop, i64, String) {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let copy = shop.copy().await;
    shop.put_in_place(&copy).await;
    marker(&shop.marker());
    shop.start().await;
    let (count, reason) = notices(&mut shop).await;
    (shop, count, reason)
}

#[tokio::test]
async fn a_ledger_with_its_own_marker_is_simply_normal() {
    let (mut shop, count, reason) = started_with(|_| ()).await;
    assert_eq!((count, reason.as_str()), (0, ""));
    shop.refund("A1", Some(300), "rma-1").await;
    shop.settle().await;
    shop.assert_done("rma-1", 300, "R").await;
    shop.reopen().await;
    assert_eq!(notices(&mut shop).await.0, 0);
}

json_only! {
    #[tokio::test]
    async fn a_marker_that_is_missing_damaged_or_anothers_is_a_reason_for_care() {
        let rewrite = |path: &PathBuf, change: fn(String) -> String| {
            let text = std::fs::read_to_string(path).expect("a marker");
            std::fs::write(path, change(text)).expect("a marker");
        };
        let gone = started_with(|path| std::fs::remove_file(path).expect("a marker")).await;
        let empty = started_with(|path| std::fs::write(path, "").expect("a marker")).await;
        let torn = started_with(|path| rewrite(path, |text| text[..40].to_owned())).await;
        let noise = started_with(|path| std::fs::write(path, [0xff; 100]).expect("a marker")).await;
        let foreign = started_with(|path| rewrite(path, |text| text.replacen(&text[14..46], &"0".repeat(32), 1))).await;
        for ((mut shop, count, reason), why) in [
            (gone, "is not there"),
            (empty, "is empty"),
            (torn, "is damaged"),
            (noise, "cannot be read"),
            (foreign, "of another ledger"),
        ] {
            assert_eq!(count, 1, "{why}");
            assert!(reason.contains(why), "{reason}");
            // All it costs is the wait.
            shop.refund("A1", Some(300), "rma-1").await;
            shop.run_for(minutes(15)).await;
            assert_eq!(shop.letters("A1"), "", "{why}");
            shop.run_for(minutes(5)).await;
            shop.assert_done("rma-1", 300, "R").await;
            shop.reopen().await;
            assert_eq!(notices(&mut shop).await.0, 1, "noticed once: {why}");
            shop.assert_books_agree().await;
        }
    }
}

/// A shop that writes to the copy before the daemon's start hides nothing by it.
#[tokio::test]
async fn a_copy_that_has_grown_past_its_marker_is_noticed_all_the_same() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let copy = shop.copy().await;
    shop.refund("A1", Some(300), "rma-1").await;
    shop.settle().await;
    shop.put_in_place(&copy).await;
    for n in 0..40 {
        shop.refund("A1", Some(1), &format!("again-{n}")).await;
    }
    shop.start().await;
    let (count, reason) = notices(&mut shop).await;
    assert!(count == 1 && reason.contains("is another one"), "{reason}");
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.letters("A1"), "R");
}

#[tokio::test]
async fn a_new_ledger_beside_the_marker_of_an_old_one_is_begun_with_care() {
    let mut shop = lost(Method::PartByR, true).await;
    let empty = shop.stage.settings.database_path.with_extension("empty");
    std::fs::write(&empty, "").expect("a file");
    shop.put_in_place(&empty).await;
    shop.start().await;
    assert!(notices(&mut shop).await.1.contains("of another ledger"));
    shop.refund("A1", Some(300), "rma-1").await;
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("rma-1").await.as_str()), ("R", "review"));
}
