//! What becomes of a command before anything is decided: its secret is sealed, known secrets are taken out of it, and it
//! is settled whether what it says is sealed.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use domain::erasure::Subject;
use domain::ids::{ProjectId, StreamVersion};
use domain::project::{ContentSealing, Project, ProjectEvent, SecretName};
use domain::sealed_text::quoted;
use domain::{Actor, Command, Event, Fingerprint, Rejection, StreamId};
use journal::ReadError;
use lru::LruCache;
use vault::{Carry, Plain, Purpose, Redactor, Vault, VaultError, may_be_sealed};

use crate::Engine;
use crate::aggregates::lock;
use crate::decode::decode;
use crate::execute::{Envelope, ExecuteError};
use crate::neighbours::project_of;

const EVENTS_PER_READ: usize = 4096;
/// Texts that come in parts, and whose ends are kept in mind.
const LANES_MAX: NonZeroUsize = NonZeroUsize::new(4096).expect("not 0");

/// A text that comes in parts.
type Lane = (StreamId, u8);

/// Keys, and what is known of secrets.
pub(crate) struct Seals {
    pub(crate) vault: Vault,
    known: Mutex<BTreeMap<ProjectId, Arc<Known>>>,
    lanes: Mutex<LruCache<Lane, Carry>>,
}

/// The secrets of a project, as far as they open: also those that were replaced, for they may still be in force.
#[derive(Default)]
struct Known(Mutex<Finder>);

/// Names and values, and what looks for all of them.
type Finder = (Vec<(String, Plain)>, Option<Arc<Redactor>>);

impl Known {
    fn redactor(&self) -> Option<Arc<Redactor>> {
        lock(&self.0).1.clone()
    }
    /// Looks for one more from now on.
    fn add(&self, name: String, value: Plain) -> Result<(), Rejection> {
        let mut known = lock(&self.0);
        if known.0.iter().any(|(_, other)| *other == value) {
            return Ok(());
        }
        known.0.push((name, value));
        match Redactor::new(known.0.iter().map(|(name, value)| (name.as_str(), value))) {
            Ok(redactor) => {
                known.1 = redactor.map(Arc::new);
                Ok(())
            }
            Err(bytes) => {
                known.0.pop();
                let most = vault::PATTERN_MAX_BYTES;
                let rule = format!(
                    "at most {most} bytes of secrets, in all forms that are looked for, can be kept out of the log; \
                     the project would have {bytes}"
                );
                Err(Rejection::rule(rule, "use a shorter one, or erase the project's former secrets"))
            }
        }
    }
}

/// What is settled before a command is decided.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// By which a repetition of it is told.
    pub(crate) fingerprint: Fingerprint,
    /// The one that it would have had before the project had secrets or sealed what is said, or after.
    pub(crate) other: Option<Fingerprint>,
    /// Under whose key it is sealed what it says.
    words: Option<Subject>,
    lane: Option<(Lane, Carry, bool)>,
}

impl Seals {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, known: Mutex::default(), lanes: Mutex::new(LruCache::new(LANES_MAX)) }
    }
    /// Forgets what was known in the clear: an erasure has destroyed keys.
    pub(crate) fn forget(&self) {
        lock(&self.known).clear();
        lock(&self.lanes).clear();
    }
    /// Seals what the events say.
    pub(crate) fn seal(&self, prepared: &Prepared, events: &mut [Event]) -> Result<(), ExecuteError> {
        let Some(subject) = prepared.words else { return Ok(()) };
        let mut failed = None;
        for event in events {
            event.prose(&mut |text| match self.vault.seal_text(subject, text) {
                Ok(sealed) => *text = sealed,
                Err(error) => failed = Some(error),
            });
        }
        failed.map_or(Ok(()), |error| Err(sealing(&error)))
    }
    /// Keeps in mind how the part of a text ended that was appended.
    pub(crate) fn keep(&self, prepared: &Prepared) {
        let Some((lane, carry, more)) = &prepared.lane else { return };
        let mut lanes = lock(&self.lanes);
        if *more || !carry.is_empty() {
            lanes.put(*lane, carry.clone());
        } else {
            lanes.pop(lane);
        }
    }
}

