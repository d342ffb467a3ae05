//! Whether a row matches filters: only the fields that are filtered by are looked at, and nothing is rendered.

use std::fmt::{self, Display};

use serde::ser::{Impossible, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::marks::{Hashed, Marks};

/// Whether `row`, a struct, has in each named field the value that the text beside it spells. A text field is its
/// own text, an absent one the empty text, and anything else its JSON.
pub(crate) fn matches<R: Serialize>(row: &R, filters: &[(String, String)]) -> bool {
    let mut wanted = Wanted { filters, met: 0 };
    filters.is_empty() || (row.serialize(Reader::Row(&mut wanted)).is_ok() && wanted.met == filters.len())
}

/// Marks which texts the row has in the named fields.
pub(crate) fn mark<R: Serialize>(row: &R, fields: &[&str], marks: &mut Marks) {
    // Of a row that is no struct no field matches any text.
    let _ = row.serialize(Reader::Row(&mut Marking { fields, marks }));
}

/// Why a row or field is not serialized to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// It differs from what is wanted.
    Different,
    /// It has parts, so it cannot be compared as it comes by.
    Compound,
}

impl Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

impl serde::ser::Error for Stopped {
    fn custom<T: Display>(_: T) -> Self {
        Self::Different
    }
}

type Never = Impossible<(), Stopped>;

/// Takes a row's fields as they come by.
trait Take {
    fn take<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Stopped>;
}

/// Fields up to the first that differs.
struct Wanted<'a> {
    filters: &'a [(String, String)],
    /// Filters whose field came by.
    met: usize,
}

impl Take for Wanted<'_> {
    fn take<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Stopped> {
        for (_, text) in self.filters.iter().filter(|(name, _)| name == field) {
            let mut rest = Rest(text);
            match value.serialize(Reader::<Self>::Field(&mut rest)) {
                Ok(()) if rest.0.is_empty() => {}
                Err(Stopped::Compound) if is_json(value, text) => {}
                _ => return Err(Stopped::Different),
            }
            self.met += 1;
        }
        Ok(())
    }
}

struct Marking<'a> {
    fields: &'a [&'a str],
    marks: &'a mut Marks,
}

impl Take for Marking<'_> {
    fn take<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Stopped> {
        let Some(index) = self.fields.iter().position(|name| *name == field) else { return Ok(()) };
        let mut hashed = Hashed::new();
        if value.serialize(Reader::<Self>::Field(&mut hashed)).is_err() {
            hashed = Hashed::of(&serde_json::to_string(value).unwrap_or_default());
        }
        self.marks.text(index, hashed.bit());
        Ok(())
    }
}

struct Fields<'a, S>(&'a mut S);

impl<S: Take> SerializeStruct for Fields<'_, S> {
    type Ok = ();
    type Error = Stopped;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        field: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        self.0.take(field, value)
    }
    fn end(self) -> Result<(), Stopped> {
        Ok(())
    }
}

fn is_json<T: Serialize + ?Sized>(value: &T, text: &str) -> bool {
    serde_json::to_string(value).is_ok_and(|json| json == text)
}

/// What is read: a row, whose fields are taken, or a field, whose text is written.
enum Reader<'a, S> {
    Row(&'a mut S),
    Field(&'a mut dyn fmt::Write),
}

impl<S> Reader<'_, S> {
    fn write(self, text: fmt::Arguments<'_>) -> Result<(), Stopped> {
        match self {
            Self::Field(out) => out.write_fmt(text).map_err(|_| Stopped::Different),
            Self::Row(_) => Err(Stopped::Different),
        }
    }
}

/// What is left of a text once what was written is taken off its front.
struct Rest<'a>(&'a str);

impl fmt::Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// Values of several parts.
macro_rules! compounds {
    ($($method:ident($($of:ty),*);)*) => {
        $(fn $method(self, $(_: $of),*) -> Result<Never, Stopped> {
            Err(Stopped::Compound)
        })*
    };
}

macro_rules! numbers {
    ($($method:ident $number:ty;)*) => {
        $(fn $method(self, value: $number) -> Result<(), Stopped> {
            self.collect_str(&value)
        })*
    };
}

impl<'a, S: Take> Serializer for Reader<'a, S> {
    type Ok = ();
    type Error = Stopped;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Fields<'a, S>;
    type SerializeStructVariant = Never;

