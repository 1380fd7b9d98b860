//! The wire against vectors made by an independent implementation.

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
