//! A secret: in the settings, in a file of its own, or a systemd credential.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use secrecy::SecretString;

use super::{
    credential::{Lies, Shelf},
    places::{SecretPlace, Stands},
    reader::{Place, Section},
};

/// Far more than any secret: what is longer is some other file.
const LONGEST_FILE_BYTES: u64 = 4096;

/// The three keys of the settings that give one secret.
pub(super) struct Source {
    inline: &'static str,
    file: &'static str,
    credential: &'static str,
}

impl Source {
    pub(super) const fn new(inline: &'static str, file: &'static str, credential: &'static str) -> Self {
        Self { inline, file, credential }
    }
}

/// Says what is wrong with a secret, without repeating it.
pub(super) type Check = fn(&str) -> Result<(), String>;

/// Which secrets have to be at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysNeeded {
    /// All of them: the gateway is going to be called.
    All,
    /// All, but a credential that this user cannot read, or that lies where nobody here knows, is left empty.
    Readable,
    /// The same of the channels alone.
    Channels,
    /// Those of the gateway alone.
    Gateways,
    /// None but those in the file: a person's command never calls the gateway, and the
    /// person may not be allowed to read the key files.
    None,
}

#[derive(Clone, Copy)]
pub(super) struct KeyRing<'a> {
    pub(super) shelf: Shelf<'a>,
    pub(super) need: KeysNeeded,
}

impl KeyRing<'_> {
    pub(super) fn of_gateways(self) -> Self {
        let need = match self.need {
            KeysNeeded::Channels => KeysNeeded::None,
            KeysNeeded::Gateways => KeysNeeded::All,
            need => need,
        };
        Self { need, ..self }
    }

    pub(super) fn of_channels(self) -> Self {
        let need = match self.need {
            KeysNeeded::Channels => KeysNeeded::Readable,
            KeysNeeded::Gateways => KeysNeeded::None,
            need => need,
        };
        Self { need, ..self }
    }

    /// Whether a credential may be left empty here.
    fn defers(self) -> bool {
        self.need == KeysNeeded::Readable && self.shelf.given.is_none()
    }
}

pub(super) struct Secret {
    /// Empty where it was not needed.
    pub(super) secret: SecretString,
    /// Which of the three gave it.
    pub(super) from: &'static str,
}

