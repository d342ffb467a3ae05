//! What the document says about proofs, keys and tiles.

use replay::{Consistency, Inclusion};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::{number, refuses, required, ulid};
use super::{fixed, parameter, schema_of};
use crate::keys::{KeyChanged, KeysShown};
use crate::log::Asked;
use crate::prove::SIZE_MAX;
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
                    json!({ "type": "string", "pattern": "^([0-9]{1,2}|entries)/(x[0-9]{3}/)*[0-9]{3}(\\.p/[0-9]{1,3})?$" }),
                    "`L/N`, `L/N.p/W`, `entries/N` or `entries/N.p/W`; N may have slashes: `x001/234`",
                )],
            ),
        ),
        (
            "/v1/log/records/{sha256}",
            file(
                "long_record",
                "a record of more than 65,535 bytes, whose entry is a stand-in",
                &[(
                    "sha256",
                    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
                    "SHA-256 of the record, 64 hexadecimal digits",
                )],
            ),
        ),
        (
            "/v1/log/evidence/{run}",
            file(
                "evidence",
                "all events of a run and what proves them, as one tar file",
                &[("run", ulid(), "id of the run")],
            ),
        ),
    ]
}

fn verify(generator: &mut SchemaGenerator) -> Value {
    let what = "reads and checks the log: all of it, what came since a checkpoint, or one stream";
    let mut verify = fixed("post", "log", "verify", what, &json!({}));
    let asked = schema_of::<Asked>(generator);
    verify["post"]["requestBody"] = json!({ "content": { "application/json": { "schema": asked } } });
    let codes = [
        ("404", "there is no such stream"),
        ("413", "the body is too large"),
        ("422", "a checkpoint or key is none"),
    ];
    refuses(verify, &codes)
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
    refuses(
        offer,
        &[
            ("404", "the checkpoint is of another log"),
            ("409", "it is older"),
            ("422", "it is no cosigned checkpoint"),
        ],
    )
}

fn inclusion(generator: &mut SchemaGenerator) -> Value {
    let what = "proof that an event is in a tree (RFC 6962, section 2.1.1), and the checkpoint that signs it";
    let mut inclusion = fixed("get", "proof", "inclusion", what, &schema_of::<Inclusion>(generator));
    inclusion["get"]["parameters"] = json!([
        required(parameter("query", "position", &number(0, SIZE_MAX), "the event")),
        parameter(
            "query",
            "size",
            &number(1, SIZE_MAX),
            "events of the tree; all that are signed where absent"
        ),
    ]);
    refuses(inclusion, &BEYOND)
}

fn consistency(generator: &mut SchemaGenerator) -> Value {
    let what = "proof that a tree begins with an earlier one (RFC 6962, section 2.1.2), and the checkpoint";
    let mut consistency = fixed("get", "proof", "consistency", what, &schema_of::<Consistency>(generator));
    consistency["get"]["parameters"] = json!([
        required(parameter("query", "from", &number(1, SIZE_MAX), "events of the earlier tree")),
        parameter(
            "query",
            "to",
            &number(1, SIZE_MAX),
            "events of the later tree; all that are signed where absent"
        ),
    ]);
    refuses(consistency, &BEYOND)
}

const BEYOND: [(&str, &str); 2] = [
    ("404", "nothing that far is signed"),
    ("422", "the place is not in the tree, or the later tree is the smaller"),
];

/// A route that answers with bytes or text; each place with its form.
fn file(id: &str, what: &str, places: &[(&str, Value, &str)]) -> Value {
    let mut file = fixed("get", "proof", id, what, &json!({}));
    let parameters: Vec<_> =
        places.iter().map(|(name, schema, what)| parameter("path", name, schema, what)).collect();
    let kind = if id == "checkpoint" { "text/plain" } else { "application/octet-stream" };
    let kind = if id == "evidence" { "application/x-tar" } else { kind };
    file["get"]["parameters"] = json!(parameters);
    file["get"]["responses"]["200"] = json!({ "description": what, "content": { kind: {} } });
    file["get"]["responses"]["404"] = file["get"]["responses"]["400"].clone();
    file["get"]["responses"]["404"]["description"] = json!("there is none");
    file
}
