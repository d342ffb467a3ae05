//! Tables of events and commands: names, permanent numbers, layouts, and how bytes become values.
//!
//! A payload is bincode of a frozen struct per (event type, schema version). A layout never changes: a
//! change adds a version and a `From` of the layout before it, and the table names both.

use std::fmt::Debug;

use bincode::Options;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::{SchemaVersion, TypeId};

/// Largest payload that is decoded, in bytes; a commit is bounded to the same.
pub const PAYLOAD_MAX_BYTES: u64 = 1024 * 1024;

/// What the registry knows of an event type.
#[derive(Debug, Clone, Copy)]
pub struct EventSpec {
    /// Permanent number.
    pub type_id: TypeId,
    /// Permanent name.
    pub name: &'static str,
    /// Layout that is written today.
    pub schema_version: SchemaVersion,
    /// Older layouts that are still read.
    pub older: &'static [u16],
    /// JSON schema of the payload as interfaces show it.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// What the registry knows of a command.
#[derive(Debug, Clone, Copy)]
pub struct CommandSpec {
    /// Name in URLs, kebab-case.
    pub name: &'static str,
    /// JSON schema of the body.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Why stored bytes are not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The number belongs to no event of this build.
    #[error("unknown event type {type_id}")]
    UnknownType {
        /// The number that came.
        type_id: TypeId,
    },
    /// The layout is newer than this build.
    #[error("unknown layout {schema_version} of event {name}")]
    UnknownLayout {
        /// The event's name.
        name: &'static str,
        /// The layout that came.
        schema_version: SchemaVersion,
    },
    /// The bytes do not fit the layout.
    #[error("payload of {name} does not fit its layout: {reason}")]
    Malformed {
        /// The event's name.
        name: &'static str,
        /// What the codec says.
        reason: String,
    },
}

/// Why a body is not a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The aggregate has no such command.
    #[error("unknown command `{name}`, expected one of {known}")]
    UnknownCommand {
        /// The name that came.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The body does not fit the command.
    #[error("body of `{command}` does not fit: {reason}")]
    Malformed {
        /// The command's name.
        command: &'static str,
        /// Where and why, as the parser says.
        reason: String,
    },
}

/// The events of one aggregate.
pub trait EventFamily: Clone + Debug + PartialEq + Serialize + Send + Sync + Sized + 'static {
    /// Every event type, in the order of the table.
    fn catalogue() -> Vec<EventSpec>;
    /// Permanent number of this event's type.
    fn type_id(&self) -> TypeId;
    /// Permanent name of this event's type.
    fn name(&self) -> &'static str;
    /// Layout that [`EventFamily::encode`] writes.
    fn schema_version(&self) -> SchemaVersion;
    /// The payload's bytes.
    fn encode(&self) -> Vec<u8>;
    /// The event that the bytes hold, brought up to today's layout.
    ///
    /// # Errors
    /// An unknown number or layout, or bytes that do not fit.
    fn decode(type_id: TypeId, version: SchemaVersion, payload: &[u8]) -> Result<Self, DecodeError>;
    /// The payload's bytes from its JSON as interfaces show it, both in the layout `version`.
    ///
    /// # Errors
    /// An unknown number or layout, or JSON that does not fit.
    fn payload_of_json(type_id: TypeId, version: SchemaVersion, json: &str) -> Result<Vec<u8>, DecodeError>;
}

/// The commands of one aggregate.
pub trait CommandFamily: Clone + Debug + PartialEq + Serialize + Send + Sync + Sized + 'static {
    /// Every command, in the order of the table.
    fn catalogue() -> Vec<CommandSpec>;
    /// The command's name in URLs.
    fn name(&self) -> &'static str;
    /// The command in a JSON body.
    ///
    /// # Errors
    /// An unknown name, or a body that does not fit.
    fn parse(name: &str, body: &[u8]) -> Result<Self, ParseError>;
}

fn codec() -> impl Options {
    bincode::DefaultOptions::new().with_limit(PAYLOAD_MAX_BYTES).reject_trailing_bytes()
}

/// A payload's bytes: bincode, variable-length integers, little endian.
pub fn encode<T: Serialize>(payload: &T) -> Vec<u8> {
    bincode::DefaultOptions::new()
        .serialize(payload)
        .expect("payloads hold plain data, which bincode always encodes")
}

/// A payload from its bytes, in one layout.
pub(crate) fn decode<T: DeserializeOwned>(name: &'static str, payload: &[u8]) -> Result<T, DecodeError> {
    codec().deserialize(payload).map_err(|error| DecodeError::Malformed { name, reason: error.to_string() })
}

