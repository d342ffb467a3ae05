//! One or more of every event of a budget pool.

use super::*;

/// One or more of every event.
pub(crate) fn samples() -> Vec<BudgetPoolEvent> {
    let at = Timestamp::from_millis(1_795_244_400_000);
    let opened = BudgetPoolOpened {
        project: None,
        name: "Claude".into(),
        plan: Some("claude-max-20x".into()),
        shape: WindowShape::Rolling,
        length_ms: FIVE_HOURS_MS,
        unit: PoolUnit::Prompts,
        capacity: 200,
        automated_share: share(7_000),
    };
    let credit = BudgetPoolOpened {
        project: Some(ProjectId::from_bytes([1; 16])),
        plan: None,
        shape: WindowShape::Credit,
        length_ms: 0,
        unit: PoolUnit::UsdMicros,
        ..opened.clone()
    };
    let (request, firing) = (BudgetRequestId::from_bytes([2; 16]), Some(FiringId::from_bytes([3; 16])));
    let purpose = Purpose::Automated;
    vec![
        opened.into(),
        credit.into(),
        BudgetPoolResized { plan: None, capacity: 800, automated_share: share(5_000) }.into(),
        BudgetReserved { request, at, amount: 30, purpose, firing, expires_at: at, level: level() }.into(),
        BudgetUsed {
            at,
            amount: 28,
            purpose,
            request: Some(request),
            run: Some(RunId::from_bytes([4; 16])),
            session: Some(SessionId::from_bytes([5; 16])),
        }
        .into(),
        BudgetUsed { at, amount: 1, purpose: Purpose::Interactive, request: None, run: None, session: None }
            .into(),
        BudgetQueued {
            request,
            at,
            amount: 30,
            purpose,
            firing: None,
            reason: Shortage::AutomatedShare,
            until: Some(at),
            level: level(),
        }
        .into(),
        BudgetRequestWithdrawn { request, reason: Some("done by hand".into()) }.into(),
        BudgetReservationReleased { request }.into(),
        VendorEvidenceRecorded {
            at,
            used_share: Some(share(9_150)),
            exhausted: true,
            resets_at: Some(at),
            source: "rate_limit_event".into(),
        }
        .into(),
        VendorEvidenceRecorded {
            at,
            used_share: None,
            exhausted: true,
            resets_at: None,
            source: "429".into(),
        }
        .into(),
        BudgetPoolClosed {}.into(),
    ]
}

fn level() -> PoolLevel {
    PoolLevel {
        automated: 120,
        interactive: 10,
        reserved: 5,
        automated_reserved: 5,
        used: 130,
        from_vendor: false,
        capacity: 200,
        automated_most: 140,
    }
}

fn share(units: u16) -> Share {
    Share::from_units(units).expect("a share")
}
