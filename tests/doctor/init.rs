//! `init`.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::scene::{Gateway, IV, KEY, Scene};
use super::support::{MERCHANT, Told, ecpayd, told};

fn piped(scene: &Scene, url: &str, answers: &str) -> Told {
    let mut command = assert_cmd::Command::from_std(ecpayd());
    command.args(["init", "--base-url", url]).arg("--dir").arg(scene.home()).write_stdin(answers);
    let output = command.output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_questions_make_settings_with_which_the_daemon_works() {
    let gateway = Gateway::start();
    let scene = Scene::empty();
    let said = piped(&scene, &gateway.url, &format!("{MERCHANT}\n{KEY}\n{IV}\nyes\n"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.out.contains("gateway-answer") && said.out.contains("next: ecpayd --config"), "{}", said.out);
    assert!(!said.out.contains(KEY) && !said.out.contains(IV), "{}", said.out);
    assert_eq!((scene.mode("config.toml"), scene.mode("keys")), (0o640, 0o700));
    for (name, key) in [("hash_key", KEY), ("hash_iv", IV)] {
        assert_eq!(std::fs::read_to_string(scene.key_file(name)).expect("a key"), format!("{key}\n"));
        assert_eq!(scene.mode(&format!("keys/{MERCHANT}.card.{name}")), 0o600);
    }
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("settings");
    assert!(text.contains("api = \"json\""), "what is not answered: {text}");
    assert!(text.contains("daily_auto_close = true") && !text.contains(KEY) && text.len() < 2000, "{text}");
    assert_eq!(std::fs::read_dir(scene.home()).expect("a directory").count(), 2, "nothing else is left there");

    let checked = scene.tell(&["check-config"]);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""), "{checked:?}");
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
    gateway.control("orders", "{\"merchant_trade_no\":\"A1\",\"amount\":1200}").await;
    assert_eq!(scene.tell(&["orders", "add", "A1"]).code, Some(0));
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
    assert_eq!(scene.sql().ask("SELECT state FROM order_status"), "authorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_by_form_are_one_answer_and_need_no_hand_at_the_settings() {
    let gateway = Gateway::start_by_form();
    let scene = Scene::empty();
    let said = piped(&scene, &gateway.url, &format!("{MERCHANT}\n{KEY}\n{IV}\nno\nform\n"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("settings");
    assert!(text.contains("api = \"form\"") && text.contains(&format!("form_url = \"{}\"", gateway.url)), "{text}");
    gateway.control("orders", "{\"merchant_trade_no\":\"A1\",\"amount\":1200}").await;
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
    assert_eq!(scene.tell(&["orders", "add", "A1", "--capture"]).code, Some(0));
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
    assert_eq!(gateway.sent("A1").await, ["C took effect"]);
}

/// As under systemd, which copies the files of the directory into one of its own.
#[test]
fn the_settings_are_good_with_the_credentials_that_the_unit_hands_over() {
    let scene = Scene::new("http://127.0.0.1:9");
    let handed = scene.path("handed");
    std::fs::create_dir(&handed).expect("a directory");
    for name in ["hash_key", "hash_iv"] {
        let file = scene.key_file(name);
        let credential = format!("k_{}", file.file_name().expect("a name").to_string_lossy());
        std::fs::rename(&file, handed.join(credential)).expect("moved");
    }
    for arguments in [&["check-config"][..], &["run", "--once"]] {
        let alone = scene.tell(arguments);
        assert!(alone.code == Some(2) && alone.err.contains("looked in") && alone.err.contains("/keys"), "{alone:?}");
        let mut command = scene.command(arguments);
        command.env("CREDENTIALS_DIRECTORY", &handed);
        let with = told(command);
        assert_eq!(
            (with.code, with.err.lines().filter(|l| l.starts_with("ecpayd: ")).count()),
            (Some(0), 0),
            "{with:?}"
        );
    }
}

#[test]
fn nothing_is_ever_written_over() {
    let url = "http://127.0.0.1:9";
    let scene = Scene::new(url);
    let before = scene.seen();
    for told in [scene.init_with_flags(url), piped(&scene, url, "")] {
        let said = told.error(1);
        assert!(said.contains("etc/config.toml is there already") && said.contains("--dir"), "{said}");
    }
    let kept = |seen: &std::collections::BTreeMap<_, _>| -> Vec<_> {
        seen.iter()
            .filter(|(path, _): &(&std::path::PathBuf, _)| path.starts_with(scene.home()))
            .map(|(p, s)| (p.clone(), *s))
            .collect()
    };
    assert_eq!(kept(&before), kept(&scene.seen()));

    // Another's key: all or nothing.
    let scene = Scene::empty();
    std::fs::create_dir_all(scene.path("keys")).expect("a directory");
    std::fs::write(scene.key_file("hash_iv"), "another").expect("a file");
    let told = scene.init_with_flags(url);
    assert!(told.error(1).contains("card.hash_iv is there already"), "{told:?}");
    assert!(!scene.path("config.toml").exists() && !scene.key_file("hash_key").exists());
    assert_eq!(std::fs::read_to_string(scene.key_file("hash_iv")).expect("kept"), "another");
    assert_eq!(std::fs::read_dir(scene.home()).expect("a directory").count(), 1, "nothing is left");
}

#[test]
fn bad_answers_that_are_piped_are_refused_in_one_sentence() {
    let loopback = "http://127.0.0.1:9";
    let production = "https://ecpayment.ecpay.com.tw";
    for (url, answers, why) in [
        (loopback, String::new(), "standard input ends before the merchant number"),
        (loopback, "12-34\n".to_owned(), "the merchant number must be 1 to 10 letters and digits"),
        (loopback, format!("{MERCHANT}\nk3yK3yk3yK3yk3y\n"), "the HashKey gives 15 bytes"),
        (loopback, format!("{MERCHANT}\n{KEY}\n\n"), "the HashIV gives 0 bytes"),
        (loopback, format!("{MERCHANT}\n{KEY}\n{IV}\nperhaps\n"), "must be yes or no"),
        (loopback, format!("{MERCHANT}\n{KEY}\n{IV}\n"), "standard input ends before 每日自動關帳"),
        (loopback, format!("{MERCHANT}\n{KEY}\n{IV}\nno\naio\n"), "the API must be form or json"),
        (production, format!("{MERCHANT}\n{KEY}\n"), "public stage keys"),
        ("https://vendor.ecpay.com.tw", String::new(), "--base-url names vendor.ecpay.com.tw"),
    ] {
        let scene = Scene::empty();
        let told = piped(&scene, url, &answers);
        let said = told.error(2);
        assert!(said.contains(why) && !said.contains("k3yK3y"), "{said}");
        assert!(!scene.home().exists(), "{why}: nothing is written");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let mut command = ecpayd();
    command.args([
        "init",
        "--merchant",
        MERCHANT,
        "--daily-auto-close",
        "no",
        "--api",
        "json",
        "--dir",
        "/proc/ecpayd",
    ]);
    command.args(["--hash-key-file", "/nowhere", "--hash-iv-file", "/nowhere"]);
    assert!(told(command).error(2).contains("--hash-key-file /nowhere cannot be read"));
    let scene = Scene::empty();
    std::fs::write(scene.home(), "a file").expect("a file");
    let told = scene.init_with_flags("http://127.0.0.1:9");
    assert!(told.error(1).contains("/etc/config.toml cannot be written"), "{told:?}");
}

/// Killed at any moment: settings that are there are whole, and another `init` goes on.
#[test]
fn a_kill_in_the_middle_leaves_no_settings_that_only_look_finished() {
    let mut unfinished = 0;
    for step in 0..40_u64 {
        let scene = Scene::empty();
        for (name, key) in [("key", KEY), ("iv", IV)] {
            std::fs::write(scene.dir.path().join(name), key).expect("a file");
        }
        let mut command = ecpayd();
        command.args(["init", "--merchant", MERCHANT, "--daily-auto-close", "no", "--api", "json"]);
        command.args(["--base-url", "http://127.0.0.1:9"]);
        command.arg("--dir").arg(scene.home()).arg("--hash-key-file").arg(scene.dir.path().join("key"));
        command.arg("--hash-iv-file").arg(scene.dir.path().join("iv")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        // No wish about when: each pause is another moment of its life.
        std::thread::sleep(Duration::from_micros(700 * step));
        child.kill().expect("our own child");
        child.wait().expect("our own child");
        if scene.path("config.toml").exists() {
            let told = scene.tell(&["check-config"]);
            assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
            continue;
        }
        unfinished += 1;
        let told = scene.init_with_flags("http://127.0.0.1:9");
        assert_eq!(told.code, Some(0), "{told:?}");
        assert_eq!(std::fs::read_dir(scene.home()).expect("a directory").count(), 2, "what was abandoned is gone");
        assert_eq!(scene.tell(&["check-config"]).code, Some(0));
    }
    assert!(unfinished > 0, "no kill came before the end");
}

/// A terminal of its own, which `script` makes.
#[test]
fn at_a_terminal_a_bad_answer_is_asked_for_again_and_keys_are_not_shown() {
    if !Command::new("script").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("left out: no script");
        return;
    }
    let scene = Scene::empty();
    let binary = env!("CARGO_BIN_EXE_ecpayd");
    let run = format!("{binary} init --lang en --base-url http://127.0.0.1:9 --dir {}", scene.home().display());
    let mut command = assert_cmd::Command::new("script");
    command.args(["--quiet", "--return", "--command", &run, "/dev/null"]).timeout(super::support::PATIENCE);
    let short = "k3yK3yk3yK3yk3y";
    command.write_stdin(format!("12-34\n{MERCHANT}\n{short}\n{KEY}\n{IV}\nperhaps\nno\naio\nform\n"));
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    for part in [
        "the merchant number must be 1 to 10 letters and digits",
        "HashKey gives 15 bytes; ECPay's keys have exactly 16",
        "must be yes or no",
        "must be form or json",
        "written: ",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    // What is typed before it is asked for may be shown by the terminal itself, once.
    let after = said.split("HashKey (not shown").nth(1).expect("the question");
    assert!(!after.contains(KEY) && !after.contains(IV), "{said}");
    assert_eq!(std::fs::read_to_string(scene.key_file("hash_iv")).expect("a key"), format!("{IV}\n"));
}
