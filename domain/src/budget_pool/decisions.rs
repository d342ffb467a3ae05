//! What a budget pool answers to each command.

use super::*;

/// How long a promise may hold, in milliseconds.
const HOLDS_MS: std::ops::RangeInclusive<u64> = 1_000..=86_400_000;

impl BudgetPool {
    fn open_window(&self) -> Result<&Window, Rejection> {
        match &self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "budget pool" }),
            Phase::Open(window) => Ok(window),
            Phase::Closed => Err(Rejection::illegal("budget pool", "open", "closed")),
        }
    }
    pub(super) fn answer(&self, command: &BudgetPoolCommand) -> Result<BudgetPoolEvent, Rejection> {
        if let BudgetPoolCommand::OpenBudgetPool(c) = command {
            return self.open(c);
        }
        let window = self.open_window()?;
        match command {
            BudgetPoolCommand::OpenBudgetPool(c) => self.open(c),
            BudgetPoolCommand::ResizeBudgetPool(c) => resize(window, c),
            BudgetPoolCommand::RecordBudgetUse(c) => {
                if let Some(request) = c.request.filter(|request| !window.holds(*request)) {
                    return Err(Rejection::unknown("reservation", request));
                }
                let RecordBudgetUse { at, amount, purpose, request, run, session } = c.clone();
                Ok(BudgetUsed { at, amount, purpose, request, run, session }.into())
            }
            BudgetPoolCommand::RequestBudget(c) => self.request(window, c),
            BudgetPoolCommand::WithdrawBudgetRequest(c) => {
                self.place(c.request).ok_or_else(|| Rejection::unknown("waiting request", c.request))?;
                check::opt_name("reason", c.reason.as_deref())?;
                Ok(BudgetRequestWithdrawn { request: c.request, reason: c.reason.clone() }.into())
            }
            BudgetPoolCommand::ReleaseBudget(c) => {
                if !window.holds(c.request) {
                    return Err(Rejection::unknown("reservation", c.request));
                }
                Ok(BudgetReservationReleased { request: c.request }.into())
            }
            BudgetPoolCommand::RecordVendorEvidence(c) => evidence(c),
            BudgetPoolCommand::CloseBudgetPool(CloseBudgetPool {}) => Ok(BudgetPoolClosed {}.into()),
        }
    }
    fn open(&self, command: &OpenBudgetPool) -> Result<BudgetPoolEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "budget pool".into() });
        }
        check::name("name", &command.name)?;
        check::opt_name("plan", command.plan.as_deref())?;
        let known = PLANS.iter().find(|plan| Some(plan.name) == command.plan.as_deref());
        let needed = |field| Rejection::invalid(field, "a value, or a plan that is known", "nothing");
        let shape = command.shape.or(known.map(|plan| plan.shape)).ok_or_else(|| needed("shape"))?;
        let unit = command.unit.or(known.map(|plan| plan.unit)).ok_or_else(|| needed("unit"))?;
        let capacity =
            command.capacity.or(known.map(|plan| plan.capacity)).ok_or_else(|| needed("capacity"))?;
        check::range("capacity", capacity, &(1..=u64::from(u32::MAX) * 1_000_000), "units")?;
        let length_ms = match shape {
            WindowShape::Rolling | WindowShape::FromFirstUse => {
                let usual = known.map_or(FIVE_HOURS_MS, |plan| plan.length_ms);
                let length_ms = command.length_ms.unwrap_or(usual);
                check::range("length_ms", length_ms, &(60_000..=LENGTH_MAX_MS), "ms")?;
                length_ms
            }
            WindowShape::CalendarMonth | WindowShape::Credit => match command.length_ms {
                Some(length_ms) => {
                    return Err(Rejection::invalid("length_ms", format!("none for `{shape}`"), length_ms));
                }
                None => 0,
            },
        };
        let usual = Share::from_units(AUTOMATED_SHARE_UNITS).expect("0.7 is a share");
        let automated_share = command.automated_share.unwrap_or(usual);
        let OpenBudgetPool { project, name, plan, .. } = command.clone();
        Ok(BudgetPoolOpened { project, name, plan, shape, length_ms, unit, capacity, automated_share }.into())
    }
    fn place(&self, request: BudgetRequestId) -> Option<usize> {
        self.waiting.iter().position(|it| it.request == request)
    }
    fn request(&self, window: &Window, command: &RequestBudget) -> Result<BudgetPoolEvent, Rejection> {
        let RequestBudget { request, at, amount, purpose, firing, holds_ms } = command.clone();
        if window.holds(request) {
            return Err(Rejection::AlreadyExists { what: format!("reservation `{request}`") });
        }
        check::range("amount", amount, &(1..=window.most(purpose)), "units for this purpose")?;
        let holds_ms = holds_ms.unwrap_or(4 * 3_600_000);
        check::range("holds_ms", holds_ms, &HOLDS_MS, "ms")?;
        let place = self.place(request);
        let changed = |it: &Waiting| (it.purpose, it.amount) != (purpose, amount);
        if place.is_some_and(|place| changed(&self.waiting[place])) {
            return Err(Rejection::rule(
                "a waiting request keeps its amount and purpose",
                "withdraw it and ask anew under another id",
            ));
        }
        let level = window.level(at);
        let ahead = &self.waiting[..place.unwrap_or(self.waiting.len())];
        let automated = |it: &Waiting| it.purpose == Purpose::Automated;
        let admission = match window.admit(purpose, amount, at) {
            Admission::Fits if purpose == Purpose::Automated && ahead.iter().any(automated) => {
                Admission::Short { reason: Shortage::Behind, until: None }
            }
            admission => admission,
        };
        let full = |count: usize, what| check::range(what, count, &(0..=REQUESTS_MAX - 1), "before this one");
        match admission {
            Admission::Fits => {
                full(window.reservations(), "reservations")?;
                let expires_at =
                    Timestamp::from_millis(at.millis().saturating_add(i64::try_from(holds_ms).unwrap_or(0)));
                Ok(BudgetReserved { request, at, amount, purpose, firing, expires_at, level }.into())
            }
            Admission::Short { reason, .. } if place.is_some() => Err(Rejection::rule(
                format!("`{request}` does not fit yet: `{reason}`"),
                "ask again when the view `budget` says that it fits",
            )),
            Admission::Short { reason, until } => {
                full(self.waiting.len(), "waiting")?;
                Ok(BudgetQueued { request, at, amount, purpose, firing, reason, until, level }.into())
            }
        }
    }
}

fn resize(window: &Window, command: &ResizeBudgetPool) -> Result<BudgetPoolEvent, Rejection> {
    check::opt_name("plan", command.plan.as_deref())?;
    check::range("capacity", command.capacity, &(1..=u64::from(u32::MAX) * 1_000_000), "units")?;
    let automated_share = command.automated_share.unwrap_or_else(|| window.automated_share());
    Ok(BudgetPoolResized { plan: command.plan.clone(), capacity: command.capacity, automated_share }.into())
}

fn evidence(command: &RecordVendorEvidence) -> Result<BudgetPoolEvent, Rejection> {
    check::name("source", &command.source)?;
    let RecordVendorEvidence { at, used_share, exhausted, resets_at, source } = command.clone();
    if used_share.is_none() && !exhausted {
        return Err(Rejection::invalid("used_share", "a share, or `exhausted`", "neither"));
    }
    match resets_at.filter(|resets_at| *resets_at <= at) {
        Some(resets_at) => Err(Rejection::invalid("resets_at", format!("a time after {at}"), resets_at)),
        None => Ok(VendorEvidenceRecorded { at, used_share, exhausted, resets_at, source }.into()),
    }
}
