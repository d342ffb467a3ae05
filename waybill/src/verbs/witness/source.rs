//! Where a witness reads a log: a server, or a folder that may change meanwhile.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::ids::LogId;
use proof::rotation::Rotation;
use proof::tile::{self, BundleId, TileId};
use proof::trust::rotation_in;
use proof::{Hash, Nodes, ProofError, RawRecord};

use crate::cli::Global;
use crate::client::{Arguments, Client, ClientError};
use crate::failure::{Exit, Failure};
use crate::{readers, target};

/// A log to read.
#[derive(Debug)]
pub(super) enum Source {
    Server(Client),
    /// A folder of tiles.
    Folder(PathBuf),
}

impl Source {
    /// From an address or the path of a data folder or of its tiles.
    pub(super) fn of(text: &str, global: &Global) -> Result<Self, Failure> {
        if text.starts_with("http:") || text.starts_with("https:") {
            return Ok(Self::Server(Client::new(text, &target::token(global)?)?));
        }
        let folders = [Path::new(text).join("tiles"), PathBuf::from(text)];
        folders.into_iter().find(|folder| folder.join("checkpoint").is_file()).map(Self::Folder).ok_or_else(|| {
            Failure::usage(format!("there is no signed log in `{text}`"))
                .hint("give a server's address, a data folder, or a folder that has `checkpoint` and `tile` in it")
        })
    }

    /// A file as C2SP tlog-tiles names it; `None` where there is none.
    pub(super) async fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Server(client) => {
                let parts: Vec<&str> = ["v1", "log"].into_iter().chain(path.split('/')).collect();
                let response = client.get(&parts, &Arguments::new(), "*/*").await;
                match response {
                    Ok(response) => Ok(Some(response.bytes().await.map_err(ClientError::from)?.to_vec())),
                    Err(failure) if failure.message.ends_with("(not_found)") => Ok(None),
                    Err(failure) => Err(failure),
                }
            }
            Self::Folder(folder) => match tokio::fs::read(folder.join(path)).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Failure::from(error).of(Exit::Unreachable)),
            },
        }
    }

    /// Hands a cosigned checkpoint to the server.
    pub(super) async fn offer(&self, note: &str) -> Result<(), Failure> {
        let Self::Server(client) = self else { return Ok(()) };
        let answer = client.post(&["v1", "log", "cosignatures"], note.to_owned(), "text/plain").await;
        answer.map(drop).map_err(|failure| failure.while_doing("the cosignature was not taken"))
    }

    /// The hashes of a tile; `None` where it is not there, or as another.
    pub(super) async fn tile(&self, id: TileId) -> Result<Option<Vec<Hash>>, Failure> {
        for file in [id, id.full()] {
            let Some(bytes) = self.fetch(&file.path()).await? else { continue };
            let hashes = tile::decode_tile(&bytes, file.width).ok();
            return Ok(hashes.map(|hashes| hashes[..usize::from(id.width)].to_vec()));
        }
        Ok(None)
    }

    /// The log's changes of key, as far as they can be had and until they are `enough`; each is signed by the key
    /// before, so that it does not matter who shows it. A folder of tiles tells them in its entries, from the last of
    /// `size` on backwards.
    pub(super) async fn rotations(
        &self,
        log: LogId,
        size: u64,
        enough: impl Fn(&[Rotation]) -> bool,
    ) -> Result<Vec<Rotation>, Failure> {
        if let Self::Server(client) = self {
            let (id, keys) = readers::server_keys(client).await?;
            return Ok(if id == log { keys.rotations } else { Vec::new() });
        }
        let mut found = Vec::new();
        for index in (0..size.div_ceil(tile::WIDTH)).rev() {
            let id = BundleId::at(index, size).expect("it is below the size");
            let before = found.len();
            found.extend(self.entries(id).await?.into_iter().filter_map(|entry| {
                // An entry that stands for a long record holds none: a statement is short.
                rotation_in(&RawRecord::parse(entry).ok()?, log)?.ok()
            }));
            if found.len() > before && enough(&found) {
                break;
            }
        }
        Ok(found)
    }

    /// The entries of a bundle, or of a wider one in its place; none where there is neither.
    async fn entries(&self, id: BundleId) -> Result<Vec<Bytes>, Failure> {
        for file in [id, id.full()].into_iter().chain(self.widest(id)) {
            let Some(bytes) = self.fetch(&file.path()).await? else { continue };
            return Ok(tile::decode_bundle(&bytes.into(), file.width).unwrap_or_default());
        }
        Ok(Vec::new())
    }

    /// The widest part of a bundle in a folder: where an old checkpoint was put back, its own is gone.
    fn widest(&self, id: BundleId) -> Option<BundleId> {
        let Self::Folder(folder) = self else { return None };
        let parts = folder.join(id.path()).parent()?.read_dir().ok()?;
        let width = |name: &std::ffi::OsStr| name.to_str()?.parse::<u16>().ok();
        let widths = parts.filter_map(|part| width(&part.ok()?.file_name()));
        let width = widths.filter(|width| (id.width..256).contains(width)).max()?;
        (id.width < 256).then_some(BundleId { width, ..id })
    }
}

/// The nodes of a tree as far as they were fetched.
pub(super) struct Tiles {
    size: u64,
    held: BTreeMap<TileId, Vec<Hash>>,
}

/// Why a node cannot be told.
#[derive(Debug)]
pub(super) enum Wanting {
    /// This tile has to be fetched first.
    Tile(TileId),
    /// There is no such proof.
    Proof(ProofError),
}

impl From<ProofError> for Wanting {
    fn from(error: ProofError) -> Self {
        Self::Proof(error)
    }
}

impl Tiles {
    pub(super) fn new(size: u64) -> Self {
        Self { size, held: BTreeMap::new() }
    }
    pub(super) fn insert(&mut self, id: TileId, hashes: Vec<Hash>) {
        self.held.insert(id, hashes);
    }
}

impl Nodes for Tiles {
    type Error = Wanting;
    fn node(&self, level: u8, index: u64) -> Result<Hash, Wanting> {
        let beyond = ProofError::Beyond { index, size: self.size };
        let (id, range) = TileId::of_node(level, index, self.size).ok_or(beyond)?;
        let hashes = self.held.get(&id).ok_or(Wanting::Tile(id))?;
        Ok(tile::perfect_root(&hashes[range]))
    }
}
