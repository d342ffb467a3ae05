//! What goes wrong about proofs, evidence and keys, as problems.

use journal::{CheckpointError, OpenError, ProveError, RotateError};
use proof::bundle::BuildError;
use replay::EvidenceError;

use super::{Code, FULL_HINT, Problem};

impl From<ProveError> for Problem {
    fn from(error: ProveError) -> Self {
        match &error {
            ProveError::Beyond { signed, .. } => {
                let hint = format!(
                    "the last checkpoint covers {signed} events; what is new is signed within a second"
                );
                Self::new(Code::NotFound, error.to_string(), hint)
            }
            ProveError::Proof(source) => {
                let hint = "positions count from 0, sizes from 1; `from` is not above `to`";
                Self::new(Code::InvalidField, source.to_string(), hint)
            }
            ProveError::Tile { .. } => {
                Self::new(Code::LogFailed, error.to_string(), "run `waybill verify` on the data folder")
            }
        }
    }
}

impl From<CheckpointError> for Problem {
    fn from(error: CheckpointError) -> Self {
        Self::new(Code::LogFailed, error.to_string(), "/readyz says whether the disk is full or failing")
    }
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        let detail = error.to_string();
        match error {
            EvidenceError::Unknown { .. } => Self::new(Code::NotFound, detail, "the view `runs` lists runs"),
            EvidenceError::Unsigned { .. } => {
                Self::new(Code::NotFound, detail, "/readyz says why the log signs nothing")
            }
            EvidenceError::Read(error) => error.into(),
            EvidenceError::Prove(error) | EvidenceError::Build(BuildError::Nodes(error)) => error.into(),
            EvidenceError::Build(error) => Self::internal(&error),
        }
    }
}

impl From<RotateError> for Problem {
    fn from(error: RotateError) -> Self {
        match error {
            RotateError::ReadOnly => {
                Self::new(Code::ReadOnly, error.to_string(), "/readyz says why the log takes no writes")
            }
            RotateError::Append(error) => error.into(),
            RotateError::Read(error) => error.into(),
            RotateError::Store(OpenError::Io { ref source, .. })
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                Self::new(Code::DiskFull, error.to_string(), FULL_HINT)
            }
            RotateError::Store(_) | RotateError::Used { .. } => Self::internal(&error),
        }
    }
}
