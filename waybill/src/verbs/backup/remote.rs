//! A running server as what a backup is made of: files of its signed tree, the next ones asked for ahead.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use journal::Remote;
use proof::tile::BundleId;
use proof::trust::Held;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::client::{Arguments, Client, ClientError};
use crate::failure::{Exit, Failure};
use crate::readers;

/// Bundles of entries that are fetched while an earlier one is hashed.
const AHEAD: u64 = 8;
/// Largest file that is taken: a bundle has 256 entries of at most 65,535 bytes, a record is shorter.
const FILE_MAX_BYTES: usize = 17 << 20;

type Fetching = JoinHandle<Result<Option<Bytes>, Failure>>;

/// Why a fetch failed: what stands between is told an error of the system, and this says more.
#[derive(Clone, Default)]
pub(super) struct Why(Arc<Mutex<Option<Failure>>>);

impl Why {
    /// What was met first.
    pub(super) fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
    fn keep(&self, failure: Failure) -> io::Error {
        let error = io::Error::other(failure.message.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
        error
    }
}

/// The log of a server, its keys read; its files come as they are asked for, from a thread that may wait.
pub(super) async fn remote(client: &Client) -> Result<(Remote, Why), Failure> {
    let (_, keys) = readers::server_keys(client).await?;
    let why = Why::default();
    let files = Files {
        client: client.clone(),
        handle: Handle::current(),
        why: why.clone(),
        ahead: Mutex::default(),
    };
    let fetch = Box::new(move |path: &str| files.fetch(path));
    Ok((Remote { fetch, key: keys.current, rotations: keys.rotations }, why))
}

struct Files {
    client: Client,
    handle: Handle,
    why: Why,
    ahead: Mutex<Ahead>,
}

#[derive(Default)]
struct Ahead {
    /// Events that are signed; 0 before the checkpoint is read.
    size: u64,
    bundles: BTreeMap<u64, Fetching>,
}

impl Files {
    fn fetch(&self, path: &str) -> io::Result<Option<Bytes>> {
        let fetched = match BundleId::parse(path) {
            Ok(id) => self.bundle(id),
            Err(_) => self.handle.block_on(fetch(self.client.clone(), path.to_owned())),
        };
        let file = fetched.map_err(|failure| self.why.keep(failure))?;
        if let Some(note) = file.as_ref().filter(|_| path == "checkpoint") {
            let held = Held::read(note).map_err(|error| self.why.keep(error.into()))?.2;
            self.ahead.lock().unwrap_or_else(PoisonError::into_inner).size = held.size;
        }
        Ok(file)
    }

    /// A bundle, which may be on its way already; those behind it are asked for.
    fn bundle(&self, id: BundleId) -> Result<Option<Bytes>, Failure> {
        let fetching = {
            let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            ahead.bundles.retain(|index, _| *index >= id.index);
            let wanted = BundleId::at(id.index, ahead.size) == Some(id);
            let size = ahead.size;
            for index in id.index..=id.index + AHEAD {
                if let Some(next) = BundleId::at(index, size).filter(|_| wanted) {
                    ahead.bundles.entry(index).or_insert_with(|| self.start(next.path()));
                }
            }
            let started = ahead.bundles.remove(&id.index).filter(|_| wanted);
            started.unwrap_or_else(|| self.start(id.path()))
        };
        self.handle.block_on(fetching)?
    }

    fn start(&self, path: String) -> Fetching {
        self.handle.spawn(fetch(self.client.clone(), path))
    }
}

async fn fetch(client: Client, path: String) -> Result<Option<Bytes>, Failure> {
    let (path, query) = match path.as_str() {
        "cosigned" => ("checkpoint", vec![("witnessed".to_owned(), "1".to_owned())]),
        path => (path, Arguments::new()),
    };
    let parts: Vec<&str> = ["v1", "log"].into_iter().chain(path.split('/')).collect();
    let mut response = match client.get(&parts, &query, "*/*").await {
        Ok(response) => response,
        Err(failure) if failure.message.ends_with("(not_found)") => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let mut file = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(ClientError::from)? {
        file.extend_from_slice(&chunk);
        if file.len() > FILE_MAX_BYTES {
            let message = format!("`{path}` of the server is longer than any file of a log");
            return Err(
                Failure::new(Exit::Failed, message).hint("check that --server names a Waybill server")
            );
        }
    }
    Ok(Some(file.freeze()))
}
