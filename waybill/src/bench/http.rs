//! A light HTTP/1.1 client: it shares the machine with the server that is measured, so it does no more than it must.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Bytes read at once.
const READ_BYTES: usize = 64 << 10;
/// Longest head of an answer, and longest line of chunked coding.
const HEAD_MAX_BYTES: usize = 16 << 10;

/// Where a server is, and the token for it.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) address: SocketAddr,
    pub(super) token: String,
}

impl Endpoint {
    /// A request's first lines; the caller adds its own headers and the empty line.
    pub(super) fn head(&self, method: &str, path: &str) -> String {
        let Self { address, token } = self;
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n")
    }
    /// A request with a whole body.
    pub(super) fn request(&self, method: &str, path: &str, kind: &str, body: &str) -> Vec<u8> {
        let head = self.head(method, path);
        format!("{head}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }
    /// A request for a resource in the form `accept`.
    pub(super) fn get(&self, path: &str, accept: &str) -> Vec<u8> {
        format!("{}Accept: {accept}\r\n\r\n", self.head("GET", path)).into_bytes()
    }
    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        Ok(Connection { write, read: Reader::new(read) })
    }
}

/// A connection that is kept.
pub(super) struct Connection {
    pub(super) write: OwnedWriteHalf,
    pub(super) read: Reader<OwnedReadHalf>,
}

impl Connection {
    /// Sends a request and reads its whole answer: status and body.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> io::Result<(u16, Bytes)> {
        self.write.write_all(request).await?;
        let status = self.read.head().await?;
        let mut whole = BytesMut::new();
        while let Some(part) = self.read.part().await? {
            // Most answers are one part, which need not be copied.
            if whole.is_empty() && self.read.is_at_end() {
                return Ok((status, part));
            }
            whole.extend_from_slice(&part);
        }
        Ok((status, whole.freeze()))
    }
}

/// What is left of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Bytes(u64),
    /// Bytes of the chunk under way, its closing line's end included; 0 between chunks.
    Chunked(u64),
}

/// Answers, read from a stream of bytes.
pub(super) struct Reader<R> {
    io: R,
    held: BytesMut,
    left: Left,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(super) fn new(io: R) -> Self {
        Self { io, held: BytesMut::with_capacity(READ_BYTES), left: Left::Bytes(0) }
    }

    /// Whether the whole body has been handed out.
    pub(super) fn is_at_end(&self) -> bool {
        self.left == Left::Bytes(0)
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.held.reserve(READ_BYTES);
        match self.io.read_buf(&mut self.held).await? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")),
            _ => Ok(()),
        }
    }

    /// Bytes up to the first `mark`, which is taken away with them.
    async fn until(&mut self, mark: &[u8]) -> io::Result<Bytes> {
        let mut searched = 0;
        loop {
            let found = self.held[searched..].windows(mark.len()).position(|window| window == mark);
            if let Some(at) = found {
                let text = self.held.split_to(searched + at).freeze();
                self.held.advance(mark.len());
                return Ok(text);
            }
            if self.held.len() > HEAD_MAX_BYTES {
                return Err(malformed("a line of the answer has no end"));
            }
            searched = self.held.len().saturating_sub(mark.len() - 1);
            self.fill().await?;
        }
    }

    /// Reads the head of the next answer; its status.
    pub(super) async fn head(&mut self) -> io::Result<u16> {
        let head = self.until(b"\r\n\r\n").await?;
        let text = std::str::from_utf8(&head).map_err(|_| malformed("the head is no text"))?;
        let (status, left) = parse_head(text).ok_or_else(|| malformed("the head does not fit"))?;
        self.left = left;
        Ok(status)
    }

    /// The next bytes of the body, as many as are there; none at its end.
    pub(super) async fn part(&mut self) -> io::Result<Option<Bytes>> {
        if self.left == Left::Chunked(0) {
            self.chunk().await?;
        }
        let (Left::Bytes(left) | Left::Chunked(left)) = self.left;
        // A chunk's closing line's end is no part of the body.
        let content = if matches!(self.left, Left::Bytes(_)) { left } else { left.saturating_sub(2) };
        if content == 0 {
            return Ok(None);
        }
        if self.held.is_empty() {
            self.fill().await?;
        }
        let taken = self.held.len().min(usize::try_from(content).unwrap_or(usize::MAX));
        let part = self.held.split_to(taken).freeze();
        let left = left - u64::try_from(taken).unwrap_or(left);
        self.left = if matches!(self.left, Left::Bytes(_)) { Left::Bytes(left) } else { Left::Chunked(left) };
        if self.left == Left::Chunked(2) {
            self.until(b"\r\n").await?;
            self.left = Left::Chunked(0);
        }
        Ok(Some(part))
    }

    /// Begins the next chunk, or ends the body.
    async fn chunk(&mut self) -> io::Result<()> {
        let line = self.until(b"\r\n").await?;
        let size = std::str::from_utf8(&line).ok().and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
        match size.ok_or_else(|| malformed("the chunk has no length"))? {
            0 => {
                self.until(b"\r\n").await?;
                self.left = Left::Bytes(0);
            }
            size => self.left = Left::Chunked(size + 2),
        }
        Ok(())
    }
}

/// Status, and how the body's end is known.
fn parse_head(head: &str) -> Option<(u16, Left)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut left = Left::Bytes(0);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            left = Left::Bytes(value.trim().parse().ok()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            left = Left::Chunked(0);
        }
    }
    Some((status, left))
}

fn malformed(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
    const CHUNKED: &str =
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";

    /// Reads answers that come in pieces of `size` bytes.
    async fn answers(text: &str, size: usize) -> io::Result<Vec<(u16, String)>> {
        let (mut server, client) = tokio::io::duplex(size);
        let sent = text.as_bytes().to_vec();
        tokio::spawn(async move { server.write_all(&sent).await });
        let mut reader = Reader::new(client);
        let mut answers = Vec::new();
        loop {
            let status = match reader.head().await {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(answers),
                status => status?,
            };
            let mut body = Vec::new();
            while let Some(part) = reader.part().await? {
                body.extend_from_slice(&part);
            }
            assert!(reader.is_at_end() || text.contains("chunked"));
            answers.push((status, String::from_utf8(body).unwrap()));
        }
    }

    #[tokio::test]
    async fn answers_follow_each_other_however_the_bytes_come() {
        let text = [PLAIN, CHUNKED, "HTTP/1.1 204 No Content\r\n\r\n", PLAIN].concat();
        let expected = [(200, "hello"), (201, "abc0123456789"), (204, ""), (200, "hello")];
        for size in [1, 2, 3, 7, 64, 4096] {
            let read = answers(&text, size).await.unwrap();
            assert_eq!(read, expected.map(|(status, body)| (status, body.to_owned())), "in pieces of {size}");
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        for wrong in ["nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"] {
            let error = answers(wrong, 64).await.expect_err(wrong);
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{wrong}");
        }
        let endless = "x".repeat(HEAD_MAX_BYTES * 2);
        assert_eq!(answers(&endless, 4096).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn requests_carry_token_and_length() {
        let endpoint = Endpoint { address: "127.0.0.1:8377".parse().unwrap(), token: "wb_t".into() };
        let request = String::from_utf8(endpoint.request("POST", "/v1/x", "application/json", "{}")).unwrap();
        assert!(
            request
                .starts_with("POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:8377\r\nAuthorization: Bearer wb_t\r\n")
        );
        assert!(request.ends_with("Content-Length: 2\r\n\r\n{}"), "{request}");
    }
}
