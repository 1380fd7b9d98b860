//! Where keys come from, who may read them, and which gateway may see them.

use super::*;

const STAGE_KEY: &str = "pwFHCqoQZGmho4w6";
const STAGE_IV: &str = "EkRm7iFT261dpevs";

/// Line 5 is the key, line 6 the initialization vector.
fn with_keys(host: &str, key: &str, iv: &str) -> String {
    format!(
        "[[merchant]]\nmerchant_id = \"1234567\"\n[merchant.card]\n\
         base_url = \"{host}\"\n{key}\n{iv}\n"
    )
}

const HOST: &str = "https://ecpayment.ecpay.com.tw";

#[test]
fn a_key_comes_from_a_file_or_a_credential_without_its_newline() {
    let scene = Scene::new("");
    scene.write("key", format!("{KEY}\n"), 0o600);
    scene.write("iv", format!("{IV}\r\n"), 0o400);
    let file = format!("hash_key_file = \"{}\"", scene.path("key").display());
    scene.write("config.toml", with_keys(HOST, &file, "hash_iv_credential = \"iv\""), 0o644);
    let directory = scene.dir.path().to_str().expect("UTF-8").to_owned();
    let settings = scene.load(&[("CREDENTIALS_DIRECTORY", &directory)]).expect("valid");
    let card = &settings.merchants[0].card;
    assert_eq!((card.hash_key.expose_secret(), card.hash_iv.expose_secret()), (KEY, IV));
    assert_eq!(settings.warnings, Vec::<String>::new());
}

#[test]
fn a_key_file_that_others_can_read_is_warned_of() {
    let scene = Scene::new("");
    scene.write("key", KEY, 0o644);
    let file = format!("hash_key_file = \"{}\"", scene.path("key").display());
    scene.write("config.toml", with_keys(HOST, &file, &format!("hash_iv = \"{IV}\"")), 0o600);
    let warnings = scene.load(&[]).expect("valid").warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("hash_key_file names a file that others can read"));
}

#[test]
fn a_key_that_cannot_be_had_is_told_without_what_stands_there() {
    let iv = format!("hash_iv = \"{IV}\"");
    for (key, why) in [
        (String::new(), "merchant[0].card.hash_key is missing; set it, or hash_key_file, or hash_key_credential"),
        ("hash_key = \"\"".to_owned(), "hash_key is missing"),
        (
            format!("hash_key = \"{KEY}x\""),
            ":5: merchant[0].card.hash_key gives 17 bytes; ECPay's keys have exactly 16",
        ),
        ("hash_key = 1234567890123456".to_owned(), "hash_key is an integer; it must be a string in quotes"),
        (format!("hash_key_file = \"{KEY}\""), "hash_key_file names what cannot be read: no such file"),
        ("hash_key_file = \"/\"".to_owned(), "hash_key_file names what cannot be read: is a directory"),
        (
            "hash_key_file = \"/dev/zero\"".to_owned(),
            "hash_key_file names a file of more than 4096 bytes, which is no secret",
        ),
        ("hash_key_credential = \"x\"".to_owned(), "$CREDENTIALS_DIRECTORY is not set"),
        ("hash_key_credential = \"../x\"".to_owned(), "must be the bare name of a credential"),
        ("hash_key_credential = \"k:x\"".to_owned(), "must be the bare name of a credential"),
        ("hash_key_credential = \"k_金鑰\"".to_owned(), "must be the bare name of a credential"),
        (
            "hash_key_credential = \"k_x\"".to_owned(),
            "keys, from where the unit reads what is named k_FILE: no such file",
        ),
        (format!("hash_key_file = \"/x\"\nhash_key = \"{KEY}\""), "hash_key_file stands beside hash_key; keep one"),
    ] {
        let told = load(&with_keys(HOST, &key, &iv), &[]).expect_err(&key);
        assert!(told.len() == 1 && told[0].contains(why), "{told:#?}, not: {why}");
        assert!(!told[0].contains(KEY) && !told[0].contains("1234567890"), "{told:#?}");
    }
}

#[test]
fn a_variable_can_put_a_file_in_place_of_an_inline_key() {
    let scene = Scene::new(&production());
    let file = scene.write("key", IV, 0o600);
    let file = file.to_str().expect("UTF-8");
    let settings =
        scene.load(&[("ECPAYD_MERCHANT__0__CARD__HASH_KEY", ""), ("ECPAYD_MERCHANT__0__CARD__HASH_KEY_FILE", file)]);
    assert_eq!(settings.expect("valid").merchants[0].card.hash_key.expose_secret(), IV);
}

#[test]
fn keys_never_show_in_debug() {
    let shown = format!("{:?}", good(&production(), &[]));
    assert!(!shown.contains(KEY) && !shown.contains(IV), "{shown}");
}

