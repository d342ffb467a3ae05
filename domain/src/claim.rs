//! A claim: which aggregate holds a value that only one may hold at a time.
//!
//! Its stream's id follows from the value, so that whoever wants the value meets everybody else who does. A
//! claim is in force while its holder exists and says that it [holds](crate::Decider::holds) the value, or
//! while the command that took it is under way; any other claim is void and may be taken over.

use sha2::{Digest, Sha256};

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, StreamId};
use crate::{Claim, Decider, Rejection};

events! {
    /// Everything that can happen to a claim.
    pub enum ClaimEvent {
        2900 => ClaimTaken 1;
        2901 => ClaimReleased 1;
    }
}

commands! {
    /// A claim takes no commands: it is taken by a command of its holder.
    pub enum ClaimCommand {}
}

plain! {
    /// An aggregate is to hold the value. It does once its own command is in the log.
    struct ClaimTaken {
        /// What kind of value it is.
        scope: String,
        /// The value.
        key: String,
        /// The aggregate that holds it.
        holder: StreamId,
    }
    /// The aggregate does not hold the value, or no longer.
    struct ClaimReleased {
        /// The aggregate that had taken it.
        holder: StreamId,
    }
}

/// A claim: who took it last and did not release it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claimed {
    holder: Option<StreamId>,
}

impl Claimed {
    /// Who has it, in force or void.
    #[must_use]
    pub const fn holder(&self) -> Option<StreamId> {
        self.holder
    }
    /// Gives the claim to `holder`. Whether it may be given is up to whoever knows the one that has it.
    #[must_use]
    pub fn taken(&self, claim: &Claim, holder: StreamId) -> Vec<ClaimEvent> {
        let before = match self.holder {
            Some(before) if before == holder => return Vec::new(),
            before => before.map(|holder| ClaimReleased { holder }.into()),
        };
        let taken = ClaimTaken { scope: claim.scope.to_owned(), key: claim.key.clone(), holder };
        before.into_iter().chain([taken.into()]).collect()
    }
    /// Takes the claim from `holder`, if that has it.
    #[must_use]
    pub fn released(&self, holder: StreamId) -> Vec<ClaimEvent> {
        let own = self.holder.filter(|has| *has == holder);
        own.into_iter().map(|holder| ClaimReleased { holder }.into()).collect()
    }
}

impl Claim {
    /// The claim's own stream: its id is the first 16 bytes of SHA-256 over scope, a zero byte, and key.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        let digest =
            Sha256::new().chain_update(self.scope).chain_update([0]).chain_update(&self.key).finalize();
        let first: [u8; 16] = digest[..16].try_into().expect("SHA-256 gives 32 bytes");
        StreamId::new(Claimed::CATEGORY, ulid::Ulid(u128::from_be_bytes(first)))
    }
}

impl Decider for Claimed {
    const CATEGORY: Category = Category(29);
    type Command = ClaimCommand;
    type Event = ClaimEvent;

    fn decide(&self, command: &ClaimCommand) -> Result<Vec<ClaimEvent>, Rejection> {
        match *command {}
    }
    fn evolve(&mut self, event: &ClaimEvent) {
        match event {
            ClaimEvent::ClaimTaken(e) => self.holder = Some(e.holder),
            ClaimEvent::ClaimReleased(_) => self.holder = None,
        }
    }
    /// A value is not of a project: each commit carries that of the holder.
    fn project(&self) -> Option<ProjectId> {
        None
    }
}

/// One of every event.
pub(crate) fn samples() -> Vec<ClaimEvent> {
    let holder = ProjectId::from_bytes([1; 16]).into();
    vec![
        ClaimTaken { scope: "project slug".into(), key: "waybill".into(), holder }.into(),
        ClaimReleased { holder }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold;

    fn project(number: u8) -> StreamId {
        ProjectId::from_bytes([number; 16]).into()
    }

    #[test]
    fn a_claim_is_taken_once_and_says_from_whom() {
        let claim = Claim::new("project slug", "a");
        let taken = |holder| -> ClaimEvent {
            ClaimTaken { scope: "project slug".into(), key: "a".into(), holder }.into()
        };
        let released = |holder| -> ClaimEvent { ClaimReleased { holder }.into() };
        let free = Claimed::default();
        assert_eq!(free.taken(&claim, project(1)), [taken(project(1))]);
        let held: Claimed = fold(&[taken(project(1))]);
        assert_eq!(held.holder(), Some(project(1)));
        assert_eq!(held.taken(&claim, project(1)), []);
        assert_eq!(held.taken(&claim, project(2)), [released(project(1)), taken(project(2))]);
        assert_eq!(
            (held.released(project(2)), held.released(project(1))),
            (vec![], vec![released(project(1))])
        );
        assert_eq!(fold::<Claimed>(&[taken(project(1)), released(project(1))]), free);
    }

    #[test]
    fn a_claim_has_a_stream_of_its_own() {
        // The id is stored for ever: it was computed with sha256sum.
        let stream = Claim::new("project slug", "waybill").stream();
        assert_eq!(format!("{:032x}", stream.id.0), "a72ee3fe93321c738ab8436f4237f9ab");
        assert_eq!(stream.to_string().parse(), Ok(stream));
        let others =
            [("project slug", "waybill2"), ("project", "slug\0waybill"), ("project slugwaybill", "")];
        for (scope, key) in others {
            assert_ne!(Claim::new(scope, key).stream(), stream, "{scope} {key}");
        }
    }
}
