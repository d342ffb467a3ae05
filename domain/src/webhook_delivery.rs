//! A delivery of a webhook: what came, kept before any trigger is asked, and what was made of it.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, FiringId, ProjectId, StreamId};
use crate::{Claim, Decider, Rejection, check};

events! {
    /// Everything that can happen to a delivery.
    pub enum WebhookDeliveryEvent {
        4100 => WebhookReceived 1;
        4101 => WebhookEvaluated 1;
        4102 => WebhookDropped 1;
    }
}

commands! {
    /// What can be asked of a delivery.
    pub enum WebhookDeliveryCommand {
        "receive" => ReceiveWebhook;
        "evaluate" => EvaluateWebhook;
        "drop" => DropWebhook;
    }
}

plain! {
    /// Something came; it waits until triggers are asked.
    struct WebhookReceived {
        /// The project it is for.
        project: ProjectId,
        /// Who sent it, such as `github`.
        source: String,
        /// The sender's id of the delivery.
        delivery: String,
        /// The sender's word for what happened, such as `issues.opened`.
        kind: String,
        /// Whether its signature fits.
        verified: bool,
        /// The body as text, as far as it is kept; empty where the signature does not fit.
        body: String,
        /// Length of the whole body in bytes.
        body_bytes: u64,
        /// SHA-256 of the whole body, hex.
        body_sha256: String,
    }
    /// Triggers were asked.
    struct WebhookEvaluated {
        /// Their firings, skipped ones included; none where no trigger is concerned.
        firings: Vec<FiringId>,
    }
    /// No trigger was asked, and none will be.
    struct WebhookDropped {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Keeps a delivery. The same delivery of a sender is kept once in a project.
    struct ReceiveWebhook {
        /// The project it is for.
        project: ProjectId,
        /// Who sends it, such as `github`.
        source: String,
        /// The sender's id of the delivery.
        delivery: String,
        /// The sender's word for what happened, such as `issues.opened`.
        kind: String,
        /// Whether its signature fits.
        verified: bool,
        /// The body as text, or its first 512 KiB; empty where the signature does not fit.
        #[serde(default)]
        body: String,
        /// Length of the whole body in bytes.
        body_bytes: u64,
        /// SHA-256 of the whole body, 64 lower-case hex digits.
        body_sha256: String,
    }
    /// Records that triggers were asked.
    struct EvaluateWebhook {
        /// Their firings, each once; at most 100.
        firings: Vec<FiringId>,
    }
    /// Gives a delivery up.
    struct DropWebhook {
        /// Why; 1 byte to 512 KiB.
        reason: String,
    }
}

/// Most firings of one delivery.
pub const FIRINGS_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Waiting {
        verified: bool,
    },
    Evaluated,
    Dropped,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Waiting { .. } => "waiting",
            Self::Evaluated => "evaluated",
            Self::Dropped => "dropped",
        }
    }
}

/// A delivery, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WebhookDelivery {
    project: Option<ProjectId>,
    phase: Phase,
    key: String,
}

impl WebhookDelivery {
    /// Whether its signature fits, of one that waits.
    fn expect_waiting(&self) -> Result<bool, Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "webhook delivery" }),
            Phase::Waiting { verified } => Ok(verified),
            phase => Err(Rejection::illegal("webhook delivery", "waiting", phase.as_str())),
        }
    }
    fn receive(&self, command: &ReceiveWebhook) -> Result<WebhookDeliveryEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "webhook delivery".into() });
        }
        let ReceiveWebhook { project, source, delivery, kind, verified, body, body_bytes, body_sha256 } =
            command.clone();
        check::name("source", &source)?;
        check::name("delivery", &delivery)?;
        check::name("kind", &kind)?;
        check::text("body", &body)?;
        // What anybody may send would fill the log.
        if !verified && !body.is_empty() {
            return Err(Rejection::invalid("body", "none where the signature does not fit", "one"));
        }
        let kept = body.len() as u64;
        check::range("body_bytes", body_bytes, &(kept..=u64::MAX), "bytes, as many as are kept at least")?;
        check::sha256("body_sha256", &body_sha256)?;
        Ok(WebhookReceived { project, source, delivery, kind, verified, body, body_bytes, body_sha256 }
            .into())
    }
}

