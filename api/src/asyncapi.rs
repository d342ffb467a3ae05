//! AsyncAPI 3.0 of the WebSocket protocol, made from the frames' own types.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::ws::{ClientFrame, ServerFrame};

/// The whole document.
#[must_use]
pub fn asyncapi() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let client = generator.subschema_for::<ClientFrame>().to_value();
    let server = generator.subschema_for::<ServerFrame<'static>>().to_value();
    let schemas = generator.take_definitions(true);
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Waybill live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One socket, many subscriptions to views and to the log. docs/protocol.md tells the rules."
        },
        "channels": { "ws": {
            "address": "/v1/ws",
            "messages": {
                "client": { "payload": client },
                "server": { "payload": server }
            },
            "bindings": { "ws": { "method": "GET" } }
        } },
        "operations": {
            "receive": { "action": "receive", "channel": { "$ref": "#/channels/ws" },
                "messages": [{ "$ref": "#/channels/ws/messages/client" }] },
            "send": { "action": "send", "channel": { "$ref": "#/channels/ws" },
                "messages": [{ "$ref": "#/channels/ws/messages/server" }] }
        },
        "components": { "schemas": schemas }
    })
}
