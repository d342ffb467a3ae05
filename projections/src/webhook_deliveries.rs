//! Deliveries of webhooks: the queue of those that wait, and what was made of the others.

use domain::Event;
use domain::ids::{FiringId, ProjectId, StreamId, WebhookDeliveryId};
use domain::values::Timestamp;
use domain::webhook_delivery::WebhookDeliveryEvent;

use crate::listed::{ListRow, preview, rows, states};

states! {
    /// How a delivery stands.
    DeliveryStatus {
        /// No trigger was asked yet.
        Waiting,
        /// Triggers were asked.
        Evaluated,
        /// No trigger will be asked.
        Dropped,
    }
}

rows! {
    /// A delivery.
    struct DeliveryRow {
        /// The project it is for.
        project: ProjectId,
        /// Who sent it.
        source: String,
        /// The sender's id of it.
        delivery: String,
        /// The sender's word for what happened.
        kind: String,
        /// How it stands.
        status: DeliveryStatus,
        /// Whether its signature fits.
        verified: bool,
        /// The first 200 characters of the body.
        body_preview: String,
        /// Length of the whole body in bytes.
        body_bytes: u64,
        /// Whether the log keeps less than the whole body.
        body_cut: bool,
        /// SHA-256 of the whole body, hex.
        body_sha256: String,
        /// Firings that it led to.
        firings: Vec<FiringId>,
        /// Why it was dropped.
        reason: Option<String>,
        /// When it came.
        received_at: Timestamp,
        /// When triggers were asked, or it was dropped.
        ended_at: Option<Timestamp>,
    }
}

impl ListRow for DeliveryRow {
    const NAME: &'static str = "webhook-deliveries";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "source", "kind", "verified", "delivery"];
    type Key = WebhookDeliveryId;

    fn key(stream: StreamId) -> WebhookDeliveryId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::WebhookDelivery(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::WebhookDelivery(WebhookDeliveryEvent::WebhookReceived(e)) = event else { return None };
        Some(Self {
            project: e.project,
            source: e.source.clone(),
            delivery: e.delivery.clone(),
            kind: e.kind.clone(),
            status: DeliveryStatus::Waiting,
            verified: e.verified,
            body_preview: preview(&e.body),
            body_bytes: e.body_bytes,
            body_cut: e.body_bytes > e.body.len() as u64,
            body_sha256: e.body_sha256.clone(),
            firings: vec![],
            reason: None,
            received_at: at,
            ended_at: None,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::WebhookDelivery(event) = event else { return };
        match event {
            WebhookDeliveryEvent::WebhookReceived(_) => return,
            WebhookDeliveryEvent::WebhookEvaluated(e) => {
                self.status = DeliveryStatus::Evaluated;
                self.firings.clone_from(&e.firings);
            }
            WebhookDeliveryEvent::WebhookDropped(e) => {
                self.status = DeliveryStatus::Dropped;
                self.reason = Some(e.reason.clone());
            }
        }
        self.ended_at = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn deliveries_wait_until_something_is_made_of_them() {
        let of = |history: History, n: u64, name| {
            history.any(id::<super::WebhookDeliveryId>(n).into(), sample(name))
        };
        let history = (1..4).fold(History::new(), |history, n| of(history, n, "WebhookReceived"));
        let history = of(of(history, 1, "WebhookEvaluated"), 2, "WebhookDropped");
        check(
            "webhook-deliveries",
            &history,
            &expect![[r##"
            #01; body_bytes 19
              body_cut: false
              body_preview: "{\"action\":\"opened\"}"
              body_sha256: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
              delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958"
              ended_at: "07:00:03.000Z"
              firings: ["02081040G2081040G2081040G2"]
              kind: "issues.opened"
              project: "01040G2081040G2081040G2081"
              received_at: "07:00:00.000Z"
              source: "github"
              status: "evaluated"
              verified: true
            #02; body_bytes 19
              body_cut: false
              body_preview: "{\"action\":\"opened\"}"
              body_sha256: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
              delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958"
              ended_at: "07:00:04.000Z"
              kind: "issues.opened"
              project: "01040G2081040G2081040G2081"
              reason: "the signature does not fit"
              received_at: "07:00:01.000Z"
              source: "github"
              status: "dropped"
              verified: true
            #03; body_bytes 19
              body_cut: false
              body_preview: "{\"action\":\"opened\"}"
              body_sha256: "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
              delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958"
              kind: "issues.opened"
              project: "01040G2081040G2081040G2081"
              received_at: "07:00:02.000Z"
              source: "github"
              status: "waiting"
              verified: true
        "##]],
        );
    }
}
