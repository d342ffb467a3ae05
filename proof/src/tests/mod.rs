//! Vectors and implementations of others, and input that nobody made with care.

mod differential;
pub(crate) mod kit;
mod merkle;
mod parsers;
mod sumdb_note;
mod tessera;
mod tiles;
mod witness;
mod wycheproof;
