//! How the same answer is put into text: the vendor's services were not all written in one language.

use serde_json::Value;

use super::bank::{JsonText, Percent, Space, Terms};
use crate::gateway::wire::urlencode;

/// The JSON text of an answer, which a checksum is made over.
pub fn json(data: &Value, terms: &Terms) -> String {
    let mut data = data.clone();
    if let Some(code) = data["RtnCode"].as_i64().filter(|_| terms.text_codes) {
        data["RtnCode"] = Value::String(code.to_string());
    }
    let text = data.to_string();
    match terms.json {
        JsonText::Raw => text,
        JsonText::Escaped => escaped(&text),
    }
}

/// What goes into the cipher.
pub fn encoded(json: &str, terms: &Terms) -> String {
    let php = urlencode::encode(json);
    let styled = match terms.percent {
        Percent::Php => php,
        Percent::Dotnet => dotnet(&php),
    };
    match terms.space {
        Space::Plus => styled,
        // A plus of the text itself is escaped by now.
        Space::Percent => styled.replace('+', "%20"),
    }
}

/// A slash stands only inside strings, where `\/` means the same.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out
}

fn dotnet(php: &str) -> String {
    let mut parts = php.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Every part begins with the two digits that the encoder wrote.
        let (hex, rest) = part.split_at(2);
        match hex {
            "21" => out.push('!'),
            "28" => out.push('('),
            "29" => out.push(')'),
            "2A" => out.push('*'),
            _ => {
                out.push('%');
                out.push_str(&hex.to_lowercase());
            }
        }
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_text_has_the_styles_of_php_and_dotnet() {
        let text = "付 a+b!*()'~/_-.";
        for (percent, space, styled) in [
            (Percent::Php, Space::Plus, "%E4%BB%98+a%2Bb%21%2A%28%29%27%7E%2F_-."),
            (Percent::Php, Space::Percent, "%E4%BB%98%20a%2Bb%21%2A%28%29%27%7E%2F_-."),
            (Percent::Dotnet, Space::Plus, "%e4%bb%98+a%2bb!*()%27%7e%2f_-."),
            (Percent::Dotnet, Space::Percent, "%e4%bb%98%20a%2bb!*()%27%7e%2f_-."),
        ] {
            let terms = Terms { percent, space, ..Terms::default() };
            assert_eq!(encoded(text, &terms), styled);
            assert_eq!(urlencode::decode(styled).as_deref(), Ok(text));
        }
    }

    #[test]
    fn escaped_json_means_the_same() {
        let data = json!({ "RtnCode": 1, "RtnMsg": "付款/退款 😀\n\"" });
        let terms = Terms { json: JsonText::Escaped, ..Terms::default() };
        let text = json_text(&data, &terms);
        assert!(text.is_ascii() && text.contains("\\u4ed8\\u6b3e\\/") && text.contains("\\ud83d\\ude00"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), data);
        let as_text = Terms { text_codes: true, ..Terms::default() };
        assert!(json_text(&data, &as_text).contains(r#""RtnCode":"1""#));
    }

    fn json_text(data: &Value, terms: &Terms) -> String {
        super::json(data, terms)
    }
}
