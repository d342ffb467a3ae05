//! What a budget pool has used and holds: when use expires, whether a request fits, when it will.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{PoolLevel, Shortage, VendorEvidenceRecorded, WindowShape};
use crate::autonomy::Purpose;
use crate::ids::BudgetRequestId;
use crate::values::{Share, Timestamp};

#[cfg(test)]
mod tests;

/// Uses of a rolling window are kept in so many parts of its length; each counts at most one part too long.
const PARTS: u64 = 300;

/// Amounts by what they were for, in the pool's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Amounts {
    automated: u64,
    interactive: u64,
}

impl Amounts {
    fn add(&mut self, purpose: Purpose, amount: u64) {
        let part = match purpose {
            Purpose::Automated => &mut self.automated,
            Purpose::Interactive => &mut self.interactive,
        };
        *part = part.saturating_add(amount);
    }
}

/// Budget that is promised and not yet used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Reservation {
    purpose: Purpose,
    amount: u64,
    expires_at: Timestamp,
}

/// What the vendor last said; it stands in place of what was counted up to then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Evidence {
    /// Used, in the pool's unit.
    used: Option<u64>,
    /// Used since, as far as counted.
    since: u64,
    /// Nothing is admitted while it holds.
    exhausted: bool,
    /// When it holds no more.
    until: Timestamp,
}

/// Whether a request fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It fits now.
    Fits,
    /// It does not fit.
    Short {
        /// Why.
        reason: Shortage,
        /// When it will, if nothing else is used until then; none where it never will.
        until: Option<Timestamp>,
    },
}

/// A pool's window: what was used in it, what is promised, what the vendor says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    shape: WindowShape,
    length_ms: u64,
    capacity: u64,
    automated_share: Share,
    /// Uses by the instant, in milliseconds, at which they no longer count.
    used: BTreeMap<i64, Amounts>,
    reserved: BTreeMap<BudgetRequestId, Reservation>,
    evidence: Option<Evidence>,
}

