//! No file needs itself by way of others: files that stand in a circle can only be read whole.
//!
//! A file needs the files whose items it names, through whatever re-export. The first file of a
//! folder does not need its children for declaring them, nor for passing their names on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{opened, paths, sources};

/// The names on the way from the root of the crate.
type Path = Vec<String>;

/// Each file with those that it needs, and a path that says so.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

/// The files of a crate by the module that each holds.
struct Crate(BTreeMap<Path, File>);

struct File {
    name: String,
    /// Code by the module it stands in: the file's own, then those inside it.
    pieces: Vec<(Path, String)>,
    /// Its modules that are files of their own.
    children: BTreeSet<String>,
    /// What `use` brings in: each name, and what it names.
    brought: BTreeMap<String, Path>,
    /// The modules of which it brings in everything.
    everything_of: Vec<Path>,
}

impl Crate {
    fn of<'a>(files: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let modules = files.clone().map(|(name, _)| module_of(name)).collect();
        Self(files.map(|(name, code)| (module_of(name), File::of(name, code, &modules))).collect())
    }

    fn needs(&self) -> Needs {
        let needed = |file: &File| {
            let found = file.named().into_iter().map(|path| (self.holder(&path).name.clone(), path.join("::")));
            found.filter(|(needed, _)| *needed != file.name).collect()
        };
        self.0.values().map(|file| (file.name.clone(), needed(file))).collect()
    }

    /// The file in which the thing stands that a path names.
    fn holder(&self, path: &[String]) -> &File {
        let held = |depth: &usize| self.0.contains_key(&path[..*depth]);
        let depth = (0..=path.len()).rev().find(held).expect("at least the root");
        let file = &self.0[&path[..depth]];
        let Some((name, rest)) = path[depth..].split_first() else { return file };
        if let Some(brought) = file.brought.get(name) {
            return self.holder(&joined(brought, rest));
        }
        if file.defines(name) {
            return file;
        }
        let elsewhere = file.everything_of.iter().map(|from| self.holder(&joined(from, &path[depth..])));
        elsewhere.into_iter().find(|holder| holder.defines(name)).unwrap_or(file)
    }
}

impl File {
    fn of(name: &str, code: &str, modules: &BTreeSet<Path>) -> Self {
        let module = module_of(name);
        let below = |m: &&Path| m.len() == module.len() + 1 && m.starts_with(&module);
        let children = modules.iter().filter(below).filter_map(|m| m.last().cloned()).collect();
        let mut file = Self {
            name: name.to_owned(),
            pieces: pieces(&module, &without_scopes(code)),
            children,
            brought: BTreeMap::new(),
            everything_of: Vec::new(),
        };
        for statement in imports(&file.pieces[0].1) {
            let (visible, what) = statement.split_once("use ").expect("an import");
            let mut named = BTreeSet::new();
            opened(what, Vec::new(), &mut named);
            let named: Vec<Path> = named.iter().filter_map(|path| file.absolute(&module, path)).collect();
            for path in named {
                if what.ends_with("::*;") {
                    // Not the variants of an enum.
                    file.everything_of.extend(Some(path).filter(|path| modules.contains(path)));
                } else if let Some(name) = path.last() {
                    file.brought.insert(name.clone(), path);
                }
            }
            let first = what.split(':').next().unwrap_or_default();
            if !visible.is_empty() && (first == "self" || file.children.contains(first)) {
                file.pieces[0].1 = file.pieces[0].1.replace(&statement, "");
            }
        }
        file
    }

    /// Every path of this crate that the file names.
    fn named(&self) -> BTreeSet<Path> {
        let mut found = BTreeSet::new();
        for (place, code) in &self.pieces {
            let firsts =
                ["crate", "ecpayd", "super", "self"].into_iter().chain(self.children.iter().map(String::as_str));
            for first in firsts {
                let named = paths(code, &format!("{first}::")).into_iter();
                let named = named.map(|path| joined(&[first.to_owned()], &path));
                found.extend(named.filter_map(|path| self.absolute(place, &path)));
            }
        }
        found
    }

    /// A path that is written in the module `place`; nothing for one of another crate.
    fn absolute(&self, place: &[String], path: &[String]) -> Option<Path> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" | "ecpayd" => (&place[..0], &path[1..]),
            "self" => (place, &path[1..]),
            "super" => (&place[..place.len() - ups], &path[ups..]),
            child if self.children.contains(child) => (&*self.pieces[0].0, path),
            _ => return None,
        };
        let rest = rest.strip_suffix(&["self".to_owned()]).unwrap_or(rest);
        Some(joined(base, rest))
    }

    fn defines(&self, name: &str) -> bool {
        const KINDS: [&str; 8] = ["struct", "enum", "fn", "trait", "const", "static", "type", "mod"];
        let words: Vec<&str> = self.pieces[0].1.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        words.windows(2).any(|pair| KINDS.contains(&pair[0]) && pair[1] == name)
    }
}

fn module_of(file: &str) -> Path {
    let mut parts: Path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    parts.pop_if(|last| *last == "mod" || *last == "lib");
    parts
}

fn joined(base: &[String], rest: &[String]) -> Path {
    [base, rest].concat()
}

/// `pub(in crate::x)` says who may need the item, not what the file needs.
fn without_scopes(code: &str) -> String {
    let mut parts = code.split("pub(in ");
    let first = parts.next().unwrap_or_default().to_owned();
    let after = |part: &str| part.split_once(')').map(|(_, after)| format!("pub{after}"));
    parts.filter_map(after).fold(first, |code, part| code + &part)
}