#[test]
fn a_file_with_keys_is_for_its_owner_and_group_except_on_loopback() {
    let why = "others can open this file (mode 644) and it holds keys; chmod 640 it and chown it root:ecpayd";
    let both = production() + &merchant("http://127.0.0.1:1").replace("1234567", "2345678");
    for (text, mode, taken) in [
        (production(), 0o600, true),
        (production(), 0o640, true),
        (production(), 0o644, false),
        (both, 0o644, false),
        (merchant("http://127.0.0.1:1"), 0o644, true),
        (merchant("http://[::1]:1"), 0o666, true),
        (merchant("https://localhost"), 0o644, true),
    ] {
        let scene = Scene::new(&text);
        scene.write("config.toml", &text, mode);
        match scene.load(&[]) {
            Ok(_) => assert!(taken, "{mode:o}"),
            Err(told) => assert!(!taken && told.len() == 1 && told[0].contains(why), "{told:#?}"),
        }
    }
}

#[test]
fn a_file_whose_keys_come_from_the_environment_may_be_open() {
    let scene = Scene::new("");
    scene.write("config.toml", with_keys(HOST, "", ""), 0o644);
    let env = [("ECPAYD_MERCHANT__0__CARD__HASH_KEY", KEY), ("ECPAYD_MERCHANT__0__CARD__HASH_IV", IV)];
    assert!(scene.load(&env).is_ok());
}

#[test]
fn public_stage_keys_never_go_to_a_production_host() {
    let text = |host, key, iv| with_keys(host, &format!("hash_key = \"{key}\""), &format!("hash_iv = \"{iv}\""));
    let why = "one of ECPay's public stage keys, and ecpayment.ecpay.com.tw is a production host";
    refused(&text(HOST, STAGE_KEY, IV), &[], why);
    refused(&text(HOST, KEY, STAGE_IV), &[], why);
    refused(&text(HOST, "5294y06JbISpM5x9", IV), &[], why);
    for host in ["https://ecpayment-stage.ecpay.com.tw", "http://127.0.0.1:8080"] {
        good(&text(host, STAGE_KEY, STAGE_IV), &[]);
    }
}

/// Seven lines, then the keys of the voucher service.
fn with_voucher(host: &str, key: &str) -> String {
    production() + &format!("[merchant.voucher]\nbase_url = \"{host}\"\nhash_key = \"{key}\"\nhash_iv = \"{KEY}\"\n")
}

#[test]
fn vouchers_have_a_gateway_and_keys_of_their_own() {
    let settings = good(&with_voucher("https://ecticket.ecpay.com.tw/", IV), &[]);
    assert_eq!(settings.warnings, Vec::<String>::new());
    let voucher = settings.merchants[0].voucher.as_ref().expect("a voucher gateway");
    assert_eq!(voucher.base_url, "https://ecticket.ecpay.com.tw");
    assert_eq!((voucher.hash_key.expose_secret(), voucher.hash_iv.expose_secret()), (IV, KEY));
    let shown = format!("{settings:?}");
    assert!(!shown.contains(KEY) && !shown.contains(IV), "{shown}");

    let env = [("ECPAYD_MERCHANT__0__VOUCHER__BASE_URL", "https://ecticket-stage.ecpay.com.tw")];
    let settings = good(&with_voucher("https://ecticket.ecpay.com.tw", "c539115ea7674f20"), &env);
    let voucher = settings.merchants[0].voucher.as_ref().expect("a voucher gateway");
    assert_eq!(voucher.base_url, "https://ecticket-stage.ecpay.com.tw");
}

#[test]
fn vouchers_are_checked_like_cards() {
    let host = "https://ecticket.ecpay.com.tw";
    refused(&with_voucher(host, "c539115ea7674f20"), &[], "ecticket.ecpay.com.tw is a production host");
    refused(&with_voucher("http://ecticket.ecpay.com.tw", KEY), &[], "merchant[0].voucher.base_url uses http");
    refused(&with_voucher(host, "short"), &[], ":9: merchant[0].voucher.hash_key gives 5 bytes");
    let told = load(&(production() + "[merchant.voucher]\n"), &[]).expect_err("empty");
    assert!(told.len() == 3 && told.iter().all(|line| line.starts_with("config.toml:7: ")), "{told:#?}");

    let keys_in_voucher = with_voucher(host, KEY).replace(&format!("\nhash_key = \"{KEY}\"\nhash_iv = \"{IV}\""), "");
    let env = [("ECPAYD_MERCHANT__0__CARD__HASH_KEY", KEY), ("ECPAYD_MERCHANT__0__CARD__HASH_IV", IV)];
    let scene = Scene::new("");
    scene.write("config.toml", keys_in_voucher, 0o644);
    let told = scene.load(&env).expect_err("open to others");
    assert!(told.len() == 1 && told[0].contains("others can open this file (mode 644) and it holds keys"), "{told:#?}");
}

