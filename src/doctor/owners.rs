//! The names of users and groups, as this machine's own files tell them.

use std::path::Path;

/// A name, or the number where there is none.
pub fn user(uid: u32) -> String {
    name(Path::new("/etc/passwd"), uid)
}

pub fn group(gid: u32) -> String {
    name(Path::new("/etc/group"), gid)
}

/// The number of a group.
pub fn group_id(wanted: &str) -> Option<u32> {
    let text = std::fs::read_to_string("/etc/group").ok()?;
    entries(&text).find(|(name, _)| *name == wanted).map(|(_, id)| id)
}

fn name(file: &Path, id: u32) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let found = entries(&text).find(|(_, found)| *found == id).map(|(name, _)| name.to_owned());
    found.unwrap_or_else(|| id.to_string())
}

/// passwd(5) and group(5) begin alike: a name, a password, a number.
fn entries(text: &str) -> impl Iterator<Item = (&str, u32)> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        Some((name, fields.nth(1)?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_first_and_its_number_third() {
        let text = "root:x:0:0:root:/root:/bin/sh\nbroken\nshop:x:33:33::/:/bin/false\n";
        assert_eq!(entries(text).collect::<Vec<_>>(), [("root", 0), ("shop", 33)]);
    }
}
