//! The tickets of a voucher order (vendor page QueryOrderInfo, "Message payload of TicketList").

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::money::Twd;
use crate::domain::quote::{one_line, quote};
use crate::domain::voucher::{Ticket, TicketKind, UseStatus};
use crate::gateway::wire::liberal::{self, Fields};
use crate::gateway::wire::times;

/// The vendor says String(16); what is far longer is no number.
const LONGEST_NUMBER: usize = 40;
/// The vendor says String(20), and its own sample has 31.
const LONGEST_NAME: usize = 100;
pub(super) const LONGEST_CODE: usize = 20;

#[derive(Clone, Debug, Deserialize)]
pub struct TicketAnswer {
    #[serde(rename = "TicketNo", default, deserialize_with = "liberal::text")]
    pub ticket_no: String,
    /// 1: unused; 2: redeemed; 3: refunded; 4: expired.
    #[serde(rename = "UseStatus", default, deserialize_with = "liberal::text")]
    pub use_status: String,
    /// Serial numbers alone come without it.
    #[serde(rename = "ItemNo", default, deserialize_with = "liberal::optional_text")]
    pub item_no: Option<String>,
    #[serde(rename = "ItemName", default, deserialize_with = "liberal::optional_text")]
    pub item_name: Option<String>,
    /// 1: pickup voucher; 2: gift voucher.
    #[serde(rename = "TicketType", default, deserialize_with = "liberal::whole_if_readable")]
    pub ticket_type: Option<i64>,
    /// The face value.
    #[serde(rename = "TicketAmount", deserialize_with = "liberal::amount")]
    pub ticket_amount: Twd,
    #[serde(rename = "StartDate", default, deserialize_with = "times::day")]
    pub start_date: Option<NaiveDate>,
    #[serde(rename = "WriteOffDate", default, deserialize_with = "times::taipei_time_or_day")]
    pub write_off_date: Option<DateTime<Utc>>,
    #[serde(rename = "RefundDate", default, deserialize_with = "times::taipei_time_or_day")]
    pub refund_date: Option<DateTime<Utc>>,
    #[serde(rename = "ExpiredDate", default, deserialize_with = "times::day")]
    pub expired_date: Option<NaiveDate>,
    /// Who has it can redeem the ticket. Serial numbers alone come without it.
    #[serde(rename = "WriteOffNo", default, deserialize_with = "liberal::secret")]
    pub write_off_no: Option<SecretString>,
}

impl TicketAnswer {
    /// `None` for a status that the table has no word for.
    fn ticket<E: de::Error>(self) -> Result<Option<Ticket>, E> {
        let no = one_line(&self.ticket_no, LONGEST_NUMBER);
        if no.is_empty() || no != self.ticket_no {
            return Err(E::custom("a ticket without a number"));
        }
        let Some(status) = code_in(&self.use_status).and_then(UseStatus::of_code) else { return Ok(None) };
        Ok(Some(Ticket {
            no,
            status,
            kind: self.ticket_type.and_then(TicketKind::of_code),
            item_no: self.item_no.map(|no| one_line(&no, LONGEST_NUMBER)),
            item_name: self.item_name.map(|name| quote(&name, LONGEST_NAME)),
            amount: self.ticket_amount,
            starts_on: self.start_date,
            expires_on: self.expired_date,
            redeemed_at: self.write_off_date,
            refunded_at: self.refund_date,
        }))
    }
}

/// A code that something is decided by.
pub(super) fn code_in(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// Each ticket is judged as it is read: kept as it came, a list would take several times its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketList {
    pub tickets: Vec<Ticket>,
    /// The first `UseStatus` that the table has no word for. Nothing is known of the order then.
    pub unclear: Option<String>,
}

impl<'de> Deserialize<'de> for TicketList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Listed)
    }
}

struct Listed;

