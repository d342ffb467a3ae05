//! Every budget pool: what is used and promised, what waits, and when it will fit.

use std::collections::BTreeMap;

use domain::autonomy::Purpose;
use domain::budget_pool::{
    BudgetPoolEvent, BudgetPoolOpened, PoolLevel, PoolUnit, Shortage, Window, WindowShape,
};
use domain::ids::{BudgetPoolId, BudgetRequestId, FiringId, ProjectId};
use domain::values::{Share, Timestamp};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct QueueLine {
    /// The request.
    request: BudgetRequestId,
    /// The firing it is for.
    firing: Option<FiringId>,
    /// How much.
    amount: u64,
    /// What for.
    purpose: Purpose,
    /// Why it waits.
    reason: Shortage,
    /// Since when.
    at: Timestamp,
    /// When it will fit, if nothing else is used; for the first twenty.
    fits_at: Option<Timestamp>,
}

/// A budget pool, as of the last thing that happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BudgetRow {
    /// The project it belongs to; none where all share it.
    project: Option<ProjectId>,
    /// A short name.
    name: String,
    /// The plan it stands for.
    plan: Option<String>,
    /// When use stops to count.
    shape: WindowShape,
    /// Length of the window; 0 where it has none.
    length_ms: u64,
    /// What it counts.
    unit: PoolUnit,
    /// What automated work may use, 0 to 1.
    automated_share: Share,
    /// What is used and promised.
    level: PoolLevel,
    /// What waits, in order.
    queue: Vec<QueueLine>,
    /// How much waits.
    queued: u64,
    /// When the last of the first twenty fits; absent where nothing waits, or one never fits.
    all_fit_at: Option<Timestamp>,
    /// The instant that these figures stand for.
    as_of: Timestamp,
    /// Whether it is closed.
    closed: bool,
}

/// The view `budget`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Budget {
    table: Table<BudgetPoolId, BudgetRow>,
    windows: BTreeMap<BudgetPoolId, Window>,
}

/// Requests that the forecast looks at.
const FORECAST_MAX: usize = 20;

impl BudgetRow {
    fn new(e: &BudgetPoolOpened, window: &Window, at: Timestamp) -> Self {
        Self {
            project: e.project,
            name: e.name.clone(),
            plan: e.plan.clone(),
            shape: e.shape,
            length_ms: e.length_ms,
            unit: e.unit,
            automated_share: e.automated_share,
            level: window.level(at),
            queue: vec![],
            queued: 0,
            all_fit_at: None,
            as_of: at,
            closed: false,
        }
    }
    fn apply(&mut self, event: &BudgetPoolEvent) {
        match event {
            BudgetPoolEvent::BudgetPoolResized(e) => {
                self.plan.clone_from(&e.plan);
                self.automated_share = e.automated_share;
            }
            BudgetPoolEvent::BudgetUsed(e) => self.as_of = self.as_of.max(e.at),
            BudgetPoolEvent::VendorEvidenceRecorded(e) => self.as_of = self.as_of.max(e.at),
            BudgetPoolEvent::BudgetReserved(e) => {
                self.as_of = self.as_of.max(e.at);
                self.queue.retain(|line| line.request != e.request);
            }
            BudgetPoolEvent::BudgetQueued(e) => {
                self.as_of = self.as_of.max(e.at);
                let (request, firing, amount, purpose) = (e.request, e.firing, e.amount, e.purpose);
                let (reason, at) = (e.reason, e.at);
                self.queue.push(QueueLine { request, firing, amount, purpose, reason, at, fits_at: None });
            }
            BudgetPoolEvent::BudgetRequestWithdrawn(e) => {
                self.queue.retain(|line| line.request != e.request);
            }
            BudgetPoolEvent::BudgetPoolClosed(_) => {
                self.closed = true;
                self.queue.clear();
            }
            BudgetPoolEvent::BudgetPoolOpened(_) | BudgetPoolEvent::BudgetReservationReleased(_) => {}
        }
    }
    fn look_ahead(&mut self, window: &Window) {
        self.level = window.level(self.as_of);
        let amounts: Vec<_> = self.queue.iter().take(FORECAST_MAX).map(|line| line.amount).collect();
        let fits = window.forecast(&amounts, self.as_of);
        self.all_fit_at = fits.last().copied().flatten();
        for (line, fits_at) in self.queue.iter_mut().zip(fits) {
            line.fits_at = fits_at;
        }
        self.queued = self.queue.iter().map(|line| line.amount).sum();
    }
}

impl View for Budget {
    const NAME: &'static str = "budget";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "name", "plan", "closed"];
    type Key = BudgetPoolId;
    type Row = BudgetRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::BudgetPool(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::BudgetPool(happened) = &event.event else { return };
        let id = BudgetPoolId::from(event.meta.stream.id);
        if let BudgetPoolEvent::BudgetPoolOpened(e) = happened {
            // A pool is opened once, and stays with its project.
            if self.table.contains(&id) {
                return;
            }
            let window = e.window();
            self.table.insert(id, BudgetRow::new(e, &window, event.meta.when()));
            self.windows.insert(id, window);
        } else if let (Some(row), Some(window)) = (self.table.get_mut(&id), self.windows.get_mut(&id)) {
            window.apply(happened);
            row.apply(happened);
            row.look_ahead(window);
        }
    }
    fn table(&self) -> &Table<BudgetPoolId, BudgetRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<BudgetPoolId, BudgetRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{BudgetPoolId, StreamId};
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_pool_with_its_queue_and_forecast() {
        let pool = StreamId::from(id::<BudgetPoolId>(1));
        let history = ["BudgetPoolOpened", "BudgetReserved", "BudgetUsed", "BudgetQueued"]
            .into_iter()
            .fold(History::new(), |history, name| history.any(pool, sample(name)));
        check(
            "budget",
            &history,
            &expect![[r##"
            #01; automated_share 0.7; length_ms 18000000; queued 30
              all_fit_at: "07:00:00.000Z"
              as_of: "07:00:00.000Z"
              closed: false
              level: {"automated":28,"automated_most":140,"automated_reserved":0,"capacity":200,"from_vendor":false,"interactive":0,"reserved":0,"used":28}
              name: "Claude"
              plan: "claude-max-20x"
              queue: [{"amount":30,"at":"07:00:00.000Z","firing":null,"fits_at":"07:00:00.000Z","purpose":"automated","reason":"automated_share","request":"02081040G2081040G2081040G2"}]
              shape: "rolling"
              unit: "prompts"
        "##]],
        );
        let withdrawn = history.any(pool, sample("BudgetRequestWithdrawn"));
        check(
            "budget",
            &withdrawn,
            &expect![[r##"
            #01; automated_share 0.7; length_ms 18000000
              as_of: "07:00:00.000Z"
              closed: false
              level: {"automated":28,"automated_most":140,"automated_reserved":0,"capacity":200,"from_vendor":false,"interactive":0,"reserved":0,"used":28}
              name: "Claude"
              plan: "claude-max-20x"
              shape: "rolling"
              unit: "prompts"
        "##]],
        );
    }
}
