//! What full-text search finds an event by: its prose, and what it is. Taken from the registry of events, so that a
//! new event is found without a line here.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::TypeId;
use domain::run::Run;
use domain::{Decider, Recorded, StreamId, aggregates};
use schemars::SchemaGenerator;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Aggregates of Waybill's own, about which nobody has written anything.
const WITHOUT_PROSE: [&str; 2] = ["claim", "log"];

/// Fields that hold no prose although they are texts: names of the machinery, digests, addresses of people, what is
/// encrypted; and what an event repeats of another one, such as a workflow's definition in each of its runs.
const NO_PROSE: [&str; 22] = [
    "blueprint",
    "call_id",
    "cli_tool",
    "configuration",
    "details_url",
    "digest",
    "email",
    "key",
    "logo_url",
    "model",
    "of",
    "origin",
    "prompt_digest",
    "provider",
    "public_key",
    "sandbox",
    "sealed",
    "secret_sha256",
    "sha256",
    "software",
    "stop_reason",
    "zone",
];

/// Events whose kind is not the name of their aggregate.
const KINDS: [(&str, &str); 13] = [
    ("RunRequested", "prompt"),
    ("StepMessageAppended", "message"),
    ("StepContentContinued", "message"),
    ("MessageAppended", "message"),
    ("MessageContinued", "message"),
    ("OperatorSteered", "message"),
    ("ToolCalled", "tool"),
    ("ToolReturned", "tool"),
    ("VerdictIssued", "feedback"),
    ("LoopIterated", "feedback"),
    ("ScoresIssued", "feedback"),
    ("JudgementIssued", "feedback"),
    ("ReviewCycleScored", "feedback"),
];

/// Deepest schema that is looked into.
const DEPTH_MAX: usize = 12;

/// An event as search knows it. What is stored of it is where it stands; its text stays in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is: `prompt`, `message`, `tool`, `feedback`, or the name of its aggregate.
    pub kind: &'static str,
    /// Who speaks or works, where the event says it.
    pub role: Option<String>,
    /// The run it belongs to.
    pub run: Option<String>,
    /// Its texts, in the order of its fields' names. No phrase reaches from one into the next.
    pub texts: Vec<String>,
}

/// How the events of one type become documents.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plan {
    kind: &'static str,
    /// Names of the fields that hold prose, at whatever depth.
    fields: BTreeSet<String>,
}

/// How events become documents, for every type of event of this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents(BTreeMap<TypeId, Plan>);

impl Default for Documents {
    fn default() -> Self {
        Self::new()
    }
}

impl Documents {
    /// Reads the registry.
    #[must_use]
    pub fn new() -> Self {
        let mut plans = BTreeMap::new();
        for aggregate in aggregates().into_iter().filter(|it| !WITHOUT_PROSE.contains(&it.name)) {
            for event in &aggregate.events {
                let kind = KINDS.iter().find(|(name, _)| *name == event.name).map(|(_, kind)| *kind);
                let kind = kind.unwrap_or(aggregate.name);
                let mut generator = SchemaGenerator::default();
                let schema = (event.schema)(&mut generator).to_value();
                let mut fields = BTreeSet::new();
                prose(&schema, generator.definitions(), None, 0, &mut fields);
                if !fields.is_empty() {
                    plans.insert(event.type_id, Plan { kind, fields });
                }
            }
        }
        Self(plans)
    }

    /// The kinds of documents there are.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let kinds: BTreeSet<_> = self.0.values().map(|plan| plan.kind).collect();
        kinds.into_iter().collect()
    }

    /// SHA-256 over all of it, hex: an index made with another digest does not hold what this one would.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for (type_id, plan) in &self.0 {
            hasher.update(format!("{type_id} {} {:?}\n", plan.kind, plan.fields));
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The document that an event is; none where it holds no prose.
    #[must_use]
    pub fn of(&self, recorded: &Recorded) -> Option<Document> {
        let plan = self.0.get(&recorded.meta.type_id)?;
        let value = serde_json::to_value(&recorded.event).ok()?;
        let mut texts = Vec::new();
        gather(&value, &plan.fields, false, &mut texts);
        if texts.is_empty() {
            return None;
        }
        let role = value.get("role").and_then(Value::as_str).map(ToOwned::to_owned);
        let run = run_of(recorded.meta.stream)
            .or_else(|| value.get("run").and_then(Value::as_str).map(ToOwned::to_owned));
        Some(Document { kind: plan.kind, role, run, texts })
    }
}

fn run_of(stream: StreamId) -> Option<String> {
    (stream.category == Run::CATEGORY).then(|| stream.id.to_string())
}

/// Adds the names of fields under which `schema` allows any text at all.
fn prose(
    schema: &Value,
    definitions: &serde_json::Map<String, Value>,
    field: Option<&str>,
    depth: usize,
    found: &mut BTreeSet<String>,
) {
    if depth > DEPTH_MAX || field.is_some_and(|field| NO_PROSE.contains(&field)) {
        return;
    }
    let mut into = |schema: &Value, field: Option<&str>| prose(schema, definitions, field, depth + 1, found);
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        if let Some(definition) = definitions.get(name) {
            into(definition, field);
        }
        return;
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        into(property, Some(name));
    }
    for inner in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for schema in schema.get(inner).and_then(Value::as_array).into_iter().flatten() {
            into(schema, field);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema) = schema.get(inner).filter(|schema| schema.is_object()) {
            into(schema, field);
        }
    }
    let is_text = match schema.get("type") {
        Some(Value::String(one)) => one == "string",
        Some(Value::Array(several)) => several.iter().any(|one| one == "string"),
        _ => false,
    };
    // What has a form of its own is an id, an instant or a word of a list.
    let free = ["format", "pattern", "enum", "const"].iter().all(|form| schema.get(form).is_none());
    if let (true, true, Some(field)) = (is_text, free, field) {
        found.insert(field.to_owned());
    }
}

