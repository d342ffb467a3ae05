//! What errors about rebuilding views, and about the care of them, mean on the command line.

use std::error::Error;

use engine::{CareError, RebuildError};

use super::Exit;

pub(super) fn advice(error: &(dyn Error + 'static)) -> Option<(Exit, Option<String>)> {
    if let Some(error) = error.downcast_ref::<RebuildError>() {
        return Some(rebuild(error));
    }
    let advice = match error.downcast_ref::<CareError>()? {
        CareError::Rebuild(error) => rebuild(error),
        // Its source has its own.
        CareError::Execute(_) => return None,
        CareError::NotQuarantined(_) => hint("`waybill views` says which views do"),
        CareError::Elsewhere { actual, .. } => (Exit::Usage, Some(format!("name it: --position {actual}"))),
        CareError::NoEvent(_) => hint("name a position that the log has"),
    };
    Some(advice)
}

fn hint(text: &str) -> (Exit, Option<String>) {
    (Exit::Usage, Some(text.to_owned()))
}

fn rebuild(error: &RebuildError) -> (Exit, Option<String>) {
    match error {
        RebuildError::UnknownView(_) => hint("`waybill view` lists every view"),
        RebuildError::NotLive(_) => hint("read it: that is always a fresh fold"),
        RebuildError::NothingKept(_) => {
            hint("only a view that was rebuilt, and not confirmed since, has an older state")
        }
        RebuildError::Busy(_) | RebuildError::Thread(_) => {
            (Exit::Failed, Some("try again once it has ended".into()))
        }
    }
}
