//! A budget pool: what a plan allows in a window, who has used it, who waits for it.

use crate::autonomy::Purpose;
use crate::catalogue::{commands, events, plain};
use crate::ids::{BudgetRequestId, Category, FiringId, ProjectId, RunId, SessionId, StreamId};
use crate::terms::words;
use crate::values::{Share, Timestamp};
use crate::{Decider, Rejection, check};

mod decisions;
mod samples;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use samples::samples;
pub use window::{Admission, Window};

events! {
    /// Everything that can happen to a budget pool.
    pub enum BudgetPoolEvent {
        2700 => BudgetPoolOpened 1;
        2701 => BudgetPoolResized 1;
        2702 => BudgetUsed 1;
        2703 => BudgetReserved 1;
        2704 => BudgetQueued 1;
        2705 => BudgetRequestWithdrawn 1;
        2706 => BudgetReservationReleased 1;
        2707 => VendorEvidenceRecorded 1;
        2708 => BudgetPoolClosed 1;
    }
}

commands! {
    /// What can be asked of a budget pool.
    pub enum BudgetPoolCommand {
        "open" => OpenBudgetPool;
        "resize" => ResizeBudgetPool;
        "record-use" => RecordBudgetUse;
        "request" => RequestBudget;
        "withdraw" => WithdrawBudgetRequest;
        "release" => ReleaseBudget;
        "record-evidence" => RecordVendorEvidence;
        "close" => CloseBudgetPool;
    }
}

words! {
    /// When use stops to count.
    WindowShape {
        /// Each use after the window's length.
        Rolling = "rolling",
        /// All use, one length after the first use that opened the window.
        FromFirstUse = "from_first_use",
        /// All use, at the end of the calendar month in UTC.
        CalendarMonth = "calendar_month",
        /// Never: what is used is gone.
        Credit = "credit",
    }
    /// What a pool counts.
    PoolUnit {
        /// Prompts, as plans count them.
        Prompts = "prompts",
        /// Tokens of any kind.
        Tokens = "tokens",
        /// Millionths of a US dollar.
        UsdMicros = "usd_micros",
        /// Seconds of a CPU.
        CpuSeconds = "cpu_seconds",
    }
    /// Why a request waits.
    Shortage {
        /// Automated work has used its share.
        AutomatedShare = "automated_share",
        /// The whole pool is used.
        Capacity = "capacity",
        /// The vendor refuses.
        Vendor = "vendor",
        /// Others wait already.
        Behind = "behind",
    }
}

/// A plan whose limits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// When use stops to count.
    pub shape: WindowShape,
    /// Length of the window, in milliseconds; 0 where it has none.
    pub length_ms: u64,
    /// What it counts.
    pub unit: PoolUnit,
    /// What it allows, by the cautious end of what the vendor names; evidence corrects it.
    pub capacity: u64,
}

/// Five hours, in milliseconds.
pub const FIVE_HOURS_MS: u64 = 5 * 3_600_000;

/// Plans whose limits are known.
pub const PLANS: [Plan; 3] = [
    // 200 to 800 prompts in five hours.
    Plan {
        name: "claude-max-20x",
        shape: WindowShape::Rolling,
        length_ms: FIVE_HOURS_MS,
        unit: PoolUnit::Prompts,
        capacity: 200,
    },
    // 5 dollars of API credit a month.
    Plan {
        name: "perplexity-pro",
        shape: WindowShape::CalendarMonth,
        length_ms: 0,
        unit: PoolUnit::UsdMicros,
        capacity: 5_000_000,
    },
    // 5 CPU hours a month.
    Plan {
        name: "vercel-hobby",
        shape: WindowShape::CalendarMonth,
        length_ms: 0,
        unit: PoolUnit::CpuSeconds,
        capacity: 18_000,
    },
];

/// The share of automated work where nothing else is said: 70 %, so that 30 % stays for people.
pub const AUTOMATED_SHARE_UNITS: u16 = 7_000;
/// Longest window: 400 days.
pub const LENGTH_MAX_MS: u64 = 400 * 86_400_000;
/// Most requests that wait, and most reservations.
pub const REQUESTS_MAX: usize = 1_000;

