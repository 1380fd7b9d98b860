//! The wire against vectors made by an independent implementation.

use std::collections::BTreeMap;

use ecpayd::gateway::wire::checksum;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::wire::urlencode;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    hash_key: String,
    hash_iv: String,
    json: String,
    urlencoded: String,
    data: String,
    data_dotnet_style: String,
    ecticket_check_mac_value: String,
}

#[test]
fn the_wire_agrees_with_an_independent_implementation() {
    let file: Vectors = serde_json::from_str(include_str!("vectors/wire.json")).expect("the vectors");
    assert!(!file.vectors.is_empty());
    for vector in file.vectors {
        let keys = Keys::new(&vector.hash_key, &vector.hash_iv).expect("16 bytes each");
        assert_eq!(urlencode::encode(&vector.json), vector.urlencoded);
        assert_eq!(keys.seal(&vector.json), vector.data);
        assert_eq!(keys.open(&vector.data).as_ref(), Ok(&vector.json));
        assert_eq!(checksum::of(&keys, &vector.json), vector.ecticket_check_mac_value);
        assert_eq!(keys.open(&vector.data_dotnet_style).as_ref(), Ok(&vector.json));
    }
}

#[derive(Deserialize)]
struct FormVectors {
    vectors: Vec<FormVector>,
    raw_bodies: Vec<RawBody>,
}

/// An answer as it was received, or as it was listed in the order it has.
#[derive(Deserialize)]
struct RawBody {
    name: String,
    hash_key: String,
    hash_iv: String,
    body: String,
    ok: bool,
}

#[test]
fn recorded_answers_of_the_form_api_verify_as_they_stand_and_altered_ones_do_not() {
    let file: FormVectors = serde_json::from_str(include_str!("vectors/form.json")).expect("the vectors");
    assert_eq!((file.raw_bodies.len(), file.raw_bodies.iter().filter(|body| !body.ok).count()), (15, 2));
    for RawBody { name, hash_key, hash_iv, body, ok } in file.raw_bodies {
        let keys = Keys::new(&hash_key, &hash_iv).expect("16 bytes each");
        let fields = checksum::form::verified(&keys, &body);
        assert_eq!(fields.is_some(), ok, "{name}");
        let Some(fields) = fields else { continue };
        let kept: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(body.starts_with(&kept.join("&")), "{name}: its fields are those of the text");
    }
}

#[derive(Deserialize)]
struct FormVector {
    name: String,
    hash_key: String,
    hash_iv: String,
    fields: BTreeMap<String, String>,
    check_mac_value: String,
}

#[test]
fn the_form_checksum_agrees_with_published_signatures() {
    let file: FormVectors = serde_json::from_str(include_str!("vectors/form.json")).expect("the vectors");
    assert_eq!(file.vectors.len(), 17);
    for FormVector { name, hash_key, hash_iv, fields, check_mac_value } in file.vectors {
        let keys = Keys::new(&hash_key, &hash_iv).expect("16 bytes each");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(checksum::form::of(&keys, &fields), check_mac_value, "{name}");
        assert!(checksum::form::holds(&keys, &fields, &check_mac_value), "{name}");
    }
}