/// As `cargo fmt` lays a module out: from its name to the brace that stands as far in.
fn pieces(module: &[String], code: &str) -> Vec<(Path, String)> {
    let mut found = vec![(module.to_vec(), String::new())];
    let mut open = vec![(0, String::new())];
    for line in code.lines() {
        let (at, closing) = &open[open.len() - 1];
        let name = line.strip_suffix(" {").and_then(|line| line.rsplit_once("mod "));
        match name.filter(|(before, _)| before.trim().is_empty() || before.trim().starts_with("pub")) {
            _ if *at > 0 && line == closing => drop(open.pop()),
            Some((before, name)) => {
                found.push((joined(&found[*at].0, &[name.to_owned()]), String::new()));
                let margin = &before[..before.len() - before.trim_start().len()];
                open.push((found.len() - 1, format!("{margin}}}")));
            }
            None => found[*at].1 += &format!("{line}\n"),
        }
    }
    found
}

/// The `use` statements of a module, each up to its semicolon.
fn imports(code: &str) -> Vec<String> {
    let starts = |line: &str| line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use "));
    let mut found: Vec<String> = Vec::new();
    for line in code.lines() {
        match found.last_mut().filter(|statement| !statement.ends_with(';')) {
            Some(unfinished) => *unfinished += &format!("\n{line}"),
            None if starts(line) => found.push(line.to_owned()),
            None => {}
        }
    }
    found
}

/// The files of each circle, or of circles that meet.
fn circles(needs: &Needs) -> BTreeSet<Vec<&str>> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in needs.keys() {
        let (mut seen, mut ahead) = (BTreeSet::new(), vec![file.as_str()]);
        while let Some(at) = ahead.pop() {
            ahead.extend(needs[at].keys().map(String::as_str).filter(|needed| seen.insert(*needed)));
        }
        reached.insert(file, seen);
    }
    let back = |from: &str, to: &str| reached[from].contains(to);
    let meets = |file: &str| reached[file].iter().copied().filter(|other| back(other, file)).collect::<Vec<_>>();
    needs.keys().map(|file| meets(file)).filter(|circle| !circle.is_empty()).collect()
}

fn told(circle: &[&str], needs: &Needs) -> String {
    let mut text = format!("{circle:?}\n");
    for file in circle {
        for (needed, path) in needs[*file].iter().filter(|(needed, _)| circle.contains(&needed.as_str())) {
            writeln!(text, "    {file} needs {needed}: {path}").expect("text");
        }
    }
    text
}

#[test]
fn no_file_needs_itself_by_way_of_others() {
    let sources: Vec<_> = sources().into_iter().map(|s| (s.path.display().to_string(), s.code)).collect();
    let needs = Crate::of(sources.iter().map(|(name, code)| (name.as_str(), code.as_str()))).needs();
    let found: Vec<String> = circles(&needs).iter().map(|circle| told(circle, &needs)).collect();
    assert!(found.is_empty(), "files in a circle:\n{}", found.join("\n"));
}

fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let needs = Crate::of(files.iter().copied()).needs();
    circles(&needs).iter().map(|circle| circle.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn a_circle_is_found_whatever_its_length_and_however_its_paths_are_written() {
    let root = ("lib.rs", "pub mod a;\npub mod b;\npub mod c;\n");
    for there in ["use crate::b::B;", "use super::b::{\n    self,\n    B,\n};", "fn f() {\n    crate::b::B::new();\n}"]
    {
        let back = ("b.rs", "use super::{c::C, d};\npub struct B;");
        let files = [root, ("a.rs", there), back, ("c.rs", "use crate::a::A as Other;\npub struct C;")];
        assert_eq!(circles_of(&files), [["a.rs", "b.rs", "c.rs"]], "{there}");
        assert!(circles_of(&files[..3]).is_empty(), "{there}");
    }
}

#[test]
fn a_folder_is_no_circle_for_declaring_its_children_and_passing_their_names_on() {
    let root = ("lib.rs", "mod p;\n");
    let parent = "mod x;\nmod y;\npub use self::x::{X, Other};\npub(super) use y::*;\npub struct Own;\n";
    // What the parent passes on is the child's; what it defines is its own.
    let passed = ("p/y.rs", "use super::{Other, X};\npub struct Y;\n");
    let defined = ("p/x.rs", "use super::Own;\npub(in crate::p) struct X;\n");
    assert!(circles_of(&[root, ("p/mod.rs", parent), passed, defined]).is_empty());
    let sibling = ("p/x.rs", "use super::Y;\npub(in crate::p) struct X;\n");
    assert_eq!(circles_of(&[root, ("p/mod.rs", parent), passed, sibling]), [["p/x.rs", "p/y.rs"]]);
    let needing = format!("{parent}fn f() {{\n    y::Y::new();\n}}\n");
    let files = [root, ("p/mod.rs", needing.as_str()), passed, defined];
    assert_eq!(circles_of(&files), [["p/mod.rs", "p/x.rs", "p/y.rs"]]);
}

#[test]
fn a_module_inside_a_file_is_read_from_where_it_stands() {
    let inside = "pub mod text {\n    use super::Own;\n\n    pub mod more {\n        use super::super::Own;\n    }\n}\nstruct Own;\n";
    let needing = "use a::text::more::Thing;\nmod a;\n";
    assert!(circles_of(&[("lib.rs", needing), ("a.rs", inside)]).is_empty());
    let needed = inside.replace("super::super::Own", "super::super::super::Root");
    assert_eq!(circles_of(&[("lib.rs", needing), ("a.rs", &needed)]), [["a.rs", "lib.rs"]]);
}
