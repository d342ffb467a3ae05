//! The JSON files of a bundle.

use domain::StreamId;
use domain::ids::{LogId, Position, StreamVersion};
use domain::values::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::tree::BatchNode;

/// Version of a bundle's layout.
pub const FORMAT: u16 = 1;

/// `manifest.json`: what the bundle is about. Nothing in it is signed; verification holds it against what is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) format: u16,
    pub(super) log: LogId,
    pub(super) epoch: u64,
    pub(super) streams: Vec<StreamPart>,
    pub(super) made_at: Timestamp,
    pub(super) software: String,
}

/// A stream's part of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamPart {
    pub(super) stream: StreamId,
    pub(super) events: u64,
    pub(super) last_version: StreamVersion,
    pub(super) first_position: Position,
    pub(super) last_position: Position,
}

/// The format alone, which a manifest of any layout says.
#[derive(Deserialize)]
pub(super) struct Format {
    pub(super) format: u16,
}

/// `keys.json`: keys as text, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) log: Vec<String>,
    pub(super) witnesses: Vec<String>,
}

/// `proofs.json`: every node that is needed beside the leaves of the records, from the left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proofs {
    pub(super) size: u64,
    pub(super) nodes: Vec<(u8, u64, String)>,
}

impl Proofs {
    pub(super) fn of(size: u64, nodes: &[BatchNode]) -> Self {
        let node = |node: &BatchNode| (node.level, node.index, node.hash.to_string());
        Self { size, nodes: nodes.iter().map(node).collect() }
    }
    /// The nodes; `None` where one has no hash.
    pub(super) fn nodes(&self) -> Option<Vec<BatchNode>> {
        let node = |(level, index, hash): &(u8, u64, String)| {
            Some(BatchNode { level: *level, index: *index, hash: hash.parse::<Hash>().ok()? })
        };
        self.nodes.iter().map(node).collect()
    }
}
