//! What users and operators see, and what the code promises about itself: one binary, one module a subject.

mod architecture;
mod cli;
mod golden;
mod http;
mod limits;
mod ws;
