//! What is counted: an item with its fields, what it may be told apart by, and the events that made it.

use domain::ids::{PersonaId, Position, ProjectId, WorkflowId};
use domain::metric::{Comparison, Kind, MetricCondition, MetricDimension, MetricField};
use domain::run::StepUsageRecorded;
use domain::terms::Role;
use domain::values::{Timestamp, Usd};

use super::POSITIONS_MAX;

/// What numbers are counted in: billionths, so that sums are exact.
pub(super) const SCALE: i128 = 1_000_000_000;

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Flag(bool),
    /// In billionths.
    Number(i128),
    Word(String),
}

impl Value {
    pub(super) fn whole(number: impl Into<i128>) -> Self {
        Self::Number(number.into().saturating_mul(SCALE))
    }
    pub(super) fn usd(cost: Usd) -> Self {
        Self::Number(i128::from(cost.units()))
    }
}

/// The first positions of some events, in order, and how many there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trail {
    pub(super) first: Vec<Position>,
    pub(super) count: u64,
}

impl Trail {
    pub(super) fn push(&mut self, position: Position) {
        self.count += 1;
        if self.first.len() < POSITIONS_MAX {
            self.first.push(position);
        }
    }
    pub(super) fn of(positions: impl IntoIterator<Item = Position>) -> Self {
        let mut trail = Self::default();
        positions.into_iter().for_each(|position| trail.push(position));
        trail
    }
    pub(super) fn extend(&mut self, other: &Self) {
        self.count += other.count;
        let room = POSITIONS_MAX.saturating_sub(self.first.len());
        self.first.extend(other.first.iter().take(room));
    }
}

/// What an item may be told apart by.
#[derive(Debug, Clone, Default)]
pub(super) struct Of {
    pub(super) project: Option<ProjectId>,
    pub(super) workflow: Option<WorkflowId>,
    pub(super) model: Option<String>,
    pub(super) persona: Option<PersonaId>,
    pub(super) role: Option<Role>,
    pub(super) learning_version: Option<u32>,
}

/// Something that is counted.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) at: Timestamp,
    pub(super) of: Of,
    pub(super) fields: Vec<(MetricField, Value)>,
    pub(super) events: Trail,
}

impl Item {
    /// The value of a field, where it is known.
    pub(super) fn get(&self, field: MetricField) -> Option<Value> {
        match field {
            MetricField::Model => self.of.model.clone().map(Value::Word),
            MetricField::Persona => self.of.persona.map(|persona| Value::Word(persona.to_string())),
            MetricField::Workflow => self.of.workflow.map(|workflow| Value::Word(workflow.to_string())),
            MetricField::Role => self.of.role.map(|role| Value::Word(role.to_string())),
            _ => self.fields.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone()),
        }
    }
    /// A number, where it is known.
    pub(super) fn number(&self, field: MetricField) -> Option<i128> {
        match self.get(field) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }
    pub(super) fn dimension(&self, dimension: MetricDimension) -> Option<String> {
        match dimension {
            MetricDimension::Project => self.of.project.map(|id| id.to_string()),
            MetricDimension::Workflow => self.of.workflow.map(|id| id.to_string()),
            MetricDimension::Model => self.of.model.clone(),
            MetricDimension::Persona => self.of.persona.map(|id| id.to_string()),
            MetricDimension::Role => self.of.role.map(|role| role.to_string()),
            MetricDimension::Day => Some(self.at.day()),
            MetricDimension::LearningVersion => self.of.learning_version.map(|version| version.to_string()),
        }
    }
    /// Whether all conditions are met; `None` where that is unknown.
    pub(super) fn meets(&self, conditions: &[MetricCondition]) -> Option<bool> {
        let mut known = Some(true);
        for condition in conditions {
            match self.get(condition.field).map(|value| holds(condition, &value)) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = None,
            }
        }
        known
    }
}

fn holds(condition: &MetricCondition, value: &Value) -> bool {
    let same = match value {
        Value::Flag(flag) => condition.value == flag.to_string(),
        Value::Number(number) => condition.number() == Some(*number),
        Value::Word(word) => condition.value == *word,
    };
    let number = match (condition.field.kind(), value) {
        (Kind::Number, Value::Number(number)) => condition.number().map(|bound| (*number, bound)),
        _ => None,
    };
    match condition.op {
        Comparison::Is => same,
        Comparison::IsNot => !same,
        Comparison::AtLeast => number.is_some_and(|(number, bound)| number >= bound),
        Comparison::AtMost => number.is_some_and(|(number, bound)| number <= bound),
    }
}

/// What model calls used, summed up.
#[derive(Debug, Clone, Default)]
pub(super) struct Used {
    records: u64,
    without_cost: bool,
    without_calls: bool,
    cost: Usd,
    calls: u64,
    tokens: [u64; 4],
}

impl Used {
    pub(super) fn add(&mut self, e: &StepUsageRecorded) {
        self.records += 1;
        self.without_cost |= e.cost_usd.is_none();
        // Importers record 0 where the number is not told.
        self.without_calls |= e.calls == 0;
        self.cost += e.cost_usd.unwrap_or_default();
        self.calls = self.calls.saturating_add(u64::from(e.calls));
        let told = [e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens];
        for (sum, tokens) in self.tokens.iter_mut().zip(told) {
            *sum = sum.saturating_add(tokens);
        }
    }
    /// The fields that are known.
    pub(super) fn fields(&self) -> Vec<(MetricField, Value)> {
        use MetricField::{CacheReadTokens, CacheWriteTokens, Calls, CostUsd, InputTokens, OutputTokens};
        if self.records == 0 {
            return vec![];
        }
        let tokens = [InputTokens, OutputTokens, CacheReadTokens, CacheWriteTokens].into_iter();
        let mut fields: Vec<_> = tokens.zip(self.tokens.map(Value::whole)).collect();
        if !self.without_cost {
            fields.push((CostUsd, Value::usd(self.cost)));
        }
        if !self.without_calls {
            fields.push((Calls, Value::whole(self.calls)));
        }
        fields
    }
}
