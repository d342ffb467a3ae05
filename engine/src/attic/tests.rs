//! What is put away comes back as it was, or says that it does not.

use std::path::Path;

use domain::ids::Position;
use projections::table::Table;

use super::*;

/// In memory, and in files of a folder that is not there yet.
fn both(dir: &Path, memory: usize) -> [Attics; 2] {
    [Attics::new(None, memory), Attics::new(Some(dir.join("rows")), memory)]
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("rows")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Bytes that pack badly.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn what_is_put_away_comes_back_for_as_long_as_somebody_holds_it() {
    let dir = tempfile::tempdir().unwrap();
    for attics in both(dir.path(), 0) {
        let attic = attics.attic();
        let put: Vec<Vec<u8>> =
            vec![vec![], vec![7], vec![1; 100_000], noise(1, 50_000), noise(2, 16_384), b"waybill".repeat(9)];
        let mut held: Vec<_> = put.iter().map(|bytes| attic.keep(bytes).unwrap()).collect();
        let shared: Vec<_> = held.iter().map(|kept| kept.share()).collect();
        for _ in 0..2 {
            for (bytes, kept) in put.iter().zip(&held) {
                assert_eq!(&kept.fetch().unwrap(), bytes);
                assert!(!kept.is_in_the_way());
            }
            // What others hold is not touched when one lets go.
            held = shared.iter().map(|kept| kept.share()).collect();
        }
        drop(attic);
        assert_eq!(attics.attic().share().keep(b"more").unwrap().fetch().unwrap(), b"more");
    }
    assert_eq!(files(dir.path()), [""; 0].map(PathBuf::from), "files go with who holds them");
}

#[test]
fn a_file_goes_when_nothing_in_it_is_held_and_is_left_when_most_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let [_, attics] = both(dir.path(), 0);
    let attic = attics.attic();
    let block = noise(3, 1 << 20);
    let per_file = usize::try_from(FILE_BYTES).unwrap() / block.len();
    let mut held: Vec<_> = (0..per_file + 2).map(|_| attic.keep(&block).unwrap()).collect();
    assert_eq!(files(dir.path()).len(), 2);
    assert!(held.iter().all(|kept| !kept.is_in_the_way()));
    held.drain(1..per_file / 2 + 3);
    assert!(held[0].is_in_the_way() && !held.last().unwrap().is_in_the_way(), "the last file still grows");
    held.drain(..held.len() - 1);
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(held[0].fetch().unwrap(), block);
}

#[test]
fn a_file_that_was_cut_or_altered_gives_an_error_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let [_, attics] = both(dir.path(), 0);
    let attic = attics.attic();
    let put: Vec<Vec<u8>> = (0..4).map(|n| noise(n, 1_000)).collect();
    let held: Vec<_> = put.iter().map(|bytes| attic.keep(bytes).unwrap()).collect();
    let path = files(dir.path()).remove(0);
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut altered = whole.clone();
        altered[at] ^= 0x10;
        fs::write(&path, altered).unwrap();
        let wrong = put.iter().zip(&held).filter(|(bytes, kept)| kept.fetch().as_ref() != Ok(bytes));
        let wrong: Vec<_> = wrong.map(|(_, kept)| kept.fetch().unwrap_err().0).collect();
        assert!(wrong.len() == 1 && wrong[0].contains("not those that were put there"), "{at}: {wrong:?}");
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(held[2].fetch().as_ref(), Ok(&put[2]));
    assert!(held[3].fetch().unwrap_err().0.contains(".rows"), "it names the file");
}

#[test]
fn tables_share_what_there_is_and_small_ones_have_what_they_need() {
    let attics = Attics::new(None, 1_000);
    let [small, middle, large] = [(); 3].map(|()| attics.attic());
    assert_eq!([small.weigh(100), middle.weigh(500), large.weigh(400)], [usize::MAX; 3]);
    assert_eq!(large.weigh(2_000), 450, "what the small one leaves, in two");
    assert_eq!((small.weigh(100), middle.weigh(500)), (450, 450));
    assert_eq!(middle.weigh(300), 600);
    assert_eq!(large.weigh(600), usize::MAX);
    drop(middle);
    assert_eq!(large.weigh(900), usize::MAX, "who is gone has nothing");
    assert_eq!(large.share().weigh(500), 450);
}

fn table(attics: &Attics) -> Table<u64, String> {
    let mut table = Table::default();
    table.furnish(attics.attic());
    table
}

fn filled(attics: &Attics) -> Table<u64, String> {
    let mut table = table(attics);
    for n in 0..1_000 {
        table.insert(n, format!("row {n}"));
        table.settle(Position(n));
    }
    table
}

#[test]
fn rows_that_cannot_be_read_back_are_an_error_to_a_reader_and_a_fault_to_a_fold() {
    let dir = tempfile::tempdir().unwrap();
    let [_, attics] = both(dir.path(), 0);
    let mut table = filled(&attics);
    assert_eq!((table.len(), table.cold()), (1_000, 999), "what changed last stays");
    assert_eq!(table.row(&5).unwrap().as_deref(), Some(&"row 5".to_owned()));
    files(dir.path()).iter().for_each(|path| drop(fs::write(path, b"")));
    assert!(table.row(&5).is_err() && table.rows(None, false).any(|row| row.is_err()));
    assert!(table.each_stored(|_| ()).is_err());
    assert_eq!(table.row(&999).unwrap().as_deref(), Some(&"row 999".to_owned()));
    assert_eq!(table.row(&1_000), Ok(None));
    // Written over it need not be read; changed it must be.
    table.insert(5, "again".into());
    assert_eq!(table.get(&5), Some(&"again".to_owned()));
    assert_eq!(table.fault(), None);
    assert_eq!(table.get_mut(&6), None);
    assert!(table.fault().is_some(), "a fold that takes it for missing is not to be read");
}

#[test]
fn rows_stay_in_memory_while_there_is_no_room_for_them() {
    let dir = tempfile::tempdir().unwrap();
    // A file where the folder would be, as good as a disk that is full.
    fs::write(dir.path().join("rows"), b"").unwrap();
    let attics = Attics::pausing(Some(dir.path().join("rows")), 0, Duration::ZERO);
    let mut table = filled(&attics);
    assert_eq!((table.len(), table.cold(), table.fault()), (1_000, 0, None));
    assert!(
        attics.held().fault.is_some() && attics.held().memory_bytes > 1_000 && attics.held().disk_bytes == 0
    );
    assert!(table.rows(None, true).all(|row| row.is_ok()));
    fs::remove_file(dir.path().join("rows")).unwrap();
    *table.get_mut(&3).unwrap() += "!";
    table.settle(Position(1_000));
    assert_eq!(table.cold(), 999);
    assert!(attics.held().fault.is_none() && attics.held().memory_bytes < 1_000);
    let on_disk: u64 = files(dir.path()).iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(attics.held().disk_bytes, on_disk);
    assert_eq!(table.get(&2), Some(&"row 2".to_owned()));

    let pausing = Attics::new(Some(dir.path().join("rows").join("file")), 0);
    fs::write(dir.path().join("rows").join("file"), b"").unwrap();
    assert!(pausing.attic().keep(b"x").is_err());
    fs::remove_file(dir.path().join("rows").join("file")).unwrap();
    assert!(pausing.attic().keep(b"x").unwrap_err().0.contains("a moment ago"), "it is not tried at once");
}
