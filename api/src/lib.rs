//! HTTP and WebSocket interfaces: generic over the registries of commands and views.
//!
//! Holds no business rule: it parses, authorises, asks the engine, and shows the answer.

mod access;
mod asyncapi;
mod bulk;
mod commands;
mod dashboard;
mod direct;
mod events;
mod health;
mod keys;
mod log;
mod metrics;
mod openapi;
mod pages;
mod problem;
mod prove;
mod query;
mod router;
mod serve;
mod sse;
mod state;
mod tiles;
mod token;
mod views;
mod witness;
mod ws;

pub use asyncapi::asyncapi;
pub use openapi::openapi;
pub use problem::{Code, Problem};
pub use serve::{Config, Patience, ServeError, serve, serve_with};
pub use token::{Token, TokenError};
