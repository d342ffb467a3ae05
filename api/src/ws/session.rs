//! One socket: reads frames, wakes with the log, and sends what each subscription has not seen.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use domain::ids::Position;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, sleep_until, timeout};

use super::frames::{ClientFrame, Limits, ServerFrame};
use super::pace::{Pace, SUBSCRIPTION};
use super::subscription::{Output, Subscription};
use crate::accesses::Peer;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::serve::DRAIN;
use crate::state::{App, stopped};

/// Largest frame of a client.
pub(super) const FRAME_MAX_BYTES: usize = 64 << 10;
const SUBSCRIPTIONS_MAX: usize = 256;
const ID_MAX_BYTES: usize = 64;
/// Frames that do not fit the protocol before the socket is closed.
const FAULTS_MAX: u32 = 16;
/// Changes are collected for at least this long, and at most for the other, according to what sending costs.
const TICK_MIN: Duration = Duration::from_millis(2);
const TICK_MAX: Duration = Duration::from_millis(50);
/// And for this long while nothing shows that the client reads: a thousand that do not would each be written to for
/// every event until the system's buffers are full.
const TICK_UNREAD: Duration = Duration::from_millis(250);
/// A subscription without news is told its position this often while the log moves.
pub(super) const PROGRESS: Duration = Duration::from_secs(1);
const RETRY_MS: u64 = 1_000;

/// Why a socket ends, as the close frame says it.
struct Close {
    code: u16,
    reason: &'static str,
}

const GOING: Close = Close { code: 1001, reason: "the server is stopping" };
const PROTOCOL: Close = Close { code: 4400, reason: "too many frames do not fit the protocol" };
const UNAUTHORIZED: Close = Close { code: 4401, reason: "the token is not this server's" };
const NO_HELLO: Close = Close { code: 4408, reason: "no hello came in time" };
const STALLED: Close = Close { code: 4410, reason: "no bytes were taken for too long" };
const UNREADABLE: Close = Close { code: 4400, reason: "a frame is too large, or not one of a WebSocket" };
/// The other side is gone: there is nobody to tell.
const GONE: Close = Close { code: 1006, reason: "" };

struct Session {
    app: App,
    /// Who it is, once that is known.
    caller: Option<Caller>,
    /// Where it comes from, as far as it is known.
    peer: Option<Peer>,
    sink: SplitSink<WebSocket, Message>,
    subscriptions: BTreeMap<String, Subscription>,
    faults: u32,
    pace: Pace,
    /// Whether it has answered the ping that follows the welcome, as every WebSocket must that reads (RFC 6455, 5.5.2).
    reads: bool,
}

/// Serves one socket until it ends.
pub(super) async fn run(socket: WebSocket, app: App, caller: Option<Caller>, peer: Option<Peer>) {
    app.metrics.sockets.inc();
    let (sink, mut stream) = socket.split();
    let pace = Pace::new(Instant::now());
    let (subscriptions, faults, reads) = (BTreeMap::new(), 0, false);
    let mut session = Session { app, caller, peer, sink, subscriptions, faults, pace, reads };
    let close = match session.greet(&mut stream).await {
        Err(close) => close,
        Ok(()) => {
            let mut stopping = session.app.stopping.clone();
            tokio::select! {
                close = session.serve(&mut stream) => close,
                // Said or not: one that takes no bytes must not hold the server up.
                () = overdue(&mut stopping) => GONE,
            }
        }
    };
    if close.code != GONE.code && close.code != STALLED.code {
        let frame = CloseFrame { code: close.code, reason: close.reason.into() };
        // Best effort: the reason is said, the socket ends either way.
        let _ = timeout(Duration::from_secs(1), session.sink.send(Message::Close(Some(frame)))).await;
    }
    tracing::debug!(code = close.code, reason = close.reason, "socket ended");
    session.app.metrics.subscriptions.dec_by(i64::try_from(session.subscriptions.len()).unwrap_or(0));
    session.app.metrics.sockets.dec();
}