/// Adds the texts that stand under one of `fields`.
fn gather(value: &Value, fields: &BTreeSet<String>, wanted: bool, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if wanted && !text.trim().is_empty() => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, fields, wanted, texts)),
        Value::Object(inner) => {
            for (name, value) in inner.iter().filter(|(name, _)| !NO_PROSE.contains(&name.as_str())) {
                gather(value, fields, fields.contains(name), texts);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, id};

    fn fields(name: &str) -> String {
        let documents = Documents::new();
        let aggregates = aggregates();
        let event = aggregates.iter().flat_map(|it| &it.events).find(|event| event.name == name);
        let event = event.unwrap_or_else(|| panic!("there is no event {name}"));
        let plan = documents.0.get(&event.type_id);
        plan.map_or_else(
            || "nothing".to_owned(),
            |plan| {
                let fields: Vec<_> = plan.fields.iter().map(String::as_str).collect();
                format!("{}: {}", plan.kind, fields.join(", "))
            },
        )
    }

    /// Every sample of an aggregate, as a history of one stream.
    fn samples(aggregate: &domain::AggregateSpec) -> Vec<Recorded> {
        let stream = StreamId::new(aggregate.category, domain::Ulid(7));
        let history =
            (aggregate.samples)().into_iter().fold(History::new(), |it, event| it.any(stream, event));
        history.events
    }

    #[test]
    fn prose_is_found_by_the_schema_of_an_event() {
        let names = [
            "RunRequested",
            "StepStarted",
            "StepMessageAppended",
            "ToolReturned",
            "VerdictIssued",
            "JudgementIssued",
            "StepUsageRecorded",
            "LearningProposed",
            "ContextVersioned",
            "ProviderKeySealed",
            "MemberInvited",
            "EnvVarSet",
            "WriterStarted",
        ];
        let found: String = names.iter().map(|name| format!("{name} {}\n", fields(name))).collect();
        expect![[r#"
            RunRequested prompt: candidates, prompt, title
            StepStarted nothing
            StepMessageAppended message: content, thinking
            ToolReturned tool: output, tool
            VerdictIssued feedback: feedback
            JudgementIssued feedback: candidate, candidates, note, rationale, winner
            StepUsageRecorded nothing
            LearningProposed learning: correct_behaviour, description, trigger
            ContextVersioned context: claude_md, note, system_prompt
            ProviderKeySealed nothing
            MemberInvited nothing
            EnvVarSet project: name, value
            WriterStarted nothing
        "#]]
        .assert_eq(&found);
    }

    #[test]
    fn every_sample_says_what_it_is_and_where_it_belongs() {
        let documents = Documents::new();
        let kinds = documents.kinds();
        for aggregate in aggregates() {
            for recorded in samples(&aggregate) {
                let Some(document) = documents.of(&recorded) else { continue };
                assert!(kinds.contains(&document.kind));
                assert!(
                    !document.texts.is_empty() && document.texts.iter().all(|text| !text.trim().is_empty())
                );
                assert!(document.run.is_some() || aggregate.name != "run", "{recorded:?}");
            }
        }
        assert!(
            ["prompt", "message", "tool", "feedback", "learning"].iter().all(|kind| kinds.contains(kind))
        );
    }

    #[test]
    fn what_is_encrypted_and_whom_it_is_about_is_not_found() {
        let documents = Documents::new();
        let project = aggregates().into_iter().find(|it| it.name == "project").expect("there is one");
        let events = samples(&project);
        let texts = events.iter().filter_map(|it| documents.of(it)).flat_map(|it| it.texts);
        let text: String = texts.collect::<Vec<_>>().join("\n");
        assert!(!text.contains('@'), "{text}");
    }

    #[test]
    fn texts_come_in_order_and_roles_as_they_are_said() {
        let message = crate::testing::sample("StepMessageAppended");
        let history = History::new().any(id::<domain::ids::RunId>(1).into(), message.clone());
        let document = Documents::new().of(&history.events[0]).expect("it has a text");
        let Event::Run(domain::run::RunEvent::StepMessageAppended(message)) = message else {
            panic!("it is one")
        };
        assert_eq!(document.role.as_deref(), Some(message.role.as_str()));
        assert_eq!(document.run.as_deref(), Some("00000000000000000000000001"));
        assert_eq!(document.texts.first(), Some(&message.content));
    }

    #[test]
    fn the_digest_stays_and_knows_every_field() {
        let documents = Documents::new();
        assert_eq!(documents.digest(), Documents::new().digest());
        let mut fewer = documents.clone();
        fewer.0.values_mut().next().expect("there are some").fields.clear();
        assert_ne!(fewer.digest(), documents.digest());
    }
}
