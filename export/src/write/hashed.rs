//! Files that are hashed while they are written.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes that are gathered before they are hashed and written.
const BUFFER_BYTES: usize = 256 << 10;

/// A new file, and the hash of what has gone into it.
pub(crate) struct Hashed {
    out: BufWriter<Inner>,
}

struct Inner {
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    /// Makes the file; there must be none.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let inner = Inner { file: File::create_new(path)?, hasher: Sha256::new(), bytes: 0 };
        Ok(Self { out: BufWriter::with_capacity(BUFFER_BYTES, inner) })
    }
    /// Makes it durable; gives its length, and its SHA-256 in hex.
    pub(crate) fn finish(self) -> io::Result<(u64, String)> {
        let inner = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        inner.file.sync_data()?;
        Ok((inner.bytes, HEXLOWER.encode(&inner.hasher.finalize())))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Inner {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Length and SHA-256 in hex of a file that was written by other means.
pub(crate) fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
    let (mut hasher, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((bytes, HEXLOWER.encode(&hasher.finalize())));
        }
        hasher.update(&buffer[..count]);
        bytes += count as u64;
    }
}
