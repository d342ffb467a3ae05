//! Events beyond the signed ones: taken over from the damaged log as far as they follow on, whole commits only.

use std::collections::HashMap;

use domain::StreamId;
use domain::ids::Position;
use proof::order::{OpenCommit, Tail};
use proof::tile::BundleId;

use super::mend::{Bundles, Mender};
use crate::rebuild::{Rebuild, RebuildError};
use crate::record::RawRecord;
use crate::store::Store;
use crate::tiles::Source;

/// First and last position of what is lost.
type Lost = Option<(Position, Position)>;

/// Takes over what follows, `each` getting it; gives how many events that were, and which ones could not be.
pub(super) fn carry(
    damaged: &dyn Store,
    bundles: &mut Bundles<'_>,
    rebuild: &mut Rebuild<'_>,
    mender: &mut Mender<'_>,
    mut each: impl FnMut(&RawRecord),
) -> Result<(u64, Lost), RebuildError> {
    let (signed, end) = (rebuild.builder.size(), damaged.end());
    let mut tails = Tails { bundles, signed, known: HashMap::new() };
    let (mut source, mut open, mut commit) = (Source::default(), None, Vec::new());
    for position in signed..end {
        let Some(record) = record_at(&mut source, damaged, position) else { break };
        let Ok(next) = OpenCommit::check(open, &record) else { break };
        if !tails.follows(&record) {
            break;
        }
        (open, commit) = (next, {
            commit.push(record);
            commit
        });
        if open.is_none() {
            for record in commit.drain(..) {
                each(&record);
                rebuild.take(record.bytes().clone(), &mut |piece, bytes| mender.put(piece, bytes))?;
            }
        }
    }
    let next = rebuild.builder.size();
    let lost = (next < end).then(|| (Position(next), Position(end - 1)));
    Ok((next - signed, lost))
}

fn record_at(source: &mut Source, log: &dyn Store, position: u64) -> Option<RawRecord> {
    let record = source.block(log, None, position).ok()?.get(Position(position))?;
    record.check().ok().map(|()| record)
}

/// The last record of every stream that was looked at.
struct Tails<'a, 'b> {
    /// The signed records, of which there are so many.
    bundles: &'a mut Bundles<'b>,
    signed: u64,
    known: HashMap<StreamId, Tail>,
}

impl Tails<'_, '_> {
    /// Whether a record follows its stream's last one; then it is the last one.
    fn follows(&mut self, record: &RawRecord) -> bool {
        let stream = record.stream();
        let known = self.known.get(&stream).copied();
        let tail = known.or_else(|| self.earlier(record));
        let follows = Tail::check(tail.as_ref(), record).is_ok();
        if follows {
            self.known.insert(stream, Tail::of(record));
        }
        follows
    }

    fn earlier(&mut self, record: &RawRecord) -> Option<Tail> {
        // What was taken over since is known.
        let (id, at) = BundleId::of_entry(record.previous()?.0, self.signed)?;
        let before = RawRecord::parse(self.bundles.records(id).ok()?.swap_remove(at)).ok()?;
        (before.stream() == record.stream()).then(|| Tail::of(&before))
    }
}
