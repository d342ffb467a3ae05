//! Sums over events: what a step and a run said, did and cost.

use std::collections::BTreeMap;

use domain::run::{RunEvent, StepUsageRecorded};
use domain::terms::MessageRole;
use domain::values::Usd;
use serde::Serialize;

/// Sums over one step.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StepFigures {
    /// Messages to the agent.
    pub user_messages: u64,
    /// Messages of the agent.
    pub assistant_messages: u64,
    /// Tools called.
    pub tool_calls: u64,
    /// Tools that answered.
    pub tool_results: u64,
    /// Answers that report an error.
    pub tool_errors: u64,
    /// Model calls.
    pub calls: u64,
    /// Model calls of unknown cost; they are not in `total_cost_usd`.
    pub calls_without_cost: u64,
    /// Tokens in, without the cached ones.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// Tokens read from the cache.
    pub cache_read_tokens: u64,
    /// Tokens written to the cache.
    pub cache_write_tokens: u64,
    /// What is known of the cost.
    pub total_cost_usd: Usd,
}

impl StepFigures {
    pub(crate) fn take(&mut self, event: &RunEvent) {
        match event {
            RunEvent::StepMessageAppended(e) => match e.role {
                MessageRole::User => self.user_messages += 1,
                MessageRole::Assistant => self.assistant_messages += 1,
            },
            RunEvent::ToolCalled(_) => self.tool_calls += 1,
            RunEvent::ToolReturned(e) => {
                self.tool_results += 1;
                self.tool_errors += u64::from(e.is_error);
            }
            RunEvent::StepUsageRecorded(e) => self.usage(e),
            _ => {}
        }
    }
    fn usage(&mut self, usage: &StepUsageRecorded) {
        self.calls += u64::from(usage.calls);
        let add = |sum: &mut u64, tokens: u64| *sum = sum.saturating_add(tokens);
        add(&mut self.input_tokens, usage.input_tokens);
        add(&mut self.output_tokens, usage.output_tokens);
        add(&mut self.cache_read_tokens, usage.cache_read_tokens);
        add(&mut self.cache_write_tokens, usage.cache_write_tokens);
        match usage.cost_usd {
            Some(cost) => self.total_cost_usd += cost,
            None => self.calls_without_cost += u64::from(usage.calls),
        }
    }
}

/// Sums over one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ModelFigures {
    /// Model calls.
    pub calls: u64,
    /// Model calls of unknown cost.
    pub calls_without_cost: u64,
    /// What is known of the cost.
    pub total_cost_usd: Usd,
}

/// Sums over a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RunFigures {
    /// Steps that were started.
    pub steps: u64,
    /// Steps that ended as intended.
    pub steps_completed: u64,
    /// Steps that failed.
    pub steps_failed: u64,
    /// Steps that were passed over.
    pub steps_skipped: u64,
    /// Sums over all steps.
    #[serde(flatten)]
    pub all: StepFigures,
    /// Sums by model.
    pub models: BTreeMap<String, ModelFigures>,
}

impl RunFigures {
    pub(crate) fn take(&mut self, event: &RunEvent) {
        self.all.take(event);
        match event {
            RunEvent::StepStarted(_) => self.steps += 1,
            RunEvent::StepCompleted(_) => self.steps_completed += 1,
            RunEvent::StepFailed(_) => self.steps_failed += 1,
            RunEvent::StepSkipped(_) => self.steps_skipped += 1,
            RunEvent::StepUsageRecorded(e) => {
                let model = self.models.entry(e.model.clone()).or_default();
                model.calls += u64::from(e.calls);
                match e.cost_usd {
                    Some(cost) => model.total_cost_usd += cost,
                    None => model.calls_without_cost += u64::from(e.calls),
                }
            }
            _ => {}
        }
    }
}
