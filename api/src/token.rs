//! The token that every request carries: made at first start, in a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use domain::Actor;
use domain::ids::ApiKeyId;
use subtle::ConstantTimeEq;

const SECRET_BYTES: usize = 32;

/// `wb_<id>_<secret>`: the id names the bearer in the log, the secret proves it.
#[derive(Clone)]
pub struct Token {
    id: ApiKeyId,
    text: String,
}

/// Why there is no usable token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file could not be read or written.
    #[error("token file `{path}` cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file can be read by others.
    #[error("token file `{path}` should have mode 600, has {mode:o}")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file holds something else.
    #[error("token file `{path}` should hold wb_<id>_<secret>")]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

impl TokenError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check that the data folder exists and is yours",
            Self::Mode { .. } => "others may have read it: delete the file for a new token, or chmod 600 it",
            Self::Malformed { .. } => "delete the file; the next start makes a new token",
        }
    }
}

impl Token {
    /// Reads the token of a data folder, or makes it. The second value tells whether it is new.
    ///
    /// # Errors
    /// Where the file cannot be used, is open to others, or holds something else.
    pub fn load_or_create(path: &Path) -> Result<(Self, bool), TokenError> {
        match Self::load(path) {
            Err(TokenError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Self::create(path).map(|token| (token, true))
            }
            other => other.map(|token| (token, false)),
        }
    }

    /// Reads the token of a data folder.
    ///
    /// # Errors
    /// Where the file cannot be read, is open to others, or holds something else.
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        let io = |source| TokenError::Io { path: path.to_owned(), source };
        let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(TokenError::Mode { path: path.to_owned(), mode });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        Self::parse(text.trim()).ok_or_else(|| TokenError::Malformed { path: path.to_owned() })
    }

    fn create(path: &Path) -> Result<Self, TokenError> {
        let io = |source| TokenError::Io { path: path.to_owned(), source };
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|error| io(std::io::Error::other(error.to_string())))?;
        let secret = HEXLOWER.encode(&secret);
        let id = ApiKeyId::from(engine::new_ulid());
        let token = Self { id, text: format!("wb_{id}_{secret}") };
        // Under another name first: a crash leaves no half-written token.
        let fresh = path.with_extension("tmp");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .map_err(io)?;
        file.write_all(token.text.as_bytes()).and_then(|()| file.sync_data()).map_err(io)?;
        fs::rename(&fresh, path).map_err(io)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        Ok(token)
    }

    /// The token in a text, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("wb_")?.split_once('_')?;
        let plain = secret.len() == SECRET_BYTES * 2 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then_some(Self { id: id.parse().ok()?, text: text.to_owned() })
    }
    /// The text to send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Whoever bears it, as the log names them.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::ApiKey(self.id)
    }
    /// Whether `offered` is this token; takes the same time for every wrong one of the same length.
    #[must_use]
    pub fn accepts(&self, offered: &str) -> bool {
        self.text.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(wb_{}_…)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_only_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let (token, created) = Token::load_or_create(&path).unwrap();
        assert!(created);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (again, created) = Token::load_or_create(&path).unwrap();
        assert!(!created && again.accepts(token.as_str()));
        assert!(!token.accepts("") && !token.accepts(&token.as_str().replace("wb_", "wc_")));
        assert!(!format!("{token:?}").contains(token.as_str().rsplit_once('_').unwrap().1));
    }

    #[test]
    fn an_open_or_wrong_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs::write(&path, "wb_1_2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Token::load_or_create(&path), Err(TokenError::Mode { mode: 0o644, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Token::load_or_create(&path), Err(TokenError::Malformed { .. })));
    }
}