impl Session {
    /// Waits for the hello, and welcomes.
    async fn greet(&mut self, stream: &mut SplitStream<WebSocket>) -> Result<(), Close> {
        let deadline = Instant::now() + self.app.patience.hello;
        loop {
            let next = next(stream, self.pace.due());
            let message = tokio::time::timeout_at(deadline, next).await.map_err(|_| NO_HELLO)?;
            match self.frame(message).await? {
                Some(ClientFrame::Hello { token }) => {
                    let offered = token.unwrap_or_default();
                    if !offered.is_empty() {
                        let found = match offered.starts_with("wbt_") {
                            true => self.app.take_ticket(&offered),
                            false => self.app.caller(&offered).await.ok(),
                        };
                        self.caller = found.map(|caller| Caller { peer: self.peer, ..caller });
                    }
                    if self.caller.is_none() {
                        self.app.tell_refusal(None, Some(Code::Unauthorized), "WebSocket", self.peer).await;
                        return Err(UNAUTHORIZED);
                    }
                    break;
                }
                Some(_) => {
                    let problem =
                        Problem::new(Code::Protocol, "the first frame should be hello", "send hello first");
                    self.refuse(None, &problem).await?;
                }
                None => {}
            }
        }
        let status = self.app.engine.journal().status();
        let stall_ms = u64::try_from(self.app.patience.stall.as_millis()).unwrap_or(u64::MAX);
        let limits = Limits { subscriptions: SUBSCRIPTIONS_MAX, frame_bytes: FRAME_MAX_BYTES, stall_ms };
        let (log, epoch, head) = (status.log_id, status.epoch, status.watermark);
        self.write(Message::Text(ServerFrame::Welcome { log, epoch, head, limits }.text().into())).await?;
        within(self.app.patience.stall, self.sink.send(Message::Ping(Bytes::new()))).await
    }

    async fn serve(&mut self, stream: &mut SplitStream<WebSocket>) -> Close {
        let mut watermark = self.app.head.subscribe();
        let mut progress = self.app.folded.subscribe();
        let mut stopping = self.app.stopping.clone();
        let mut due: Option<Instant> = None;
        let mut earliest = Instant::now();
        let mut heartbeat = tokio::time::interval(PROGRESS);
        // Made once: to wait anew at every turn would take a lock that all sockets share.
        let stopped = stopped(&mut stopping);
        tokio::pin!(stopped);
        loop {
            let result = tokio::select! {
                biased;
                () = &mut stopped => {
                    let _ = self.send(&ServerFrame::Bye { reason: GOING.reason, retry_ms: RETRY_MS }).await;
                    return GOING;
                }
                message = next(stream, self.pace.due()) => {
                    let was_read = self.reads;
                    let received = self.receive(message).await;
                    if self.reads && !was_read {
                        (earliest, due) = (Instant::now(), None);
                    }
                    due = Some(due.unwrap_or(earliest));
                    received
                }
                // What has moved is told at once where nothing was told just before.
                () = news(due, &mut watermark, &mut progress, &self.subscriptions, &mut heartbeat) => {
                    let now = Instant::now();
                    if due.is_none() && now < earliest {
                        due = Some(earliest);
                        continue;
                    }
                    let more = self.pump().await;
                    let done = Instant::now();
                    let tick = ((done - now) * 4).clamp(TICK_MIN, TICK_MAX);
                    earliest = done + if self.reads { tick } else { TICK_UNREAD };
                    due = matches!(more, Ok(true)).then_some(if self.reads { done } else { earliest });
                    more.map(|_| ())
                }
            };
            if let Err(close) = result {
                return close;
            }
        }
    }

