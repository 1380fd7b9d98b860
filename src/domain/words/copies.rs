//! Why a ledger may be an older copy. The ledger keeps it in English, as it was noticed.

use crate::domain::language::Language;

/// What is said of the marker, before and behind its name.
const OF_MARKER: [(&str, &str, &str); 4] = [
    ("its marker ", " is empty", "是空的"),
    ("its marker ", " is not there", "不在"),
    ("its marker ", " is damaged", "已損壞"),
    ("the marker ", " is of another ledger", "屬於另一份帳本"),
];

/// Any other words stay as they came.
pub fn copy(language: Language, reason: &str) -> String {
    let chinese = || of_event(reason).or_else(|| of_marker(reason)).unwrap_or_else(|| reason.to_owned());
    if language == Language::Chinese { chinese() } else { reason.to_owned() }
}

fn of_event(reason: &str) -> Option<String> {
    if let Some((name, id)) = reason
        .strip_prefix("its marker ")
        .and_then(|rest| rest.strip_suffix(", and the ledger does not"))
        .and_then(|rest| rest.rsplit_once(" knows of event "))
    {
        return Some(format!("標記檔 {name} 記得事件 {id}，帳本裡卻沒有"));
    }
    let (id, name) = reason.strip_prefix("event ")?.split_once(" is another one than its marker ")?;
    Some(format!("事件 {id} 與標記檔 {} 記得的不同", name.strip_suffix(" knows")?))
}

fn of_marker(reason: &str) -> Option<String> {
    let told = |(before, behind, chinese): &(&str, &str, &str)| {
        let name = reason.strip_prefix(before)?.strip_suffix(behind)?;
        Some(format!("標記檔 {name} {chinese}"))
    };
    OF_MARKER.iter().find_map(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_ledger_may_be_a_copy_is_told_in_chinese() {
        for (reason, chinese) in [
            (
                "its marker /l/a.db.mark knows of event 207, and the ledger does not",
                "標記檔 /l/a.db.mark 記得事件 207，帳本裡卻沒有",
            ),
            ("event 7 is another one than its marker a.mark knows", "事件 7 與標記檔 a.mark 記得的不同"),
            ("its marker a.mark is not there", "標記檔 a.mark 不在"),
            ("the marker a.mark is of another ledger", "標記檔 a.mark 屬於另一份帳本"),
            ("its marker a.mark cannot be read (denied)", "its marker a.mark cannot be read (denied)"),
        ] {
            assert_eq!(copy(Language::Chinese, reason), chinese);
            assert_eq!(copy(Language::English, reason), reason);
        }
    }
}