impl Window {
    /// An unused window; `length_ms` counts for rolling and fixed windows only.
    #[must_use]
    pub fn new(shape: WindowShape, length_ms: u64, capacity: u64, automated_share: Share) -> Self {
        let (used, reserved) = (BTreeMap::new(), BTreeMap::new());
        Self { shape, length_ms, capacity, automated_share, used, reserved, evidence: None }
    }
    /// Takes over another capacity and share.
    pub fn resize(&mut self, capacity: u64, automated_share: Share) {
        self.capacity = capacity;
        self.automated_share = automated_share;
    }
    /// The most that automated work may use, in the pool's unit.
    #[must_use]
    pub fn automated_most(&self) -> u64 {
        let most =
            u128::from(self.capacity) * u128::from(self.automated_share.units()) / u128::from(Share::MAX);
        u64::try_from(most).expect("a share of a capacity is no more than the capacity")
    }
    /// The most that a request may ask for.
    #[must_use]
    pub fn most(&self, purpose: Purpose) -> u64 {
        match purpose {
            Purpose::Automated => self.automated_most(),
            Purpose::Interactive => self.capacity,
        }
    }
    /// The share of automated work.
    #[must_use]
    pub const fn automated_share(&self) -> Share {
        self.automated_share
    }
    /// Whether that request holds a reservation.
    #[must_use]
    pub fn holds(&self, request: BudgetRequestId) -> bool {
        self.reserved.contains_key(&request)
    }
    /// Number of reservations, those past their time included.
    #[must_use]
    pub fn reservations(&self) -> usize {
        self.reserved.len()
    }
    /// Promises budget to a request.
    pub fn reserve(
        &mut self,
        request: BudgetRequestId,
        purpose: Purpose,
        amount: u64,
        expires_at: Timestamp,
    ) {
        self.reserved.insert(request, Reservation { purpose, amount, expires_at });
    }
    /// Takes a promise back.
    pub fn release(&mut self, request: BudgetRequestId) {
        self.reserved.remove(&request);
    }
    /// Counts what was used, in place of what was promised to `request`.
    pub fn spend(&mut self, at: Timestamp, purpose: Purpose, amount: u64, request: Option<BudgetRequestId>) {
        self.forget(at);
        if let Some(request) = request {
            self.release(request);
        }
        let expires = self.expires(at);
        self.used.entry(expires).or_default().add(purpose, amount);
        if let Some(evidence) = &mut self.evidence {
            evidence.since = evidence.since.saturating_add(amount);
        }
    }
    /// Takes over what the vendor says: it stands in place of the count up to now, until it resets.
    pub fn heed(&mut self, said: &VendorEvidenceRecorded) {
        let until = said.resets_at.unwrap_or_else(|| match self.shape {
            WindowShape::Rolling | WindowShape::FromFirstUse => later(said.at, self.length_ms),
            WindowShape::CalendarMonth | WindowShape::Credit => Timestamp::from_millis(self.expires(said.at)),
        });
        let used = said.used_share.map(|share| {
            let used =
                (u128::from(self.capacity) * u128::from(share.units())).div_ceil(u128::from(Share::MAX));
            u64::try_from(used).expect("a share of a capacity is no more than the capacity")
        });
        if said.resets_at.is_some() {
            // Whatever was used before is free again when the vendor's window resets.
            let beyond = self.used.split_off(&until.millis().saturating_add(1));
            let at_reset = self.used.entry(until.millis()).or_default();
            for amounts in beyond.into_values() {
                at_reset.add(Purpose::Automated, amounts.automated);
                at_reset.add(Purpose::Interactive, amounts.interactive);
            }
        }
        self.evidence = Some(Evidence { used, since: 0, exhausted: said.exhausted, until });
    }
    /// What is used and promised at an instant.
    #[must_use]
    pub fn level(&self, now: Timestamp) -> PoolLevel {
        let mut held = Amounts::default();
        for reservation in self.reserved.values().filter(|it| it.expires_at > now) {
            held.add(reservation.purpose, reservation.amount);
        }
        let mut used = Amounts::default();
        for amounts in self.used.range(now.millis().saturating_add(1)..).map(|(_, amounts)| amounts) {
            used.add(Purpose::Automated, amounts.automated);
            used.add(Purpose::Interactive, amounts.interactive);
        }
        let counted = used.automated.saturating_add(used.interactive);
        let said =
            self.evidence.filter(|it| it.until > now).and_then(|it| Some(it.used?.saturating_add(it.since)));
        PoolLevel {
            automated: used.automated,
            interactive: used.interactive,
            reserved: held.automated.saturating_add(held.interactive),
            automated_reserved: held.automated,
            used: said.unwrap_or(counted),
            from_vendor: said.is_some(),
            capacity: self.capacity,
            automated_most: self.automated_most(),
        }
    }
    /// Whether `amount` fits now, and where it does not, when it will.
    #[must_use]
    pub fn admit(&self, purpose: Purpose, amount: u64, now: Timestamp) -> Admission {
        let Some(reason) = self.shortage(purpose, amount, now) else { return Admission::Fits };
        let fits = |at: &Timestamp| self.shortage(purpose, amount, *at).is_none();
        Admission::Short { reason, until: self.changes(now).into_iter().find(fits) }
    }
    /// When each of `amounts` fits, in their order, if each is used in full as soon as it fits and nothing else is.
    #[must_use]
    pub fn forecast(&self, amounts: &[u64], now: Timestamp) -> Vec<Option<Timestamp>> {
        let (mut window, mut now, mut blocked) = (self.clone(), now, false);
        let mut fits = Vec::with_capacity(amounts.len());
        for amount in amounts {
            let at = match window.admit(Purpose::Automated, *amount, now) {
                _ if blocked => None,
                Admission::Fits => Some(now),
                Admission::Short { until, .. } => until,
            };
            if let Some(at) = at {
                now = at;
                window.spend(at, Purpose::Automated, *amount, None);
            }
            blocked |= at.is_none();
            fits.push(at);
        }
        fits
    }
    fn shortage(&self, purpose: Purpose, amount: u64, now: Timestamp) -> Option<Shortage> {
        if self.evidence.is_some_and(|it| it.exhausted && it.until > now) {
            return Some(Shortage::Vendor);
        }
        let level = self.level(now);
        let automated = level.automated.saturating_add(level.automated_reserved).saturating_add(amount);
        if purpose == Purpose::Automated && automated > level.automated_most {
            return Some(Shortage::AutomatedShare);
        }
        let all = level.used.saturating_add(level.reserved).saturating_add(amount);
        (all > level.capacity).then_some(Shortage::Capacity)
    }
    /// Instants after `now` at which something comes free, in order.
    fn changes(&self, now: Timestamp) -> Vec<Timestamp> {
        let used = self.used.keys().map(|at| Timestamp::from_millis(*at));
        let reserved = self.reserved.values().map(|it| it.expires_at);
        let said = self.evidence.iter().map(|it| it.until);
        // A use of a credit never comes back.
        let mut all: Vec<_> = used
            .chain(reserved)
            .chain(said)
            .filter(|at| *at > now && at.millis() < Timestamp::MAX_MS)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
    /// The instant at which a use at `at` no longer counts.
    fn expires(&self, at: Timestamp) -> i64 {
        let length = i64::try_from(self.length_ms).unwrap_or(i64::MAX);
        match self.shape {
            WindowShape::Rolling => {
                let part = i64::try_from((self.length_ms / PARTS).max(1)).unwrap_or(i64::MAX);
                let end = at.millis().div_euclid(part).saturating_add(1).saturating_mul(part);
                end.saturating_add(length)
            }
            WindowShape::FromFirstUse => {
                let open = self.used.range(at.millis().saturating_add(1)..).next();
                open.map_or_else(|| at.millis().saturating_add(length), |(end, _)| *end)
            }
            WindowShape::CalendarMonth => next_month(at).millis(),
            WindowShape::Credit => i64::MAX,
        }
    }
    /// Drops what no longer counts, so that a window stays small.
    fn forget(&mut self, now: Timestamp) {
        self.used = self.used.split_off(&now.millis().saturating_add(1));
        self.reserved.retain(|_, it| it.expires_at > now);
        self.evidence = self.evidence.filter(|it| it.until > now);
    }
}

fn later(at: Timestamp, ms: u64) -> Timestamp {
    Timestamp::from_millis(at.millis().saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
}

/// The first instant of the month after `at`, in UTC.
fn next_month(at: Timestamp) -> Timestamp {
    let date = DateTime::from_timestamp_millis(at.millis()).map(|time| time.date_naive());
    let next = date.and_then(|date| {
        let (year, month) = (date.year(), date.month());
        let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        NaiveDate::from_ymd_opt(year, month, 1)
    });
    let first = next.and_then(|date| date.and_hms_opt(0, 0, 0)).map(|time| time.and_utc().timestamp_millis());
    Timestamp::from_millis(first.unwrap_or(Timestamp::MAX_MS))
}
