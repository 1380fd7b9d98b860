//! No body makes the daemon take memory out of proportion to its length, and none its stack.

#[path = "../fuzz/src/decoder.rs"]
mod decoder;
#[path = "../fuzz/src/facts.rs"]
mod facts;
#[path = "../fuzz/src/oracle.rs"]
mod oracle;
#[path = "../fuzz/src/scripted.rs"]
#[allow(dead_code)] // The fuzz targets use the rest.
mod scripted;
#[path = "../fuzz/src/vouchers.rs"]
mod vouchers;

use aes::Aes128;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use ecpayd::gateway::wire::checksum;
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Repeats `part` between two ends, to a JSON of about `bytes`.
fn many(open: &str, part: &str, close: &str, bytes: usize) -> String {
    format!("{open}{}{close}", part.repeat(bytes / part.len()))
}

fn nested(before: &str, open: &str, middle: &str, close: &str, after: &str, bytes: usize) -> String {
    let depth = bytes / (open.len() + close.len());
    format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth))
}

fn tickets(open: &str, bytes: usize, ticket: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..bytes / ticket(1000).len()).map(ticket).collect();
    format!("{open}{}]}}", rows.join(","))
}

/// Payloads made to cost more than their length.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let detail = r#"{"RtnMsg":"","RtnValue":{"TradeID":14521552,"Amount":1000,"Status":"Captured"},"CloseData":["#;
    let row = r#"{"Status":"Captured","Amount":1,"DateTime":"2026/08/02 20:15:00"}"#;
    let order = r#"{"RtnCode":1,"MerchantTradeNo":"A1","Status":1,"TotalCount":9,"TradeAmount":9,"TicketList":["#;
    vec![
        ("lists in lists", nested("", "[", "", "]", "", bytes)),
        ("objects in objects", nested("", "{\"a\":", "1", "}", "", bytes)),
        ("lists in a field that is read", nested("{\"RtnCode\":1,\"RtnMsg\":", "[", "", "]", "}", bytes)),
        ("lists in a field that nobody reads", nested("{\"RtnCode\":1,\"Other\":", "[", "", "]", "}", bytes)),
        ("lists that never end", "[".repeat(bytes)),
        ("lists for closing rows", nested(&detail[..detail.len() - 1], "[", "", "]", "}", bytes)),
        ("objects for closing rows", nested(&detail[..detail.len() - 1], "{\"a\":", "1", "}", "}", bytes)),
        ("a number of many digits", many("{\"RtnCode\":", "9", "}", bytes)),
        ("a fraction of many digits", many("{\"RtnCode\":0.", "1", "}", bytes)),
        ("a number with a huge exponent", many("{\"RtnCode\":1e", "9", "}", bytes)),
        ("a number of many digits as text", many("{\"RtnCode\":\"", "9", "\"}", bytes)),
        ("a long text", many("{\"RtnCode\":2,\"RtnMsg\":\"", "x", "\"}", bytes)),
        ("a text of escapes", many("{\"RtnCode\":2,\"RtnMsg\":\"", "\\u4ed8", "\"}", bytes)),
        ("a text of short escapes", many("{\"RtnCode\":2,\"RtnMsg\":\"", "\\n", "\"}", bytes)),
        ("a long status word", many("{\"RtnValue\":{\"Amount\":1,\"Status\":\"", "付", "\"}}", bytes)),
        ("a long order number", many("{\"RtnCode\":1,\"OrderInfo\":{\"MerchantTradeNo\":\"", "A", "\"}}", bytes)),
        (
            "a long payment type",
            many(
                "{\"RtnCode\":1,\"OrderInfo\":{\"MerchantTradeNo\":\"A1\",\"TradeStatus\":1,\"TradeNo\":\"T\",\"PaymentType\":\"",
                "A",
                "\"}}",
                bytes,
            ),
        ),
        ("many numbers", many("{\"RtnCode\":[", "1,", "1]}", bytes)),
        ("many empty objects in a field", many("{\"RtnCode\":1,\"OrderInfo\":{\"TradeNo\":[", "{},", "{}]}}", bytes)),
        ("many objects in a field", many("{\"RtnCode\":[", "{\"\":0},", "{}]}", bytes)),
        ("many unknown names", many("{", "\"a\":0,", "\"RtnCode\":1}", bytes)),
        ("many closing rows", many(detail, &format!("{row},"), &format!("{row}]}}"), bytes)),
        ("many short closing rows", many(detail, "{\"Amount\":1},", "{\"Amount\":1}]}", bytes)),
        ("many closing rows without an amount", many(detail, "{},", "{}]}", bytes)),
        ("lists for tickets", nested(&order[..order.len() - 1], "[", "", "]", "}", bytes)),
        ("objects for tickets", nested(&order[..order.len() - 1], "{\"a\":", "1", "}", "}", bytes)),
        (
            "many tickets",
            tickets(order, bytes, |no| format!("{{\"TicketNo\":{no},\"UseStatus\":1,\"TicketAmount\":1}}")),
        ),
        (
            "many tickets of one number",
            many(order, "{\"TicketNo\":1,\"UseStatus\":1,\"TicketAmount\":1},", "{}]}", bytes),
        ),
        (
            "many tickets of no known status",
            many(order, "{\"TicketNo\":1,\"TicketAmount\":1},", "{\"TicketNo\":1,\"TicketAmount\":1}]}", bytes),
        ),
        ("many tickets without anything", many(order, "{},", "{}]}", bytes)),
        (
            "many tickets with texts",
            tickets(order, bytes, |no| {
                format!("{{\"TicketNo\":{no},\"UseStatus\":2,\"TicketAmount\":1,\"ItemNo\":1,\"ItemName\":1}}")
            }),
        ),
        (
            "a long remark",
            many("{\"RtnCode\":1,\"MerchantTradeNo\":\"A1\",\"Status\":3,\"Remark\":\"", "付", "\"}", bytes),
        ),
        ("a long unknown status", many("{\"RtnCode\":1,\"MerchantTradeNo\":\"A1\",\"Status\":\"", "付", "\"}", bytes)),
        ("percent signs", many("{\"RtnCode\":2,\"RtnMsg\":\"", "%", "\"}", bytes)),
        ("percent signs escaped", many("{\"RtnCode\":2,\"RtnMsg\":\"", "%25", "\"}", bytes)),
        ("plus signs", many("{\"RtnCode\":2,\"RtnMsg\":\"", "+", "\"}", bytes)),
        ("blanks", many("{", " ", "\"RtnCode\":1}", bytes)),
        ("nothing but quotes", "\"".repeat(bytes)),
    ]
}

