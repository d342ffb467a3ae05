//! A row of the events table, and the stored record that it tells of.

use data_encoding::HEXLOWER_PERMISSIVE;
use domain::ids::{
    CommitId, CorrelationId, IdError, Position, ProjectId, SchemaVersion, StreamVersion, TypeId,
};
use domain::values::Timestamp;
use domain::{Actor, Event, Fingerprint, StreamId};
use journal::MAX_COMMIT_BYTES;
use journal::record::{self, Chain, Parts};

use crate::cells::Value;

/// The columns that are read, in the order in which values are given.
pub(super) const COLUMNS: [&str; 18] = [
    "position",
    "stream",
    "version",
    "type_id",
    "schema_version",
    "time",
    "occurred_at",
    "commit",
    "commit_index",
    "commit_size",
    "actor",
    "causation",
    "correlation",
    "project",
    "data",
    "payload_hex",
    "expectation",
    "fingerprint",
];

/// Place of `data` among them.
pub(super) const DATA: usize = 14;
/// Place of `payload_hex`.
pub(super) const PAYLOAD: usize = 15;

/// What a row holds that is no event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) column: &'static str,
    pub(super) expected: &'static str,
    pub(super) actual: String,
}

/// What a row says of an event: everything but what follows from the records before it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) position: Position,
    pub(super) stream: StreamId,
    pub(super) version: StreamVersion,
    type_id: TypeId,
    schema_version: SchemaVersion,
    time: Timestamp,
    occurred_at: Option<Timestamp>,
    commit: CommitId,
    commit_index: u16,
    commit_size: u16,
    actor: Actor,
    causation: Option<CommitId>,
    correlation: Option<CorrelationId>,
    project: Option<ProjectId>,
    payload: Box<[u8]>,
    /// What the commit expected, and the fingerprint of its command; none in an export of an earlier release.
    sealed: Option<(u8, Fingerprint)>,
}

/// What the next record of a stream needs of the one before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    version: StreamVersion,
    position: Position,
    chain: Chain,
}

impl Tail {
    /// The version of the next record.
    pub(super) const fn next(&self) -> StreamVersion {
        StreamVersion(self.version.0.saturating_add(1))
    }
}

