//! A secret: in the settings, in a file of its own, or a systemd credential.

use std::{fs::File, io::Read, path::Path};

use secrecy::SecretString;

use super::reader::{Place, Section};

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
    /// All but systemd's credentials, which only the service itself can read.
    AllButCredentials,
    /// Those of the channels alone, where a credential that is not there is left empty.
    Channels,
    /// Those of the gateway alone.
    Gateways,
    /// None but those in the file: a person's command never calls the gateway, and the
    /// person may not be allowed to read the key files.
    None,
}

#[derive(Clone, Copy)]
pub(super) struct KeyRing<'a> {
    pub(super) credentials: Option<&'a Path>,
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
            KeysNeeded::Channels => KeysNeeded::AllButCredentials,
            KeysNeeded::Gateways => KeysNeeded::None,
            need => need,
        };
        Self { need, ..self }
    }

    fn deferred(self) -> bool {
        self.need == KeysNeeded::AllButCredentials && self.credentials.is_none()
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
        let text = if from == self.inline {
            text
        } else if ring.need == KeysNeeded::None || (from == self.credential && ring.deferred()) {
            return Ok(SecretString::from(""));
        } else if from == self.file {
            let (text, open_to_others) = read_file(Path::new(&text))?;
            if open_to_others {
                let name = section.name(from);
                let told = format!("{name} names a file that others can read; chmod 640 it, or make it a credential");
                section.report.warn(section.place_of(from), told);
            }
            text
        } else {
            // systemd sets the directory's modes itself: only this service can enter it.
            read_file(&credential(&text, ring.credentials)?)?.0
        };
        let text = text.trim_end_matches(['\r', '\n']);
        check(text)?;
        Ok(SecretString::from(text))
    }
}

fn credential(name: &str, directory: Option<&Path>) -> Result<std::path::PathBuf, String> {
    if name.contains('/') || name == "." || name == ".." {
        return Err("must be the bare name of a credential, as in LoadCredential=NAME:/path".to_owned());
    }
    let directory = directory.ok_or(
        "names a systemd credential, but $CREDENTIALS_DIRECTORY is not set; \
         run under systemd with LoadCredential=, or name a file",
    )?;
    Ok(directory.join(name))
}

/// The text of a secret's file, and whether everybody may read it. Errors leave the path out:
/// a secret pasted here by mistake would be told.
fn read_file(path: &Path) -> Result<(String, bool), String> {
    let cannot = |error: std::io::Error| format!("names what cannot be read: {error}").to_lowercase();
    let file = File::open(path).map_err(cannot)?;
    let open_to_others = super::file::others_can_read(&file.metadata().map_err(cannot)?);
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LONGEST_FILE_BYTES {
        return Err(format!("names a file of more than {LONGEST_FILE_BYTES} bytes, which is no secret"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "names a file that holds more than letters and digits")?;
    Ok((text, open_to_others))
}
