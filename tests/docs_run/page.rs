//! A page as its reader types it: the commands of its fences, in their order.

use std::collections::VecDeque;
use std::path::Path;

/// A page and its twin in the other language share a stem: `README`, `operations`.
#[derive(Clone)]
pub struct Page {
    pub stem: String,
    pub is_chinese: bool,
    fences: Vec<Fence>,
    /// What stands between single backquotes in its sentences.
    spans: Vec<String>,
}

#[derive(Clone)]
pub struct Fence {
    pub language: String,
    /// The second-level heading above it.
    pub section: String,
    pub body: String,
}

impl Page {
    /// Every page of the repository that users read.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(root.join("docs")).expect("the pages");
        let docs = entries.map(|entry| entry.expect("a page").path());
        let paths = docs.chain(["README.md", "README.zh-TW.md"].map(|name| root.join(name)));
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a page");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_chinese = name.ends_with(".zh-TW");
        Self {
            stem: name.trim_end_matches(".zh-TW").to_owned(),
            is_chinese,
            fences: fences(&text),
            spans: spans(&text),
        }
    }

    /// In both languages, English first.
    pub fn both(stem: &str) -> [Self; 2] {
        let of_stem: Vec<_> = Self::all().into_iter().filter(|page| page.stem == stem).collect();
        of_stem.try_into().unwrap_or_else(|found: Vec<_>| panic!("{} pages are named {stem}", found.len()))
    }

    pub fn name(&self) -> String {
        format!("{}{}.md", self.stem, if self.is_chinese { ".zh-TW" } else { "" })
    }

    pub fn locale(&self) -> &'static str {
        if self.is_chinese { "zh_TW.UTF-8" } else { "en_US.UTF-8" }
    }

    pub fn spans(&self) -> &[String] {
        &self.spans
    }

    pub fn fences(&self) -> &[Fence] {
        &self.fences
    }

    /// What stands in the fences of a language.
    pub fn blocks(&self, language: &str) -> Vec<&str> {
        let of_language = self.fences.iter().filter(|fence| fence.language == language);
        of_language.map(|fence| fence.body.as_str()).collect()
    }

    /// Each command, with the section that it stands in and the number of its fence.
    pub fn commands(&self) -> Vec<(usize, &str, String)> {
        let shell = self.fences.iter().enumerate().filter(|(_, fence)| is_shell(&fence.language));
        let of_fence = |(number, fence): (usize, &'_ Fence)| {
            let commands = commands(&fence.body).into_iter();
            commands.map(|command| (number, command)).collect::<Vec<_>>()
        };
        let all = shell.flat_map(of_fence);
        all.map(|(number, command)| (number, self.fences[number].section.as_str(), command)).collect()
    }
}

pub fn is_shell(language: &str) -> bool {
    matches!(language, "sh" | "bash" | "shell" | "console" | "zsh")
}

fn fences(text: &str) -> Vec<Fence> {
    let (mut found, mut section, mut open) = (Vec::new(), String::new(), None::<(Fence, usize)>);
    for line in text.lines() {
        let fence = line.trim_start().strip_prefix("```");
        open = match (open, fence) {
            (None, Some(language)) => {
                let (language, section) = (language.trim().to_owned(), section.clone());
                Some((Fence { language, section, body: String::new() }, line.len() - line.trim_start().len()))
            }
            (None, None) => {
                if let Some(heading) = line.strip_prefix("## ") {
                    section = heading.to_owned();
                }
                None
            }
            (Some((fence, _)), Some(_)) => {
                found.push(fence);
                None
            }
            (Some((mut fence, indent)), None) => {
                fence.body += line.get(indent..).unwrap_or_default();
                fence.body.push('\n');
                Some((fence, indent))
            }
        };
    }
    assert!(open.is_none(), "a fence without an end in {section}");
    found
}