impl Decider for WebhookDelivery {
    const CATEGORY: Category = Category(41);
    type Command = WebhookDeliveryCommand;
    type Event = WebhookDeliveryEvent;

    fn decide(&self, command: &WebhookDeliveryCommand) -> Result<Vec<WebhookDeliveryEvent>, Rejection> {
        let event = match command {
            WebhookDeliveryCommand::ReceiveWebhook(c) => self.receive(c)?,
            WebhookDeliveryCommand::EvaluateWebhook(c) => {
                if !self.expect_waiting()? {
                    let rule = "the signature of the delivery does not fit";
                    return Err(Rejection::rule(rule, "drop it: no trigger may see it"));
                }
                check::range("firings", c.firings.len(), &(0..=FIRINGS_MAX), "firings")?;
                check::each_once("firings", &c.firings)?;
                WebhookEvaluated { firings: c.firings.clone() }.into()
            }
            WebhookDeliveryCommand::DropWebhook(c) => {
                self.expect_waiting()?;
                check::filled("reason", &c.reason)?;
                WebhookDropped { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &WebhookDeliveryEvent) {
        match event {
            WebhookDeliveryEvent::WebhookReceived(e) => {
                let phase = Phase::Waiting { verified: e.verified };
                let key = key(e.project, &e.source, &e.delivery);
                *self = Self { project: Some(e.project), phase, key };
            }
            WebhookDeliveryEvent::WebhookEvaluated(_) => self.phase = Phase::Evaluated,
            WebhookDeliveryEvent::WebhookDropped(_) => self.phase = Phase::Dropped,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &WebhookDeliveryCommand) -> Vec<StreamId> {
        match command {
            WebhookDeliveryCommand::ReceiveWebhook(c) => vec![c.project.into()],
            WebhookDeliveryCommand::EvaluateWebhook(c) => {
                c.firings.iter().take(FIRINGS_MAX).map(|firing| (*firing).into()).collect()
            }
            WebhookDeliveryCommand::DropWebhook(_) => vec![],
        }
    }

    fn claims(command: &WebhookDeliveryCommand) -> Vec<Claim> {
        match command {
            // One that is forged must not keep the true one out.
            WebhookDeliveryCommand::ReceiveWebhook(c) if c.verified => {
                vec![Claim::new(CLAIM, key(c.project, &c.source, &c.delivery))]
            }
            _ => vec![],
        }
    }

    fn holds(&self, held: &Claim) -> bool {
        self.phase != Phase::Missing && held.scope == CLAIM && held.key == self.key
    }
}

/// What a delivery's claim is of.
const CLAIM: &str = "webhook delivery";

fn key(project: ProjectId, source: &str, delivery: &str) -> String {
    format!("{project}/{source}/{delivery}")
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<WebhookDeliveryEvent> {
    let received = WebhookReceived {
        project: ProjectId::from_bytes([1; 16]),
        source: "github".into(),
        delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958".into(),
        kind: "issues.opened".into(),
        verified: true,
        body: r#"{"action":"opened"}"#.into(),
        body_bytes: 19,
        body_sha256: "5e".repeat(32),
    };
    let forged = WebhookReceived { verified: false, body: String::new(), ..received.clone() };
    vec![
        received.into(),
        WebhookEvaluated { firings: vec![FiringId::from_bytes([2; 16])] }.into(),
        forged.into(),
        WebhookDropped { reason: "the signature does not fit".into() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn receive() -> Value {
        json!({
            "project": id(1), "source": "github", "delivery": "d1", "kind": "push", "verified": true,
            "body": "{}", "body_bytes": 2, "body_sha256": "5e".repeat(32),
        })
    }
    fn forged() -> Value {
        with(&receive(), &json!({ "verified": false, "body": "", "body_bytes": 2 }))
    }
    fn received() -> Given<WebhookDelivery> {
        given([]).and_json("receive", &receive())
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let (firings, reason) = (json!({ "firings": [id(2)] }), json!({ "reason": "r" }));
        let cut = with(&receive(), &json!({ "body_bytes": 2_000_000 }));
        check_accepted::<WebhookDelivery>(vec![
            (given([]), "receive", receive(), vec![("WebhookReceived", receive())]),
            (given([]), "receive", cut.clone(), vec![("WebhookReceived", cut)]),
            (given([]), "receive", forged(), vec![("WebhookReceived", forged())]),
            (received(), "evaluate", firings.clone(), vec![("WebhookEvaluated", firings)]),
            (received(), "drop", reason.clone(), vec![("WebhookDropped", reason)]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, waiting) = (given([]), received());
        let forged_one = given([]).and_json("receive", &forged());
        let dropped = received().and_json("drop", &json!({ "reason": "r" }));
        let evaluated = received().and_json("evaluate", &json!({ "firings": [] }));
        let changed = |changes: Value| with(&receive(), &changes);
        let many: Vec<_> = (0..=FIRINGS_MAX).map(|n| crate::Ulid(n as u128).to_string()).collect();
        let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
        check_refused(vec![
            (&waiting, "receive", receive(), "webhook delivery exists already"),
            (&none, "receive", changed(json!({ "source": "" })), "`source`: expected 1 to 200 bytes"),
            (&none, "receive", changed(json!({ "delivery": "a\nb" })), "`delivery`: expected 1 to 200"),
            (&none, "receive", changed(json!({ "kind": " " })), "`kind`: expected 1 to 200 bytes"),
            (&none, "receive", changed(json!({ "body": long })), "`body`: expected at most 524288 bytes"),
            (
                &none,
                "receive",
                changed(json!({ "verified": false })),
                "`body`: expected none where the signature",
            ),
            (&none, "receive", changed(json!({ "body_bytes": 1 })), "`body_bytes`: expected 2 to"),
            (
                &none,
                "receive",
                changed(json!({ "body_sha256": "x" })),
                "`body_sha256`: expected 64 lower-case",
            ),
            (&none, "evaluate", json!({ "firings": [] }), "webhook delivery does not exist"),
            (&none, "drop", json!({ "reason": "r" }), "webhook delivery does not exist"),
            (&waiting, "evaluate", json!({ "firings": many }), "`firings`: expected 0 to 100 firings"),
            (
                &waiting,
                "evaluate",
                json!({ "firings": [id(2), id(2)] }),
                "`firings`: expected each item once",
            ),
            (&waiting, "drop", json!({ "reason": "" }), "`reason`: expected a text"),
            (&forged_one, "evaluate", json!({ "firings": [] }), "the signature of the delivery does not fit"),
            (&dropped, "evaluate", json!({ "firings": [] }), "to be waiting, but it is dropped"),
            (&evaluated, "drop", json!({ "reason": "r" }), "to be waiting, but it is evaluated"),
        ]);
    }

    #[test]
    fn a_delivery_is_kept_once_and_a_forged_one_keeps_none_out() {
        let claims =
            |body: &Value| WebhookDelivery::claims(&command::<WebhookDeliveryCommand>("receive", body));
        let [held] = &claims(&receive())[..] else { panic!("one claim") };
        assert!(received().state().holds(held) && !WebhookDelivery::default().holds(held));
        let other = claims(&with(&receive(), &json!({ "delivery": "d2" })));
        assert!(!received().state().holds(&other[0]));
        assert_eq!(claims(&forged()), []);
        let evaluate: WebhookDeliveryCommand = command("evaluate", &json!({ "firings": [id(2)] }));
        assert_eq!(WebhookDelivery::references(&evaluate), [FiringId::from_bytes([2; 16]).into()]);
        assert_eq!(received().state().project(), Some(ProjectId::from_bytes([1; 16])));
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("receive", receive()),
            ("receive", forged()),
            ("evaluate", json!({ "firings": [id(2)] })),
            ("drop", json!({ "reason": "r" })),
        ];
        check_any_order::<WebhookDelivery>(&given([]), &pool(&commands), |history| {
            assert!(history.len() <= 2, "nothing follows what was made of it");
        });
    }
}
