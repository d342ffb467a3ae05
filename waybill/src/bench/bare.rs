//! What this machine gives any server of durable commands: the same requests to one that only answers, and to one that
//! only writes them to a file, with one fdatasync for all that wait.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// As long as the answer to a command.
const ANSWER: &str = r#"{"commit":"01KB0000000000000000000000","stream":"run-01KB0000000000000000000000","version":1000,"position":1000000,"duplicate":false}"#;
const BODY_MAX_BYTES: usize = 1 << 20;
/// What is written of a file before it is used; beyond, it grows.
const BEFORE_MIB: usize = 64;

/// A body, and who waits for it to be durable.
type Waiting = (Vec<u8>, oneshot::Sender<()>);

/// A server that ends with this value.
pub(super) struct Bare {
    pub(super) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    writing: Option<JoinHandle<io::Result<()>>>,
}

impl Bare {
    /// One that answers and does nothing else.
    pub(super) fn answering() -> io::Result<Self> {
        Self::start(None, None)
    }

    /// One that answers a request once its body is durable in the file, whose space was written before: a file that
    /// grows takes longer, and no log has to.
    pub(super) fn writing(path: &Path) -> io::Result<Self> {
        let (file, (sender, receiver)) = (written_before(path)?, channel());
        let writing = Builder::new().name("bare-file".to_owned()).spawn(move || write(file, &receiver))?;
        Self::start(Some(sender), Some(writing))
    }

    fn start(file: Option<Sender<Waiting>>, writing: Option<JoinHandle<io::Result<()>>>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // The client has the other core: a second thread here would only take from it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    // A listener that fails shows in the clients, which are all there are.
                    _ = accept(listener, file) => {}
                    _ = stopped => {}
                }
            });
        };
        let serving = Some(Builder::new().name("bare-http".to_owned()).spawn(serve)?);
        Ok(Self { address, stop: Some(stop), serving, writing })
    }

    /// Ends it; says where writing failed.
    pub(super) fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        let panicked = |_| io::Error::other("a bare server panicked");
        self.serving.take().map_or(Ok(()), |thread| thread.join().map_err(panicked))?;
        self.writing.take().map_or(Ok(()), |thread| thread.join().map_err(panicked)?)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // Whoever wants to know asks `stop`.
        let _ = self.end();
    }
}

async fn accept(listener: std::net::TcpListener, file: Option<Sender<Waiting>>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A connection that fails shows in its client.
        tokio::spawn(answer(stream, file.clone()));
    }
}

/// As much of HTTP/1.1 as the benches' own client needs: requests with a length, one after the other, and at last one
/// of NDJSON in chunks.
async fn answer(stream: TcpStream, file: Option<Sender<Waiting>>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::with_capacity(64 << 10, read);
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    let mut line = String::new();
    loop {
        let length = match head(&mut read, &mut line).await? {
            None => return Ok(()),
            Some(Sent::Chunks) => return answer_lines(read, write, file).await,
            Some(Sent::Bytes(length)) => bounded(length)?,
        };
        let mut body = vec![0; length];
        read.read_exact(&mut body).await?;
        if let Some(file) = &file {
            durable(file, body)?.await.map_err(io::Error::other)?;
        }
        write.write_all(response.as_bytes()).await?;
    }
}

/// How a request's body comes.
enum Sent {
    Bytes(usize),
    Chunks,
}

/// Reads a request's head; none where the client is gone.
async fn head(read: &mut BufReader<OwnedReadHalf>, line: &mut String) -> io::Result<Option<Sent>> {
    let mut sent = Sent::Bytes(0);
    loop {
        line.clear();
        if read.read_line(line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                sent = Sent::Bytes(value.trim().parse().map_err(io::Error::other)?);
            }
            Some((name, _)) if name.eq_ignore_ascii_case("transfer-encoding") => sent = Sent::Chunks,
            None if line.trim_end().is_empty() => return Ok(Some(sent)),
            _ => {}
        }
    }
}

fn bounded(length: usize) -> io::Result<usize> {
    let too_long =
        || io::Error::other(format!("expected a body of at most {BODY_MAX_BYTES} bytes, got {length}"));
    (length <= BODY_MAX_BYTES).then_some(length).ok_or_else(too_long)
}

fn durable(file: &Sender<Waiting>, body: Vec<u8>) -> io::Result<oneshot::Receiver<()>> {
    let (told, durable) = oneshot::channel();
    file.send((body, told)).map_err(io::Error::other)?;
    Ok(durable)
}

