//! A running server as what an export is made of: where its log stands, and its records as they come.

use std::io;

use bytes::BytesMut;
use domain::ids::{LogId, Position};
use export::{ExportError, Log};
use futures_util::StreamExt;
use journal::{RawRecord, RecordError, record};
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::client::{Arguments, Client};
use crate::failure::Failure;
use crate::readers;

/// Chunks that may wait between the network and the export.
const WAITING: usize = 16;

/// Where a server's log stands.
pub(super) struct Standing {
    pub(super) log: Log,
    pub(super) head: Option<Position>,
    pub(super) checkpoint: Option<String>,
    /// The public key that signs its checkpoints, as far as it is known.
    pub(super) key: Option<String>,
}

pub(super) async fn standing(client: &Client) -> Result<Standing, Failure> {
    #[derive(Deserialize)]
    struct Shown {
        log: LogId,
        epoch: u64,
        head: Option<Position>,
    }
    // A log of a second has signed none yet. It is asked for first: it must not cover more than is exported.
    let checkpoint = match client.get(&["v1", "log", "checkpoint"], &Arguments::new(), "text/plain").await {
        Ok(response) => response.text().await.ok(),
        Err(_) => None,
    };
    let text = client.json(&["v1", "log"], &Arguments::new()).await?;
    let Shown { log, epoch, head } = serde_json::from_str(&text)?;
    let key = readers::server_keys(client).await.ok().and_then(|(_, keys)| keys.current);
    Ok(Standing { log: Log { id: log, epoch }, head, checkpoint, key: key.map(|key| key.to_string()) })
}

/// The server's records after a position, for a thread that may wait for them.
pub(super) async fn records(client: &Client, after: Option<Position>) -> Result<Arriving, Failure> {
    let arguments = after.map(|after| ("after".to_owned(), after.to_string())).into_iter().collect();
    let response = client.get(&["v1", "events"], &arguments, "application/vnd.waybill.records").await?;
    let (sender, chunks) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            if sender.send(chunk.map_err(io::Error::other)).await.is_err() {
                return;
            }
        }
    });
    Ok(Arriving { chunks, held: BytesMut::new() })
}

/// Records as they arrive.
pub(super) struct Arriving {
    chunks: mpsc::Receiver<io::Result<bytes::Bytes>>,
    held: BytesMut,
}

impl Arriving {
    /// The first record of what is held, if it is there to its end.
    fn whole(&mut self) -> Option<io::Result<RawRecord>> {
        if self.held.len() < record::OVERHEAD {
            return None;
        }
        let length = match record::length(&self.held) {
            Ok(length) if length > self.held.len() => return None,
            Ok(length) => length,
            // The rest is on its way.
            Err(RecordError::Short { .. }) => return None,
            Err(error) => return Some(Err(io::Error::other(error))),
        };
        let bytes = self.held.split_to(length).freeze();
        Some(RawRecord::parse(bytes).map_err(io::Error::other))
    }
}

impl Iterator for Arriving {
    type Item = Result<RawRecord, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.whole() {
                return Some(record.map_err(ExportError::Source));
            }
            match self.chunks.blocking_recv() {
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                Some(Err(error)) => return Some(Err(ExportError::Source(error))),
                None if self.held.is_empty() => return None,
                None => {
                    self.held.clear();
                    let ended = io::Error::new(io::ErrorKind::UnexpectedEof, "the last record is not whole");
                    return Some(Err(ExportError::Source(ended)));
                }
            }
        }
    }
}
