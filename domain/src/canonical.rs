//! A value as JSON in one spelling: keys in order, fields that are null left out.

use std::borrow::Cow;
use std::ops::Range;

use serde::ser::{self, Serialize};
use serde_json::{Error, Value};

const NULL: &[u8] = b"null";

/// Appends `value` to `out`.
///
/// # Errors
/// Where JSON has no form for it, as for keys that are no texts.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    value.serialize(Writer(out))
}

struct Writer<'a>(&'a mut Vec<u8>);

impl Writer<'_> {
    /// A value that has no parts.
    fn plain<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        serde_json::to_writer(self.0, value)
    }
}

macro_rules! plain {
    ($($method:ident $kind:ty;)*) => {$(
        fn $method(self, value: $kind) -> Result<(), Error> {
            self.plain(&value)
        }
    )*};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_f64 f64;
        serialize_char char;
        serialize_str &str;
        serialize_bytes &[u8];
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.plain(&f64::from(value))
    }
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(NULL);
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.plain(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = Object::new(self.0, 1, "");
        object.field(variant.into(), value)?;
        object.close();
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        Ok(List::new(self.0, "]"))
    }
    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Error> {
        Ok(List::new(self.0, "]"))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        Ok(List::new(self.0, "]"))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Error> {
        begin_variant(self.0, variant)?;
        Ok(List::new(self.0, "]}"))
    }
    fn serialize_map(self, fields: Option<usize>) -> Result<Object<'a>, Error> {
        Ok(Object::new(self.0, fields.unwrap_or(0), ""))
    }
    fn serialize_struct(self, _: &'static str, fields: usize) -> Result<Object<'a>, Error> {
        Ok(Object::new(self.0, fields, ""))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        fields: usize,
    ) -> Result<Object<'a>, Error> {
        begin_variant(self.0, variant)?;
        Ok(Object::new(self.0, fields, "}"))
    }
}

/// Opens the object around a variant's values.
fn begin_variant(out: &mut Vec<u8>, variant: &'static str) -> Result<(), Error> {
    out.push(b'{');
    serde_json::to_writer(&mut *out, variant)?;
    out.push(b':');
    Ok(())
}

/// Values in a row; null is one of them.
struct List<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
    close: &'static str,
}

impl<'a> List<'a> {
    fn new(out: &'a mut Vec<u8>, close: &'static str) -> Self {
        out.push(b'[');
        Self { out, empty: true, close }
    }
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        write(value, self.out)
    }
    fn close(self) {
        self.out.extend_from_slice(self.close.as_bytes());
    }
}

/// Fields: written one behind the other as they come, and put in order at the end.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    /// Each field's key, and where it stands with its value.
    fields: Vec<(Cow<'static, str>, Range<usize>)>,
    /// The key whose value comes next.
    key: Cow<'static, str>,
    /// What stands behind the object's own end.
    close: &'static str,
}

impl<'a> Object<'a> {
    fn new(out: &'a mut Vec<u8>, fields: usize, close: &'static str) -> Self {
        out.push(b'{');
        let (start, fields) = (out.len(), Vec::with_capacity(fields));
        Self { out, start, fields, key: Cow::Borrowed(""), close }
    }
    fn field<T: Serialize + ?Sized>(&mut self, key: Cow<'static, str>, value: &T) -> Result<(), Error> {
        let before = self.out.len();
        if !self.fields.is_empty() {
            self.out.push(b',');
        }
        let from = self.out.len();
        write_key(&key, self.out)?;
        self.out.push(b':');
        let of_value = self.out.len();
        write(value, self.out)?;
        if self.out[of_value..] == *NULL {
            self.out.truncate(before);
        } else {
            self.fields.push((key, from..self.out.len()));
        }
        Ok(())
    }
    fn close(mut self) {
        if !self.fields.is_sorted_by(|(one, _), (other, _)| one <= other) {
            self.fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            let end = self.out.len();
            for (index, (_, field)) in self.fields.iter().enumerate() {
                if index > 0 {
                    self.out.push(b',');
                }
                self.out.extend_from_within(field.clone());
            }
            self.out.drain(self.start..end);
        }
        self.out.push(b'}');
        self.out.extend_from_slice(self.close.as_bytes());
    }
}

fn write_key(key: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    // Names of fields, which are most of the keys, have nothing to be escaped.
    if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        out.push(b'"');
        out.extend_from_slice(key.as_bytes());
        out.push(b'"');
        return Ok(());
    }
    serde_json::to_writer(out, key)
}

macro_rules! lists {
    ($($part:ident $method:ident;)*) => {$(
        impl ser::$part for List<'_> {
            type Ok = ();
            type Error = Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }
            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! objects {
    ($($part:ident;)*) => {$(
        impl ser::$part for Object<'_> {
            type Ok = ();
            type Error = Error;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.field(key.into(), value)
            }
            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )*};
}

objects! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let text = match serde_json::to_value(key)? {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            _ => return Err(ser::Error::custom("a key should be a text")),
        };
        self.key = text.into();
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.field(key, value)
    }
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
#[path = "canonical/tests.rs"]
mod tests;
