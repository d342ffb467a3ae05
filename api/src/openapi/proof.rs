//! What the document says about proofs, keys and tiles.

use replay::{Consistency, Inclusion};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, parameter, schema_of};
use crate::keys::{KeyChanged, KeysShown};
use crate::log::Asked;
use crate::witness::Taken;

/// Routes about what proves the log.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let keys = schema_of::<KeysShown>(generator);
    let changed = schema_of::<KeyChanged>(generator);
    let keys_what = "public keys of the log, current and earlier; a line each where text/plain is asked for";
    let rotate = "makes a new key that signs from now on; the change is an event that both keys sign";
    vec![
        ("/v1/log/verify", verify(generator)),
        ("/v1/log/checkpoint", checkpoint()),
        ("/v1/log/key", fixed("get", "proof", "log_key", keys_what, &keys)),
        ("/v1/log/keys/rotate", fixed("post", "proof", "rotate_key", rotate, &changed)),
        ("/v1/log/cosignatures", cosignatures(generator)),
        ("/v1/log/proof/inclusion", inclusion(generator)),
        ("/v1/log/proof/consistency", consistency(generator)),
        (
            "/v1/log/tile/{path}",
            file(
                "tile",
                "hashes or entries of the last signed tree (c2sp.org/tlog-tiles)",
                &[(
                    "path",
                    "`L/N`, `L/N.p/W`, `entries/N` or `entries/N.p/W`; N may have slashes: `x001/234`",
                )],
            ),
        ),
        (
            "/v1/log/records/{sha256}",
            file(
                "long_record",
                "a record of more than 65,535 bytes, whose entry is a stand-in",
                &[("sha256", "SHA-256 of the record, 64 hexadecimal digits")],
            ),
        ),
        (
            "/v1/log/evidence/{run}",
            file(
                "evidence",
                "all events of a run and what proves them, as one tar file",
                &[("run", "id of the run")],
            ),
        ),
    ]
}

fn verify(generator: &mut SchemaGenerator) -> Value {
    let what = "reads and checks the log: all of it, what came since a checkpoint, or one stream";
    let mut verify = fixed("post", "log", "verify", what, &json!({}));
    let asked = schema_of::<Asked>(generator);
    verify["post"]["requestBody"] = json!({ "content": { "application/json": { "schema": asked } } });
    verify
}

fn checkpoint() -> Value {
    let mut checkpoint = file("checkpoint", "the last signed checkpoint (c2sp.org/tlog-checkpoint)", &[]);
    let flag = json!({ "enum": [0, 1] });
    let what = "1: the last one that a witness has cosigned, which may be an older one";
    checkpoint["get"]["parameters"] = json!([parameter("query", "witnessed", &flag, what)]);
    checkpoint
}

fn cosignatures(generator: &mut SchemaGenerator) -> Value {
    let what = "takes a checkpoint of this log that a known witness has cosigned (c2sp.org/tlog-cosignature)";
    let mut offer = fixed("post", "proof", "cosignatures", what, &schema_of::<Taken>(generator));
    offer["post"]["requestBody"] = json!({ "required": true, "content": { "text/plain": {} } });
    offer
}

fn inclusion(generator: &mut SchemaGenerator) -> Value {
    let what = "proof that an event is in a tree (RFC 6962, section 2.1.1), and the checkpoint that signs it";
    let mut inclusion = fixed("get", "proof", "inclusion", what, &schema_of::<Inclusion>(generator));
    let number = json!({ "type": "integer", "minimum": 0 });
    inclusion["get"]["parameters"] = json!([
        parameter("query", "position", &number, "the event"),
        parameter("query", "size", &number, "events of the tree; all that are signed where absent"),
    ]);
    inclusion
}

fn consistency(generator: &mut SchemaGenerator) -> Value {
    let what = "proof that a tree begins with an earlier one (RFC 6962, section 2.1.2), and the checkpoint";
    let mut consistency = fixed("get", "proof", "consistency", what, &schema_of::<Consistency>(generator));
    let number = json!({ "type": "integer", "minimum": 1 });
    consistency["get"]["parameters"] = json!([
        parameter("query", "from", &number, "events of the earlier tree"),
        parameter("query", "to", &number, "events of the later tree; all that are signed where absent"),
    ]);
    consistency
}

/// A route that answers with bytes or text.
fn file(id: &str, what: &str, places: &[(&str, &str)]) -> Value {
    let mut file = fixed("get", "proof", id, what, &json!({}));
    let text = json!({ "type": "string" });
    let parameters: Vec<_> = places.iter().map(|(name, what)| parameter("path", name, &text, what)).collect();
    let kind = if id == "checkpoint" { "text/plain" } else { "application/octet-stream" };
    let kind = if id == "evidence" { "application/x-tar" } else { kind };
    file["get"]["parameters"] = json!(parameters);
    file["get"]["responses"]["200"] = json!({ "description": what, "content": { kind: {} } });
    file["get"]["responses"]["404"] = file["get"]["responses"]["400"].clone();
    file["get"]["responses"]["404"]["description"] = json!("there is none");
    file
}
