//! Logging in, as the document describes it.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::refuses;
use super::{fixed, schema_of};
use crate::auth::{Login, Me, PasswordChange, Setup, TicketShown};

/// What is sent, and what may be wrong with it.
fn with_body(mut operation: Value, body: &Value) -> Value {
    operation["post"]["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": body } } });
    let codes = [
        ("408", "the body did not come in time"),
        ("413", "the body is too large"),
        ("415", "the body is not JSON"),
        ("422", "a field is out of what is allowed"),
        ("429", "it was tried too often"),
        ("503", "too many log in at once"),
    ];
    refuses(operation, &codes)
}

/// Done, and nothing to say.
fn silent(mut operation: Value) -> Value {
    let responses = &mut operation["post"]["responses"];
    responses["204"] = json!({ "description": "it is done" });
    if let Some(responses) = responses.as_object_mut() {
        responses.remove("200");
    }
    operation
}

pub(super) fn paths(generator: &mut SchemaGenerator) -> Vec<(&'static str, Value)> {
    let (me, ticket) = (schema_of::<Me>(generator), schema_of::<TicketShown>(generator));
    let (login, change) = (schema_of::<Login>(generator), schema_of::<PasswordChange>(generator));
    let any = json!({});
    let mut log_in = with_body(
        fixed("post", "auth", "login", "logs a person in; the cookie holds the login", &me),
        &login,
    );
    log_in["post"]["security"] = json!([]);
    let first = "makes the first account, by the link that the server printed";
    let mut set_up = with_body(fixed("post", "auth", "setup", first, &me), &schema_of::<Setup>(generator));
    set_up["post"]["security"] = json!([]);
    let changed = "sets one's own password, and ends every login";
    vec![
        ("/v1/auth/login", log_in),
        ("/v1/auth/setup", set_up),
        (
            "/v1/auth/logout",
            silent(fixed("post", "auth", "logout", "ends the login or pass that is shown", &any)),
        ),
        (
            "/v1/auth/password",
            silent(with_body(fixed("post", "auth", "change_password", changed, &any), &change)),
        ),
        (
            "/v1/auth/ticket",
            refuses(
                fixed("post", "auth", "ticket", "a ticket for one WebSocket", &ticket),
                &[("429", "too many tickets wait to be used")],
            ),
        ),
        ("/v1/auth/me", fixed("get", "auth", "me", "who one is, and what one may see", &me)),
    ]
}
