//! What is packed for somebody who helps.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use super::scene::{Gateway, IV, KEY, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_has_what_helps_and_no_key_no_token_no_order_number_and_no_memo() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let token = "t0k3nt0k3nt0k3nt0k3nt0k3n";
    scene.add_settings(&format!(
        "[http]\nlisten = \"\"\ntoken = \"{token}\"\nheartbeat_url = \"http://127.0.0.1:9/{token}\"\n\
         [[alerts.channel]]\nkind = \"slack\"\nname = \"team\"\nurl = \"http://127.0.0.1:9/{token}\"\n# {token}\n"
    ));
    let sql = scene.sql();
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, memo) VALUES ('3002607', 'ORDERNUMBER77', 'a memo of Lin')");
    sql.does("CREATE TABLE mine (note TEXT DEFAULT 'a note of Lin'); DROP TRIGGER events_are_not_deleted");
    sql.close();
    let file = scene.dir.path().join("help.tar");
    let arguments = ["doctor", "--bundle", file.to_str().expect("text")];
    let told = scene.tell(&arguments);
    assert!(told.code == Some(1) && told.out.contains("help.tar is written"), "{told:?}");
    assert_eq!(std::fs::metadata(&file).expect("the file").permissions().mode() & 0o7777, 0o600);

    let bytes = std::fs::read(&file).expect("the file");
    let whole = String::from_utf8_lossy(&bytes).into_owned();
    for secret in [KEY, IV, token, "ORDERNUMBER77", "of Lin"] {
        assert!(!whole.contains(secret), "{secret}");
    }
    let mut packed = std::collections::BTreeMap::new();
    for entry in tar::Archive::new(&bytes[..]).entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("text");
        packed.insert(name, text);
    }
    let part = |name: &str| packed[&format!("ecpayd-doctor/{name}")].as_str();
    let json: serde_json::Value = serde_json::from_str(part("doctor.json")).expect("JSON");
    assert_eq!(json["result"], "fails");
    assert!(part("versions.txt").contains("sqlite 3."));
    assert!(part("system.txt").starts_with("kernel "));
    assert!(part("settings.toml").contains("merchant[0].merchant_id = \"3002607\""), "{}", part("settings.toml"));
    assert!(part("schema.sql").contains("CREATE TABLE orders") && part("schema.sql").contains("-- not of ecpayd"));
    assert!(!part("schema.sql").contains("TRIGGER events_are_not_deleted"));

    let again = scene.tell(&arguments);
    assert!(again.error(1).contains("help.tar is there already"), "{again:?}");
    assert_eq!(std::fs::read(&file).expect("the file"), bytes);
}
