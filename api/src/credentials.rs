//! From what a request shows to who asks: API keys, passes, tickets, and the directory they are looked up in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use domain::Actor;
use domain::authority::{Action, Denied, Principal, Resource, Sight, authorize};
use domain::ids::{ApiKeyId, PassId, Position};
use domain::values::Timestamp;
use journal::Journal;
use projections::directory::{Directory, Known};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::unauthorized;
use crate::accesses::Peer;
use crate::hashing::Hashing;
use crate::problem::{Code, Problem};
use crate::prove::now;
use crate::state::App;

/// A ticket is good for one socket, and for so long.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(30);
const TICKETS_MAX: usize = 4096;
/// Wrong passwords for one address before it is left alone, and for how long.
const FAILURES_MAX: u32 = 10;
/// The same from one network address, behind which there may be many people.
const PEER_FAILURES_MAX: u32 = 100;
const FAILURES_WINDOW: Duration = Duration::from_secs(15 * 60);
const ADDRESSES_MAX: usize = 10_000;
/// Positions that a request reads on its own way; more are read beside it.
const BEHIND_MAX: u64 = 10_000;

/// What was shown, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    ApiKey(ApiKeyId),
    Pass(PassId),
}

/// Who asks, as far as it is known: every handler that is not open to all has one.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Arc<Principal>,
    pub(crate) actor: Actor,
    pub(crate) shown: Option<Shown>,
    pub(crate) expires_at: Option<Timestamp>,
    /// Where the request comes from, as far as it is known.
    pub(crate) peer: Option<Peer>,
}

impl Caller {
    pub(crate) fn operator(actor: Actor) -> Self {
        Self { principal: Arc::new(Principal::Operator), actor, shown: None, expires_at: None, peer: None }
    }
    pub(crate) fn is_operator(&self) -> bool {
        *self.principal == Principal::Operator
    }
    /// Whether it may do that: the only question there is.
    pub(crate) fn may(&self, action: Action, resource: &Resource) -> Result<(), Problem> {
        authorize(&self.principal, action, resource).map_err(|denied| denial(denied, resource))
    }
    /// Of which projects it may read that. Whoever may do so nowhere is told; whoever has no project sees nothing.
    pub(crate) fn sight(&self, action: Action) -> Result<Sight, Problem> {
        let sight = self.principal.sight(action);
        let newcomer = matches!(&*self.principal, Principal::Person(person) if person.roles.is_empty());
        match &sight {
            Sight::Projects(projects) if projects.is_empty() && !newcomer => {
                Err(denial(Denied::Forbidden, &Resource::INSTALLATION))
            }
            _ => Ok(sight),
        }
    }
}

/// A refusal in words. One that hides says the same of what is foreign and of what is not there.
pub(crate) fn denial(denied: Denied, resource: &Resource) -> Problem {
    let detail = denied.to_string();
    match denied {
        Denied::Unauthenticated => unauthorized("no credential came"),
        Denied::Forbidden => {
            Problem::new(Code::Forbidden, detail, "ask an owner of the project for a role or scope that may")
        }
        Denied::Hidden => {
            let named = resource.stream.map(|stream| format!("`{stream}`"));
            let named = named.or_else(|| resource.project.map(|project| format!("`project-{project}`")));
            let detail = named.map_or(detail, |named| format!("there is no {named}"));
            Problem::new(Code::NotFound, detail, "check the id; views show what there is")
        }
    }
}

#[derive(Default)]
struct Followed {
    directory: Directory,
    read: Option<Position>,
}

impl Followed {
    /// Takes everything that is durable into account. Blocks where much is new.
    fn advance(&mut self, journal: &Journal) -> Result<(), Problem> {
        let head = journal.watermark();
        while self.read < head {
            if self.behind(head) > BEHIND_MAX {
                for block in journal.scan(self.read) {
                    let block = block?;
                    for record in block.records() {
                        self.apply(&record)?;
                    }
                }
                continue;
            }
            let records = journal.read(self.read, 4096, 4 << 20)?;
            if records.is_empty() {
                return Ok(());
            }
            for record in &records {
                self.apply(record)?;
            }
        }
        Ok(())
    }
    fn apply(&mut self, record: &journal::RawRecord) -> Result<(), Problem> {
        if self.read.is_some_and(|read| record.position() <= read) {
            return Ok(());
        }
        if Directory::concerns(record.stream().category) {
            match engine::decode(record) {
                Ok(event) => self.directory.apply(&event),
                // Of a later release: what it changes this build cannot know, as anywhere else.
                Err(fault) if fault.is_unknown() => {}
                Err(fault) => return Err(Problem::internal(&fault)),
            }
        }
        self.read = Some(record.position());
        Ok(())
    }
    fn behind(&self, head: Option<Position>) -> u64 {
        let count = |position: Option<Position>| position.map_or(0, |Position(last)| last + 1);
        count(head).saturating_sub(count(self.read))
    }
}

