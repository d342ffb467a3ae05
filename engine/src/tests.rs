//! Tests of the engine over a log in memory.