impl<'de> Visitor<'de> for Listed {
    type Value = TicketList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tickets, or nothing")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TicketList, A::Error> {
        let mut list = TicketList::default();
        while let Some(Fields(item)) = items.next_element::<Fields<TicketAnswer>>()? {
            let code = quote(&item.use_status, LONGEST_CODE);
            match item.ticket()? {
                Some(ticket) => list.tickets.push(ticket),
                None => drop(list.unclear.get_or_insert(code)),
            }
        }
        Ok(list)
    }

    fn visit_unit<E>(self) -> Result<TicketList, E> {
        Ok(TicketList::default())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TicketList, E> {
        if text.trim().is_empty() { Ok(TicketList::default()) } else { Err(E::custom("text for a list of tickets")) }
    }

    /// `{}` is how the vendor's services have written an empty list.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<TicketList, A::Error> {
        match fields.next_key::<IgnoredAny>()? {
            None => Ok(TicketList::default()),
            Some(_) => Err(de::Error::custom("an object for a list of tickets")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Two of the vendor's sample tickets, with each date of its table filled in once.
    fn sample() -> Value {
        json!([
            {"TicketNo": "CX12345600001", "UseStatus": 2, "ItemNo": "T00358",
             "ItemName": "Weekday accommodation voucher", "TicketType": "1", "TicketAmount": 1200,
             "StartDate": "20230501", "WriteOffDate": "20230601", "RefundDate": "", "ExpiredDate": "", "WriteOffNo": "W1"},
            {"TicketNo": "CX12345600002", "UseStatus": "3", "ItemName": null, "TicketType": 2, "TicketAmount": "300",
             "StartDate": null, "WriteOffDate": "", "RefundDate": "20230622 09:30", "ExpiredDate": "20231231"},
        ])
    }

    fn read(list: &Value) -> Result<TicketList, serde_json::Error> {
        serde_json::from_str(&list.to_string())
    }

    #[test]
    fn every_field_of_the_vendors_tickets_is_read() {
        let day = NaiveDate::from_ymd_opt;
        let at = |text: &str| Some(text.parse().expect("an instant"));
        let redeemed = Ticket {
            no: "CX12345600001".to_owned(),
            status: UseStatus::Redeemed,
            kind: Some(TicketKind::Pickup),
            item_no: Some("T00358".to_owned()),
            item_name: Some("Weekday accommodation voucher".to_owned()),
            amount: Twd::new(1200).expect("an amount"),
            starts_on: day(2023, 5, 1),
            expires_on: None,
            redeemed_at: at("2023-05-31T16:00:00Z"),
            refunded_at: None,
        };
        let refunded = Ticket {
            no: "CX12345600002".to_owned(),
            status: UseStatus::Refunded,
            kind: Some(TicketKind::Gift),
            item_no: None,
            item_name: None,
            amount: Twd::new(300).expect("an amount"),
            starts_on: None,
            expires_on: day(2023, 12, 31),
            redeemed_at: None,
            refunded_at: at("2023-06-22T01:30:00Z"),
        };
        let list = read(&sample()).expect("a list");
        assert_eq!(list, TicketList { tickets: vec![redeemed, refunded], unclear: None });
    }

    #[test]
    fn a_redemption_code_is_read_and_not_shown() {
        let ticket: TicketAnswer = serde_json::from_value(sample()[0].clone()).expect("a ticket");
        assert!(ticket.write_off_no.is_some());
        assert!(!format!("{ticket:?}").contains("W1"));
    }

    #[test]
    fn an_empty_list_comes_in_several_shapes() {
        for nothing in [json!([]), json!(null), json!(""), json!({})] {
            assert_eq!(read(&nothing).expect("a list"), TicketList::default(), "{nothing}");
        }
    }

    #[test]
    fn an_unknown_use_status_is_kept_raw_and_an_unknown_type_is_nothing() {
        let mut list = sample();
        list[1]["TicketType"] = json!("7");
        assert_eq!(read(&list).expect("a list").tickets[1].kind, None);
        for (code, raw) in [(json!(5), "5"), (json!("used"), "used"), (json!(null), ""), (json!(1.5), "1.5")] {
            list[0]["UseStatus"] = code;
            assert_eq!(read(&list).expect("a list").unclear.as_deref(), Some(raw));
        }
    }

    #[test]
    fn a_ticket_without_a_number_or_an_amount_makes_the_list_unreadable() {
        for (name, value) in [
            ("TicketNo", json!(null)),
            ("TicketNo", json!("")),
            ("TicketNo", json!("CX1\n")),
            ("TicketNo", json!("X".repeat(41))),
            ("TicketAmount", json!(null)),
            ("TicketAmount", json!(-1)),
            ("TicketAmount", json!(0.5)),
        ] {
            let mut list = sample();
            list[1][name] = value;
            assert!(read(&list).is_err(), "{list}");
        }
    }
}
