//! What the log is told of access itself: logins, denials at a bounded rate, exports, and what auditors read.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::access_log::{
    AccessLogCommand, DenialReason, RecordDenial, RecordExport, RecordLogin, RecordRead, access_log_of,
};
use domain::authority::Sight;
use domain::ids::{PassId, ProjectId, UserId};
use domain::{Actor, Command, StreamId};
use engine::Envelope;

use crate::credentials::Caller;
use crate::problem::Code;
use crate::prove::now;
use crate::state::App;

/// Denials of one kind to one actor are told at most once in so long.
const DENIAL_EVERY: Duration = Duration::from_secs(60);
/// Denials of all kinds together that are told in that time.
const DENIALS_MAX: u32 = 30;
/// Kinds and actors that are told apart.
const KINDS_MAX: usize = 1_000;
/// Reading the same thing again is told once in so long.
const READ_EVERY: Duration = Duration::from_secs(3600);
/// Readings that are remembered.
const READS_MAX: usize = 10_000;
/// Longest text of what was asked for, in bytes.
const ASKED_MAX_BYTES: usize = 200;

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    left_out: u64,
}

/// Which denials are told: bounded, so that nobody fills the log by being refused.
#[derive(Debug, Default)]
struct Denials {
    kinds: BTreeMap<(Actor, DenialReason), Window>,
    /// Since when those of all kinds are counted, how many were told, and how many were not.
    told: Option<(Instant, u32)>,
    left_out: u64,
}

impl Denials {
    /// How many like it were left out before it; `None` where it is left out itself.
    fn admit(&mut self, actor: Actor, reason: DenialReason, now: Instant) -> Option<u64> {
        let over = |since: Instant| now.duration_since(since) >= DENIAL_EVERY;
        if let Some(window) = self.kinds.get_mut(&(actor, reason)).filter(|window| !over(window.since)) {
            window.left_out += 1;
            return None;
        }
        if self.told.is_none_or(|(since, _)| over(since)) {
            self.told = Some((now, 0));
        }
        if self.kinds.len() >= KINDS_MAX {
            // Those that have not been seen for long keep nobody else out.
            let left_out: u64 =
                self.kinds.values().filter(|old| over(old.since)).map(|old| old.left_out).sum();
            self.left_out += left_out;
            self.kinds.retain(|_, window| !over(window.since));
        }
        let told = &mut self.told.get_or_insert((now, 0)).1;
        if *told >= DENIALS_MAX || self.kinds.len() >= KINDS_MAX {
            self.left_out += 1;
            return None;
        }
        *told += 1;
        let before = self.kinds.insert((actor, reason), Window { since: now, left_out: 0 });
        Some(before.map_or(0, |before| before.left_out) + std::mem::take(&mut self.left_out))
    }
}

/// What an auditor has read: told again only after a while.
type Reads = BTreeMap<(Actor, String, Option<StreamId>, ProjectId), Instant>;

/// What has been told of access.
#[derive(Debug, Default)]
pub(crate) struct Accesses {
    denials: Mutex<Denials>,
    reads: Mutex<Reads>,
}

impl Accesses {
    fn admit_denial(&self, actor: Actor, reason: DenialReason) -> Option<u64> {
        // Plain data that is whole between two statements.
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        denials.admit(actor, reason, Instant::now())
    }
    fn admit_read(&self, reader: Actor, what: &str, about: Option<StreamId>, project: ProjectId) -> bool {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let key = (reader, what.to_owned(), about, project);
        if reads.get(&key).is_some_and(|last| now.duration_since(*last) < READ_EVERY) {
            return false;
        }
        if reads.len() >= READS_MAX {
            reads.retain(|_, last| now.duration_since(*last) < READ_EVERY);
        }
        if reads.len() >= READS_MAX {
            // Told once more than needed, rather than not at all.
            reads.clear();
        }
        reads.insert(key, now);
        true
    }
}

/// The reason that stands behind a refusal, where it is one of access.
fn reason_of(code: Code, known: bool) -> Option<DenialReason> {
    match code {
        Code::Unauthorized => Some(DenialReason::Unknown),
        Code::Forbidden => Some(DenialReason::Forbidden),
        // What is not there and what is hidden are answered alike, and so they are told alike.
        Code::NotFound if known => Some(DenialReason::Hidden),
        _ => None,
    }
}

/// One line of at most so many bytes, as the log takes it.
fn clipped(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '?' } else { c };
    let mut clipped = String::new();
    for c in text.chars().map(plain) {
        if clipped.len() + c.len_utf8() > ASKED_MAX_BYTES {
            break;
        }
        clipped.push(c);
    }
    clipped
}

impl App {
    /// Tells the log. Where it takes nothing, the server's own log has it.
    async fn tell(&self, project: Option<ProjectId>, command: AccessLogCommand, actor: Actor) {
        let stream = access_log_of(project, now());
        // What waits for the disk already is not to wait for this as well.
        if let Err(problem) = self.admit().await {
            return tracing::warn!(detail = problem.detail, ?command, "access is not in the log");
        }
        let told =
            self.engine.execute(Envelope::new(stream, Command::AccessLog(command.clone()), actor)).await;
        if let Err(error) = told {
            tracing::warn!(%error, ?command, "access is not in the log");
        }
    }