#[test]
fn there_is_at_least_one_merchant_and_each_number_stands_once() {
    refused("", &[], "merchant is missing; add a [[merchant]] section");
    refused("merchant = []", &[], "merchant is missing");
    let told = load("[[merchants]]\n", &[]).expect_err("misspelt");
    assert!(told.concat().contains("config.toml:1: unknown key merchants; did you mean merchant?"), "{told:#?}");
    refused(&(production() + &production()), &[], "config.toml:8: merchant[1].merchant_id 1234567 stands twice");
    refused(
        &production().replace("1234567", "12-34"),
        &[],
        "merchant[0].merchant_id must be 1 to 10 letters and digits",
    );
    refused(&production().replace("[[merchant]]", "[merchant]"), &[], "merchant is a section; write [[merchant]]");
    let told = load("[[merchant]]\n", &[]).expect_err("empty");
    let wanted = ["merchant_id", "card.base_url", "card.hash_key", "card.hash_iv"];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for (line, key) in told.iter().zip(wanted) {
        assert!(line.starts_with(&format!("config.toml:1: merchant[0].{key} is missing; ")), "{line}");
    }
}

fn with_credential(scene: &Scene, need: KeysNeeded, env: &[(&str, &str)]) -> Result<String, String> {
    let key = "hash_key_credential = \"k_shop.key\"";
    scene.write("config.toml", with_keys(HOST, key, &format!("hash_iv = \"{IV}\"")), 0o640);
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings::load(&scene.path("config.toml"), env, need).map_err(|problems| problems.to_string())?;
    Ok(settings.merchants[0].card.hash_key.expose_secret().to_owned())
}

#[test]
fn a_credential_is_read_where_the_unit_reads_it_unless_systemd_hands_one_over() {
    let scene = Scene::new("");
    fs::create_dir(scene.path("keys")).expect("a directory");
    for need in [KeysNeeded::All, KeysNeeded::Readable] {
        let missing = with_credential(&scene, need, &[]).expect_err("no such file");
        assert!(
            missing.contains("$CREDENTIALS_DIRECTORY is not set; looked in ") && missing.contains("/keys"),
            "{missing}"
        );
        assert!(!missing.contains("shop.key"), "{missing}");
        for (text, why) in [("", "gives 0 bytes"), ("k3yK3yk3yK3yk3y", "gives 15 bytes")] {
            let file = scene.write("keys/shop.key", text, 0o600);
            let told = with_credential(&scene, need, &[]).expect_err("no key");
            assert!(told.contains(why), "{told}");
            fs::remove_file(file).expect("removed");
        }
        let file = scene.write("keys/shop.key", format!("{KEY}\n"), 0o600);
        assert_eq!(with_credential(&scene, need, &[]), Ok(KEY.to_owned()));
        let handed = scene.write("k_shop.key", "h3hH3hh3hH3hh3hA", 0o600);
        let directory = scene.dir.path().to_str().expect("text");
        let with = with_credential(&scene, need, &[("CREDENTIALS_DIRECTORY", directory)]);
        assert_eq!(with.as_deref(), Ok("h3hH3hh3hH3hh3hA"));
        fs::remove_file(file).expect("removed");
        fs::remove_file(handed).expect("removed");
    }
    assert_eq!(with_credential(&scene, KeysNeeded::None, &[]).as_deref(), Ok(""), "a person's command needs none");
}

#[test]
fn a_credential_of_a_drop_in_is_left_to_the_unit_where_nobody_calls() {
    let scene = Scene::new("");
    let key = "hash_key_credential = \"elsewhere\"";
    scene.write("config.toml", with_keys(HOST, key, &format!("hash_iv = \"{IV}\"")), 0o640);
    let examined = Settings::examine(&scene.path("config.toml"), std::iter::empty(), KeysNeeded::Readable);
    assert_eq!(examined.settings.expect("good").merchants[0].card.hash_key.expose_secret(), "");
    let stands: Vec<_> = examined.secrets.iter().map(|secret| (secret.name.as_str(), &secret.stands)).collect();
    let expected = [
        ("merchant[0].card.hash_key_credential", &Stands::Elsewhere),
        ("merchant[0].card.hash_iv", &Stands::InSettings),
    ];
    assert_eq!(stands, expected);
    // One beside the settings, as units before have named it.
    let file = scene.write("elsewhere", KEY, 0o600);
    let examined = Settings::examine(&scene.path("config.toml"), std::iter::empty(), KeysNeeded::Readable);
    assert_eq!(examined.secrets[0].file(), Some(file.as_path()));
}
