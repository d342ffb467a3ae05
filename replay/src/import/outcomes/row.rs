//! What a line of a table of outcomes says, and what keeps it from being used.

use domain::check::{NAME_MAX_BYTES, TEXT_MAX_BYTES};
use domain::values::Usd;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::import::text;

/// The columns, in this order.
pub(super) const COLUMNS: [&str; 5] = ["model", "task", "resolved", "cost", "calls"];
/// Most model calls of one line, as a command takes them.
const CALLS_MAX: u32 = 1_000_000;

/// One outcome.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) model: String,
    pub(super) task: String,
    pub(super) resolved: bool,
    /// In US dollars; none where unknown.
    pub(super) cost: Option<Usd>,
    /// Model calls; none where unknown.
    pub(super) calls: Option<u32>,
}

/// A line of JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    model: String,
    task: String,
    resolved: Resolved,
    cost: Option<f64>,
    calls: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Resolved {
    Flag(bool),
    Number(u8),
}

impl Row {
    /// From the fields of a line of CSV, in the order of the columns.
    pub(super) fn from_fields(fields: [&str; 5]) -> Result<Self, String> {
        let [model, task, resolved, cost, calls] = fields;
        let resolved = match resolved.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => {
                return Err(format!(
                    "`resolved`: expected true or false, got `{}`",
                    text::clip(resolved, 80)
                ));
            }
        };
        let (cost, calls) = (number("cost", cost)?, number("calls", calls)?);
        Self { model: model.into(), task: task.into(), resolved, cost: usd(cost)?, calls: count(calls)? }
            .checked()
    }

    /// From a JSON object.
    pub(super) fn from_json(text: &str) -> Result<Self, String> {
        let object: Object = serde_json::from_str(text).map_err(|error| {
            let text = error.to_string();
            text.split(" at line ").next().unwrap_or_default().to_owned()
        })?;
        let resolved = match object.resolved {
            Resolved::Flag(flag) => flag,
            Resolved::Number(0) => false,
            Resolved::Number(1) => true,
            Resolved::Number(other) => {
                return Err(format!("`resolved`: expected true or false, got `{other}`"));
            }
        };
        let Object { model, task, cost, calls, .. } = object;
        Self { model, task, resolved, cost: usd(cost)?, calls: count(calls)? }.checked()
    }

    /// Holds the line against what the commands will be held against, so that none of them is refused later.
    fn checked(self) -> Result<Self, String> {
        if text::label(&self.model).as_ref() != Some(&self.model) {
            return Err(format!(
                "`model`: expected 1 to {NAME_MAX_BYTES} bytes on one line without blanks around, got `{}`",
                text::clip(&self.model, 80)
            ));
        }
        if self.task.trim().is_empty() || self.task.len() > TEXT_MAX_BYTES {
            return Err(format!(
                "`task`: expected 1 to {TEXT_MAX_BYTES} bytes that are not all blank, got {}",
                self.task.len()
            ));
        }
        if self.calls == Some(0) && self.cost.is_some_and(|cost| cost.units() > 0) {
            return Err("`calls` is 0, but `cost` is not; leave `calls` empty where it is unknown".into());
        }
        Ok(self)
    }

    /// What tells its model and task from any other pair: the first half of SHA-256 over both, each behind its length.
    pub(super) fn identity(&self) -> [u8; 16] {
        let mut hasher = Sha256::new();
        for part in [&self.model, &self.task] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut identity = [0; 16];
        identity.copy_from_slice(&hasher.finalize()[..16]);
        identity
    }
}

fn number(field: &str, text: &str) -> Result<Option<f64>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |_| {
        format!(
            "`{field}`: expected a number, or nothing where it is unknown, got `{}`",
            text::clip(text, 80)
        )
    };
    text.trim().parse().map(Some).map_err(wrong)
}

fn usd(cost: Option<f64>) -> Result<Option<Usd>, String> {
    cost.map(Usd::from_f64).transpose().map_err(|error| format!("`cost`: {error}"))
}

/// A number of calls; `12.0` is one too, as tables with gaps write it.
fn count(calls: Option<f64>) -> Result<Option<u32>, String> {
    let Some(calls) = calls else { return Ok(None) };
    let fits = calls.fract() == 0.0 && (0.0..=f64::from(CALLS_MAX)).contains(&calls);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within the range by the check before"
    )]
    let count = calls as u32;
    if fits {
        Ok(Some(count))
    } else {
        Err(format!("`calls`: expected a whole number from 0 to {CALLS_MAX}, got `{calls}`"))
    }
}
