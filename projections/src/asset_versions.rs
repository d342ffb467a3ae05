//! One asset in all its versions, with what each holds and whether it is published or in force.

use domain::asset::{Asset, AssetContent, AssetEvent};
use domain::ids::Category;
use domain::values::Timestamp;
use domain::{Decider, Event};

use crate::listed::{PartKey, PartRow, rows};
use crate::table::Table;

rows! {
    /// A version of an asset; its key is `item/` and the version.
    struct AssetVersionRow {
        /// The version, from 1.
        version: u32,
        /// What it holds, files included.
        content: AssetContent,
        /// Why it was written.
        note: Option<String>,
        /// Whether it is published.
        published: bool,
        /// Whether it is in force for new sessions.
        active: bool,
        /// Why its publication was taken back, as long as it is.
        withdrawn: Option<String>,
        /// When it was written.
        created_at: Timestamp,
        /// When it was last published.
        published_at: Option<Timestamp>,
    }
}

impl AssetVersionRow {
    /// Puts one version in force, and no other.
    fn activate(rows: &mut Table<PartKey, Self>, version: u32) {
        let before = rows.iter().find(|(_, row)| row.active).map(|(key, _)| *key);
        if let Some(row) = before.and_then(|key| rows.get_mut(&key)) {
            row.active = false;
        }
        if let Some(row) = rows.get_mut(&PartKey::Item(version)) {
            row.active = true;
        }
    }
}

impl PartRow for AssetVersionRow {
    const NAME: &'static str = "asset-versions";
    const VERSION: u32 = 1;
    const CATEGORY: Category = Asset::CATEGORY;
    const FILTERS: &'static [&'static str] = &["published", "active"];

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::Asset(event) = event else { return };
        match event {
            AssetEvent::AssetVersionAdded(e) => rows.insert(
                PartKey::Item(e.version),
                Self {
                    version: e.version,
                    content: e.content.clone(),
                    note: e.note.clone(),
                    published: false,
                    active: false,
                    withdrawn: None,
                    created_at: at,
                    published_at: None,
                },
            ),
            AssetEvent::AssetVersionPublished(e) => {
                if let Some(row) = rows.get_mut(&PartKey::Item(e.version)) {
                    (row.published, row.withdrawn, row.published_at) = (true, None, Some(at));
                }
                Self::activate(rows, e.version);
            }
            AssetEvent::AssetVersionActivated(e) => Self::activate(rows, e.version),
            AssetEvent::AssetVersionWithdrawn(e) => {
                if let Some(row) = rows.get_mut(&PartKey::Item(e.version)) {
                    (row.published, row.withdrawn) = (false, Some(e.reason.clone()));
                }
            }
            AssetEvent::AssetCreated(_)
            | AssetEvent::AssetRenamed(_)
            | AssetEvent::AssetArchived(_)
            | AssetEvent::AssetShared(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::asset::{AssetContent, AssetVersionActivated, AssetVersionAdded, AssetVersionPublished};
    use domain::ids::AssetId;
    use expect_test::expect;

    use crate::testing::{History, check, id};

    #[test]
    fn one_version_is_in_force_at_a_time() {
        let added = |version| AssetVersionAdded {
            version,
            content: AssetContent::Command { expression: format!("make v{version}") },
            note: None,
        };
        let events: [domain::asset::AssetEvent; 5] = [
            added(1).into(),
            added(2).into(),
            AssetVersionPublished { version: 1 }.into(),
            AssetVersionPublished { version: 2 }.into(),
            AssetVersionActivated { version: 1 }.into(),
        ];
        let history = events
            .into_iter()
            .fold(History::new(), |history, event| history.any(id::<AssetId>(1).into(), Event::Asset(event)));
        check(
            "asset-versions",
            &history,
            &expect![[r##"
                item/00001; version 1
                  active: true
                  content: {"command":{"expression":"make v1"}}
                  created_at: "07:00:00.000Z"
                  published: true
                  published_at: "07:00:02.000Z"
                item/00002; version 2
                  active: false
                  content: {"command":{"expression":"make v2"}}
                  created_at: "07:00:01.000Z"
                  published: true
                  published_at: "07:00:03.000Z"
            "##]],
        );
    }
}
