//! Skills, commands and scripts as lists show them: what they are, which versions there are, which is in force.

use domain::Event;
use domain::asset::AssetEvent;
use domain::ids::{AssetId, ProjectId, StreamId};
use domain::terms::AssetKind;
use domain::values::Timestamp;

use crate::listed::{ListRow, preview, rows};

rows! {
    /// An asset.
    struct AssetRow {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is.
        kind: AssetKind,
        /// Its name.
        name: String,
        /// The first 200 characters of what it is good for.
        description_preview: String,
        /// How many versions there are.
        versions: u32,
        /// The published ones.
        published_versions: Vec<u32>,
        /// The one in force for new sessions.
        active_version: Option<u32>,
        /// Whether it is out of use.
        archived: bool,
        /// Whether every project may use it.
        shared: bool,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for AssetRow {
    const NAME: &'static str = "assets";
    const VERSION: u32 = 2;
    const FILTERS: &'static [&'static str] = &["project", "kind", "name", "archived", "shared"];
    type Key = AssetId;

    fn key(stream: StreamId) -> AssetId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Asset(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Asset(AssetEvent::AssetCreated(e)) = event else { return None };
        Some(Self {
            project: e.project,
            kind: e.kind,
            name: e.name.clone(),
            description_preview: preview(&e.description),
            versions: 0,
            published_versions: vec![],
            active_version: None,
            archived: false,
            shared: false,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Asset(event) = event else { return };
        self.updated_at = at;
        match event {
            AssetEvent::AssetCreated(_) => {}
            AssetEvent::AssetRenamed(e) => {
                self.name.clone_from(&e.name);
                self.description_preview = preview(&e.description);
            }
            AssetEvent::AssetVersionAdded(e) => self.versions = e.version,
            AssetEvent::AssetVersionPublished(e) => {
                self.published_versions.retain(|version| *version != e.version);
                self.published_versions.push(e.version);
                self.published_versions.sort_unstable();
                self.active_version = Some(e.version);
            }
            AssetEvent::AssetVersionActivated(e) => self.active_version = Some(e.version),
            AssetEvent::AssetVersionWithdrawn(e) => {
                self.published_versions.retain(|version| *version != e.version);
            }
            AssetEvent::AssetArchived(_) => self.archived = true,
            AssetEvent::AssetShared(_) => self.shared = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn an_asset_shows_its_versions() {
        let of = |history: History, name| history.any(id::<super::AssetId>(1).into(), sample(name));
        let history = ["AssetCreated", "AssetVersionAdded", "AssetVersionPublished", "AssetRenamed"];
        check(
            "assets",
            &history.into_iter().fold(History::new(), of),
            &expect![[r##"
                #01; active_version 1; versions 1
                  archived: false
                  created_at: "07:00:00.000Z"
                  kind: "skill"
                  name: "Tests"
                  project: "01040G2081040G2081040G2081"
                  published_versions: [1]
                  shared: false
                  updated_at: "07:00:03.000Z"
            "##]],
        );
    }
}
