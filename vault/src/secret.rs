//! A secret in the clear: shown to nobody by accident, and wiped when it is let go of.

use std::fmt;

use zeroize::Zeroizing;

/// A secret in the clear. It cannot be printed or serialised; who needs it says so with [`Plain::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Plain(Zeroizing<String>);

impl Plain {
    /// A secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Plain::new("hunter2hunter2");
        assert_eq!(format!("{secret:?}"), "Plain(…)");
        assert_eq!(secret.expose(), "hunter2hunter2");
    }
}
