//! `waybill bench all`: every bench after the other, with settings that end within two minutes.

use super::append::Append;
use super::bulk::Bulk;
use super::post::Post;
use super::read::Read;
use super::replay::Replay;
use super::report::Report;
use super::ws::Ws;
use super::{Defaults, Stage};
use crate::cli::Global;
use crate::failure::Failure;

/// Events of the logs that are read back.
const EVENTS: u64 = 300_000;

/// Every bench in turn; each begins when the one before has left nothing behind.
pub(super) async fn run(stage: &Stage, global: &Global) -> Result<Vec<Report>, Failure> {
    Ok(vec![
        Append::defaults().run(stage).await?,
        Post::defaults().run(stage, global).await?,
        Bulk::defaults().run(stage, global).await?,
        Read { events: EVENTS }.run(stage).await?,
        Replay { events: EVENTS }.run(stage).await?,
        Ws::defaults().run(stage, global).await?,
    ])
}
