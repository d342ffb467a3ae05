//! Logging in, as the document describes it.

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{fixed, schema_of};
use crate::auth::{Login, Me, PasswordChange, Setup, TicketShown};

fn with_body(mut operation: Value, body: &Value) -> Value {
    operation["post"]["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": body } } });
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
        ("/v1/auth/logout", fixed("post", "auth", "logout", "ends the login or pass that is shown", &any)),
        ("/v1/auth/password", with_body(fixed("post", "auth", "change_password", changed, &any), &change)),
        ("/v1/auth/ticket", fixed("post", "auth", "ticket", "a ticket for one WebSocket", &ticket)),
        ("/v1/auth/me", fixed("get", "auth", "me", "who one is, and what one may see", &me)),
    ]
}
