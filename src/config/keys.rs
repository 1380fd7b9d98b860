//! HashKey and HashIV: in the settings, in a file of their own, or a systemd credential.

use std::{fs::File, io::Read, path::Path};

use secrecy::{ExposeSecret, SecretString};

use super::reader::{Place, Section};

/// AES-128: key and initialization vector alike (contract of the gateway's `Data`).
const KEY_BYTES: usize = 16;
/// Far more than a key: what is longer is some other file.
const LONGEST_FILE_BYTES: u64 = 4096;

/// ECPay's published stage keys, HashKey and HashIV of each merchant. They are public
/// on its developer pages, and no production merchant has them.
const PUBLIC_STAGE_KEYS: [&str; 6] = [
    "pwFHCqoQZGmho4w6",
    "EkRm7iFT261dpevs",
    "5294y06JbISpM5x9",
    "v77hoKGq4kWxNNIS",
    "c539115ea7674f20",
    "86f625e60cb1473a",
];

/// The three keys of the settings that give one secret.
pub(super) struct Source {
    inline: &'static str,
    file: &'static str,
    credential: &'static str,
}

pub(super) const HASH_KEY: Source =
    Source { inline: "hash_key", file: "hash_key_file", credential: "hash_key_credential" };
pub(super) const HASH_IV: Source = Source { inline: "hash_iv", file: "hash_iv_file", credential: "hash_iv_credential" };

/// Which keys have to be at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysNeeded {
    /// All of them: the gateway is going to be called.
    All,
    /// All but systemd's credentials, which only the service itself can read.
    AllButCredentials,
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
    fn deferred(self) -> bool {
        self.need == KeysNeeded::AllButCredentials && self.credentials.is_none()
    }
}

pub(super) struct Key {
    pub(super) secret: SecretString,
    /// Which of the three gave it.
    pub(super) from: &'static str,
}

impl Key {
    pub(super) fn is_public_stage_key(&self) -> bool {
        PUBLIC_STAGE_KEYS.contains(&self.secret.expose_secret())
    }
}

impl Source {
    /// The key, and whether the settings file itself holds one.
    pub(super) fn read(&self, section: &mut Section<'_>, ring: KeyRing<'_>) -> (Option<Key>, bool) {
        let all = [self.inline, self.file, self.credential];
        let written = all.iter().filter(|key| section.holds(key)).count();
        let read: Vec<_> = all.into_iter().filter_map(|key| Some((key, section.text(key)?))).collect();
        let in_file = |(key, text): &(&str, String)| *key == self.inline && !text.is_empty();
        let in_file = read.iter().any(in_file) && matches!(section.place_of(self.inline), Place::Line(_));
        if read.len() < written {
            return (None, in_file);
        }
        // An empty one counts as left out, so that a variable can take back what the file says.
        let mut given = read.into_iter().filter(|(_, text)| !text.is_empty());
        let [inline, file, credential] = all;
        let key = match (given.next(), given.next()) {
            (Some((from, text)), None) => match self.open(from, text, section, ring) {
                Ok(secret) => Some(Key { secret, from }),
                Err(why) => {
                    section.complain(from, why);
                    None
                }
            },
            (Some((first, _)), Some((second, _))) => {
                section.complain(second, format!("stands beside {first}; keep one of them"));
                None
            }
            (None, _) => {
                section.complain(inline, format!("is missing; set it, or {file}, or {credential}"));
                None
            }
        };
        (key, in_file)
    }

    fn open(&self, from: &str, text: String, section: &Section<'_>, ring: KeyRing<'_>) -> Result<SecretString, String> {
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
        if text.len() != KEY_BYTES {
            return Err(format!("gives {} bytes; ECPay's keys have exactly {KEY_BYTES}", text.len()));
        }
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

/// The text of a key file, and whether everybody may read it. Errors leave the path out:
/// a key pasted here by mistake would be told.
fn read_file(path: &Path) -> Result<(String, bool), String> {
    let cannot = |error: std::io::Error| format!("names what cannot be read: {error}").to_lowercase();
    let file = File::open(path).map_err(cannot)?;
    let open_to_others = super::file::others_can_read(&file.metadata().map_err(cannot)?);
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE_BYTES).read_to_end(&mut bytes).map_err(cannot)?;
    let text = String::from_utf8(bytes).map_err(|_| "names a file that holds more than letters and digits")?;
    Ok((text, open_to_others))
}
