//! What the log promises, checked on every store; then faults, reopening and formats.

mod contract;
mod faults;
mod follow;
mod formats;
pub(crate) mod kit;
mod model;
mod reopen;
mod rotate;
mod tamper;
mod tree;