plain! {
    /// What is used and promised in a pool, in its unit.
    struct PoolLevel {
        /// Used by automated work, as counted.
        automated: u64,
        /// Used by people, as counted.
        interactive: u64,
        /// Promised and not yet used.
        reserved: u64,
        /// Promised to automated work.
        automated_reserved: u64,
        /// Used in all: what the vendor said and what was used since, else what was counted.
        used: u64,
        /// Whether `used` rests on what the vendor said.
        from_vendor: bool,
        /// What the pool allows.
        capacity: u64,
        /// What automated work may use of it.
        automated_most: u64,
    }
    /// A pool was opened.
    struct BudgetPoolOpened {
        /// The project it belongs to; none where all projects share it.
        project: Option<ProjectId>,
        /// A short name for lists.
        name: String,
        /// The plan it stands for.
        plan: Option<String>,
        /// When use stops to count.
        shape: WindowShape,
        /// Length of the window; 0 where the shape has none.
        length_ms: u64,
        /// What it counts.
        unit: PoolUnit,
        /// What it allows.
        capacity: u64,
        /// What automated work may use of it, 0 to 1.
        automated_share: Share,
    }
    /// The plan changed.
    struct BudgetPoolResized {
        /// The plan it stands for.
        plan: Option<String>,
        /// What it allows.
        capacity: u64,
        /// What automated work may use of it, 0 to 1.
        automated_share: Share,
    }
    /// Budget was used.
    struct BudgetUsed {
        /// When.
        at: Timestamp,
        /// How much.
        amount: u64,
        /// What for.
        purpose: Purpose,
        /// The reservation that it settles.
        request: Option<BudgetRequestId>,
        /// The run that used it.
        run: Option<RunId>,
        /// The session that used it.
        session: Option<SessionId>,
    }
    /// A request fitted, and its budget is promised.
    struct BudgetReserved {
        /// The request.
        request: BudgetRequestId,
        /// When.
        at: Timestamp,
        /// How much.
        amount: u64,
        /// What for.
        purpose: Purpose,
        /// The firing it is for.
        firing: Option<FiringId>,
        /// When the promise ends by itself.
        expires_at: Timestamp,
        /// What it was decided on.
        level: PoolLevel,
    }
    /// A request did not fit, and waits.
    struct BudgetQueued {
        /// The request.
        request: BudgetRequestId,
        /// When.
        at: Timestamp,
        /// How much.
        amount: u64,
        /// What for.
        purpose: Purpose,
        /// The firing it is for.
        firing: Option<FiringId>,
        /// Why it waits.
        reason: Shortage,
        /// When it will fit, as far as known.
        until: Option<Timestamp>,
        /// What it was decided on.
        level: PoolLevel,
    }
    /// A waiting request was given up.
    struct BudgetRequestWithdrawn {
        /// The request.
        request: BudgetRequestId,
        /// Why.
        reason: Option<String>,
    }
    /// A promise was taken back unused.
    struct BudgetReservationReleased {
        /// The request.
        request: BudgetRequestId,
    }
    /// The vendor said how the pool stands; that overrides the count.
    struct VendorEvidenceRecorded {
        /// When it was said.
        at: Timestamp,
        /// The share that is used, 0 to 1, where it was said.
        used_share: Option<Share>,
        /// Whether the vendor refuses until it resets.
        exhausted: bool,
        /// When it resets, where it was said.
        resets_at: Option<Timestamp>,
        /// Where it was said, such as `rate_limit_event`.
        source: String,
    }
    /// The pool takes no more requests.
    struct BudgetPoolClosed {}
}

