//! Where an aggregate belongs and who made it, for whoever decides who may do what to it.

use domain::authority::Resource;
use domain::ids::StreamVersion;
use domain::{Command, StreamId};
use journal::{RawRecord, ReadError};

use crate::Engine;
use crate::aggregates::lock;
use crate::execute::ExecuteError;

impl Engine {
    /// The aggregate, as far as it is durable. Its first record says everything: neither project nor maker change.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn durable_resource(&self, stream: StreamId) -> Result<Resource, ReadError> {
        let absent =
            Resource { project: stream.as_project(), stream: Some(stream), exists: false, made_by: None };
        let first = self.journal().read_stream(stream, StreamVersion(0), 1)?;
        Ok(first.first().map_or(absent, |first: &RawRecord| Resource {
            project: first.project().or(absent.project),
            exists: true,
            // One of an actor that this build does not know was made by nobody who asks.
            made_by: first.actor().ok(),
            ..absent
        }))
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
