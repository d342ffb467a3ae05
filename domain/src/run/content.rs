//! What passes in a step: messages, tools, their further parts, and what it all used.

use super::*;

impl Run {
    pub(super) fn append_message(&self, command: &AppendStepMessage) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::text("content", &command.content)?;
        check::text("thinking", command.thinking.as_deref().unwrap_or_default())?;
        if command.content.len() + command.thinking.as_ref().map_or(0, String::len) > check::TEXT_MAX_BYTES {
            let expected = format!("at most {} bytes together with content", check::TEXT_MAX_BYTES);
            return Err(Rejection::invalid("thinking", expected, "more"));
        }
        let AppendStepMessage { step, message, role, content, thinking, stop_reason, more } = command.clone();
        check::opt_name("stop_reason", stop_reason.as_deref())?;
        Ok(StepMessageAppended { step, sandbox, message, role, content, thinking, stop_reason, more }.into())
    }
    pub(super) fn continue_content(&self, command: &ContinueStepContent) -> Result<RunEvent, Rejection> {
        let sandbox = self.running_step(command.step)?.sandbox;
        let waiting = OpenContent { step: command.step, of: command.of.clone() };
        if self.open.as_ref() != Some(&waiting) {
            return Err(Rejection::unknown("open message or tool output", &command.of));
        }
        check::text("content", &command.content)?;
        let ContinueStepContent { step, of, content, more } = command.clone();
        Ok(StepContentContinued { step, sandbox, of, content, more }.into())
    }
    pub(super) fn call_tool(&self, command: &RecordToolCall) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::name("call_id", &command.call_id)?;
        check::name("tool", &command.tool)?;
        check::text("arguments", &command.arguments)?;
        let RecordToolCall { step, call_id, tool, arguments } = command.clone();
        Ok(ToolCalled { step, sandbox, call_id, tool, arguments }.into())
    }
    pub(super) fn return_tool(&self, command: &RecordToolResult) -> Result<RunEvent, Rejection> {
        let sandbox = self.writable_step(command.step)?.sandbox;
        check::name("call_id", &command.call_id)?;
        check::name("tool", &command.tool)?;
        check::text("output", &command.output)?;
        let RecordToolResult { step, call_id, tool, is_error, output, duration_ms, more } = command.clone();
        Ok(ToolReturned { step, sandbox, call_id, tool, is_error, output, duration_ms, more }.into())
    }
    pub(super) fn record_usage(&self, command: &RecordUsage) -> Result<RunEvent, Rejection> {
        self.step(command.step)?;
        check::opt_name("provider", command.provider.as_deref())?;
        check::name("model", &command.model)?;
        let calls = command.calls.unwrap_or(1);
        check::range("calls", calls, &(0..=1_000_000), "calls")?;
        const TOKENS: std::ops::RangeInclusive<u64> = 0..=1_000_000_000_000;
        check::range("input_tokens", command.input_tokens, &TOKENS, "tokens")?;
        check::range("output_tokens", command.output_tokens, &TOKENS, "tokens")?;
        check::range("cache_read_tokens", command.cache_read_tokens, &TOKENS, "tokens")?;
        check::range("cache_write_tokens", command.cache_write_tokens, &TOKENS, "tokens")?;
        let command = command.clone();
        Ok(StepUsageRecorded {
            step: command.step,
            provider: command.provider,
            model: command.model,
            input_tokens: command.input_tokens,
            output_tokens: command.output_tokens,
            cache_read_tokens: command.cache_read_tokens,
            cache_write_tokens: command.cache_write_tokens,
            calls,
            cost_usd: command.cost_usd,
        }
        .into())
    }
}
