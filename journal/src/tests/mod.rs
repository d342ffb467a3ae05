//! What the log promises, checked on every store; then faults, reopening and formats.

mod answers;
mod backup;
mod contract;
mod faults;
mod folder;
mod follow;
mod formats;
mod golden;
mod hangs;
mod kept;
pub(crate) mod kit;
mod model;
mod pull;
mod reopen;
mod repair;
mod rotate;
mod schedules;
mod space;
mod tamper;
mod tree;
