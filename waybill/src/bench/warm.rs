//! Memory that a virtual machine has never used is fetched from its host at first touch, page by page.
//!
//! That is dear (20 µs a page were measured) and says nothing about what is measured here, so memory is touched once
//! before: pages that the page cache and the log take after that are the machine's own already.

use crate::figures;

/// As much as a bench uses, about, with the page cache of its files.
pub(super) const BYTES: u64 = 2 << 30;
const PIECE: usize = 16 << 20;

/// Touches up to `most` bytes, at most half of what is free, and gives them back; gives how many.
pub(super) fn touch(most: u64) -> u64 {
    let bytes = most.min(free() / 2);
    let mut pieces = Vec::new();
    let mut touched = 0;
    while touched < bytes {
        // Not zeros: those the system gives without memory behind them.
        pieces.push(vec![1_u8; PIECE]);
        touched += PIECE as u64;
    }
    drop(std::hint::black_box(pieces));
    touched
}

/// Bytes of memory that nothing needs, the page cache apart.
fn free() -> u64 {
    let info = rustix::system::sysinfo();
    let free: u64 = info.freeram;
    free * u64::from(info.mem_unit)
}

/// What a report says of it.
pub(super) fn remark() -> String {
    format!("up to {} of memory were touched before", figures::bytes(BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_touches_what_was_asked_for_and_no_more_than_there_is() {
        assert_eq!(touch(0), 0);
        assert_eq!(touch(1), PIECE as u64);
        assert!(free() > 0 && remark().contains("2.0 GiB"), "{}", remark());
    }
}