/// A payload's bytes from its JSON, in one layout.
pub(crate) fn recode<T: Serialize + DeserializeOwned>(
    name: &'static str,
    json: &str,
) -> Result<Vec<u8>, DecodeError> {
    let malformed = |error: serde_json::Error| DecodeError::Malformed { name, reason: error.to_string() };
    serde_json::from_str::<T>(json).map_err(malformed).map(|payload| encode(&payload))
}

/// A command from a JSON body; an empty body stands for `{}`.
pub(crate) fn parse<T: DeserializeOwned>(command: &'static str, body: &[u8]) -> Result<T, ParseError> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    from_json(body).map_err(|error: serde_json::Error| {
        // What does not fit may be the secret itself, and the parser repeats it.
        let reason = if SECRETIVE.contains(&command) {
            format!("look at line {} column {}", error.line(), error.column())
        } else {
            error.to_string()
        };
        ParseError::Malformed { command, reason }
    })
}

/// A value in JSON text. The text is checked as a whole, not string by string.
///
/// # Errors
/// Where it is no text, no JSON, or not of that shape.
pub fn from_json<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(json) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => Err(serde_json::from_slice::<serde_json::Value>(json).expect_err("JSON is UTF-8")),
    }
}

/// Commands that bring secrets in the clear.
const SECRETIVE: [&str; 2] = ["set-env-var", "seal-provider-key"];

/// JSON schema of a payload or body.
pub(crate) fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Declares an aggregate's events as a table: `number => Payload version`, and older layouts that are still read.
macro_rules! events {
    (
        $(#[$doc:meta])*
        pub enum $family:ident {
            $($type_id:literal => $event:ident $version:literal $(from $($older:literal: $layout:ty),+)?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each payload carries the description")]
        pub enum $family {
            $($event($event),)*
        }

        $(impl From<$event> for $family {
            fn from(payload: $event) -> Self {
                Self::$event(payload)
            }
        })*

        impl serde::Serialize for $family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$event(payload) => payload.serialize(serializer),)*
                }
            }
        }

        impl $crate::catalogue::EventFamily for $family {
            fn catalogue() -> Vec<$crate::catalogue::EventSpec> {
                vec![$($crate::catalogue::EventSpec {
                    type_id: $crate::ids::TypeId($type_id),
                    name: stringify!($event),
                    schema_version: $crate::ids::SchemaVersion($version),
                    older: &[$($($older),+)?],
                    schema: $crate::catalogue::schema::<$event>,
                }),*]
            }
            fn type_id(&self) -> $crate::ids::TypeId {
                $crate::ids::TypeId(match self {
                    $(Self::$event(_) => $type_id,)*
                })
            }
            fn name(&self) -> &'static str {
                match self {
                    $(Self::$event(_) => stringify!($event),)*
                }
            }
            fn schema_version(&self) -> $crate::ids::SchemaVersion {
                $crate::ids::SchemaVersion(match self {
                    $(Self::$event(_) => $version,)*
                })
            }
            fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$event(payload) => $crate::catalogue::encode(payload),)*
                }
            }
            fn decode(
                type_id: $crate::ids::TypeId,
                version: $crate::ids::SchemaVersion,
                payload: &[u8],
            ) -> Result<Self, $crate::catalogue::DecodeError> {
                use $crate::catalogue::{DecodeError, decode};
                match (type_id.0, version.0) {
                    $(
                        ($type_id, $version) => decode::<$event>(stringify!($event), payload).map(Self::$event),
                        $($(($type_id, $older) => decode::<$layout>(stringify!($event), payload)
                            .map(|old| Self::$event(<$event>::from(old))),)+)?
                        ($type_id, _) => Err(DecodeError::UnknownLayout { name: stringify!($event), schema_version: version }),
                    )*
                    _ => Err(DecodeError::UnknownType { type_id }),
                }
            }
            fn payload_of_json(
                type_id: $crate::ids::TypeId,
                version: $crate::ids::SchemaVersion,
                json: &str,
            ) -> Result<Vec<u8>, $crate::catalogue::DecodeError> {
                use $crate::catalogue::{DecodeError, recode};
                match (type_id.0, version.0) {
                    $(
                        ($type_id, $version) => recode::<$event>(stringify!($event), json),
                        $($(($type_id, $older) => recode::<$layout>(stringify!($event), json),)+)?
                        ($type_id, _) => Err(DecodeError::UnknownLayout { name: stringify!($event), schema_version: version }),
                    )*
                    _ => Err(DecodeError::UnknownType { type_id }),
                }
            }
        }
    };
}