/// Takes chunks of whole lines, and answers each with as many; further ones are taken meanwhile.
async fn answer_lines(
    mut read: BufReader<OwnedReadHalf>,
    mut write: OwnedWriteHalf,
    file: Option<Sender<Waiting>>,
) -> io::Result<()> {
    write.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
    let (taken, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let take = async move {
        let mut line = String::new();
        loop {
            line.clear();
            read.read_line(&mut line).await?;
            let length = bounded(usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?)?;
            let mut chunk = vec![0; length + b"\r\n".len()];
            read.read_exact(&mut chunk).await?;
            if length == 0 {
                return Ok(());
            }
            let lines = chunk[..length].iter().filter(|byte| **byte == b'\n').count();
            let durable = file.as_ref().map(|file| durable(file, chunk)).transpose()?;
            taken.send((lines, durable)).map_err(io::Error::other)?;
        }
    };
    let give = async {
        let mut out = String::new();
        while let Some((lines, durable)) = waiting.recv().await {
            if let Some(durable) = durable {
                durable.await.map_err(io::Error::other)?;
            }
            let length = lines * (ANSWER.len() + 1);
            out.clear();
            let _ = write!(out, "{length:x}\r\n");
            (0..lines).for_each(|_| {
                out.push_str(ANSWER);
                out.push('\n');
            });
            out.push_str("\r\n");
            write.write_all(out.as_bytes()).await?;
        }
        write.write_all(b"0\r\n\r\n").await
    };
    tokio::try_join!(take, give).map(|_| ())
}

/// An empty place for bodies: a file of zeros, at its start.
fn written_before(path: &Path) -> io::Result<File> {
    let (mut file, zeros) = (File::create(path)?, vec![0; 1 << 20]);
    for _ in 0..BEFORE_MIB {
        file.write_all(&zeros)?;
    }
    file.sync_all()?;
    file.rewind()?;
    Ok(file)
}

/// Writes what waits, syncs once, tells all of them; until nobody can send any more. Then what is left of the zeros
/// is cut off.
fn write(mut file: File, waiting: &Receiver<Waiting>) -> io::Result<()> {
    let (mut group, mut bytes) = (Vec::new(), Vec::new());
    while let Ok(first) = waiting.recv() {
        group.push(first);
        group.extend(waiting.try_iter());
        bytes.clear();
        group.iter().for_each(|(body, _)| bytes.extend_from_slice(body));
        file.write_all(&bytes)?;
        file.sync_data()?;
        for (_, told) in group.drain(..) {
            // Whoever has gone meanwhile need not be told.
            let _ = told.send(());
        }
    }
    let end = file.stream_position()?;
    file.set_len(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::http::Endpoint;

    async fn ask(bare: &Bare, bodies: &[&str]) {
        let endpoint = Endpoint { address: bare.address, token: "none".to_owned() };
        let mut connection = endpoint.connect().await.unwrap();
        for body in bodies {
            let request = endpoint.request("POST", "/v1/x", "application/json", body);
            let (status, answer) = connection.exchange(&request).await.unwrap();
            assert_eq!((status, &*answer), (200, ANSWER.as_bytes()));
        }
    }

    #[tokio::test]
    async fn lines_are_answered_one_by_one_and_are_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let file = Bare::writing(&path).unwrap();
        let endpoint = Endpoint { address: file.address, token: "none".to_owned() };
        let mut connection = endpoint.connect().await.unwrap();
        let head = endpoint.head("POST", "/v1/commands");
        let request = format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n8\r\n{{1}}\n{{2}}\n\r\n4\r\n{{3}}\n\r\n0\r\n\r\n"
        );
        let (status, answers) = connection.exchange(request.as_bytes()).await.unwrap();
        assert_eq!((status, answers), (200, format!("{ANSWER}\n").repeat(3).into()));
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("{1}\n{2}\n\r\n{3}\n\r\n\0"));
        // Ends once nobody can send any more.
        drop(connection);
        tokio::task::spawn_blocking(|| file.stop()).await.unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{1}\n{2}\n\r\n{3}\n\r\n", "and nothing else");
    }

    #[tokio::test]
    async fn every_request_is_answered_and_where_asked_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let (alone, file) = (Bare::answering().unwrap(), Bare::writing(&path).unwrap());
        ask(&alone, &["{}", "{}"]).await;
        ask(&file, &["{1}", "{2}"]).await;
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("{1}{2}\0"));
        for bare in [alone, file] {
            let address = bare.address;
            tokio::task::spawn_blocking(|| bare.stop()).await.unwrap().unwrap();
            assert!(std::net::TcpStream::connect(address).is_err(), "it goes on");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{1}{2}", "and nothing else");
    }
}
