//! A connection that the server ends first: what the client still sends is read for a while, so that it reads why.
//!
//! A socket that is closed with unread bytes in it is reset, and a reset takes what was said last with it (RFC 9293,
//! 3.6.1): the close frame of a WebSocket, or the answer to a body that was too large.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

/// So long what a client still sends is read.
const LINGER: Duration = Duration::from_secs(2);
/// So many bytes of it.
const LINGER_MAX_BYTES: usize = 4 << 20;
/// So many connections do that at once: whoever has thousands cut off is not waited for with all of them.
const LINGERING_MAX: usize = 512;

static LINGERING: AtomicUsize = AtomicUsize::new(0);

/// A connection, and its place among those that there may be.
pub(crate) struct Lingering {
    /// There until it is dropped.
    open: Option<(TcpStream, OwnedSemaphorePermit)>,
    /// Whether the client has closed, or the connection broke: then there is nothing to wait for.
    over: bool,
}

impl Lingering {
    pub(crate) const fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        Self { open: Some((stream, place)), over: false }
    }
    fn stream(&mut self) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.open.as_mut().expect("it is there until it is dropped").0)
    }
    fn seen<T>(&mut self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.over |= matches!(result, Poll::Ready(Err(_)));
        result
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some((stream, place)) = self.open.take().filter(|_| !self.over) else { return };
        // Outside of a runtime there is nothing that could wait.
        let Ok(runtime) = Handle::try_current() else { return };
        if LINGERING.fetch_add(1, Ordering::Relaxed) >= LINGERING_MAX {
            LINGERING.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        runtime.spawn(async move {
            // Whether it read to the end or not: it closes now.
            let _ = timeout(LINGER, drain(stream)).await;
            LINGERING.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
}

/// Says that nothing follows, and reads until the client says so too, or has sent too much.
async fn drain(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut read = 0;
    while read < LINGER_MAX_BYTES {
        stream.readable().await?;
        // Not kept while it waits: there may be many of them.
        let mut bytes = [0; 4096];
        match stream.try_read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(some) => read += some,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (bytes.filled().len(), bytes.remaining());
        let read = self.stream().poll_read(context, bytes);
        self.over |= matches!(read, Poll::Ready(Ok(()))) && room > 0 && bytes.filled().len() == before;
        self.seen(read)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write(context, bytes);
        self.seen(written)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.stream().poll_flush(context);
        self.seen(flushed)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = self.stream().poll_shutdown(context);
        self.seen(shut)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream().poll_write_vectored(context, pieces);
        self.seen(written)
    }
    fn is_write_vectored(&self) -> bool {
        self.open.as_ref().is_some_and(|(stream, _)| stream.is_write_vectored())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;

    use super::*;

    /// A client, the server's side of it, and the places that there are.
    async fn pair() -> (TcpStream, Lingering, Arc<Semaphore>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let places = Arc::new(Semaphore::new(1));
        let place = places.clone().try_acquire_owned().unwrap();
        (client.unwrap(), Lingering::new(accepted.unwrap().0, place), places)
    }

    #[tokio::test]
    async fn the_last_word_arrives_though_the_client_has_sent_what_nobody_reads() {
        let (mut client, mut server, places) = pair().await;
        client.write_all(&vec![b'x'; 32 << 10]).await.unwrap();
        server.write_all(b"goodbye").await.unwrap();
        drop(server);
        client.write_all(&vec![b'x'; 1 << 20]).await.unwrap();
        let mut read = String::new();
        client.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "goodbye");
        assert_eq!(places.available_permits(), 0, "it holds its place as long as it reads");
        drop(client);
        let _ = places.acquire().await.unwrap();
    }

    #[tokio::test]
    async fn whoever_sends_without_end_is_cut_off() {
        let (mut client, server, places) = pair().await;
        drop(server);
        let mut sent = 0;
        while client.write_all(&[0; 64 << 10]).await.is_ok() {
            sent += 64 << 10;
            assert!(sent < 64 << 20, "it reads without end");
        }
        let _ = places.acquire().await.unwrap();
    }

    #[tokio::test]
    async fn whoever_has_closed_is_not_waited_for() {
        let (client, mut server, places) = pair().await;
        drop(client);
        assert_eq!(server.read(&mut [0; 8]).await.unwrap(), 0);
        drop(server);
        assert_eq!(places.available_permits(), 1);
    }
}