struct Ticket {
    caller: Caller,
    until: Instant,
}

/// Everything that credentials are checked with.
pub(crate) struct Credentials {
    followed: Mutex<Followed>,
    tickets: Mutex<BTreeMap<String, Ticket>>,
    failures: Mutex<BTreeMap<String, (u32, Instant)>>,
    /// Digest of the code that makes the first account.
    setup: tokio::sync::Mutex<Option<String>>,
    pub(crate) hashing: Hashing,
}

impl Credentials {
    pub(crate) fn new(setup: Option<&Secret>) -> Self {
        Self {
            setup: tokio::sync::Mutex::new(setup.map(|setup| setup.sha256.clone())),
            followed: Mutex::default(),
            tickets: Mutex::default(),
            failures: Mutex::default(),
            hashing: Hashing::new(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each holds plain data that is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SHA-256 of a secret in hex, as the log has it. Secrets are 256 random bits: nothing slower is needed.
pub(crate) fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// A secret and what the log may have of it.
#[derive(Clone)]
pub struct Secret {
    /// 256 random bits in hex: to be shown once.
    pub text: String,
    /// SHA-256 of the text, hex.
    pub sha256: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret(…, {})", self.sha256)
    }
}

/// A fresh secret.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn fresh_secret() -> std::io::Result<Secret> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    let text = HEXLOWER.encode(&bytes);
    Ok(Secret { sha256: digest(&text), text })
}

pub(crate) fn secret() -> Result<Secret, Problem> {
    fresh_secret().map_err(|error| Problem::internal(&error))
}

/// `wb_<id>_<secret>` is an API key, `wbp_<id>_<secret>` a pass.
fn parse(text: &str) -> Option<(Shown, &str)> {
    let (kind, rest) = text.split_once('_')?;
    let (id, secret) = rest.split_once('_')?;
    let shown = match kind {
        "wb" => Shown::ApiKey(id.parse().ok()?),
        "wbp" => Shown::Pass(id.parse().ok()?),
        _ => return None,
    };
    (16..=256).contains(&secret.len()).then_some((shown, secret))
}

fn find(directory: &Directory, shown: Shown) -> Option<Known> {
    match shown {
        Shown::ApiKey(key) => directory.api_key(key),
        Shown::Pass(pass) => directory.pass(pass),
    }
}

impl App {
    /// Looks something up as of everything that is durable.
    pub(crate) async fn directory<T>(&self, look: impl FnOnce(&Directory) -> T) -> Result<T, Problem> {
        let behind = lock(&self.credentials.followed).behind(self.engine.journal().watermark());
        if behind > BEHIND_MAX {
            let app = self.clone();
            let read = move || lock(&app.credentials.followed).advance(app.engine.journal());
            tokio::task::spawn_blocking(read).await.map_err(|error| Problem::internal(&error))??;
        }
        self.directory_now(look)
    }

    pub(crate) fn directory_now<T>(&self, look: impl FnOnce(&Directory) -> T) -> Result<T, Problem> {
        let mut followed = lock(&self.credentials.followed);
        followed.advance(self.engine.journal())?;
        Ok(look(&followed.directory))
    }

    /// Whoever shows that text, in a header or a cookie.
    pub(crate) async fn caller(&self, text: &str) -> Result<Caller, Problem> {
        if self.token.accepts(text) {
            return Ok(Caller::operator(self.token.actor()));
        }
        let wrong = || unauthorized("the token is not this server's, or has ended");
        let (shown, secret) = parse(text).ok_or_else(wrong)?;
        let known = self.directory(|directory| find(directory, shown)).await?;
        let offered = digest(secret);
        // One that is unknown is compared too, with what no secret has.
        let stored = known.as_ref().map_or("", |known| known.secret_sha256.as_str());
        let equal: bool = offered.as_bytes().ct_eq(stored.as_bytes()).into();
        let known = known.filter(|known| equal && known.expires_at.is_none_or(|end| now() < end));
        let Known { expires_at, principal, .. } = known.ok_or_else(wrong)?;
        let actor = principal.actor().ok_or_else(wrong)?;
        Ok(Caller { principal: Arc::new(principal), actor, shown: Some(shown), expires_at, peer: None })
    }

    /// Whether a caller is still who they were: what goes on for long asks again and again.
    pub(crate) fn is_still(&self, caller: &Caller) -> bool {
        let Some(shown) = caller.shown else { return caller.is_operator() };
        let found = self.directory_now(|directory| find(directory, shown));
        let same = |known: &Known| known.principal == *caller.principal;
        caller.expires_at.is_none_or(|end| now() < end)
            && found.is_ok_and(|known| known.is_some_and(|known| same(&known)))
    }

    /// Makes the first account by `make`, where `code` is the link's and there is no account. Then the code is void.
    pub(crate) async fn with_setup<T>(
        &self,
        code: &str,
        make: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        // Held until it is done: of two who come at once, one finds it gone.
        let mut setup = self.credentials.setup.lock().await;
        let right =
            setup.as_ref().is_some_and(|setup| setup.as_bytes().ct_eq(digest(code).as_bytes()).into());
        if !right || self.directory(Directory::has_accounts).await? {
            return Err(unauthorized("the link is not this server's, or was used before"));
        }
        let made = make.await?;
        *setup = None;
        Ok(made)
    }

    /// A ticket for one socket.
    pub(crate) fn issue_ticket(&self, caller: &Caller) -> Result<String, Problem> {
        let ticket = format!("wbt_{}", secret()?.text);
        let mut tickets = lock(&self.credentials.tickets);
        let now = Instant::now();
        tickets.retain(|_, ticket| ticket.until > now);
        if tickets.len() >= TICKETS_MAX {
            return Err(Problem::new(
                Code::LimitReached,
                "too many tickets wait to be used",
                "ask again in 30 s",
            ));
        }
        tickets.insert(digest(&ticket), Ticket { caller: caller.clone(), until: now + TICKET_LIFE });
        Ok(ticket)
    }

    /// Whoever a ticket was given to; the second time, nobody.
    pub(crate) fn take_ticket(&self, ticket: &str) -> Option<Caller> {
        let found = lock(&self.credentials.tickets).remove(&digest(ticket))?;
        (found.until > Instant::now() && self.is_still(&found.caller)).then_some(found.caller)
    }

    /// Counts a try to log in under that address, from there; refuses it where too many have failed.
    pub(crate) fn count_try(&self, email: &str, peer: Option<Peer>) -> Result<(), Problem> {
        if let Some(Peer(address)) = peer {
            self.count_failure(&format!("from {address}"), PEER_FAILURES_MAX)?;
        }
        self.count_failure(&email.to_lowercase(), FAILURES_MAX)
    }

    fn count_failure(&self, name: &str, most: u32) -> Result<(), Problem> {
        let mut failures = lock(&self.credentials.failures);
        let now = Instant::now();
        if failures.len() >= ADDRESSES_MAX {
            failures.retain(|_, (_, since)| now.duration_since(*since) < FAILURES_WINDOW);
        }
        let full = failures.len() >= ADDRESSES_MAX;
        let key = digest(name);
        let known = failures.contains_key(&key);
        let entry = failures.entry(key).or_insert((0, now));
        if now.duration_since(entry.1) >= FAILURES_WINDOW {
            *entry = (0, now);
        }
        if entry.0 >= most || (full && !known) {
            let hint = "wait 15 minutes, or let the operator set a new password with `waybill user`";
            return Err(Problem::new(Code::LimitReached, "too many tries to log in", hint));
        }
        entry.0 += 1;
        Ok(())
    }

    /// Forgets the tries under that address: the last one was right.
    pub(crate) fn forget_tries(&self, email: &str) {
        lock(&self.credentials.failures).remove(&digest(&email.to_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_says_what_it_is() {
        let id = "01J00000000000000000000001";
        let secret = "0f".repeat(32);
        let key = format!("wb_{id}_{secret}");
        assert_eq!(parse(&key), Some((Shown::ApiKey(id.parse().unwrap()), secret.as_str())));
        let pass = format!("wbp_{id}_{secret}");
        assert_eq!(parse(&pass), Some((Shown::Pass(id.parse().unwrap()), secret.as_str())));
        for wrong in [
            "",
            "wb",
            "wb_",
            "wb_x_y",
            &format!("wb_{id}_"),
            &format!("wbx_{id}_{secret}"),
            &format!("wb_{id}_{}", "x".repeat(257)),
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
