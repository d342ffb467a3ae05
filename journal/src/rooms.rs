//! Room for the bodies of blocks, used again as soon as nobody holds the block that had it: memory that is fetched and
//! zeroed anew for each block takes a tenth of the time in which a log is read.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::block::TARGET_LEN;

/// Rooms that wait for a body; 12 MiB.
const FREE_MAX: usize = 256;

/// What is free at the moment.
#[derive(Debug, Default)]
pub(crate) struct Rooms(Mutex<Vec<Vec<u8>>>);

/// A room that goes back to the others.
struct Room {
    bytes: Vec<u8>,
    len: usize,
    rooms: Arc<Rooms>,
}

impl Rooms {
    /// `len` bytes as `fill` leaves them. What they were before is anything.
    pub(crate) fn filled<E>(
        self: &Arc<Self>,
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Bytes, E> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        if bytes.len() < len {
            bytes.resize(len, 0);
        }
        let mut room = Room { bytes, len, rooms: Arc::clone(self) };
        fill(&mut room.bytes[..len])?;
        Ok(Bytes::from_owner(room))
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // The few that are larger than a block should be are not worth their memory.
        if self.bytes.len() > TARGET_LEN {
            return;
        }
        let mut free = self.rooms.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < FREE_MAX {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(rooms: &Arc<Rooms>, len: usize, with: u8) -> Bytes {
        let fill = |bytes: &mut [u8]| {
            bytes.fill(with);
            Ok::<_, ()>(())
        };
        rooms.filled(len, fill).unwrap()
    }

    fn free(rooms: &Rooms) -> Vec<usize> {
        rooms.0.lock().unwrap().iter().map(Vec::len).collect()
    }

    #[test]
    fn a_room_is_used_again_once_nobody_holds_any_of_it() {
        let rooms = Arc::new(Rooms::default());
        let first = filled(&rooms, 100, 1);
        let part = first.slice(10..20);
        drop(first);
        assert!(free(&rooms).is_empty(), "a part of it is held");
        assert_eq!(*part, [1; 10]);
        drop(part);
        assert_eq!(free(&rooms), [100]);
        let second = filled(&rooms, 7, 2);
        assert_eq!((&*second, free(&rooms).len()), (&[2; 7][..], 0));
        drop(second);
        assert_eq!(*filled(&rooms, 200, 3), [3; 200]);
        assert_eq!(free(&rooms), [200]);
    }

    #[test]
    fn what_is_free_is_bounded() {
        let rooms = Arc::new(Rooms::default());
        drop(filled(&rooms, TARGET_LEN + 1, 1));
        assert!(free(&rooms).is_empty());
        let held: Vec<Bytes> = (0..FREE_MAX + 9).map(|_| filled(&rooms, 1, 1)).collect();
        drop(held);
        assert_eq!(free(&rooms).len(), FREE_MAX);
        assert_eq!(rooms.filled(1, |_| Err("no")), Err("no"));
        assert_eq!(free(&rooms).len(), FREE_MAX, "the room of a failure is back");
    }
}
