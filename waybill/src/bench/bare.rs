//! What this machine gives any server of durable commands: the same requests to one that only answers, and to one that
//! only writes them to a file, with one fdatasync for all that wait.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// As long as the answer to a command.
const ANSWER: &str = r#"{"commit":"01KB0000000000000000000000","stream":"run-01KB0000000000000000000000","version":1000,"position":1000000,"duplicate":false}"#;
const BODY_MAX_BYTES: usize = 1 << 20;

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

    /// One that answers a request once its body is durable in the file.
    pub(super) fn writing(path: &Path) -> io::Result<Self> {
        let (file, (sender, receiver)) = (File::create(path)?, channel());
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

/// As much of HTTP/1.1 as the benches' own client needs: requests with a length, one after the other.
async fn answer(stream: TcpStream, file: Option<Sender<Waiting>>) -> io::Result<()> {
    let mut stream = BufReader::with_capacity(16 << 10, stream);
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    let mut line = String::new();
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().map_err(io::Error::other)?;
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        if length > BODY_MAX_BYTES {
            return Err(io::Error::other(format!(
                "expected a body of at most {BODY_MAX_BYTES} bytes, got {length}"
            )));
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        if let Some(file) = &file {
            let (told, durable) = oneshot::channel();
            file.send((body, told)).map_err(io::Error::other)?;
            durable.await.map_err(io::Error::other)?;
        }
        stream.get_mut().write_all(response.as_bytes()).await?;
    }
}

/// Writes what waits, syncs once, tells all of them; until nobody can send any more.
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
    Ok(())
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
    async fn every_request_is_answered_and_where_asked_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let (alone, file) = (Bare::answering().unwrap(), Bare::writing(&path).unwrap());
        ask(&alone, &["{}", "{}"]).await;
        ask(&file, &["{1}", "{2}"]).await;
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{1}{2}");
        for bare in [alone, file] {
            let address = bare.address;
            tokio::task::spawn_blocking(|| bare.stop()).await.unwrap().unwrap();
            assert!(std::net::TcpStream::connect(address).is_err(), "it goes on");
        }
    }
}