/// Declares an aggregate's commands as a table: `"name-in-urls" => Body`.
macro_rules! commands {
    (
        $(#[$doc:meta])*
        pub enum $family:ident {
            $($name:literal => $command:ident;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each body carries the description")]
        pub enum $family {
            $($command($command),)*
        }

        $(impl From<$command> for $family {
            fn from(body: $command) -> Self {
                Self::$command(body)
            }
        })*

        impl serde::Serialize for $family {
            #[allow(unused_variables, reason = "a table may be empty")]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // By value: of a reference, even to a type without values, the compiler demands an arm.
                match *self {
                    $(Self::$command(ref body) => body.serialize(serializer),)*
                }
            }
        }

        impl $crate::catalogue::CommandFamily for $family {
            fn catalogue() -> Vec<$crate::catalogue::CommandSpec> {
                vec![$($crate::catalogue::CommandSpec {
                    name: $name,
                    schema: $crate::catalogue::schema::<$command>,
                }),*]
            }
            fn name(&self) -> &'static str {
                match *self {
                    $(Self::$command(_) => $name,)*
                }
            }
            #[allow(unused_variables, reason = "a table may be empty")]
            fn parse(name: &str, body: &[u8]) -> Result<Self, $crate::catalogue::ParseError> {
                match name {
                    $($name => $crate::catalogue::parse::<$command>($name, body).map(Self::$command),)*
                    _ => Err($crate::catalogue::ParseError::UnknownCommand {
                        name: name.chars().take(80).collect(),
                        known: <[&str]>::join(&[$($name),*], ", "),
                    }),
                }
            }
        }
    };
}

/// Declares payloads and bodies: plain data, all with the same derives.
macro_rules! plain {
    ($($(#[$doc:meta])* struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )+};
}

pub(crate) use {commands, events, plain};

#[cfg(test)]
#[expect(unreachable_pub, reason = "the table declares a public family")]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
    pub struct Moved {
        to: String,
        distance_m: u64,
    }
    #[derive(Serialize, Deserialize)]
    struct MovedV1 {
        to: String,
    }
    impl From<MovedV1> for Moved {
        fn from(old: MovedV1) -> Self {
            Self { to: old.to, distance_m: 0 }
        }
    }
    events! {
        /// A family with a history.
        pub enum Travel {
            7 => Moved 2 from 1: MovedV1;
        }
    }

    #[test]
    fn an_older_layout_is_brought_up_to_date() {
        let old = encode(&MovedV1 { to: "Rome".into() });
        let event = Travel::decode(TypeId(7), SchemaVersion(1), &old).unwrap();
        assert_eq!(event, Travel::Moved(Moved { to: "Rome".into(), distance_m: 0 }));
        assert_eq!(event.schema_version(), SchemaVersion(2));
        assert_eq!(Travel::decode(TypeId(7), SchemaVersion(2), &event.encode()).unwrap(), event);
        assert_eq!(
            (Travel::catalogue()[0].older, event.name(), event.type_id()),
            (&[1][..], "Moved", TypeId(7))
        );
    }

    #[test]
    fn a_payload_comes_back_from_its_json_in_the_layout_it_had() {
        let bytes = |version, json: &str| Travel::payload_of_json(TypeId(7), SchemaVersion(version), json);
        let (old, new) = (MovedV1 { to: "Rome".into() }, Moved { to: "Rome".into(), distance_m: 3 });
        assert_eq!(bytes(1, r#"{"to":"Rome"}"#), Ok(encode(&old)));
        assert_eq!(bytes(2, r#"{"to":"Rome","distance_m":3}"#), Ok(encode(&new)));
        assert!(matches!(bytes(2, r#"{"to":"Rome"}"#), Err(DecodeError::Malformed { name: "Moved", .. })));
        assert!(matches!(bytes(3, "{}"), Err(DecodeError::UnknownLayout { name: "Moved", .. })));
        let unknown = Travel::payload_of_json(TypeId(8), SchemaVersion(1), "{}");
        assert_eq!(unknown, Err(DecodeError::UnknownType { type_id: TypeId(8) }));
    }

    #[test]
    fn what_is_unknown_or_malformed_says_so() {
        let decode = |id, version, bytes: &[u8]| {
            Travel::decode(TypeId(id), SchemaVersion(version), bytes).unwrap_err()
        };
        assert_eq!(decode(8, 1, &[]), DecodeError::UnknownType { type_id: TypeId(8) });
        assert_eq!(
            decode(7, 3, &[]),
            DecodeError::UnknownLayout { name: "Moved", schema_version: SchemaVersion(3) }
        );
        assert!(matches!(decode(7, 2, &[200]), DecodeError::Malformed { .. }));
        let mut trailing = encode(&Moved { to: String::new(), distance_m: 1 });
        trailing.push(0);
        assert!(matches!(decode(7, 2, &trailing), DecodeError::Malformed { .. }));
        let huge = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert!(matches!(decode(7, 2, &huge), DecodeError::Malformed { .. }));
    }
}