    /// Reads a message; `None` where it is none of ours and does no harm.
    async fn frame(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<Option<ClientFrame>, Close> {
        self.pace.spend(1, Instant::now());
        let problem = match message {
            None | Some(Ok(Message::Close(_))) => return Err(GONE),
            // Where the connection broke, nobody will hear the reason.
            Some(Err(_)) => return Err(UNREADABLE),
            Some(Ok(Message::Pong(_))) => {
                self.reads = true;
                return Ok(None);
            }
            Some(Ok(Message::Ping(_))) => return Ok(None),
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(frame) => return Ok(Some(frame)),
                Err(error) => {
                    let detail = format!("the frame does not fit: {error}");
                    Problem::new(Code::Protocol, detail, "/asyncapi.json has the schema of every frame")
                }
            },
            Some(Ok(Message::Binary(_))) => {
                Problem::new(Code::Protocol, "expected a text frame, got a binary one", "send JSON as text")
            }
        };
        self.refuse(None, &problem).await?;
        Ok(None)
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), Close> {
        match self.frame(message).await? {
            None => Ok(()),
            Some(ClientFrame::Ping {}) => self.send(&ServerFrame::Pong {}).await,
            Some(ClientFrame::Hello { .. }) => {
                let problem = Problem::new(Code::Protocol, "hello came twice", "send it once, first");
                self.refuse(None, &problem).await
            }
            Some(ClientFrame::Unsub { id }) => match self.subscriptions.remove(&id) {
                Some(_) => {
                    self.app.metrics.subscriptions.dec();
                    Ok(())
                }
                None => {
                    let problem =
                        Problem::new(Code::Protocol, "there is no such subscription", "sub it first");
                    self.refuse(Some(&id), &problem).await
                }
            },
            Some(ClientFrame::Sub { id, topic, params, from, at }) => {
                self.pace.spend(SUBSCRIPTION, Instant::now());
                if let Err(problem) = self.room_for(&id) {
                    return self.refuse(Some(&id), &problem).await;
                }
                let caller = self.caller.as_ref().expect("whoever subscribes was greeted");
                let at = at.as_deref();
                match Subscription::open(&self.app, caller, &id, &topic, params, from, at).await {
                    Ok(subscription) => {
                        self.app.metrics.subscriptions.inc();
                        self.subscriptions.insert(id, subscription);
                        Ok(())
                    }
                    Err(problem) => {
                        let asked = format!("SUBSCRIBE {topic}");
                        self.app.tell_refusal(Some(caller), Some(problem.code), &asked, caller.peer).await;
                        self.refuse(Some(&id), &problem).await
                    }
                }
            }
        }
    }

    fn room_for(&self, id: &str) -> Result<(), Problem> {
        if id.is_empty() || id.len() > ID_MAX_BYTES {
            let detail = format!("a subscription's id takes 1 to {ID_MAX_BYTES} bytes");
            return Err(Problem::new(Code::Protocol, detail, "use a shorter id"));
        }
        if self.subscriptions.contains_key(id) {
            return Err(Problem::new(Code::Protocol, "the subscription is open already", "unsub it first"));
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            let detail = format!("a socket takes {SUBSCRIPTIONS_MAX} subscriptions");
            return Err(Problem::new(Code::LimitReached, detail, "end others first, or open another socket"));
        }
        Ok(())
    }

    /// Sends what is new, a bounded piece per subscription; true where there is more at once.
    async fn pump(&mut self) -> Result<bool, Close> {
        // A role, key or login that has changed ends the socket: what it may see is asked anew.
        if self.caller.as_ref().is_none_or(|caller| !self.app.is_still(caller)) {
            return Err(UNAUTHORIZED);
        }
        let mut subscriptions = std::mem::take(&mut self.subscriptions);
        let more = self.pump_each(&mut subscriptions).await;
        self.subscriptions = subscriptions;
        let more = more?;
        within(self.app.patience.stall, self.sink.flush()).await?;
        Ok(more)
    }

