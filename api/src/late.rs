//! Bodies that must come in time: one that trickles in holds a connection, and is cut off.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::Sleep;

/// A body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub(crate) struct Late;

/// Whether `error` comes from [`Late`], however it was wrapped.
pub(crate) fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error + 'static>::is::<Late>)
}

/// A body that ends with [`Late`] where it does not come in time.
pub(crate) struct Timed<B = Incoming> {
    body: B,
    patience: Duration,
    /// It has so long as a whole; or, where it may go on for ever, so long between two pieces.
    endless: bool,
    /// Set once it has to be waited for at all.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl<B> Timed<B> {
    /// The whole of it must come within `patience`.
    pub(crate) const fn whole(body: B, patience: Duration) -> Self {
        Self { body, patience, endless: false, sleep: None }
    }
    /// It may go on for ever, and each piece of it must come within `patience`.
    pub(crate) const fn endless(body: B, patience: Duration) -> Self {
        Self { body, patience, endless: true, sleep: None }
    }
}

impl<B> HttpBody for Timed<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            if this.endless {
                this.sleep = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let patience = this.patience;
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Box::new(Late)))),
            Poll::Pending => Poll::Pending,
        }
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use futures_util::{StreamExt, stream};
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;

    const SHORT: Duration = Duration::from_millis(30);
    const LONG: Duration = Duration::from_secs(60);

    /// A byte each millisecond, and in the end `last`.
    fn trickle(bytes: usize, last: Body) -> Body {
        let ticks = stream::unfold(tokio::time::interval(Duration::from_millis(1)), |mut ticks| async {
            ticks.tick().await;
            Some((Ok(Bytes::from_static(b"x")), ticks))
        });
        Body::from_stream(ticks.take(bytes).chain(last.into_data_stream()))
    }
    fn stalled() -> Body {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
        // Kept open for as long as the test goes on.
        std::mem::forget(sender);
        Body::from_stream(ReceiverStream::new(receiver))
    }

    #[tokio::test]
    async fn a_body_is_waited_for_as_a_whole_or_from_piece_to_piece() {
        let read = async |body| to_bytes(body, 1 << 20).await;
        let whole = |body, patience| Body::new(Timed::whole(body, patience));
        let endless = |body, patience| Body::new(Timed::endless(body, patience));
        assert_eq!(read(whole(Body::from("abc"), SHORT)).await.unwrap(), "abc");
        assert_eq!(read(whole(trickle(50, Body::empty()), LONG)).await.unwrap().len(), 50);
        for late in
            [whole(stalled(), SHORT), whole(trickle(1 << 20, stalled()), SHORT), endless(stalled(), SHORT)]
        {
            let error = read(late).await.unwrap_err();
            assert!(is_late(&error), "{error:?}");
        }
        // Each piece is a millisecond behind the other, and all of them are more than it waits for one.
        let error = read(endless(trickle(200, stalled()), SHORT * 4)).await.unwrap_err();
        assert!(is_late(&error), "{error:?}");
        assert_eq!(read(endless(trickle(200, Body::empty()), SHORT * 4)).await.unwrap().len(), 200);
        assert!(!is_late(&std::io::Error::other("another")));
    }
}