/// One of the three keys, and what stands there.
type Given = (&'static str, String);

/// Something is wrong with it, which has been said.
pub(super) struct Reported;

impl Source {
    /// The secret, and whether the settings file itself holds one.
    pub(super) fn required(
        &self,
        section: &mut Section<'_>,
        ring: KeyRing<'_>,
        check: Check,
    ) -> (Option<Secret>, bool) {
        let (secret, in_file) = self.optional(section, ring, check);
        let [inline, file, credential] = self.all();
        if let Ok(None) = secret {
            section.complain(inline, format!("is missing; set it, or {file}, or {credential}"));
        }
        (secret.ok().flatten(), in_file)
    }

    /// The same, where there need be none.
    pub(super) fn optional(
        &self,
        section: &mut Section<'_>,
        ring: KeyRing<'_>,
        check: Check,
    ) -> (Result<Option<Secret>, Reported>, bool) {
        let (given, in_file) = self.given(section);
        (given.and_then(|given| self.only(given, section, ring, check)), in_file)
    }

    fn all(&self) -> [&'static str; 3] {
        [self.inline, self.file, self.credential]
    }

    /// What the three say.
    fn given(&self, section: &mut Section<'_>) -> (Result<Vec<Given>, Reported>, bool) {
        let all = self.all();
        let written = all.iter().filter(|key| section.holds(key)).count();
        let mut read: Vec<_> = all.into_iter().filter_map(|key| Some((key, section.text(key)?))).collect();
        let in_file = |(key, text): &(&str, String)| *key == self.inline && !text.is_empty();
        let in_file = read.iter().any(in_file) && matches!(section.place_of(self.inline), Place::Line(_));
        let complete = read.len() == written;
        // An empty one counts as left out, so that a variable can take back what the file says.
        read.retain(|(_, text)| !text.is_empty());
        (if complete { Ok(read) } else { Err(Reported) }, in_file)
    }

    fn only(
        &self,
        given: Vec<Given>,
        section: &Section<'_>,
        ring: KeyRing<'_>,
        check: Check,
    ) -> Result<Option<Secret>, Reported> {
        let mut given = given.into_iter();
        let Some((from, text)) = given.next() else { return Ok(None) };
        if let Some((second, _)) = given.next() {
            section.complain(second, format!("stands beside {from}; keep one of them"));
            return Err(Reported);
        }
        match self.open(from, text, section, ring, check) {
            Ok(secret) => Ok(Some(Secret { secret, from })),
            Err(why) => {
                section.complain(from, why);
                Err(Reported)
            }
        }
    }

    fn open(
        &self,
        from: &str,
        text: String,
        section: &Section<'_>,
        ring: KeyRing<'_>,
        check: Check,
    ) -> Result<SecretString, String> {
        let place = |stands| section.report.secret(SecretPlace { name: section.name(from), stands });
        let text = if from == self.inline {
            let in_file = matches!(section.place_of(from), Place::Line(_));
            place(if in_file { Stands::InSettings } else { Stands::InEnvironment });
            text
        } else if ring.need == KeysNeeded::None {
            return Ok(SecretString::from(""));
        } else {
            let read = if from == self.file {
                let read = read_file(Path::new(&text)).map_err(|not_read| not_read.told())?;
                Handed { text: Some(read), stands: Stands::File(PathBuf::from(text)) }
            } else {
                credential(&text, ring)?
            };
            place(read.stands);
            let Some(text) = read.text else { return Ok(SecretString::from("")) };
            text
        };
        let text = text.trim_end_matches(['\r', '\n']);
        check(text)?;
        Ok(SecretString::from(text))
    }
}

struct Handed {
    /// None: it is left empty here.
    text: Option<String>,
    stands: Stands,
}

fn credential(name: &str, ring: KeyRing<'_>) -> Result<Handed, String> {
    match ring.shelf.find(name)? {
        // systemd sets the directory's modes itself: only this service can enter it.
        Lies::Given(path) => {
            Ok(Handed { text: Some(read_file(&path).map_err(|not_read| not_read.told())?), stands: Stands::Given })
        }
        Lies::Source(path) => match read_file(&path) {
            Ok(text) => Ok(Handed { text: Some(text), stands: Stands::File(path) }),
            Err(NotRead::Cannot(e)) if e.kind() == ErrorKind::PermissionDenied && ring.defers() => {
                Ok(Handed { text: None, stands: Stands::Unread })
            }
            Err(NotRead::Cannot(e)) => Err(format!("{}: {}", ring.shelf.told(), e.to_string().to_lowercase())),
            Err(not_read) => Err(not_read.told()),
        },
        Lies::Elsewhere if ring.defers() => Ok(Handed { text: None, stands: Stands::Elsewhere }),
        Lies::Elsewhere => Err(format!("{}; name it so, or name a file", ring.shelf.told())),
    }
}

enum NotRead {
    Cannot(io::Error),
    NoSecret(String),
}

impl NotRead {
    /// Without the path: a secret pasted there by mistake would be told.
    fn told(&self) -> String {
        match self {
            Self::Cannot(error) => format!("names what cannot be read: {error}").to_lowercase(),
            Self::NoSecret(why) => why.clone(),
        }
    }
}

/// The text of a secret's file.
fn read_file(path: &Path) -> Result<String, NotRead> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(NotRead::Cannot)?;
    file.take(LONGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(NotRead::Cannot)?;
    if bytes.len() as u64 > LONGEST_FILE_BYTES {
        let why = format!("names a file of more than {LONGEST_FILE_BYTES} bytes, which is no secret");
        return Err(NotRead::NoSecret(why));
    }
    let no_text = |_| NotRead::NoSecret("names a file that holds more than letters and digits".to_owned());
    String::from_utf8(bytes).map_err(no_text)
}
