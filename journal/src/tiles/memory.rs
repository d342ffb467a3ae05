//! Tiles in a map: for logs in memory, and for tests.

use std::collections::BTreeMap;
use std::io;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

use super::store::TileStore;

/// Files by path.
#[derive(Default)]
pub(crate) struct MemoryTiles(RwLock<BTreeMap<String, Bytes>>);

impl TileStore for MemoryTiles {
    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned())
    }
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let bytes = Bytes::copy_from_slice(bytes);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), bytes);
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }
    fn prune(&self, folder: &str, keep: Option<&str>) -> io::Result<()> {
        let mut files = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let from = format!("{folder}/");
        let inside =
            |path: &str| path.strip_prefix(&from).filter(|name| !name.contains('/')).map(str::to_owned);
        let names: Vec<String> = files.range(from.clone()..).map_while(|(path, _)| inside(path)).collect();
        for name in names.into_iter().filter(|name| Some(name.as_str()) != keep) {
            files.remove(&format!("{from}{name}"));
        }
        Ok(())
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect())
    }
}
