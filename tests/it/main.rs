//! What users and operators see, and what the code promises about itself: one binary, one module a subject.

mod accounts;
mod architecture;
mod auditor;
mod bulk;
mod cli;
mod clients;
mod copies;
mod coverage;
mod dashboard;
mod export;
mod faults;
mod follow;
mod golden;
mod hostile;
mod http;
mod limits;
mod metrics;
mod openapi;
mod proofs;
mod protocol;
mod refusals;
mod search;
mod sse;
mod travel;
mod views;
mod ws;
