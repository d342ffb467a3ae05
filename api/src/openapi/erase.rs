//! What the document says about erasure and the keys that seal.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, parameter, schema_of};
use crate::erase::{Receipt, VaultShown, Why};

/// Routes about what is sealed.
pub(super) fn paths(generator: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let vault = schema_of::<VaultShown>(generator);
    let show = "the keys that seal: how many there are, and under which master key";
    let rotate = "wraps every key that seals with a new master key, and overwrites the old one";
    let what = "destroys the keys of a project or a person: what they sealed is unreadable for good; the log keeps a \
                receipt";
    let mut erase = fixed("post", "erasure", "erase", what, &schema_of::<Receipt>(generator));
    let subject = json!({ "type": "string" });
    erase["post"]["parameters"] =
        json!([parameter("path", "subject", &subject, "`project-ULID` or `user-ULID`")]);
    let why = schema_of::<Why>(generator);
    erase["post"]["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": why } } });
    vec![
        ("/v1/erase/{subject}", erase),
        ("/v1/vault", fixed("get", "erasure", "vault", show, &vault)),
        ("/v1/vault/rotate", fixed("post", "erasure", "rotate_master", rotate, &vault)),
    ]
}
