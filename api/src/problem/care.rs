//! What goes wrong with rebuilding views and with the care of them, as problems.

use engine::{CareError, RebuildError};

use super::{Code, Problem};

impl From<RebuildError> for Problem {
    fn from(error: RebuildError) -> Self {
        let detail = error.to_string();
        match error {
            RebuildError::UnknownView(_) => Self::unknown_route(detail),
            RebuildError::NotLive(_) => {
                Self::new(Code::InvalidParameter, detail, "read it: that is always a fresh fold")
            }
            RebuildError::Busy(_) => Self::new(
                Code::IllegalState,
                detail,
                "ask GET /v1/rebuild how far it is, and send it again then",
            ),
            RebuildError::NothingKept(_) => {
                Self::new(Code::IllegalState, detail, "GET /v1/rebuild lists in `kept` what is")
            }
            RebuildError::Thread(_) => Self::new(Code::Overloaded, detail, "send it again in a second"),
        }
    }
}

impl From<CareError> for Problem {
    fn from(error: CareError) -> Self {
        let detail = error.to_string();
        match error {
            CareError::Rebuild(error) => error.into(),
            CareError::Execute(error) => error.into(),
            CareError::NotQuarantined(_) => {
                Self::new(Code::IllegalState, detail, "/readyz names the views that do, and their events")
            }
            CareError::Elsewhere { .. } => {
                Self::new(Code::IllegalState, detail, "name the position it stands at")
                    .field("position", "another event")
            }
            CareError::NoEvent(_) => Self::new(Code::NotFound, detail, "GET /v1/log says where the log ends")
                .field("position", "beyond the end"),
        }
    }
}