plain! {
    /// Opens a pool. A known plan gives shape, length, unit and capacity; what is named here stands over it.
    struct OpenBudgetPool {
        /// The project it belongs to; none where all projects share it.
        project: Option<ProjectId>,
        /// A short name for lists.
        name: String,
        /// The plan it stands for, such as `claude-max-20x`.
        plan: Option<String>,
        /// When use stops to count.
        shape: Option<WindowShape>,
        /// Length of the window, 60,000 ms to 400 days; only for `rolling` and `from_first_use`.
        length_ms: Option<u64>,
        /// What it counts.
        unit: Option<PoolUnit>,
        /// What it allows, 1 or more.
        capacity: Option<u64>,
        /// What automated work may use of it, 0 to 1; 0.7 where absent.
        automated_share: Option<Share>,
    }
    /// Changes what a pool allows.
    struct ResizeBudgetPool {
        /// The plan it stands for.
        plan: Option<String>,
        /// What it allows, 1 or more.
        capacity: u64,
        /// What automated work may use of it, 0 to 1; as before where absent.
        automated_share: Option<Share>,
    }
    /// Records what was used.
    struct RecordBudgetUse {
        /// When.
        at: Timestamp,
        /// How much.
        amount: u64,
        /// What for.
        purpose: Purpose,
        /// The reservation that it settles.
        request: Option<BudgetRequestId>,
        /// The run that used it.
        run: Option<RunId>,
        /// The session that used it.
        session: Option<SessionId>,
    }
    /// Asks for budget: it is promised, or the request waits. A waiting request asks again under its id.
    struct RequestBudget {
        /// The request; a new id, or one that waits.
        request: BudgetRequestId,
        /// When.
        at: Timestamp,
        /// How much; at most what the pool allows for the purpose.
        amount: u64,
        /// What for.
        purpose: Purpose,
        /// The firing it is for.
        firing: Option<FiringId>,
        /// How long the promise holds, 1,000 to 86,400,000 ms; 14,400,000 where absent.
        holds_ms: Option<u64>,
    }
    /// Gives a waiting request up.
    struct WithdrawBudgetRequest {
        /// The request.
        request: BudgetRequestId,
        /// Why; one line.
        reason: Option<String>,
    }
    /// Takes a promise back that will not be used.
    struct ReleaseBudget {
        /// The request.
        request: BudgetRequestId,
    }
    /// Records what the vendor says of the pool.
    struct RecordVendorEvidence {
        /// When it was said.
        at: Timestamp,
        /// The share that is used, 0 to 1, where it was said.
        used_share: Option<Share>,
        /// Whether the vendor refuses until it resets.
        #[serde(default)]
        exhausted: bool,
        /// When it resets, where it was said; after `at`.
        resets_at: Option<Timestamp>,
        /// Where it was said, such as `rate_limit_event`.
        source: String,
    }
    /// Closes a pool, for good.
    struct CloseBudgetPool {}
}

/// A request that waits.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Waiting {
    request: BudgetRequestId,
    purpose: Purpose,
    amount: u64,
}

/// A budget pool: its window, and the requests that wait, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BudgetPool {
    project: Option<ProjectId>,
    phase: Phase,
    waiting: Vec<Waiting>,
}

#[derive(Debug, Clone, Default, PartialEq)]
enum Phase {
    #[default]
    Missing,
    Open(Window),
    Closed,
}

impl BudgetPoolOpened {
    /// The window that the pool begins with.
    #[must_use]
    pub fn window(&self) -> Window {
        Window::new(self.shape, self.length_ms, self.capacity, self.automated_share)
    }
}

impl Window {
    /// Takes an event of the pool into account.
    pub fn apply(&mut self, event: &BudgetPoolEvent) {
        match event {
            BudgetPoolEvent::BudgetPoolResized(e) => self.resize(e.capacity, e.automated_share),
            BudgetPoolEvent::BudgetUsed(e) => self.spend(e.at, e.purpose, e.amount, e.request),
            BudgetPoolEvent::BudgetReserved(e) => {
                self.reserve(e.request, e.purpose, e.amount, e.expires_at);
            }
            BudgetPoolEvent::BudgetReservationReleased(e) => self.release(e.request),
            BudgetPoolEvent::VendorEvidenceRecorded(e) => self.heed(e),
            BudgetPoolEvent::BudgetPoolOpened(_)
            | BudgetPoolEvent::BudgetQueued(_)
            | BudgetPoolEvent::BudgetRequestWithdrawn(_)
            | BudgetPoolEvent::BudgetPoolClosed(_) => {}
        }
    }
}

impl Decider for BudgetPool {
    const CATEGORY: Category = Category(27);
    type Command = BudgetPoolCommand;
    type Event = BudgetPoolEvent;

    fn decide(&self, command: &BudgetPoolCommand) -> Result<Vec<BudgetPoolEvent>, Rejection> {
        Ok(vec![self.answer(command)?])
    }
    fn evolve(&mut self, event: &BudgetPoolEvent) {
        match event {
            BudgetPoolEvent::BudgetPoolOpened(e) => {
                *self = Self { project: e.project, phase: Phase::Open(e.window()), waiting: vec![] };
            }
            BudgetPoolEvent::BudgetQueued(e) => {
                self.waiting.push(Waiting { request: e.request, purpose: e.purpose, amount: e.amount });
            }
            BudgetPoolEvent::BudgetReserved(e) => self.waiting.retain(|it| it.request != e.request),
            BudgetPoolEvent::BudgetRequestWithdrawn(e) => self.waiting.retain(|it| it.request != e.request),
            BudgetPoolEvent::BudgetPoolClosed(_) => {
                self.phase = Phase::Closed;
                self.waiting.clear();
            }
            _ => {}
        }
        if let Phase::Open(window) = &mut self.phase {
            window.apply(event);
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &BudgetPoolCommand) -> Vec<StreamId> {
        match command {
            BudgetPoolCommand::OpenBudgetPool(c) => c.project.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }
}
