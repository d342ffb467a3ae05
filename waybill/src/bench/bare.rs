//! What this machine gives any server of durable commands: the same requests to one that only answers, and to one that
//! only writes them to a file, with one fdatasync for all that wait.

use std::fs::File;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::serve::ListenerExt;
use bytes::Bytes;
use tokio::sync::oneshot;

/// As long as the answer to a command.
const ANSWER: &str = r#"{"commit":"01KB0000000000000000000000","first":1000000,"last":1000000,"version":1000,"duplicate":false}"#;

/// A body, and who waits for it to be durable.
type Waiting = (Bytes, oneshot::Sender<()>);

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
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // The client has the other core: a second thread here would only take from it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let listener = listener.tap_io(|stream| {
                    // Answers then wait for more to send, which the figures show.
                    let _ = stream.set_nodelay(true);
                });
                let router = Router::new().fallback(answer).with_state(file);
                let until = async {
                    // An end without a word is an end too.
                    let _ = stopped.await;
                };
                // It ends with an error only where the listener does, and then clients say so.
                let _ = axum::serve(listener, router).with_graceful_shutdown(until).await;
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

async fn answer(State(file): State<Option<Sender<Waiting>>>, body: Bytes) -> (StatusCode, &'static str) {
    if let Some(file) = file {
        let (told, durable) = oneshot::channel();
        if file.send((body, told)).is_err() || durable.await.is_err() {
            return (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be written");
        }
    }
    (StatusCode::OK, ANSWER)
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
            assert_eq!(connection.exchange(&request).await.unwrap(), (200, Bytes::from(ANSWER)));
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
