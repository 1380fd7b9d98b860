//! From the bytes of a file to its text, and from a cell to what is meant by it.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{BIG5, Encoding, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// So much of a file is looked at in one go.
const CHUNK: usize = 64 * 1024;

/// In what a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    encoding: &'static Encoding,
    is_valid: bool,
}

impl Coding {
    /// By the mark at its beginning; UTF-8 where all of it is that; else Big5, which the vendor's files are in and
    /// what Excel saves in Taiwan. Read up to where it is known, and not kept.
    pub fn of(mut file: impl Read) -> io::Result<Self> {
        let mut buffer = vec![0; CHUNK];
        let mut held = fill(&mut file, &mut buffer)?;
        let marked = Encoding::for_bom(&buffer[..held]).map(|(encoding, _)| encoding);
        if let Some(encoding) = marked.filter(|encoding| *encoding != UTF_8) {
            return Ok(Self { encoding, is_valid: false });
        }
        loop {
            let unfinished = match std::str::from_utf8(&buffer[..held]) {
                Ok(_) => held..held,
                // A character that the next bytes may end.
                Err(error) if error.error_len().is_none() => error.valid_up_to()..held,
                Err(_) => return Ok(Self { encoding: marked.unwrap_or(BIG5), is_valid: false }),
            };
            let kept = unfinished.len();
            buffer.copy_within(unfinished, 0);
            let read = fill(&mut file, &mut buffer[kept..])?;
            match (read, kept) {
                (0, 0) => return Ok(Self { encoding: UTF_8, is_valid: true }),
                (0, _) => return Ok(Self { encoding: marked.unwrap_or(BIG5), is_valid: false }),
                (read, kept) => held = kept + read,
            }
        }
    }

    pub fn name(self) -> &'static str {
        self.encoding.name()
    }

    /// Whether all bytes are known to be text. Elsewhere U+FFFD stands for those that are none.
    pub fn is_valid(self) -> bool {
        self.is_valid
    }

    /// The text of the file, in UTF-8 and without a mark.
    pub fn text<R: Read>(self, file: R) -> DecodeReaderBytes<R, Vec<u8>> {
        DecodeReaderBytesBuilder::new().encoding(Some(self.encoding)).strip_bom(true).build(file)
    }
}

/// As much as there is room for; less at the end alone.
fn fill(file: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match file.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A cell without the armour in which Excel leaves digits alone: `="x"` is x.
pub fn unarmour(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if inner.contains("\"\"") => inner.replace("\"\"", "\"").into(),
        Some(inner) => inner.into(),
        None => cell.into(),
    }
}

/// A cell that holds a number, a date or a word of the vendor's. Some files write `=790` there, without quotes.
pub fn bare(cell: &str) -> String {
    let inner = unarmour(cell.trim());
    inner.strip_prefix('=').unwrap_or(&inner).trim().to_owned()
}

/// Whole New Taiwan dollars, as `1200`, `-2180`, `1,200`, `1200.00` or `NT$1,200`.
pub fn dollars(cell: &str) -> Option<i64> {
    let milli = thousandths(cell)?;
    (milli % 1000 == 0).then_some(milli / 1000)
}

/// Thousandths of a dollar, of dollars with up to three decimals; more may follow if they are zeros.
pub fn thousandths(cell: &str) -> Option<i64> {
    let text = bare(cell);
    let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let text = text.strip_prefix("NT").unwrap_or(text);
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = !whole.contains(',') || first.len() <= 3 && groups.all(|group| group.len() == 3);
    let digits = whole.replace(',', "");
    let part = part.trim_end_matches('0');
    if !(grouped && is_digits(first) && is_digits(&digits)) || part.len() > 3 || !(part.is_empty() || is_digits(part)) {
        return None;
    }
    let milli: i64 = format!("{digits}{part:0<3}").parse().ok()?;
    Some(if negative { -milli } else { milli })
}
