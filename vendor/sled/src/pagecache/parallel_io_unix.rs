use std::convert::TryFrom;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::LogOffset;

pub(crate) fn pread_exact_or_eof(
    file: &File,
    mut buf: &mut [u8],
    offset: LogOffset,
) -> io::Result<usize> {
    let mut total = 0_usize;
    while !buf.is_empty() {
        match file.read_at(buf, offset + u64::try_from(total).unwrap()) {
            Ok(0) => {
                is_end(file, offset + u64::try_from(total).unwrap())?;
                break;
            }
            Ok(n) => {
                total += n;
                let tmp = buf;
                buf = &mut tmp[n..];
            }
            Err(ref e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(total)
}

pub(crate) fn pread_exact(
    file: &File,
    buf: &mut [u8],
    offset: LogOffset,
) -> io::Result<()> {
    if pread_exact_or_eof(file, buf, offset)? == buf.len() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "failed to fill whole buffer",
    ))
}

/// What the system calls a failed read or write, on every unix.
const EIO: i32 = 5;

/// Patched: a read that gives nothing is the file's end only where the file
/// ends there. Else it is a failed read, and what is behind is not cut off:
/// it goes by the system's own error, as other failed reads do.
fn is_end(file: &File, offset: LogOffset) -> io::Result<()> {
    let len = file.metadata()?.len();
    if offset >= len {
        return Ok(());
    }
    log::error!("a read at {} of {} bytes gave nothing", offset, len);
    Err(io::Error::from_raw_os_error(EIO))
}

pub(crate) fn pwrite_all(
    file: &File,
    buf: &[u8],
    offset: LogOffset,
) -> io::Result<()> {
    file.write_all_at(buf, offset)
}
