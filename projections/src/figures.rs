//! Figures that rows of several views carry: tokens and cost of model calls, messages, tools.

use domain::run::StepUsageRecorded;
use domain::values::Usd;

/// What model calls used. Unknown cost is counted, never taken for zero.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) calls: u64,
    pub(crate) calls_without_cost: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cache_read_tokens: u64,
    pub(crate) cache_write_tokens: u64,
    pub(crate) total_cost_usd: Usd,
}

impl From<&StepUsageRecorded> for Spent {
    fn from(e: &StepUsageRecorded) -> Self {
        let calls = u64::from(e.calls);
        Self {
            calls,
            calls_without_cost: if e.cost_usd.is_some() { 0 } else { calls },
            input_tokens: e.input_tokens,
            output_tokens: e.output_tokens,
            cache_read_tokens: e.cache_read_tokens,
            cache_write_tokens: e.cache_write_tokens,
            total_cost_usd: e.cost_usd.unwrap_or_default(),
        }
    }
}

/// A row that sums up what model calls used.
pub(crate) trait Spends {
    /// The sum so far.
    fn spent(&self) -> Spent;
    /// Adds to it; sums stop at the largest number rather than wrap.
    fn spend(&mut self, spent: &Spent);
}

/// Declares a row: per field its description, type and first value, and the figures it carries as further fields.
///
/// The fields stand in the row itself because the storage codec knows no `flatten`.
macro_rules! row {
    (
        $(#[$doc:meta])* struct $name:ident($($arg:ident: $arg_type:ty),*) { $($own:tt)* } with activity
    ) => {
        $crate::figures::row! {
            $(#[$doc])*
            struct $name($($arg: $arg_type),*) {
                $($own)*
                /// Messages by agents.
                assistant_messages: u64 = 0,
                /// Messages to agents.
                user_messages: u64 = 0,
                /// Tools that were called.
                tool_calls: u64 = 0,
                /// Tools that answered.
                tool_results: u64 = 0,
            } with spending
        }

        impl $name {
            /// Counts a message, a tool or a model call; any other event changes nothing.
            fn count(&mut self, event: &domain::run::RunEvent) {
                use domain::run::RunEvent;
                use domain::terms::MessageRole;
                use $crate::figures::Spends;
                match event {
                    RunEvent::StepMessageAppended(e) => match e.role {
                        MessageRole::Assistant => self.assistant_messages += 1,
                        MessageRole::User => self.user_messages += 1,
                    },
                    RunEvent::ToolCalled(_) => self.tool_calls += 1,
                    RunEvent::ToolReturned(_) => self.tool_results += 1,
                    RunEvent::StepUsageRecorded(e) => self.spend(&e.into()),
                    _ => {}
                }
            }
        }
    };
    (
        $(#[$doc:meta])* struct $name:ident($($arg:ident: $arg_type:ty),*) {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $first:expr,)*
        } with spending
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub(crate) $field: $type,)*
            /// Model calls.
            pub(crate) calls: u64,
            /// Model calls whose cost is unknown; the total stands for the others.
            pub(crate) calls_without_cost: u64,
            /// Tokens in, without the cached ones.
            pub(crate) input_tokens: u64,
            /// Tokens out.
            pub(crate) output_tokens: u64,
            /// Tokens read from the cache.
            pub(crate) cache_read_tokens: u64,
            /// Tokens written to the cache.
            pub(crate) cache_write_tokens: u64,
            /// What the model calls cost, as far as known.
            pub(crate) total_cost_usd: domain::values::Usd,
        }

        impl $name {
            fn new($($arg: $arg_type),*) -> Self {
                Self {
                    $($field: $first,)*
                    calls: 0,
                    calls_without_cost: 0,
                    input_tokens: 0,
                    output_tokens: 0,
                    cache_read_tokens: 0,
                    cache_write_tokens: 0,
                    total_cost_usd: domain::values::Usd::default(),
                }
            }
        }

        impl $crate::figures::Spends for $name {
            fn spent(&self) -> $crate::figures::Spent {
                $crate::figures::Spent {
                    calls: self.calls,
                    calls_without_cost: self.calls_without_cost,
                    input_tokens: self.input_tokens,
                    output_tokens: self.output_tokens,
                    cache_read_tokens: self.cache_read_tokens,
                    cache_write_tokens: self.cache_write_tokens,
                    total_cost_usd: self.total_cost_usd,
                }
            }
            fn spend(&mut self, spent: &$crate::figures::Spent) {
                self.calls = self.calls.saturating_add(spent.calls);
                self.calls_without_cost = self.calls_without_cost.saturating_add(spent.calls_without_cost);
                self.input_tokens = self.input_tokens.saturating_add(spent.input_tokens);
                self.output_tokens = self.output_tokens.saturating_add(spent.output_tokens);
                self.cache_read_tokens = self.cache_read_tokens.saturating_add(spent.cache_read_tokens);
                self.cache_write_tokens = self.cache_write_tokens.saturating_add(spent.cache_write_tokens);
                self.total_cost_usd += spent.total_cost_usd;
            }
        }
    };
}
pub(crate) use row;