    numbers! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_char char;
    }
    /// JSON has a spelling of its own for these.
    fn serialize_f32(self, _: f32) -> Result<(), Stopped> {
        Err(Stopped::Compound)
    }
    fn serialize_f64(self, _: f64) -> Result<(), Stopped> {
        Err(Stopped::Compound)
    }
    fn serialize_str(self, value: &str) -> Result<(), Stopped> {
        match self {
            Self::Field(out) => out.write_str(value).map_err(|_| Stopped::Different),
            Self::Row(_) => Err(Stopped::Different),
        }
    }
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Stopped> {
        self.write(format_args!("{value}"))
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<(), Stopped> {
        Err(Stopped::Compound)
    }
    fn serialize_none(self) -> Result<(), Stopped> {
        self.serialize_str("")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stopped> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Stopped> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stopped> {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Stopped> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        match self {
            Self::Row(_) => value.serialize(self),
            Self::Field(_) => Err(Stopped::Compound),
        }
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a, S>, Stopped> {
        match self {
            Self::Row(fields) => Ok(Fields(fields)),
            Self::Field(_) => Err(Stopped::Compound),
        }
    }
    compounds! {
        serialize_seq(Option<usize>);
        serialize_tuple(usize);
        serialize_tuple_struct(&'static str, usize);
        serialize_tuple_variant(&'static str, u32, &'static str, usize);
        serialize_map(Option<usize>);
        serialize_struct_variant(&'static str, u32, &'static str, usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    enum Word {
        #[serde(rename = "two words")]
        Two,
        Of(u8),
    }

    #[derive(Serialize)]
    struct Wrapped(Option<i64>);

    #[derive(Serialize)]
    struct Shown {
        text: &'static str,
        absent: Option<u8>,
        number: Wrapped,
        share: f64,
        whole: f64,
        flag: bool,
        letter: char,
        word: Word,
        variant: Word,
        list: Vec<u8>,
        part: (u8, &'static str),
        unit: (),
    }

    fn row() -> Shown {
        Shown {
            text: "a \"b\"",
            absent: None,
            number: Wrapped(Some(-12)),
            share: 0.5,
            whole: 2.0,
            flag: true,
            letter: 'é',
            word: Word::Two,
            variant: Word::Of(3),
            list: vec![1, 2],
            part: (1, "x"),
            unit: (),
        }
    }

    /// What a filter means, said in JSON.
    fn plainly(row: &Shown, field: &str, text: &str) -> bool {
        match &serde_json::to_value(row).unwrap()[field] {
            serde_json::Value::String(value) => value == text,
            serde_json::Value::Null => text.is_empty(),
            value => {
                let shown = value.to_string();
                shown == text
            }
        }
    }

    #[test]
    fn a_field_matches_as_its_json_would() {
        let row = row();
        let fields = serde_json::to_value(&row).unwrap();
        let mut texts: Vec<String> =
            ["", "x", "-1", "-123", "2", "2.0", "tru", "truer", "[1,2]", "null"].map(Into::into).into();
        texts.extend(fields.as_object().unwrap().values().map(|value| match value {
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        }));
        let (mut matched, mut ruled_out) = (0, 0);
        for field in fields.as_object().unwrap().keys() {
            for text in &texts {
                let filter = [(field.clone(), text.clone())];
                assert_eq!(matches(&row, &filter), plainly(&row, field, text), "{field} {text:?}");
                let mut marks = Marks::new(1, 0);
                mark(&row, &[field], &mut marks);
                let may = marks.may_have(0, Hashed::of(text).bit());
                assert!(may || !matches(&row, &filter), "{field} {text:?}");
                ruled_out += usize::from(!may);
                matched += usize::from(matches(&row, &filter));
            }
        }
        assert!(matched >= fields.as_object().unwrap().len(), "each field matches at least its own value");
        assert!(ruled_out > 9 * matched / 2, "{ruled_out} are ruled out without a look");
    }

    #[test]
    fn every_filter_must_match() {
        let filter = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> =
                pairs.iter().map(|(field, text)| (field.to_string(), text.to_string())).collect();
            matches(&row(), &pairs)
        };
        assert!(filter(&[]) && filter(&[("flag", "true"), ("text", "a \"b\""), ("flag", "true")]));
        assert!(!filter(&[("flag", "true"), ("flag", "false")]));
        assert!(!filter(&[("flag", "true"), ("text", "a")]) && !filter(&[("text", "a"), ("flag", "true")]));
        assert!(!filter(&[("missing", "")]));
    }
}
