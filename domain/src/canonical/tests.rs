//! The one spelling against the plain way to it: a tree of values without nulls.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::write;

fn canonical<T: Serialize>(value: &T) -> String {
    let mut out = b"before ".to_vec();
    write(value, &mut out).expect("it has a form");
    String::from_utf8(out).expect("it is text").split_off("before ".len())
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[track_caller]
fn check<T: Serialize>(value: &T) {
    let mut tree = serde_json::to_value(value).expect("it has a form");
    drop_nulls(&mut tree);
    assert_eq!(canonical(value), tree.to_string());
}

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(Option<u8>),
    Tuple(i16, Option<bool>),
    Struct { zulu: f32, alpha: Option<f64> },
}

#[derive(Serialize)]
#[serde(tag = "kind")]
enum Tagged {
    Plain { value: String },
}

#[derive(Serialize)]
struct Wrapped(&'static str);

#[derive(Serialize)]
struct Nothing;

#[derive(Serialize)]
struct Everything {
    zulu: Vec<Shape>,
    nothing: Option<u8>,
    unit: (),
    nothing_at_all: Nothing,
    alpha: BTreeMap<String, Option<Wrapped>>,
    numbered: BTreeMap<i8, char>,
    flags: BTreeMap<bool, i64>,
    tagged: Tagged,
    large: (u64, i32, u32, f64),
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<u8>,
    flat: [u16; 2],
}

#[test]
fn every_shape_is_spelt_as_the_plain_way_spells_it() {
    let keys = ["b", "", "a\"b", "é", "a", "A", "\u{1}"].map(str::to_owned);
    check(&Everything {
        zulu: vec![
            Shape::Unit,
            Shape::Newtype(None),
            Shape::Newtype(Some(1)),
            Shape::Tuple(-1, None),
            Shape::Struct { zulu: 0.1, alpha: None },
            Shape::Struct { zulu: 1.0, alpha: Some(f64::NAN) },
        ],
        nothing: None,
        unit: (),
        nothing_at_all: Nothing,
        alpha: keys.into_iter().map(|key| (key, Some(Wrapped("\n")))).chain([("x".into(), None)]).collect(),
        numbered: [(-3, 'c'), (20, '"'), (3, 'x')].into(),
        flags: [(true, i64::MIN), (false, 0)].into(),
        tagged: Tagged::Plain { value: "ü \t".into() },
        large: (u64::MAX, i32::MIN, 7, 1e300),
        skipped: None,
        flat: [1, 2],
    });
}

#[test]
fn nulls_stay_in_lists_and_leave_objects() {
    assert_eq!(
        canonical(&json!({"b": [null, {"x": null}], "a": null, "B": {}})),
        r#"{"B":{},"b":[null,{}]}"#
    );
    assert_eq!(canonical(&json!(null)), "null");
    assert_eq!(canonical(&json!({"a": "null"})), r#"{"a":"null"}"#);
}

#[test]
fn a_key_that_is_no_text_is_refused() {
    assert!(write(&BTreeMap::from([(vec![1], 1)]), &mut Vec::new()).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_tree_is_spelt_as_the_plain_way_spells_it(value in values()) {
        check(&value);
    }
}
