//! The rules of the scored review loop: from score, score before and cycle to what happens next.

use crate::autonomy::{AgentRole, ReviewScore};
use crate::terms::words;

/// Most cycles of one review loop.
pub const CYCLES_MAX: u8 = 3;

words! {
    /// How a score stands to the score of the cycle before.
    Trend {
        /// There is no cycle before.
        First = "first",
        /// At least one point better.
        Improving = "improving",
        /// No better.
        Stalled = "stalled",
        /// Worse.
        Dropped = "dropped",
    }
    /// What follows from a cycle.
    ReviewAction {
        /// Approved: merge and ship.
        Ship = "ship",
        /// Approved: merge, and keep the nits for the next session.
        ShipWithNits = "ship_with_nits",
        /// Another pass of the builder.
        Revise = "revise",
        /// The team lead decides.
        Escalate = "escalate",
        /// The design is at fault: the architect's turn.
        Redesign = "redesign",
        /// The approach is at fault: the scout's turn.
        Reresearch = "reresearch",
        /// The loop stops and a person is told.
        Stop = "stop",
    }
}

/// What a cycle leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ruling {
    /// How the score stands to the one before.
    pub trend: Trend,
    /// What follows.
    pub action: ReviewAction,
}

impl ReviewAction {
    /// Whether the work is approved.
    #[must_use]
    pub const fn approves(self) -> bool {
        matches!(self, Self::Ship | Self::ShipWithNits)
    }
    /// Whether another cycle follows.
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Revise | Self::Redesign | Self::Reresearch)
    }
    /// The agent whose turn it is; none where the loop is over or a person's turn.
    #[must_use]
    pub const fn next_role(self) -> Option<AgentRole> {
        match self {
            Self::Revise => Some(AgentRole::Builder),
            Self::Redesign => Some(AgentRole::Architect),
            Self::Reresearch => Some(AgentRole::Scout),
            Self::Escalate => Some(AgentRole::TeamLead),
            Self::Ship | Self::ShipWithNits | Self::Stop => None,
        }
    }
}

/// The trend of a score: at least one point more is improving, less is stalled, fewer points are a drop.
#[must_use]
pub fn trend(score: ReviewScore, previous: Option<ReviewScore>) -> Trend {
    match previous.map(|previous| score.cmp(&previous)) {
        None => Trend::First,
        Some(std::cmp::Ordering::Greater) => Trend::Improving,
        Some(std::cmp::Ordering::Equal) => Trend::Stalled,
        Some(std::cmp::Ordering::Less) => Trend::Dropped,
    }
}

/// What follows from `score` in `cycle`, which counts from 1.
///
/// In this order: 8 and more is approved, whatever came before. A drop stops the loop. The last cycle
/// escalates what is not approved, since no further pass would be reviewed. 5 to 7 is revised, unless stalled.
/// 3 and 4 go to the architect, 1 and 2 to the scout.
#[must_use]
pub fn rule(score: ReviewScore, previous: Option<ReviewScore>, cycle: u8) -> Ruling {
    let trend = trend(score, previous);
    let action = match (score.get(), trend) {
        (9.., _) => ReviewAction::Ship,
        (8, _) => ReviewAction::ShipWithNits,
        (_, Trend::Dropped) => ReviewAction::Stop,
        _ if cycle >= CYCLES_MAX => ReviewAction::Escalate,
        (5..=7, Trend::Stalled) => ReviewAction::Escalate,
        (5..=7, _) => ReviewAction::Revise,
        (3..=4, _) => ReviewAction::Redesign,
        (0..=2, _) => ReviewAction::Reresearch,
    };
    Ruling { trend, action }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn mark(ruling: Ruling) -> String {
        let trend = match ruling.trend {
            Trend::First => ' ',
            Trend::Improving => '+',
            Trend::Stalled => '=',
            Trend::Dropped => '-',
        };
        let action = match ruling.action {
            ReviewAction::Ship => "ship",
            ReviewAction::ShipWithNits => "nits",
            ReviewAction::Revise => "revi",
            ReviewAction::Escalate => "lead",
            ReviewAction::Redesign => "arch",
            ReviewAction::Reresearch => "scou",
            ReviewAction::Stop => "STOP",
        };
        format!("{trend}{action}")
    }

    /// A line per score; a column for no score before, then one per score before.
    fn table(cycle: u8) -> String {
        let mut table = String::from("     none  1     2     3     4     5     6     7     8     9     10\n");
        for score in (1..=10).rev() {
            let cells: Vec<_> = (0..=10)
                .map(|previous| {
                    mark(rule(ReviewScore::new(score).unwrap(), ReviewScore::new(previous), cycle))
                })
                .collect();
            table += &format!("{score:>2}  {}\n", cells.join(" "));
        }
        table
    }

    #[test]
    fn every_score_after_every_score_in_every_cycle() {
        let usual = expect![[r#"
                 none  1     2     3     4     5     6     7     8     9     10
            10   ship +ship +ship +ship +ship +ship +ship +ship +ship +ship =ship
             9   ship +ship +ship +ship +ship +ship +ship +ship +ship =ship -ship
             8   nits +nits +nits +nits +nits +nits +nits +nits =nits -nits -nits
             7   revi +revi +revi +revi +revi +revi +revi =lead -STOP -STOP -STOP
             6   revi +revi +revi +revi +revi +revi =lead -STOP -STOP -STOP -STOP
             5   revi +revi +revi +revi +revi =lead -STOP -STOP -STOP -STOP -STOP
             4   arch +arch +arch +arch =arch -STOP -STOP -STOP -STOP -STOP -STOP
             3   arch +arch +arch =arch -STOP -STOP -STOP -STOP -STOP -STOP -STOP
             2   scou +scou =scou -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP
             1   scou =scou -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP
        "#]];
        usual.assert_eq(&table(1));
        usual.assert_eq(&table(2));
        expect![[r#"
                 none  1     2     3     4     5     6     7     8     9     10
            10   ship +ship +ship +ship +ship +ship +ship +ship +ship +ship =ship
             9   ship +ship +ship +ship +ship +ship +ship +ship +ship =ship -ship
             8   nits +nits +nits +nits +nits +nits +nits +nits =nits -nits -nits
             7   lead +lead +lead +lead +lead +lead +lead =lead -STOP -STOP -STOP
             6   lead +lead +lead +lead +lead +lead =lead -STOP -STOP -STOP -STOP
             5   lead +lead +lead +lead +lead =lead -STOP -STOP -STOP -STOP -STOP
             4   lead +lead +lead +lead =lead -STOP -STOP -STOP -STOP -STOP -STOP
             3   lead +lead +lead =lead -STOP -STOP -STOP -STOP -STOP -STOP -STOP
             2   lead +lead =lead -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP
             1   lead =lead -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP -STOP
        "#]]
        .assert_eq(&table(3));
    }

    #[test]
    fn each_action_names_whose_turn_it_is() {
        for action in ReviewAction::ALL {
            let ends = action.approves() || matches!(action, ReviewAction::Stop);
            assert_eq!(action.next_role().is_none(), ends, "{action}");
            assert_eq!(action.goes_on(), !ends && *action != ReviewAction::Escalate, "{action}");
        }
    }
}
