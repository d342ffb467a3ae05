//! Backup, restore and repair through the real binary: what comes back is what was signed, or it is said what is not.

mod backup;
mod folders;
mod pull;
mod repair;
mod restore;
