//! What bodies of commands are checked for, whatever has happened to the project.

use super::*;

impl ConfigureSession {
    pub(super) fn configured(&self) -> Result<ProjectEvent, Rejection> {
        check::list("skills", &self.skills)?;
        check::list("commands", &self.commands)?;
        check::list("scripts", &self.scripts)?;
        check::list("setup_commands", &self.setup_commands)?;
        for command in &self.setup_commands {
            check::filled("setup_commands", command)?;
        }
        let bytes = self.setup_commands.iter().map(String::len).sum();
        check::range("setup_commands", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")?;
        check::opt_name("default_model", self.default_model.as_deref())?;
        let this = self.clone();
        Ok(SessionConfigured {
            session: this.session,
            context: this.context,
            skills: this.skills,
            commands: this.commands,
            scripts: this.scripts,
            setup_commands: this.setup_commands,
            default_model: this.default_model,
            default_effort: this.default_effort,
        }
        .into())
    }
}

impl Sealed {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        check::name("key_id", &self.key_id)?;
        hex("nonce", &self.nonce, 12, 32)?;
        hex("ciphertext", &self.ciphertext, 16, ENV_VALUE_MAX_BYTES)
    }
}

/// Lower-case hex of `min` to `max` bytes. The refusal leaves the value out: it may be a secret by mistake.
pub(super) fn hex(field: &'static str, value: &str, min: usize, max: usize) -> Result<(), Rejection> {
    let digits = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if digits && value.len().is_multiple_of(2) && (min..=max).contains(&(value.len() / 2)) {
        return Ok(());
    }
    let range = if min == max {
        format!("{}", min * 2)
    } else {
        format!("an even number from {} to {}", min * 2, max * 2)
    };
    let actual = format!("{} bytes{}", value.len(), if digits { "" } else { ", not all hex digits" });
    Err(Rejection::invalid(field, format!("lower-case hex digits, {range} of them"), actual))
}

pub(super) fn settings(model: Option<&str>, template: Option<&str>) -> Result<(), Rejection> {
    check::opt_name("model", model)?;
    check::text("template", template.unwrap_or_default())
}