fn spans(text: &str) -> Vec<String> {
    let mut is_inside = false;
    let prose = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        !is_inside && !is_fence
    });
    prose.flat_map(|line| line.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

/// As a shell reads them: a command goes on over a backslash, an open quote and a here-document.
fn commands(body: &str) -> Vec<String> {
    let (mut all, mut open) = (Vec::new(), String::new());
    for line in body.lines() {
        let is_bare = line.trim().is_empty() || line.starts_with('#');
        if open.is_empty() && is_bare {
            continue;
        }
        open += line;
        if is_whole(&open) {
            all.push(std::mem::take(&mut open));
        } else {
            open.push('\n');
        }
    }
    assert!(open.is_empty(), "a command without an end: {open}");
    all
}

fn is_whole(text: &str) -> bool {
    if let Some((_, document)) = text.split_once("<<'") {
        let (end, _) = document.split_once('\'').expect("the end of its word");
        return text.lines().last() == Some(end);
    }
    let quote = scan(text, |_| ());
    quote.is_none() && !text.ends_with('\\')
}

/// Hands on what is no comment; the quote that is still open.
fn scan(text: &str, mut take: impl FnMut(char)) -> Option<char> {
    let (mut quote, mut before, mut is_comment) = (None, ' ', false);
    for c in text.chars() {
        match quote {
            _ if is_comment => is_comment = c != '\n',
            Some(end) if c == end => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '#' && before.is_whitespace() => is_comment = true,
            _ => {}
        }
        if !is_comment {
            take(c);
        }
        before = c;
    }
    quote
}

/// A command without what is said of it.
pub fn bare(command: &str) -> String {
    let mut kept = String::new();
    scan(command, |c| kept.push(c));
    kept.trim_end().to_owned()
}

/// The commands of a page that are still to be typed.
pub struct Reading {
    page: Page,
    left: VecDeque<(usize, String)>,
}

impl Reading {
    /// Without what another test or nobody types.
    pub fn of(page: &Page, is_left_out: impl Fn(&str, &str) -> bool) -> Self {
        let commands = page.commands().into_iter();
        let kept = commands.filter(|(_, section, command)| !is_left_out(section, &bare(command)));
        Self { page: page.clone(), left: kept.map(|(fence, _, command)| (fence, command)).collect() }
    }

    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The next command, which begins with these words.
    #[track_caller]
    pub fn next(&mut self, begins: &str) -> String {
        let (_, command) = self.left.pop_front().unwrap_or_else(|| panic!("{} ends before: {begins}", self.name()));
        assert!(command.starts_with(begins), "{} goes on with {command:?} instead of {begins:?}", self.name());
        command
    }

    /// The commands of the fence that comes next.
    pub fn fence(&mut self) -> Vec<String> {
        let number = self.left.front().expect("another fence").0;
        let mut commands = Vec::new();
        while self.left.front().is_some_and(|(fence, _)| *fence == number) {
            commands.extend(self.left.pop_front().map(|(_, command)| command));
        }
        commands
    }

    fn name(&self) -> String {
        self.page.name()
    }

    pub fn ends(self) {
        let left: Vec<_> = self.left.iter().map(|(_, command)| command).collect();
        assert!(left.is_empty(), "{} has commands that no test runs: {left:#?}", self.name());
    }
}

#[test]
fn a_command_goes_on_as_long_as_a_shell_would_read_on() {
    let body = "a 'b\nc' \\\n  d   # the order's own\n\n# alone\ncat > f <<'END'\nx = \"y\nEND\ng | h \"#i\"\n";
    let found = commands(body);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(bare(&found[0]), "a 'b\nc' \\\n  d");
    assert_eq!(bare(&found[2]), "g | h \"#i\"");
    let indented = fences("## One\n1. x\n\n   ```sh\n   a\n   ```\n## Two\n```\n## no heading\n```\n");
    let shown: Vec<_> = indented.iter().map(|f| (f.language.as_str(), f.section.as_str(), f.body.as_str())).collect();
    assert_eq!(shown, [("sh", "One", "a\n"), ("", "Two", "## no heading\n")]);
}
