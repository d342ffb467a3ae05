//! What is done about a view that an event broke: fold it again, or pass over the event.

use domain::ids::Position;
use domain::view_care::{RestoreViewEvent, SkipViewEvent, ViewCare, ViewCareCommand};
use domain::{Actor, Command};
use journal::Receipt;
use projections::Scope;

use crate::folding::ViewState;
use crate::rebuild::{RebuildError, Source};
use crate::{Engine, Envelope, ExecuteError};

/// Why nothing is done about a view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CareError {
    /// The view, or the job that would fold it, is not to be had.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// The view follows the log.
    #[error("view {0} does not stand still")]
    NotQuarantined(&'static str),
    /// It stands still elsewhere.
    #[error("expected position {actual}, at which view {view} stands still, got {wanted}")]
    Elsewhere {
        /// The view.
        view: &'static str,
        /// What was asked for.
        wanted: Position,
        /// Where it stands.
        actual: Position,
    },
    /// There is no such event.
    #[error("there is no event at position {0}")]
    NoEvent(Position),
    /// The event that says so was refused.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

impl Engine {
    /// Folds a view anew that an event broke, such as with a release that can.
    ///
    /// # Errors
    /// An unknown view, one that follows the log, or a job that is under way.
    pub fn retry_view(&self, view: &str) -> Result<(), CareError> {
        self.stands_at(view)?;
        self.rebuild(&[view.to_owned()], Source::Log)?;
        Ok(())
    }

    /// Has a view pass over the event at `position`, says so in the log, and folds it anew.
    ///
    /// # Errors
    /// As [`Engine::retry_view`]; also where the view stands still at another event.
    pub async fn skip_view_event(
        &self,
        view: &str,
        position: Position,
        reason: String,
        actor: Actor,
    ) -> Result<Receipt, CareError> {
        // A view that is folded when it is read stands still for who reads it only.
        if let Some((name, actual)) = self.stands_at_if_live(view)?.filter(|(_, actual)| *actual != position)
        {
            return Err(CareError::Elsewhere { view: name, wanted: position, actual });
        }
        let skip = SkipViewEvent { view: view.to_owned(), position, reason };
        self.take_care(view, position, skip.into(), actor).await
    }

    /// Has a view take an event into account again that it passes over, says so in the log, and folds it anew.
    ///
    /// # Errors
    /// An unknown view or position, or a job that is under way.
    pub async fn restore_view_event(
        &self,
        view: &str,
        position: Position,
        reason: String,
        actor: Actor,
    ) -> Result<Receipt, CareError> {
        let restore = RestoreViewEvent { view: view.to_owned(), position, reason };
        self.take_care(view, position, restore.into(), actor).await
    }

    async fn take_care(
        &self,
        view: &str,
        position: Position,
        command: ViewCareCommand,
        actor: Actor,
    ) -> Result<Receipt, CareError> {
        let unknown = || RebuildError::UnknownView(view.chars().take(80).collect());
        let spec = self.spec(view).ok_or_else(unknown)?;
        if self.journal().watermark() < Some(position) {
            return Err(CareError::NoEvent(position));
        }
        let envelope = Envelope::new(ViewCare::stream(view), Command::ViewCare(command), actor);
        let receipt = self.execute(envelope).await?;
        // Once the folder has seen it, every fold knows of it.
        let mut progress = self.progress();
        // The sender lives as long as the engine, which this borrows.
        let _ = progress.wait_for(|at| *at >= Some(receipt.position)).await.map(|_| ());
        self.history().forget(view);
        self.streams().forget(view);
        if spec.scope == Scope::Live {
            self.rebuild(&[view.to_owned()], Source::Log)?;
        }
        Ok(receipt)
    }

    fn stands_at_if_live(&self, view: &str) -> Result<Option<(&'static str, Position)>, CareError> {
        match self.stands_at(view) {
            Err(CareError::Rebuild(RebuildError::NotLive(_))) => Ok(None),
            stands => stands.map(Some),
        }
    }

    /// Where a live view stands still.
    fn stands_at(&self, view: &str) -> Result<(&'static str, Position), CareError> {
        let unknown = || RebuildError::UnknownView(view.chars().take(80).collect());
        let spec = self.spec(view).ok_or_else(unknown)?;
        let live = self.folder().find(view).ok_or(RebuildError::NotLive(spec.name))?;
        match &live.read().fold.state {
            ViewState::Live => Err(CareError::NotQuarantined(spec.name)),
            ViewState::Quarantined { position, .. } => Ok((spec.name, *position)),
        }
    }
}
