//! Shapes of the lines that `docs/import.md` describes. Unknown fields are refused, so that none is lost by a slip.

use domain::run::QualityScores;
use domain::terms::{Effort, MessageRole, Role, StepFailure};
use domain::values::{Score, Timestamp, Usd};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::import::conversation::Used;

/// What every line has.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) r#type: String,
    pub(super) at: Option<Timestamp>,
}

/// Lines of one type: what every line has was read before.
macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            #[serde(rename = "type")]
            _type: IgnoredAny,
            #[serde(default, rename = "at")]
            _at: IgnoredAny,
            $($(#[$field_doc])* pub(super) $field: $kind,)*
        }
    )+};
}

lines! {
    /// `{"type":"session"}`: whose session it is. The first of them counts.
    Header {
        id: String,
        title: Option<String>,
        prompt: Option<String>,
        /// The program whose session it is.
        tool: Option<String>,
    }
    /// `{"type":"step"}`: a step begins, and the one before ends.
    Step {
        role: Option<Role>,
        model: Option<String>,
        thinking_effort: Option<Effort>,
    }
    /// `{"type":"message"}`.
    Message {
        role: MessageRole,
        content: String,
        thinking: Option<String>,
        stop_reason: Option<String>,
    }
    /// `{"type":"tool_call"}`.
    ToolCall {
        id: String,
        tool: String,
        /// Any JSON.
        arguments: Option<Box<RawValue>>,
    }
    /// `{"type":"tool_result"}`.
    ToolResult {
        id: String,
        output: String,
        #[serde(default)]
        is_error: bool,
        duration_ms: Option<u64>,
    }
    /// `{"type":"usage"}`.
    Usage {
        model: Option<String>,
        provider: Option<String>,
        #[serde(default)]
        input_tokens: u64,
        #[serde(default)]
        output_tokens: u64,
        #[serde(default)]
        cache_read_tokens: u64,
        #[serde(default)]
        cache_write_tokens: u64,
        calls: Option<u32>,
        cost_usd: Option<Usd>,
        /// Whether the figures are running totals of the session.
        #[serde(default)]
        cumulative: bool,
    }
    /// `{"type":"verdict"}`, in a step of a checker or reviewer.
    Verdict {
        pass: bool,
        #[serde(default)]
        feedback: String,
    }
    /// `{"type":"scores"}`, in a step of an evaluator.
    Scores {
        correctness: Score,
        type_safety: Score,
        code_style: Score,
        test_coverage: Score,
        completeness: Score,
        #[serde(default)]
        summary: String,
    }
    /// `{"type":"step_end"}`.
    StepEnd {
        output: Option<String>,
        failure: Option<StepFailure>,
        error: Option<String>,
    }
    /// `{"type":"end"}`: the run is over; it failed where there is an error.
    End {
        summary: Option<String>,
        error: Option<String>,
    }
}

impl Usage {
    pub(super) fn used(&self) -> Used {
        let tokens = [self.input_tokens, self.output_tokens, self.cache_read_tokens, self.cache_write_tokens];
        Used { tokens, calls: self.calls, cost: self.cost_usd }
    }
}

impl Scores {
    pub(super) const fn scores(&self) -> QualityScores {
        QualityScores {
            correctness: self.correctness,
            type_safety: self.type_safety,
            code_style: self.code_style,
            test_coverage: self.test_coverage,
            completeness: self.completeness,
        }
    }
}
