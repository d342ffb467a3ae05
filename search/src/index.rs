//! The index itself: its fields, where it lies, and which log it reflects. Everything in it can be made again.

use std::path::{Path, PathBuf};

use domain::ids::{LogId, Position};
use domain::{Actor, Recorded};
use projections::{Document, Documents};
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::index::IndexSettings;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::words;

/// Changes with whatever else changes what an index holds; an index of another version is built again.
const VERSION: u32 = 2;
/// Bytes that are indexed in memory before they go to disk, uncommitted.
const WRITER_BYTES: usize = 48 << 20;

/// Fields of a document. Its text is not kept: it is read from the log where it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) text: Field,
    pub(crate) pairs: Field,
    pub(crate) position: Field,
    pub(crate) time: Field,
    pub(crate) project: Field,
    pub(crate) kind: Field,
    pub(crate) run: Field,
    pub(crate) role: Field,
    pub(crate) actor: Field,
}

/// The columns by name, as segments know them.
pub(crate) const POSITION: &str = "position";
pub(crate) const TIME: &str = "time";

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(words::NAME)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let pairs = TextFieldIndexing::default()
        .set_tokenizer(words::PAIRS)
        .set_index_option(IndexRecordOption::WithFreqs);
    let fields = Fields {
        text: builder.add_text_field("text", TextOptions::default().set_indexing_options(indexing)),
        pairs: builder.add_text_field("pairs", TextOptions::default().set_indexing_options(pairs)),
        position: builder.add_u64_field(POSITION, FAST),
        time: builder.add_i64_field(TIME, FAST),
        project: builder.add_text_field("project", STRING),
        kind: builder.add_text_field("kind", STRING),
        run: builder.add_text_field("run", STRING),
        role: builder.add_text_field("role", STRING),
        actor: builder.add_bytes_field("actor", INDEXED),
    };
    (builder.build(), fields)
}

/// What an index reflects, written with every commit of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    version: u32,
    /// Of what is taken from events: another release may find more in them.
    documents: String,
    log: LogId,
    epoch: u64,
    /// Last event that is in it; none before the first.
    pub(crate) position: Option<Position>,
}

impl Stamp {
    pub(crate) fn new(documents: &Documents, log: LogId, epoch: u64) -> Self {
        Self { version: VERSION, documents: documents.digest(), log, epoch, position: None }
    }
    /// Whether an index with that stamp is a part of what this one will be.
    fn is_before(&self, found: &Self, head: Option<Position>) -> bool {
        found.position <= head && *self == Self { position: self.position, ..found.clone() }
    }
}

/// Why the index cannot be used. It can always be made again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("the index could not be read or written")]
    Tantivy(#[from] tantivy::TantivyError),
    #[error("the folder `{path}` could not be used")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the index does not fit: {0}")]
    Unfit(String),
}

/// An open index with its one writer.
pub(crate) struct Store {
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    writer: IndexWriter,
    stamp: Stamp,
}

impl Store {
    /// Opens the index in `dir`, or makes one: also in place of one that is broken, or of another log, epoch, version
    /// or release. Without a folder it lives in memory.
    pub(crate) fn open(dir: Option<&Path>, stamp: Stamp, head: Option<Position>) -> Result<Self, IndexError> {
        let Some(dir) = dir else {
            return Self::over(&Index::builder().schema(schema().0).create_in_ram()?, stamp);
        };
        match Self::open_there(dir, &stamp, head) {
            Ok(store) => Ok(store),
            Err(error) => {
                if dir.exists() {
                    let path = dir.display();
                    tracing::warn!(%path, reason = reason(&error), "search index is built again");
                }
                Self::create(dir, stamp)
            }
        }
    }

    fn open_there(dir: &Path, wanted: &Stamp, head: Option<Position>) -> Result<Self, IndexError> {
        let index = Index::open_in_dir(dir)?;
        if index.schema() != schema().0 {
            return Err(IndexError::Unfit("it has other fields".into()));
        }
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let found: Stamp = serde_json::from_str(&payload)
            .map_err(|error| IndexError::Unfit(format!("its stamp cannot be read: {error}")))?;
        if !wanted.is_before(&found, head) {
            return Err(IndexError::Unfit(format!("it is of another log or release: {payload}")));
        }
        let damaged = index.validate_checksum()?;
        if !damaged.is_empty() {
            return Err(IndexError::Unfit(format!("damaged: {damaged:?}")));
        }
        Self::over(&index, found)
    }

    fn create(dir: &Path, stamp: Stamp) -> Result<Self, IndexError> {
        let failed = |source| IndexError::Folder { path: dir.to_owned(), source };
        if dir.exists() {
            std::fs::remove_dir_all(dir).map_err(failed)?;
        }
        std::fs::create_dir_all(dir).map_err(failed)?;
        let settings =
            IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        let folder = MmapDirectory::open(dir).map_err(tantivy::TantivyError::from)?;
        Self::over(&Index::create(folder, schema().0, settings)?, stamp)
    }

    fn over(index: &Index, stamp: Stamp) -> Result<Self, IndexError> {
        index.tokenizers().register(words::NAME, words::analyzer());
        index.tokenizers().register(words::PAIRS, words::pairs_analyzer());
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .num_merge_threads(1)
            .build();
        let writer = index.writer_with_options(options)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { fields: schema().1, reader, writer, stamp })
    }

    /// Last event that a commit of the index holds.
    pub(crate) const fn position(&self) -> Option<Position> {
        self.stamp.position
    }

    /// Adds a document; it is found after the next commit.
    pub(crate) fn add(&self, recorded: &Recorded, document: &Document) -> Result<(), IndexError> {
        let Fields { text, pairs, position, time, project, kind, run, role, actor } = self.fields;
        let mut entry = TantivyDocument::new();
        for one in &document.texts {
            entry.add_text(text, one);
            entry.add_text(pairs, one);
        }
        let meta = &recorded.meta;
        entry.add_u64(position, meta.position.0);
        entry.add_i64(time, meta.when().millis());
        entry.add_text(kind, document.kind);
        if let Some(id) = meta.project {
            entry.add_text(project, id.to_string());
        }
        if let Some(id) = &document.run {
            entry.add_text(run, id);
        }
        if let Some(who) = &document.role {
            entry.add_text(role, who);
        }
        entry.add_bytes(actor, &actor_key(meta.actor));
        self.writer.add_document(entry)?;
        Ok(())
    }

    /// Takes out every document with that term.
    pub(crate) fn delete(&self, term: Term) {
        self.writer.delete_term(term);
    }

    /// Makes what was added and deleted durable, and lets it be found.
    pub(crate) fn commit(&mut self, position: Option<Position>) -> Result<(), IndexError> {
        let stamp = Stamp { position, ..self.stamp.clone() };
        let payload = serde_json::to_string(&stamp).expect("a stamp is plain data");
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload);
        prepared.commit()?;
        self.stamp = stamp;
        self.reader.reload()?;
        Ok(())
    }
}

/// What an actor's documents are found by.
pub(crate) fn actor_key(actor: Actor) -> Vec<u8> {
    let (kind, id) = actor.to_parts();
    [&[kind][..], &id].concat()
}

/// An error and what is behind it, on one line.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
