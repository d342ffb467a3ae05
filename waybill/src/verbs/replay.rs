//! `waybill replay`: a run's story, from its events.
use clap::Args;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
/// Tell a run's story, in order
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The run's id, or `latest`
    #[arg(long, value_name = "ID|latest")]
    run: String,
}
impl Replay {
    pub(crate) async fn run(self, _global: &Global) -> Result<Exit, Failure> {
        Ok(Exit::Done)
    }
}
