//! The page of a run: what else the log says of it is gathered here, and made a page by the library.

use domain::ids::{Position, RunId};
use domain::run::{RunEvent, RunRequested};
use domain::{Event, Recorded};
use projections::Query;
use proof::{Outcome, Trust, entry};
use replay::page::{Page, Proofs, page as made};
use replay::story::{self, InForce, Kind, Named};

use serde_json::Value;

use super::check;
use crate::client::Arguments;
use crate::failure::Failure;
use crate::readers::{self, ViewCall};
use crate::target::Target;
use crate::trust;

/// Learnings whose approval is looked up, of each version.
const APPROVALS: usize = 50;

pub(super) async fn page(
    target: &Target,
    run: RunId,
    records: Vec<Recorded>,
    to: Option<Position>,
    full: bool,
) -> Result<String, Failure> {
    let check = match to {
        None => Some(check::check(target, run, &records).await?),
        Some(_) => None,
    };
    let witnesses = witnesses(&records)?;
    let in_force = match records.first() {
        Some(Recorded { meta, event: Event::Run(RunEvent::RunRequested(e)) }) => {
            in_force(target, e, meta.position).await?
        }
        _ => Vec::new(),
    };
    let story =
        story::document(records, to).ok_or_else(|| Failure::usage("the run has no event until then"))?;
    let proofs = match proofs(target, story.last_position).await {
        Ok(proofs) => Some(proofs),
        Err(failure) => {
            tracing::warn!(%failure, "the page has no proof");
            None
        }
    };
    Ok(made(&Page {
        story: &story,
        in_force: &in_force,
        check: check.as_ref().map(|check| &check.refold),
        witnesses: &witnesses,
        proofs: proofs.as_ref(),
        made_at: trust::now(),
        software: env!("CARGO_PKG_VERSION"),
        full,
    }))
}

/// What both witnesses of usage say, where there are two.
fn witnesses(records: &[Recorded]) -> Result<Vec<Value>, Failure> {
    let rows = replay::refold::rows("usage-reconciliation", records);
    let rows: Vec<Value> =
        rows.iter().map(|(_, json)| serde_json::from_str(json)).collect::<Result<_, _>>()?;
    let heard = rows.iter().any(|row| row["agrees"].is_boolean());
    Ok(if heard { rows } else { Vec::new() })
}

/// The versions that the run was asked for with, and who made, chose and approved them.
async fn in_force(target: &Target, e: &RunRequested, before: Position) -> Result<Vec<InForce>, Failure> {
    let mut all = Vec::new();
    for named in story::named(e) {
        let events = target.stream(named.stream).await?;
        all.push(story::version(named, before, &events));
    }
    for (role, version) in &e.configuration.learning_versions {
        let filters = vec![("project".to_owned(), e.project.to_string())];
        let query = Query { filters, ..Query::default() };
        let documents = target.view(&ViewCall { query, ..ViewCall::of("learning-documents") }).await?;
        let of_role = |row: &&crate::table::Row| {
            row.row.get("role").and_then(|value| value.as_str()) == Some(role.as_str())
        };
        let Some(document) = documents.rows.iter().find(of_role) else { continue };
        let id: domain::ids::LearningDocumentId = document.key.parse()?;
        let events = target.stream(id.into()).await?;
        let named = Named { kind: Kind::Learning, stream: id.into(), version: *version };
        let mut known = story::version(named, before, &events);
        for learning in known.learnings.iter().take(APPROVALS) {
            let events = target.stream((*learning).into()).await?;
            known.approvals.push(story::approval(*learning, before, &events));
        }
        all.push(known);
    }
    Ok(all)
}

/// What proves the event at `last`, checked by the log's own key.
async fn proofs(target: &Target, last: Position) -> Result<Proofs, Failure> {
    let (log, proof, leaf, keys) = match target {
        Target::Folder(engine) => {
            let journal = engine.journal().clone();
            let read = move || -> Result<_, Failure> {
                let proof = replay::inclusion(&journal, last, None)?;
                let record = journal.get(last)?.ok_or_else(|| Failure::usage("the event cannot be read"))?;
                let keys = replay::keys(&journal)?;
                Ok((journal.identity().log_id, proof, entry::leaf(record.bytes()), keys))
            };
            tokio::task::spawn_blocking(read).await??
        }
        Target::Server(client) => {
            let arguments: Arguments = vec![("position".to_owned(), last.to_string())];
            let proof = client.json(&["v1", "log", "proof", "inclusion"], &arguments).await?;
            let proof: replay::Inclusion = serde_json::from_str(&proof)?;
            let after = last.0.checked_sub(1).map(|after| ("after".to_owned(), after.to_string()));
            let arguments = after.into_iter().chain([("limit".to_owned(), "1".to_owned())]).collect();
            let record = readers::records(client, arguments).await?.pop();
            let record = record.filter(|record| record.position() == last);
            let record = record.ok_or_else(|| Failure::usage("the event cannot be read"))?;
            let (log, keys) = readers::server_keys(client).await?;
            (log, proof, entry::leaf(record.bytes()), keys)
        }
    };
    let shown = proof.check(&leaf, &keys, &Trust { bundled: true, ..Trust::default() });
    let holds = shown.findings.outcome() == Outcome::Verified;
    let outcome = if holds { "proven" } else { "NOT PROVEN" }.to_owned();
    let signers = shown.signers.into_iter().map(|signer| signer.key).collect();
    Ok(Proofs { log, last: proof, outcome, holds, signers })
}
