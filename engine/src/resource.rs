//! Where an aggregate belongs and who made it, for whoever decides who may do what to it.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use domain::authority::Resource;
use domain::ids::{ProjectId, StreamVersion};
use domain::{Actor, Command, StreamId};
use journal::ReadError;
use lru::LruCache;

use crate::Engine;
use crate::aggregates::lock;
use crate::execute::ExecuteError;

/// Aggregates whose origin is kept: about 8 MiB.
const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(1 << 16).expect("not 0");

/// Where an aggregate comes from: what its first record says, which never changes.
#[derive(Debug, Clone, Copy)]
struct Origin {
    project: Option<ProjectId>,
    made_by: Option<Actor>,
}

/// The origins that were asked for last: the way to the first record of a long stream is as long as the stream.
pub(crate) struct Origins(Mutex<LruCache<StreamId, Origin>>);

impl Origins {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(KEPT_MAX)))
    }
}

impl Engine {
    /// The aggregate, as far as it is durable.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn durable_resource(&self, stream: StreamId) -> Result<Resource, ReadError> {
        let of = |origin: Option<Origin>| Resource {
            project: origin.and_then(|origin| origin.project).or(stream.as_project()),
            stream: Some(stream),
            exists: origin.is_some(),
            made_by: origin.and_then(|origin| origin.made_by),
        };
        let kept = lock(&self.origins().0).get(&stream).copied();
        if kept.is_some() {
            return Ok(of(kept));
        }
        let first = self.journal().read_stream(stream, StreamVersion(0), 1)?;
        // One of an actor that this build does not know was made by nobody who asks.
        let origin =
            first.first().map(|first| Origin { project: first.project(), made_by: first.actor().ok() });
        if let Some(origin) = origin {
            lock(&self.origins().0).put(stream, origin);
        }
        Ok(of(origin))
    }

    /// The aggregate that `command` is for. One that is not there yet belongs to the project that the command
    /// makes it part of, if it names one.
    ///
    /// # Errors
    /// Where the log cannot be read or took no more.
    pub async fn resource(&self, stream: StreamId, command: &Command) -> Result<Resource, ExecuteError> {
        let mut resource = self.durable_resource(stream)?;
        if !resource.exists {
            let slot = self.aggregates().get(stream);
            // Submitted before, and not durable yet: wait until the log says whose it is.
            if slot.is_some_and(|slot| lock(&slot).version.is_some()) {
                self.journal().barrier().await.map_err(ExecuteError::Append)?;
                resource = self.durable_resource(stream)?;
            }
        }
        if !resource.exists && resource.project.is_none() {
            resource.project = command.references().into_iter().find_map(StreamId::as_project);
        }
        Ok(resource)
    }
}