/// Bodies that are hostile before anything is decrypted.
fn hostile_bodies(bytes: usize) -> Vec<Vec<u8>> {
    let mut bodies: Vec<String> = hostile(bytes).into_iter().map(|(_, json)| json).collect();
    bodies.push(many("{\"TransCode\":0,\"TransMsg\":\"", "\\n", "\"}", bytes));
    bodies.push(many("{\"TransCode\":1,\"Data\":\"", "AAAA", "\"}", bytes));
    bodies.push(many("{\"TransCode\":1,\"Data\":\"", "\\n", "\"}", bytes));
    bodies.push(many("{\"TransCode\":1,\"Data\":\"", "A ", "\"}", bytes));
    bodies.push(many("{\"TransCode\":1,\"RpHeader\":{\"Timestamp\":[", "{},", "{}]},\"Data\":\"\"}", bytes));
    bodies.push(many("{\"TransCode\":1,\"Data\":[", "\"A\",", "\"A\"]}", bytes));
    bodies.into_iter().map(String::into_bytes).chain([vec![0xff; bytes], vec![0; bytes]]).collect()
}

/// Sealed without urlencode, which would make it three times as long: the worst that a body can hold.
fn sealed_bare(json: &str) -> Vec<u8> {
    let (key, iv): ([u8; 16], [u8; 16]) = (bytes_of(scripted::HASH_KEY), bytes_of(scripted::HASH_IV));
    let cipher = cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into());
    let data = BASE64_STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(json.as_bytes()));
    let sum = checksum::of(&scripted::keys(), json);
    format!("{{\"TransCode\":1,\"Data\":\"{data}\",\"CheckMacValue\":\"{sum}\"}}").into_bytes()
}

fn bytes_of(key: &str) -> [u8; 16] {
    key.as_bytes().try_into().expect("16 bytes")
}

// One test: the heap is the whole process's.
#[test]
fn a_body_takes_memory_in_proportion_to_its_length_whatever_is_in_it() {
    for bytes in [1024, 32 * 1024] {
        for (name, json) in hostile(bytes) {
            println!("{name}, {bytes} bytes");
            decoder::is_frugal(&sealed_bare(&json), &HEAP);
            if bytes == 1024 {
                decoder::check(json.as_bytes());
            }
        }
        for body in hostile_bodies(bytes) {
            decoder::is_frugal(&body, &HEAP);
        }
    }
}
