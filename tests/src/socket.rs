//! A WebSocket of `waybill.v1`, frame by frame.

use std::net::SocketAddr;
use std::ops::ControlFlow;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::server::{Server, TOKEN, within};

/// An open socket.
pub struct Socket(WebSocketStream<TcpStream>);

/// What came instead of a frame: the code and reason of the close frame, or 1006 where there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The code.
    pub code: u16,
    /// The reason.
    pub reason: String,
}

impl Socket {
    /// Opens a socket without a word. Headers are added to those of the handshake.
    ///
    /// # Errors
    /// The server refuses the handshake.
    ///
    /// # Panics
    /// There is no server.
    pub async fn open(
        address: SocketAddr,
        headers: &[(&'static str, &str)],
        receive_buffer: Option<u32>,
    ) -> Result<Self, Box<Error>> {
        let socket = TcpSocket::new_v4().expect("the system has sockets");
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).expect("the system takes a smaller buffer");
        }
        let stream = socket.connect(address).await.expect("the server listens");
        let mut request = format!("ws://{address}/v1/ws").into_client_request().expect("an address");
        let protocol = ("sec-websocket-protocol", "waybill.v1");
        for (name, value) in std::iter::once(&protocol).chain(headers) {
            request.headers_mut().insert(*name, value.parse().expect("a header's value"));
        }
        let opened = tokio_tungstenite::client_async(request, stream);
        let (socket, response) = within("the handshake", opened).await.map_err(Box::new)?;
        let agreed = response.headers().get("sec-websocket-protocol").map(http::HeaderValue::as_bytes);
        assert_eq!(agreed, Some(&b"waybill.v1"[..]));
        Ok(Self(socket))
    }

    /// Opens a socket and says hello; gives the welcome.
    ///
    /// # Panics
    /// The server does not welcome.
    pub async fn welcomed(server: &Server) -> (Self, Value) {
        let mut socket = Self::open(server.address, &[], None).await.expect("the handshake is in order");
        socket.send(&json!({ "type": "hello", "token": TOKEN })).await;
        let welcome = socket.next().await;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        (socket, welcome)
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) {
        self.send_message(Message::text(frame.to_string())).await;
    }

    /// Sends any message. Where the server has closed, the next read tells.
    pub async fn send_message(&mut self, message: Message) {
        let _ = within("the server to take a frame", self.0.send(message)).await;
    }

    /// The next frame.
    ///
    /// # Panics
    /// The socket is closed.
    pub async fn next(&mut self) -> Value {
        match self.read().await {
            Ok(frame) => frame,
            Err(closed) => panic!("closed: {closed:?}"),
        }
    }

    /// The next frame, or why there is none.
    ///
    /// # Errors
    /// The socket is closed.
    ///
    /// # Panics
    /// A frame is not JSON.
    pub async fn read(&mut self) -> Result<Value, Closed> {
        loop {
            match within("a frame", self.0.next()).await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("frames are JSON"));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(Closed { code: frame.code.into(), reason: frame.reason.to_string() });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("expected text, got {other:?}"),
                None | Some(Err(_)) => return Err(Closed { code: 1006, reason: String::new() }),
            }
        }
    }

    /// Reads up to the close frame, and gives it.
    pub async fn closed(&mut self) -> Closed {
        loop {
            if let Err(closed) = self.read().await {
                return closed;
            }
        }
    }

    /// Reads until `done` says so.
    pub async fn until(&mut self, mut done: impl FnMut(&Value) -> ControlFlow<()>) {
        while done(&self.next().await).is_continue() {}
    }

    /// Closes in order.
    pub async fn close(mut self) {
        let _ = within("the server to answer the close", self.0.close(None)).await;
    }
}
