//! A key that seals, wrapped by the master key: one file each, so that it can be destroyed by itself.
//!
//! Text of a fixed length for each owner. A destroyed key has zeros for nonce and wrapped bytes: the file stays, so that
//! what the key sealed is known to be erased and not lost. `docs/formats.md` has the layout.

use std::str::FromStr;

use data_encoding::HEXLOWER;
use domain::erasure::Subject;
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES, KeyBytes, NONCE_BYTES, TAG_BYTES};
use crate::master::Master;

const HEAD: &str = "waybill data key 1";
const WRAPPED_BYTES: usize = KEY_BYTES + TAG_BYTES;

/// What a key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Values that only programs need: variables, keys at providers.
    Secrets,
    /// What people and agents said.
    Content,
}

impl Purpose {
    const ALL: [(Self, &'static str); 2] = [(Self::Secrets, "secrets"), (Self::Content, "content")];
    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, name)| name)
    }
}

/// A key as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFile {
    pub(crate) id: Ulid,
    pub(crate) subject: Subject,
    pub(crate) purpose: Purpose,
    /// Which master key wrapped it.
    pub(crate) master: String,
    nonce: [u8; NONCE_BYTES],
    wrapped: [u8; WRAPPED_BYTES],
}

impl KeyFile {
    /// Wraps a key.
    pub(crate) fn wrap(
        id: Ulid,
        subject: Subject,
        purpose: Purpose,
        key: &KeyBytes,
        master: &Master,
        nonce: [u8; NONCE_BYTES],
    ) -> Self {
        let mut file =
            Self { id, subject, purpose, master: master.id.clone(), nonce, wrapped: [0; WRAPPED_BYTES] };
        let wrapped = cipher::seal(&master.key, &nonce, file.about().as_bytes(), key.as_slice());
        file.wrapped = wrapped.try_into().expect("a tag is added to the key, and nothing else");
        file
    }
    fn about(&self) -> String {
        format!("{HEAD}\n{}\n{}\n{}\n", self.id, self.subject, self.purpose.as_str())
    }
    /// The key; `None` where another master key wrapped it, or the file was altered.
    pub(crate) fn unwrap(&self, master: &Master) -> Option<KeyBytes> {
        let opened = cipher::open(&master.key, &self.nonce, self.about().as_bytes(), &self.wrapped)?;
        opened.as_slice().try_into().ok().map(Zeroizing::new)
    }
    /// Whether it was destroyed.
    pub(crate) fn is_destroyed(&self) -> bool {
        self.nonce == [0; NONCE_BYTES]
    }
    /// The same without the key in it.
    pub(crate) fn destroyed(&self) -> Self {
        Self { nonce: [0; NONCE_BYTES], wrapped: [0; WRAPPED_BYTES], ..self.clone() }
    }
    pub(crate) fn text(&self) -> String {
        format!(
            "{HEAD}\nid {}\nof {}\nfor {}\nmaster {}\nnonce {}\nwrapped {}\n",
            self.id,
            self.subject,
            self.purpose.as_str(),
            self.master,
            HEXLOWER.encode(&self.nonce),
            HEXLOWER.encode(&self.wrapped)
        )
    }
}

impl FromStr for KeyFile {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut lines = text.strip_suffix('\n').ok_or(())?.split('\n');
        let mut field = |name: &str| {
            let line = lines.next()?;
            if name.is_empty() { Some(line) } else { line.strip_prefix(name)?.strip_prefix(' ') }
        };
        let mut parse = || {
            (field("")? == HEAD).then_some(())?;
            let id = Ulid::from_string(field("id")?).ok()?;
            let subject = field("of")?.parse().ok()?;
            let purpose = field("for")?;
            let purpose = Purpose::ALL.iter().find(|(_, name)| *name == purpose)?.0;
            let master = field("master")?.to_owned();
            let nonce = HEXLOWER.decode(field("nonce")?.as_bytes()).ok()?.try_into().ok()?;
            let wrapped = HEXLOWER.decode(field("wrapped")?.as_bytes()).ok()?.try_into().ok()?;
            Some(Self { id, subject, purpose, master, nonce, wrapped })
        };
        let parsed = parse().ok_or(())?;
        if lines.next().is_some() { Err(()) } else { Ok(parsed) }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{ProjectId, UserId};
    use expect_test::expect_file;

    use super::*;

    fn file(subject: Subject) -> KeyFile {
        let (id, key) = (Ulid::from_parts(1_700_000_000_000, 1), Zeroizing::new([3; KEY_BYTES]));
        KeyFile::wrap(id, subject, Purpose::Content, &key, &Master::of([5; KEY_BYTES]), [9; NONCE_BYTES])
    }

    #[test]
    fn its_form_is_a_promise() {
        let project = file(Subject::Project(ProjectId::from_bytes([1; 16])));
        expect_file!["../golden/data-key-1.txt"].assert_eq(&project.text());
        expect_file!["../golden/data-key-1-destroyed.txt"].assert_eq(&project.destroyed().text());
    }

    #[test]
    fn it_reads_back_and_opens_with_its_master_alone() {
        for subject in
            [Subject::Project(ProjectId::from_bytes([1; 16])), Subject::Person(UserId::from_bytes([2; 16]))]
        {
            let file = file(subject);
            let back: KeyFile = file.text().parse().unwrap();
            assert_eq!(back, file);
            assert_eq!(back.unwrap(&Master::of([5; KEY_BYTES])).unwrap().as_slice(), [3; KEY_BYTES]);
            assert!(back.unwrap(&Master::of([6; KEY_BYTES])).is_none());
            let other = KeyFile { purpose: Purpose::Secrets, ..back.clone() };
            assert!(other.unwrap(&Master::of([5; KEY_BYTES])).is_none());
            let destroyed = back.destroyed();
            assert!(destroyed.is_destroyed() && destroyed.text().len() == file.text().len());
            assert!(destroyed.unwrap(&Master::of([5; KEY_BYTES])).is_none());
        }
    }

    #[test]
    fn what_was_altered_is_no_key_file() {
        let text = file(Subject::Project(ProjectId::from_bytes([1; 16]))).text();
        for at in 0..text.len() {
            assert!(text[..at].parse::<KeyFile>().is_err(), "cut at {at}");
        }
        assert!(format!("{text}more\n").parse::<KeyFile>().is_err());
        assert!(text.replace("data key 1", "data key 2").parse::<KeyFile>().is_err());
    }
}
