//! Where tiles lie: files in a folder, or a map in memory.

use std::io;

use bytes::Bytes;

/// A place for tiles. Paths are relative, with `/` between names, and never leave the place.
///
/// Only one thread writes. What was written and not yet synced may be read, but does not count as stored: after a
/// failed [`Self::sync`] all of it has to be written again.
pub(crate) trait TileStore: Send + Sync + 'static {
    /// The whole file, or `None` where there is none.
    fn read(&self, path: &str) -> io::Result<Option<Bytes>>;
    /// Writes a file whole; it is durable after the next [`Self::sync`] only.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything written survive a power cut.
    fn sync(&self) -> io::Result<()>;
    /// Replaces a file so that a power cut leaves the old or the new one, whole; durable on return.
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    /// Removes the files of a folder without those below it, all but `keep`, and the folder once it is empty.
    fn prune(&self, folder: &str, keep: Option<&str>) -> io::Result<()>;
    /// Paths of all files, sorted.
    fn list(&self) -> io::Result<Vec<String>>;
}