/// The values of a row, as [`COLUMNS`] has them.
struct Cells<'a>(&'a [Value<'a>; COLUMNS.len()]);

impl Cells<'_> {
    fn wrong(&self, place: usize, expected: &'static str) -> Wrong {
        let actual = match self.0[place] {
            Value::Null => "nothing".to_owned(),
            value => format!("`{}`", value.to_string().chars().take(80).collect::<String>()),
        };
        Wrong { column: COLUMNS[place], expected, actual }
    }
    fn text(&self, place: usize) -> Option<&str> {
        match self.0[place] {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    /// A text that is parsed; none where it is null.
    fn parsed<T: std::str::FromStr<Err = IdError>>(
        &self,
        place: usize,
        expected: &'static str,
    ) -> Result<Option<T>, Wrong> {
        match (self.0[place], self.text(place)) {
            (Value::Null, _) => Ok(None),
            (_, Some(text)) => text.parse().map(Some).map_err(|_| self.wrong(place, expected)),
            _ => Err(self.wrong(place, expected)),
        }
    }
    fn count(&self, place: usize) -> Result<Option<u64>, Wrong> {
        match self.0[place] {
            Value::Null => Ok(None),
            Value::Count(count) => Ok(Some(count)),
            Value::Text(text) => text.parse().map(Some).map_err(|_| self.wrong(place, "a whole number")),
            _ => Err(self.wrong(place, "a whole number")),
        }
    }
    /// A count that must be there, of a narrower type.
    fn number<T: TryFrom<u64>>(&self, place: usize) -> Result<T, Wrong> {
        let wrong = || self.wrong(place, "a whole number in its bounds");
        T::try_from(self.count(place)?.ok_or_else(wrong)?).map_err(|_| wrong())
    }
    fn instant(&self, place: usize) -> Result<Option<Timestamp>, Wrong> {
        match self.0[place] {
            Value::Instant(instant) => Ok(Some(instant)),
            _ => self.parsed(place, "an instant"),
        }
    }
}

impl Row {
    pub(super) fn of(values: &[Value<'_>; COLUMNS.len()]) -> Result<Self, Wrong> {
        let cells = Cells(values);
        let stream: StreamId = cells.parsed(1, "a stream")?.ok_or_else(|| cells.wrong(1, "a stream"))?;
        let (type_id, schema_version) = (TypeId(cells.number(3)?), SchemaVersion(cells.number(4)?));
        Ok(Self {
            position: Position(cells.number(0)?),
            stream,
            version: StreamVersion(cells.number(2)?),
            type_id,
            schema_version,
            time: cells.instant(5)?.ok_or_else(|| cells.wrong(5, "an instant"))?,
            occurred_at: cells.instant(6)?,
            commit: cells.parsed(7, "a commit")?.ok_or_else(|| cells.wrong(7, "a commit"))?,
            commit_index: cells.number(8)?,
            commit_size: cells.number(9)?,
            actor: cells.parsed(10, ACTOR)?.ok_or_else(|| cells.wrong(10, ACTOR))?,
            causation: cells.parsed(11, "a commit")?,
            correlation: cells.parsed(12, "an id")?,
            project: cells.parsed(13, "a project")?,
            payload: payload(&cells, stream, type_id, schema_version)?.into_boxed_slice(),
            sealed: sealed(&cells)?,
        })
    }
    /// Whether it has all that a record has.
    pub(super) const fn is_whole(&self) -> bool {
        self.sealed.is_some()
    }
    /// The stored record, and what the next one of its stream needs.
    pub(super) fn record(&self, before: Option<Tail>) -> (Vec<u8>, Tail) {
        let (expectation, fingerprint) = self.sealed.unwrap_or_default();
        let mut bytes = Vec::new();
        let parts = Parts {
            position: self.position,
            version: self.version,
            stream: self.stream,
            type_id: self.type_id,
            schema_version: self.schema_version,
            commit_index: self.commit_index,
            commit_size: self.commit_size,
            actor: self.actor,
            expectation,
            project: self.project,
            commit: self.commit,
            causation: self.causation,
            correlation: self.correlation,
            time: self.time,
            occurred_at: self.occurred_at,
            fingerprint,
            previous: before.map(|tail| tail.position),
            chain: before.map_or([0; 16], |tail| tail.chain),
            payload: &self.payload,
        };
        record::encode(&parts, &mut bytes);
        let tail = Tail { version: self.version, position: self.position, chain: record::chain(&bytes) };
        (bytes, tail)
    }
}

const ACTOR: &str = "an actor that this release knows";

/// The stored payload: as it was, or made again of what it says.
fn payload(
    cells: &Cells<'_>,
    stream: StreamId,
    type_id: TypeId,
    version: SchemaVersion,
) -> Result<Vec<u8>, Wrong> {
    let (json, stored) = (DATA, PAYLOAD);
    let bounded = |payload: Vec<u8>, place| {
        let is_bounded = payload.len() <= MAX_COMMIT_BYTES;
        if is_bounded { Ok(payload) } else { Err(cells.wrong(place, "a payload of at most 1 MiB")) }
    };
    if let Some(text) = cells.text(stored) {
        let payload = HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| cells.wrong(stored, "hexadecimal digits in pairs"))?;
        return bounded(payload, stored);
    }
    let text = cells.text(json).ok_or_else(|| cells.wrong(json, "a payload, here or in `payload_hex`"))?;
    match Event::payload_of_json(stream.category, type_id, version, text) {
        Ok(payload) => bounded(payload, json),
        // An earlier layout without fields: CSV has no digits for its payload, and no difference from null.
        Err(_) if is_empty_payload(stream, type_id, version, text) => Ok(Vec::new()),
        Err(error) => Err(Wrong {
            column: COLUMNS[json],
            expected: "the payload of an event that this release knows",
            actual: error.to_string().chars().take(200).collect(),
        }),
    }
}

/// Whether a payload without bytes reads as that JSON.
fn is_empty_payload(stream: StreamId, type_id: TypeId, version: SchemaVersion, json: &str) -> bool {
    let event = Event::decode(stream.category, type_id, version, &[]);
    event.is_ok_and(|event| serde_json::to_string(&event).is_ok_and(|text| text == json))
}

fn sealed(cells: &Cells<'_>) -> Result<Option<(u8, Fingerprint)>, Wrong> {
    let (expectation, fingerprint) = (16, 17);
    if cells.0[expectation] == Value::Null || cells.0[fingerprint] == Value::Null {
        return Ok(None);
    }
    let bytes = cells
        .text(fingerprint)
        .and_then(|text| HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok())
        .and_then(|bytes| bytes.try_into().ok());
    let bytes: [u8; 8] = bytes.ok_or_else(|| cells.wrong(fingerprint, "16 hexadecimal digits"))?;
    Ok(Some((cells.number(expectation)?, Fingerprint(u64::from_be_bytes(bytes)))))
}
