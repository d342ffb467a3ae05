//! Passwords: argon2id with the parameters that OWASP recommends, stored as PHC strings.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

/// Memory in KiB, passes and lanes
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const COSTS: (u32, u32, u32) = (19_456, 2, 1);
const HASH_BYTES: usize = 32;
/// Shortest and longest password, in bytes. Hashing a longer one would be work for nothing.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=1024;

/// Why there is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The password is too short or too long.
    #[error("expected a password of {} to {} bytes, got {actual}", LENGTHS.start(), LENGTHS.end())]
    Length {
        /// Its length in bytes.
        actual: usize,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// What hashing needs; whoever keeps it spares the system from finding 19 MiB for every password.
pub(crate) type Memory = Vec<Block>;

/// The hash of a password, as a PHC string with a salt of its own.
///
/// # Errors
/// A password of a length that is not taken, or a system without randomness.
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    hash_password_in(&mut Memory::new(), password)
}

/// As [`hash_password`].
pub(crate) fn hash_password_in(memory: &mut Memory, password: &str) -> Result<String, PasswordError> {
    if !LENGTHS.contains(&password.len()) {
        return Err(PasswordError::Length { actual: password.len() });
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Random)?;
    let hash = digest(memory, password, &salt, COSTS);
    let hash = hash.expect("these costs and this salt are within argon2's bounds");
    let (kibibytes, passes, lanes) = COSTS;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    Ok(format!("$argon2id$v=19$m={kibibytes},t={passes},p={lanes}${salt}${hash}"))
}

fn digest(
    memory: &mut Memory,
    password: &str,
    salt: &[u8],
    (kibibytes, passes, lanes): (u32, u32, u32),
) -> Option<[u8; HASH_BYTES]> {
    let params = Params::new(kibibytes, passes, lanes, Some(HASH_BYTES)).ok()?;
    memory.resize(params.block_count(), Block::default());
    let mut hash = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut hash, &mut *memory);
    // A password could be guessed quickly from what is left in it.
    memory.fill(Block::default());
    hashed.ok().map(|()| hash)
}

/// Whether `password` is the one of `stored`. Where there is no hash to compare with, one is computed all the
/// same: who has an account does not show in the time that a refusal takes.
pub(crate) fn verify_in(memory: &mut Memory, password: &str, stored: Option<&str>) -> bool {
    let parsed = stored.and_then(parse);
    let (costs, salt, expected) = parsed.clone().unwrap_or((COSTS, vec![0; 16], vec![0; HASH_BYTES]));
    let password = if password.len() <= *LENGTHS.end() { password } else { "" };
    let Some(hash) = digest(memory, password, &salt, costs) else { return false };
    let equal: bool = hash.as_slice().ct_eq(&expected).into();
    equal && parsed.is_some() && !password.is_empty()
}

type Parsed = ((u32, u32, u32), Vec<u8>, Vec<u8>);

fn parse(phc: &str) -> Option<Parsed> {
    let rest = phc.strip_prefix("$argon2id$v=19$")?;
    let [costs, salt, hash] = rest.split('$').collect::<Vec<_>>().try_into().ok()?;
    let [memory, passes, lanes] = costs.split(',').collect::<Vec<_>>().try_into().ok()?;
    let number = |text: &str, name: &str| text.strip_prefix(name)?.parse().ok();
    let costs = (number(memory, "m=")?, number(passes, "t=")?, number(lanes, "p=")?);
    Some((costs, STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(hash).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse battery staple";

    #[test]
    fn a_hash_is_of_its_password_alone() {
        let (one, other) = (hash_password(PASSWORD).unwrap(), hash_password(PASSWORD).unwrap());
        assert_ne!(one, other, "each has a salt of its own");
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !one.contains("horse"));
        let mut memory = Memory::new();
        let mut verify = |password: &str, stored| verify_in(&mut memory, password, stored);
        assert!(verify(PASSWORD, Some(&one)));
        for wrong in ["", "correct horse battery stapl", &"x".repeat(2000)] {
            assert!(!verify(wrong, Some(&one)), "{wrong}");
        }
        for stored in [None, Some(""), Some("$argon2id$v=19$m=1,t=1,p=1$$"), Some(&one[1..])] {
            assert!(!verify(PASSWORD, stored), "{stored:?}");
        }
        assert_eq!(hash_password("short"), Err(PasswordError::Length { actual: 5 }));
        assert!(hash_password(&"x".repeat(1025)).is_err());
    }
}