pub(crate) fn sealing(error: &VaultError) -> ExecuteError {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    ExecuteError::Sealing { reason: format!("{error}{source}"), hint: error.hint() }
}

impl Prepared {
    /// Of a command that stays as it is.
    pub(crate) fn plain(fingerprint: Fingerprint) -> Self {
        Self { fingerprint, other: None, words: None, lane: None }
    }
}

impl Engine {
    /// Keys, and what they opened.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.seals().vault
    }

    /// Seals the command's secret, takes known ones out of it, and settles the rest.
    pub(crate) async fn prepare(&self, envelope: &mut Envelope) -> Result<Prepared, ExecuteError> {
        let stream = envelope.stream;
        let body = envelope.command.body();
        let fingerprint = Fingerprint::of_body(stream, envelope.command.name(), &body);
        if envelope.command.category() != stream.category {
            return Ok(Prepared::plain(fingerprint));
        }
        let Some(project) = self.project_of_command(envelope).await? else {
            quote(&mut envelope.command, &body)?;
            return Ok(Prepared::plain(fingerprint));
        };
        let mode = self.content_sealing(project).await?;
        let known = self.known(project).await?;
        let sealed = if mode.is_some() { self.seal_secret(project, &known, envelope)? } else { None };
        let redactor = known.redactor();
        let lane = redactor.as_ref().and_then(|redactor| self.cut(redactor, envelope));
        // What was held back of the part before stands in this one.
        let cut = if lane.is_some() { envelope.command.body() } else { Vec::new() };
        let whole = if lane.is_some() { &cut } else { &body };
        let redacted = redact(redactor.as_deref(), &mut envelope.command, whole)?;
        let words = words(mode.unwrap_or_default(), project, envelope.actor);
        if let Some(subject) = words {
            self.vault().ensure(subject, Purpose::Content).map_err(|error| self::sealing(&error))?;
        }
        // A digest that anybody can make would let a secret or what is erased be guessed.
        let of = words.map(|subject| (subject, Purpose::Content));
        let of = of.or(sealed.map(|subject| (subject, Purpose::Secrets)));
        let (subject, purpose) = of.unwrap_or((Subject::Project(project), Purpose::Secrets));
        let label = format_args!("{stream} {}", envelope.command.name());
        let keyed = self.vault().digest(subject, purpose, label, &body).map(|digest| {
            let first: [u8; 8] = digest[..8].try_into().expect("a digest has 32 bytes");
            Fingerprint(u64::from_be_bytes(first))
        });
        let changed = words.is_some() || sealed.is_some() || redacted || lane.is_some();
        let (fingerprint, other) = match keyed {
            Some(keyed) if changed => (keyed, Some(fingerprint)),
            other => (fingerprint, other),
        };
        Ok(Prepared { fingerprint, other, words, lane })
    }

    async fn project_of_command(&self, envelope: &Envelope) -> Result<Option<ProjectId>, ExecuteError> {
        if let Some(project) = envelope.stream.as_project() {
            return Ok(Some(project));
        }
        let slot = self.slot(envelope.stream).await?;
        let project = lock(&slot).state.project();
        Ok(project
            .or_else(|| project_of(envelope.stream, &lock(&slot).state, &envelope.command.references())))
    }

    /// Whether a project seals what is said; `None` where there is no such project.
    async fn content_sealing(&self, project: ProjectId) -> Result<Option<ContentSealing>, ExecuteError> {
        let slot = self.fresh_slot(project.into()).await?;
        let aggregate = lock(&slot);
        let project = aggregate.version.and_then(|_| aggregate.state.of::<Project>());
        Ok(project.map(Project::content_sealing))
    }

    /// The secrets of a project: read from the log once, and from then on as they come in.
    async fn known(&self, project: ProjectId) -> Result<Arc<Known>, ExecuteError> {
        if let Some(known) = lock(&self.seals().known).get(&project) {
            return Ok(known.clone());
        }
        let engine = self.clone();
        let load = tokio::task::spawn_blocking(move || engine.load_known(project)).await;
        let loaded = load.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        Ok(lock(&self.seals().known).entry(project).or_insert_with(|| Arc::new(loaded)).clone())
    }
    fn load_known(&self, project: ProjectId) -> Result<Known, ExecuteError> {
        let known = Known::default();
        self.each_project_event(project, |event| {
            let Some((name, sealed)) = event.secret() else { return };
            match self.vault().open_secret(project, &name.bound, sealed) {
                Ok(value) => {
                    if let Err(error) = known.add(name.shown, value) {
                        tracing::warn!(%project, %error, "a secret is not looked for in what is recorded");
                    }
                }
                Err(error) => tracing::debug!(%project, %error, "a secret is not looked for"),
            }
        })?;
        Ok(known)
    }
    /// Hands every event of a project to `each`, as far as this build reads them.
    pub(crate) fn each_project_event(
        &self,
        project: ProjectId,
        mut each: impl FnMut(&ProjectEvent),
    ) -> Result<(), ReadError> {
        let mut from = StreamVersion(0);
        loop {
            let records = self.journal().read_stream(project.into(), from, EVENTS_PER_READ)?;
            for record in &records {
                if let Ok(domain::Recorded { event: Event::Project(event), .. }) = decode(record) {
                    each(&event);
                }
            }
            let Some(last) = records.last().filter(|_| records.len() == EVENTS_PER_READ) else {
                return Ok(());
            };
            from = StreamVersion(last.version().0 + 1);
        }
    }

    /// Seals the secret that came with a command; gives under whose key.
    fn seal_secret(
        &self,
        project: ProjectId,
        known: &Known,
        envelope: &mut Envelope,
    ) -> Result<Option<Subject>, ExecuteError> {
        let Some((name, value)) = envelope.command.plain_secret() else { return Ok(None) };
        Project::check_secret(&name, value)?;
        let value = Plain::new(value);
        let SecretName { bound, shown, .. } = &name;
        known.add(shown.clone(), value.clone())?;
        let subject = name.subject(project);
        let sealed = self.vault().seal_secret(subject, project, bound, value.expose());
        let sealed = sealed.map_err(|error| sealing(&error))?;
        envelope.command = envelope.command.clone().with_sealed(sealed);
        Ok(Some(subject))
    }

    /// Takes secrets out of the part of a text, also those that began in the part before.
    fn cut(&self, redactor: &Redactor, envelope: &mut Envelope) -> Option<(Lane, Carry, bool)> {
        let stream = envelope.stream;
        let part = envelope.command.part()?;
        let lane = (stream, part.lane);
        let held = lock(&self.seals().lanes).get(&lane).cloned();
        if held.is_none()
            && part.goes_on
            && let Some(text) = redactor.redact_orphan(part.text)
        {
            *part.text = text;
        }
        let (text, carry) = redactor.redact_part(part.text, &held.unwrap_or_default(), part.more);
        if let Some(text) = text {
            *part.text = text;
        }
        Some((lane, carry, part.more))
    }
}

/// Under whose key it is sealed what a command says.
fn words(sealing: ContentSealing, project: ProjectId, actor: Actor) -> Option<Subject> {
    match (sealing, actor) {
        (ContentSealing::Off, _) => None,
        (ContentSealing::Person, Actor::User(user)) => Some(Subject::Person(user)),
        (ContentSealing::Project | ContentSealing::Person, _) => Some(Subject::Project(project)),
    }
}

/// Nobody but the sealer writes sealed text.
fn quote(command: &mut Command, body: &[u8]) -> Result<(), Rejection> {
    if may_be_sealed(body) {
        *command = command.rewritten(&quoted)?;
    }
    Ok(())
}

/// Takes known secrets out of every text; whether there was any.
fn redact(redactor: Option<&Redactor>, command: &mut Command, body: &[u8]) -> Result<bool, Rejection> {
    quote(command, body)?;
    let Some(redactor) = redactor.filter(|redactor| redactor.is_in(body)) else { return Ok(false) };
    *command = command.rewritten(&|text| redactor.redact(text))?;
    Ok(true)
}