    /// Tells of a refusal, where it is one of access and its like was not told just before.
    pub(crate) async fn tell_refusal(
        &self,
        caller: Option<&Caller>,
        code: Option<Code>,
        asked: &str,
        peer: Option<Peer>,
    ) {
        if caller.is_some_and(Caller::is_operator) {
            return;
        }
        let Some(reason) = code.and_then(|code| reason_of(code, caller.is_some())) else { return };
        self.tell_denial(caller.map(|caller| caller.actor), reason, asked, peer).await;
    }

    /// Tells that somebody was turned away.
    pub(crate) async fn tell_denial(
        &self,
        actor: Option<Actor>,
        reason: DenialReason,
        asked: &str,
        peer: Option<Peer>,
    ) {
        let actor = actor.unwrap_or(Actor::System);
        let Some(left_out) = self.accesses.admit_denial(actor, reason) else { return };
        let (asked, address) = (clipped(asked), address(peer));
        let denial = RecordDenial { reason, asked, address, left_out };
        self.tell(None, AccessLogCommand::RecordDenial(denial), actor).await;
    }

    /// Tells that a person logged in.
    pub(crate) async fn tell_login(&self, user: UserId, pass: PassId, peer: Option<Peer>) {
        let login = RecordLogin { user, pass, address: address(peer) };
        self.tell(None, AccessLogCommand::RecordLogin(login), Actor::User(user)).await;
    }

    /// Tells that data of `project` leaves the house. For every route that gives out whole parts of the log.
    pub(crate) async fn tell_export(
        &self,
        caller: &Caller,
        project: ProjectId,
        what: &str,
        about: Option<StreamId>,
    ) {
        let address = address(caller.peer);
        let export = RecordExport { project, what: what.to_owned(), about, address };
        self.tell(Some(project), AccessLogCommand::RecordExport(export), caller.actor).await;
    }

    /// Tells that an auditor reads what people and agents of `project` wrote; whoever works there is not told of.
    pub(crate) async fn tell_read(
        &self,
        caller: &Caller,
        project: ProjectId,
        what: &str,
        about: Option<StreamId>,
    ) {
        if !caller.principal.is_watched_in(project)
            || !self.accesses.admit_read(caller.actor, what, about, project)
        {
            return;
        }
        let read = RecordRead { project, what: what.to_owned(), about, address: address(caller.peer) };
        self.tell(Some(project), AccessLogCommand::RecordRead(read), caller.actor).await;
    }

    /// As [`App::tell_read`], for what is read of every project that is seen; `only` where one is asked for.
    pub(crate) async fn tell_all_read(
        &self,
        caller: &Caller,
        sight: &Sight,
        only: Option<ProjectId>,
        what: &str,
    ) {
        let Sight::Projects(projects) = sight else { return };
        for project in projects.iter().filter(|project| only.is_none_or(|only| only == **project)) {
            self.tell_read(caller, *project, what, None).await;
        }
    }
}

fn address(peer: Option<Peer>) -> Option<String> {
    peer.map(|Peer(address)| address.to_canonical().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_told_at_a_bounded_rate_and_the_rest_is_counted() {
        let mut denials = Denials::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let user = |n: u8| Actor::User(UserId::from_bytes([n; 16]));
        let (hidden, forbidden) = (DenialReason::Hidden, DenialReason::Forbidden);
        assert_eq!(denials.admit(user(1), hidden, at(0)), Some(0));
        assert_eq!(denials.admit(user(1), forbidden, at(0)), Some(0), "another kind is told by itself");
        for second in 1..60 {
            assert_eq!(denials.admit(user(1), hidden, at(second)), None);
        }
        assert_eq!(denials.admit(user(1), hidden, at(60)), Some(59));
        // Of all others together, so many in a minute.
        let told = (2..=255).filter(|n| denials.admit(user(*n), hidden, at(61)).is_some()).count();
        assert_eq!(told, usize::try_from(DENIALS_MAX).unwrap() - 1);
        assert_eq!(denials.admit(user(255), hidden, at(200)), Some(254 - 29));
    }

    #[test]
    fn what_is_remembered_of_denials_is_bounded() {
        let mut denials = Denials::default();
        let start = Instant::now();
        for n in 0..3_000_u64 {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            let at = start + DENIAL_EVERY * u32::try_from(n / 20).unwrap();
            assert!(
                denials.admit(Actor::User(UserId::from_bytes(bytes)), DenialReason::Hidden, at).is_some()
            );
            assert!(denials.kinds.len() <= KINDS_MAX);
        }
    }

    #[test]
    fn a_reading_is_told_once_in_a_while() {
        let accesses = Accesses::default();
        let (user, project) = (Actor::User(UserId::from_bytes([1; 16])), ProjectId::from_bytes([2; 16]));
        assert!(accesses.admit_read(user, "events", None, project));
        assert!(!accesses.admit_read(user, "events", None, project));
        assert!(accesses.admit_read(user, "run-timeline", Some(project.into()), project));
        for n in 0..READS_MAX {
            assert!(accesses.admit_read(user, &n.to_string(), None, project));
        }
        assert!(accesses.reads.lock().unwrap().len() <= READS_MAX);
    }

    #[test]
    fn what_was_asked_fits_into_a_line() {
        assert_eq!(clipped("GET /a\r\nb"), "GET /a??b");
        assert_eq!(clipped(&"é".repeat(300)).len(), ASKED_MAX_BYTES);
        assert_eq!(reason_of(Code::NotFound, false), None);
        assert_eq!(reason_of(Code::WrongHost, true), None);
        assert_eq!(reason_of(Code::NotFound, true), Some(DenialReason::Hidden));
    }
}
