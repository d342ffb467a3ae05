//! Batches as bytes of a file format.

mod csv;
mod hashed;
mod ndjson;
pub(crate) mod sqlite;

use std::io::{self, Write};
use std::str::FromStr;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use serde::Serialize;

pub(crate) use hashed::{Hashed, digest};

/// What zstd is asked for: higher levels take much time for few bytes.
const ZSTD_LEVEL: i32 = 1;

/// Columns whose values hardly repeat: looking for repetition takes time and finds none.
const DISTINCT: [&str; 7] = ["position", "commit", "fingerprint", "data", "content", "thinking", "feedback"];
/// Columns by whose smallest and largest value nobody finds anything.
const UNORDERED: [&str; 6] = ["commit", "fingerprint", "data", "content", "thinking", "feedback"];

fn properties() -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("the level is one of zstd's");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
    let properties = properties.set_created_by("waybill".to_owned());
    let plain = |properties: WriterPropertiesBuilder, name: &str| {
        properties.set_column_dictionary_enabled(ColumnPath::from(name), false)
    };
    let unordered = |properties: WriterPropertiesBuilder, name: &str| {
        properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None)
    };
    UNORDERED.into_iter().fold(DISTINCT.into_iter().fold(properties, plain), unordered).build()
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Apache Parquet, compressed with zstd.
    Parquet,
    /// Arrow's format for exchange: IPC files, and IPC streams over HTTP.
    Arrow,
    /// Comma-separated values, RFC 4180, with a header.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// One SQLite database with a table for each.
    Sqlite,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[Self::Parquet, Self::Arrow, Self::Csv, Self::Ndjson, Self::Sqlite];
    /// Its name, and the ending of its files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Sqlite => "sqlite",
        }
    }
    /// The media type of a stream of it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Sqlite => "application/vnd.sqlite3",
        }
    }
    /// Whether it can be written front to back, as over HTTP.
    #[must_use]
    pub const fn streams(self) -> bool {
        !matches!(self, Self::Sqlite)
    }
    /// The names of all, for people.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A name that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a format, one of {}, got `{actual}`", Format::names())]
pub struct UnknownFormat {
    /// What came, cut to 80 characters.
    pub actual: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.iter().copied().find(|format| format.as_str() == text);
        known.ok_or_else(|| UnknownFormat { actual: text.chars().take(80).collect() })
    }
}

/// Whether the bytes go into a file, or to somebody who reads them as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    File,
    Stream,
}

/// One table on its way into bytes. Everything is written front to back.
pub(crate) enum TableWriter<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    ArrowFile(Box<FileWriter<W>>),
    ArrowStream(Box<StreamWriter<W>>),
    Csv(Box<csv::CsvWriter<W>>),
    Ndjson(W),
}

impl<W: Write + Send> TableWriter<W> {
    pub(crate) fn new(format: Format, way: Way, schema: &SchemaRef, out: W) -> io::Result<Self> {
        Ok(match (format, way) {
            (Format::Parquet, _) => {
                let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties()));
                Self::Parquet(Box::new(writer.map_err(io::Error::other)?))
            }
            (Format::Arrow, Way::File) => {
                Self::ArrowFile(Box::new(FileWriter::try_new(out, schema).map_err(io::Error::other)?))
            }
            (Format::Arrow, Way::Stream) => {
                Self::ArrowStream(Box::new(StreamWriter::try_new(out, schema).map_err(io::Error::other)?))
            }
            (Format::Csv, _) => Self::Csv(Box::new(csv::CsvWriter::new(schema, out)?)),
            (Format::Ndjson, _) => Self::Ndjson(out),
            (Format::Sqlite, _) => {
                return Err(io::Error::new(
                    io::ErrorKind::Unsupported,
                    "a database is not written front to back",
                ));
            }
        })
    }
    /// Writes a batch; of Parquet it becomes a row group of its own, so that none is held.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Parquet(writer) => {
                writer.write(batch).and_then(|()| writer.flush()).map_err(io::Error::other)
            }
            Self::ArrowFile(writer) => writer.write(batch).map_err(io::Error::other),
            Self::ArrowStream(writer) => writer.write(batch).map_err(io::Error::other),
            Self::Csv(writer) => writer.write(batch),
            Self::Ndjson(out) => ndjson::write(batch, out),
        }
    }
    /// Writes what stands at the end, and gives back where it went.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Parquet(writer) => writer.into_inner().map_err(io::Error::other),
            Self::ArrowFile(writer) => writer.into_inner().map_err(io::Error::other),
            Self::ArrowStream(writer) => writer.into_inner().map_err(io::Error::other),
            Self::Csv(writer) => writer.finish(),
            Self::Ndjson(mut out) => out.flush().map(|()| out),
        }
    }
}
