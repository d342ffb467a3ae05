//! A command's body as JSON, and the same command with other texts in it.

use serde_json::Value;

use crate::{Command, Rejection, canonical};

impl Command {
    /// The body as JSON in one spelling: keys in order, fields that are null left out.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(1024);
        canonical::write(self, &mut body).expect("commands hold plain data, which JSON always encodes");
        body
    }

    /// The same command with every text in it as `rewrite` has it, where it has another; keys stay.
    ///
    /// # Errors
    /// Where a text was none that may hold anything: an id, a word of a list. The refusal names the field alone.
    pub fn rewritten(&self, rewrite: &dyn Fn(&str) -> Option<String>) -> Result<Self, Rejection> {
        let mut body: Value = serde_json::from_slice(&self.body()).expect("it was written as JSON just now");
        let mut touched = Vec::new();
        if let Value::Object(fields) = &mut body {
            for (name, value) in fields {
                if replace(value, rewrite) {
                    touched.push(format!("`{name}`"));
                }
            }
        }
        Self::parse(self.category(), self.name(), body.to_string().as_bytes()).map_err(|_| {
            let rule = format!("{} may not hold the value of a secret", touched.join(", "));
            Rejection::rule(rule, "name the secret instead of giving its value")
        })
    }
}

/// Whether any text was replaced.
fn replace(value: &mut Value, rewrite: &dyn Fn(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) => match rewrite(text) {
            Some(other) => {
                *text = other;
                true
            }
            None => false,
        },
        // Every one of them, and not up to the first.
        Value::Array(values) => {
            values.iter_mut().filter_map(|value| replace(value, rewrite).then_some(())).count() > 0
        }
        Value::Object(fields) => {
            fields.iter_mut().filter_map(|(_, value)| replace(value, rewrite).then_some(())).count() > 0
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Category;

    fn command(name: &str, body: &str) -> Command {
        Command::parse(Category(1), name, body.as_bytes()).unwrap()
    }

    #[test]
    fn every_text_is_rewritten_and_nothing_else() {
        let asked =
            command("create", r#"{"slug":"shop","name":"secret shop","logo_url":"https://a/secret"}"#);
        let other = asked.rewritten(&|text| text.contains("secret").then(|| text.replace("secret", "…")));
        let expected = command("create", r#"{"slug":"shop","name":"… shop","logo_url":"https://a/…"}"#);
        assert_eq!(other, Ok(expected));
        assert_eq!(asked.rewritten(&|_| None), Ok(asked.clone()));
    }

    #[test]
    fn a_field_that_takes_no_other_text_is_named_without_its_value() {
        let owner = "01JD0000000000000000000000";
        let asked = command("create", &format!(r#"{{"slug":"shop","name":"shop","owner":"{owner}"}}"#));
        let refused = asked.rewritten(&|text| (text == owner).then(|| "…".to_owned())).unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("`owner` may not hold") && !text.contains(owner), "{text}");
    }
}
