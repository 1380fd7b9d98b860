//! Sealing a request and opening an answer, beside the bare AES of the same bytes.

mod common;

use std::hint::black_box;

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::wire::urlencode;

use common::{Goal, Line, by_turns, measures, nanos, table};

const KEY: &str = "pwFHCqoQZGmho4w6";
const IV: &str = "EkRm7iFT261dpevs";

/// A money call's payload.
const REQUEST: &str = r#"{"MerchantID":"3002607","MerchantTradeNo":"20260803120000000017","TradeNo":"2608031200001217","Action":"R","TotalAmount":1200}"#;

/// A card detail with its closing rows.
fn answer() -> String {
    let row = |status: &str, amount: i64, at: &str| {
        format!(r#"{{"status":"{status}","sr":"","amount":"{amount}","datetime":"2026/8/{at} 下午 08:22:11"}}"#)
    };
    format!(
        r#"{{"RtnCode":1,"RtnMsg":"Success","MerchantID":"3002607","MerchantTradeNo":"20260803120000000017","TradeID":"14521552","amount":"1200","clsamt":"900","authtime":"2026/8/3 下午 12:01:52","status":"已關帳","close_data":[{},{},{},{},{}]}}"#,
        row("已關帳", 1200, "4"),
        row("已關帳", -100, "6"),
        row("已關帳", -100, "9"),
        row("操作取消", -300, "11"),
        row("要關帳", -100, "12"),
    )
}

/// AES-128-CBC from a buffer into another, with nothing around it but the key's schedule.
struct Raw {
    plain: Vec<u8>,
    sealed: Vec<u8>,
    scratch: Vec<u8>,
}

impl Raw {
    /// Of the bytes that the cipher is given for this text.
    fn of(json: &str) -> Self {
        let plain = urlencode::encode(json).into_bytes();
        let scratch = vec![0; plain.len() + 16];
        let mut raw = Self { sealed: Vec::new(), plain, scratch };
        raw.sealed = raw.encrypt().to_vec();
        raw
    }

    fn encrypt(&mut self) -> &[u8] {
        let cipher = cbc::Encryptor::<Aes128>::new_from_slices(KEY.as_bytes(), IV.as_bytes()).expect("16 bytes each");
        cipher.encrypt_padded_b2b::<Pkcs7>(&self.plain, &mut self.scratch).expect("room for a block more")
    }

    fn decrypt(&mut self) -> &[u8] {
        let cipher = cbc::Decryptor::<Aes128>::new_from_slices(KEY.as_bytes(), IV.as_bytes()).expect("16 bytes each");
        cipher.decrypt_padded_b2b::<Pkcs7>(&self.sealed, &mut self.scratch).expect("what was sealed")
    }
}

fn main() {
    let keys = Keys::new(KEY, IV).expect("the public stage keys");
    let answer = answer();
    let sealed = keys.seal(&answer);
    assert_eq!(keys.open(&sealed).as_deref(), Ok(answer.as_str()));
    let (mut request_raw, mut answer_raw) = (Raw::of(REQUEST), Raw::of(&answer));

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Bytes(REQUEST.len() as u64));
    bench(&mut group, "seal a request", || keys.seal(black_box(REQUEST)));
    bench(&mut group, "seal a request, AES alone", || request_raw.encrypt().len());
    group.throughput(Throughput::Bytes(answer.len() as u64));
    bench(&mut group, "open an answer", || keys.open(black_box(&sealed)));
    bench(&mut group, "open an answer, AES alone", || answer_raw.decrypt().len());
    group.finish();
    criterion.final_summary();

    if measures() {
        let seal = by_turns(25, || nanos(|| keys.seal(black_box(REQUEST))), || nanos(|| request_raw.encrypt().len()));
        let open = by_turns(25, || nanos(|| keys.open(black_box(&sealed))), || nanos(|| answer_raw.decrypt().len()));
        let line = |what: &str, json: &str, raw: &Raw, (ours, reference): (f64, f64), most| Line {
            what: format!("{what} ({} bytes of JSON, {} for the cipher)", json.len(), raw.plain.len()),
            ours: format!("{ours:.0} ns"),
            reference: format!("{reference:.0} ns"),
            ratio: ours / reference,
            goal: Goal::AtMost(most),
        };
        let lines = [
            line("seal a request", REQUEST, &request_raw, seal, 4.0),
            line("open an answer", &answer, &answer_raw, open, 14.0),
        ];
        table("Reference: AES-128-CBC of the same bytes, key schedule included, into a buffer that is there.", &lines);
    }
}

fn bench<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut call: impl FnMut() -> T) {
    group.bench_function(name, |bencher| bencher.iter(&mut call));
}
