//! HTTP and WebSocket interfaces: generic over the registries of commands and views.
//!
//! Holds no business rule: it parses, authorises, asks the engine, and shows the answer.

mod access;
mod accesses;
mod asyncapi;
mod auth;
mod bulk;
mod commands;
mod credentials;
mod dashboard;
mod direct;
mod erase;
mod events;
mod export;
#[doc(hidden)]
pub mod fuzzed;
mod hashing;
mod health;
mod keys;
mod late;
mod linger;
mod log;
mod measure;
mod metrics;
mod openapi;
mod otlp;
mod pages;
mod password;
mod problem;
mod prove;
mod query;
mod relay;
mod router;
mod search;
mod serve;
mod sse;
mod state;
mod tiles;
mod tls;
mod token;
mod travel;
mod views;
mod witness;
mod ws;

pub use asyncapi::asyncapi;
pub use credentials::{Secret, fresh_secret};
pub use hashing::on_spare_cores;
pub use openapi::openapi;
pub use password::{PasswordError, hash_password};
pub use problem::{Code, Problem};
pub use serve::{Config, Listening, Patience, ServeError, serve, serve_with};
pub use tls::{Tls, TlsError};
pub use token::{Token, TokenError};
