//! The tree over the leaves, and the tiles above them.

use proof::Frontier;
use proof::hash::Hash;
use proof::tile::{HEIGHT, TileId, WIDTH};

use super::folder::Folder;
use super::report::Report;

/// The tree so far.
#[derive(Default)]
pub(crate) struct Hashes {
    frontier: Frontier,
    /// For each level of tiles above the leaves: the hashes of the tile that is not full yet, and its place.
    above: Vec<(Vec<Hash>, u64)>,
}

impl Hashes {
    /// Appends leaves, and checks every tile above them that becomes full.
    pub(crate) fn push(
        &mut self,
        leaves: &[Hash],
        folder: &Folder,
        report: &mut Report,
    ) -> std::io::Result<()> {
        let above = &mut self.above;
        for leaf in leaves {
            self.frontier.push_with(*leaf, |level, _, hash| {
                if level > 0 && level % HEIGHT == 0 {
                    let place = usize::from(level / HEIGHT) - 1;
                    if above.len() == place {
                        above.push((Vec::new(), 0));
                    }
                    above[place].0.push(hash);
                }
            });
        }
        // A bundle adds at most one hash to each level, so no tile is more than full here.
        self.check(|width| u64::from(width) == WIDTH, folder, report)
    }
    /// Checks the tiles that stay partial.
    pub(crate) fn finish(&mut self, folder: &Folder, report: &mut Report) -> std::io::Result<()> {
        self.check(|width| width > 0, folder, report)
    }
    fn check(
        &mut self,
        due: impl Fn(u16) -> bool,
        folder: &Folder,
        report: &mut Report,
    ) -> std::io::Result<()> {
        for (level, (hashes, index)) in (1_u8..).zip(&mut self.above) {
            let width = u16::try_from(hashes.len()).expect("a tile has at most 256 hashes");
            if !due(width) {
                continue;
            }
            let id = TileId { level, index: *index, width };
            if folder.tile(id, report)?.is_some_and(|stored| stored != *hashes) {
                report.findings.altered(None, format!("`{id}` is not the hashes of the tiles below it"));
            }
            hashes.clear();
            *index += 1;
        }
        Ok(())
    }
    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }
    pub(crate) fn root(&self) -> Hash {
        self.frontier.root()
    }
}