    async fn pump_each(&mut self, subscriptions: &mut BTreeMap<String, Subscription>) -> Result<bool, Close> {
        let mut more = false;
        let mut ended = Vec::new();
        for (id, subscription) in &mut *subscriptions {
            match subscription.next(&self.app, id).await {
                Ok(Output { frames, more: again, ended: over }) => {
                    more |= again;
                    ended.extend(over.then(|| id.clone()));
                    for frame in frames {
                        let frame = self.app.engine.vault().reveal_text(frame);
                        self.write(Message::Text(frame.into())).await?;
                    }
                }
                Err(problem) => {
                    ended.push(id.clone());
                    self.send(&ServerFrame::Error { id: Some(id), problem: &problem }).await?;
                }
            }
        }
        for id in ended {
            subscriptions.remove(&id);
            self.app.metrics.subscriptions.dec();
        }
        Ok(more)
    }

    /// Says what was refused; a client that never learns is closed.
    async fn refuse(&mut self, id: Option<&str>, problem: &Problem) -> Result<(), Close> {
        self.send(&ServerFrame::Error { id, problem }).await?;
        self.faults += 1;
        if self.faults > FAULTS_MAX { Err(PROTOCOL) } else { Ok(()) }
    }

    async fn send(&mut self, frame: &ServerFrame<'_>) -> Result<(), Close> {
        self.write(Message::Text(frame.text().into())).await?;
        within(self.app.patience.stall, self.sink.flush()).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Close> {
        self.app.metrics.frames.inc();
        within(self.app.patience.stall, self.sink.feed(message)).await
    }
}

/// A write, cut off where the other side takes nothing for too long.
async fn within(stall: Duration, write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Close> {
    // A clock is looked at, and a timer set, only for a write that has to wait.
    tokio::pin!(write);
    let at_once = poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await;
    let written = match at_once {
        Poll::Ready(written) => Ok(written),
        Poll::Pending => timeout(stall, write).await,
    };
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(GONE),
        Err(_) => Err(STALLED),
    }
}

/// Resolves when the server has been stopping for as long as it may.
async fn overdue(stopping: &mut watch::Receiver<bool>) {
    stopped(stopping).await;
    tokio::time::sleep(DRAIN).await;
}

/// The next message, not before it is due: what waits meanwhile waits at the client.
async fn next(
    stream: &mut SplitStream<WebSocket>,
    due: Option<Instant>,
) -> Option<Result<Message, axum::Error>> {
    if let Some(due) = due {
        sleep_until(due).await;
    }
    stream.next().await
}

/// Resolves when it is due; where nothing is, when something has moved, or once more after a while.
async fn news(
    due: Option<Instant>,
    watermark: &mut watch::Receiver<Option<Position>>,
    progress: &mut watch::Receiver<Option<Position>>,
    subscriptions: &BTreeMap<String, Subscription>,
    heartbeat: &mut Interval,
) {
    match due {
        Some(due) => sleep_until(due).await,
        None => tokio::select! {
            biased;
            () = woken(watermark, progress, subscriptions) => {}
            _ = heartbeat.tick() => {}
        },
    }
}

/// Resolves when what the subscriptions follow has moved: the log, or what the views reflect of it.
async fn woken(
    watermark: &mut watch::Receiver<Option<Position>>,
    progress: &mut watch::Receiver<Option<Position>>,
    subscriptions: &BTreeMap<String, Subscription>,
) {
    let follow_views = subscriptions.values().any(Subscription::follows_views);
    let follow_log = subscriptions.values().any(|subscription| !subscription.follows_views());
    let moved = tokio::select! {
        moved = watermark.changed(), if follow_log => moved,
        moved = progress.changed(), if follow_views => moved,
        else => return std::future::pending().await,
    };
    if moved.is_err() {
        // The engine is gone, and with it anything to wake for; the server is stopping.
        std::future::pending::<()>().await;
    }
}
