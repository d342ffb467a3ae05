//! Two states of one view beside each other: which rows differ, and in which fields.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attic::Lost;

/// Objects in objects that are looked into; what lies deeper is compared as a whole.
const DEPTH_MAX: usize = 4;

/// A row that is not the same in both.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Its key, as text.
    pub key: String,
    /// The row before; absent where it was not there.
    pub old: Option<Box<RawValue>>,
    /// The row after; absent where it is gone.
    pub new: Option<Box<RawValue>>,
}

/// How many rows are the same, and how many are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Rows that are the same in both.
    pub equal: u64,
    /// Rows only after.
    pub added: u64,
    /// Rows only before.
    pub removed: u64,
    /// Rows in both whose fields differ.
    pub changed: u64,
}

impl Compared {
    /// Rows that are not the same.
    #[must_use]
    pub const fn differing(&self) -> u64 {
        self.added + self.removed + self.changed
    }
}

/// A field whose value is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name; fields of objects in the row as `outer.inner`.
    pub field: String,
    /// The value before; absent where the row was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value after; absent where the row is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl Difference {
    /// The fields that differ; all of them where the row is on one side only.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldChange> {
        let read = |row: &Option<Box<RawValue>>| {
            row.as_ref().and_then(|row| serde_json::from_str::<Value>(row.get()).ok())
        };
        let mut changes = Vec::new();
        fields("", read(&self.old).as_ref(), read(&self.new).as_ref(), 0, &mut changes);
        changes
    }
}

fn fields(
    path: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    depth: usize,
    changes: &mut Vec<FieldChange>,
) {
    if old == new {
        return;
    }
    let object = |value: Option<&Value>| value.is_none_or(Value::is_object);
    let whole = depth > 0 && (old.is_none() || new.is_none());
    if depth >= DEPTH_MAX || whole || !object(old) || !object(new) {
        changes.push(FieldChange { field: path.to_owned(), old: old.cloned(), new: new.cloned() });
        return;
    }
    let of = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (of(old), of(new));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        fields(&path, before.get(name), after.get(name), depth + 1, changes);
    }
}

/// A row and its key as a table's reader has them, or why not.
type Read<'a, K, R> = Result<(&'a K, Cow<'a, R>), Lost>;

/// Goes through both in key order, and names each key whose rows are not the same.
///
/// # Errors
/// A row that cannot be read back, of either.
pub(crate) fn merged<'a, K: Ord + 'a, R: Clone + Serialize + 'a>(
    mut old: impl Iterator<Item = Read<'a, K, R>>,
    mut new: impl Iterator<Item = Read<'a, K, R>>,
    mut differ: impl FnMut(&'a K, Option<&R>, Option<&R>),
) -> Result<Compared, Lost> {
    let mut compared = Compared::default();
    let (mut before, mut after) = (old.next().transpose()?, new.next().transpose()?);
    loop {
        let order = match (&before, &after) {
            (None, None) => return Ok(compared),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((before, _)), Some((after, _))) => before.cmp(after),
        };
        let left = if order.is_le() { std::mem::replace(&mut before, old.next().transpose()?) } else { None };
        let right = if order.is_ge() { std::mem::replace(&mut after, new.next().transpose()?) } else { None };
        match (&left, &right) {
            (Some((_, a)), Some((_, b))) if same(a.as_ref(), b.as_ref()) => {
                compared.equal += 1;
                continue;
            }
            (Some(_), Some(_)) => compared.changed += 1,
            (Some(_), None) => compared.removed += 1,
            _ => compared.added += 1,
        }
        if let Some(key) = left.as_ref().or(right.as_ref()).map(|(key, _)| *key) {
            differ(key, row(left.as_ref()), row(right.as_ref()));
        }
    }
}

fn row<'r, K, R: Clone>(side: Option<&'r (&K, Cow<'_, R>)>) -> Option<&'r R> {
    side.map(|(_, row)| row.as_ref())
}

/// Rows are plain data: they are the same where their stored bytes are.
fn same<R: Serialize>(one: &R, other: &R) -> bool {
    let bytes =
        |row: &R| bincode::serialize(row).expect("rows hold plain data, which bincode always encodes");
    bytes(one) == bytes(other)
}

#[cfg(test)]
mod tests {
    use domain::ids::RunId;
    use domain::run::RunStarted;
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, folded, id, parts, requested};
    use crate::{AnyView, Query};

    fn shown(old: &dyn AnyView, new: &dyn AnyView, query: &Query) -> (Compared, String) {
        let mut text = String::new();
        let compared = old.compare(new, query, &mut |difference| {
            let fields: Vec<_> = difference.fields().iter().map(|change| change.field.clone()).collect();
            let sides = (difference.old.is_some(), difference.new.is_some());
            text.push_str(&format!("{} {sides:?} {}\n", &difference.key[24..], fields.len().min(3)));
            if sides == (true, true) {
                text.push_str(&format!("  {}\n", serde_json::to_string(&difference.fields()).unwrap()));
            }
        });
        (compared.unwrap(), text)
    }

    #[test]
    fn rows_that_came_went_and_changed_are_named_with_their_fields() {
        let before = History::new().run(1, requested("a")).run(2, requested("b"));
        let old = folded("runs", &before);
        let new = folded("runs", &before.clone().run(2, RunStarted {}).run(3, requested("c")));
        let (compared, text) = shown(&*old, &*new, &Query::default());
        assert_eq!(compared, Compared { equal: 1, added: 1, removed: 0, changed: 1 });
        assert_eq!(compared.differing(), 2);
        expect![[r#"
            02 (true, true) 2
              [{"field":"started_at","old":null,"new":"2026-11-21T07:00:02.000Z"},{"field":"status","old":"pending","new":"running"}]
            03 (false, true) 3
        "#]]
        .assert_eq(&text);
        let (back, _) = shown(&*new, &*old, &Query::default());
        assert_eq!(back, Compared { equal: 1, added: 0, removed: 1, changed: 1 });
        assert_eq!(shown(&*new, &*new, &Query::default()).0, Compared { equal: 3, ..Compared::default() });
    }

    #[test]
    fn what_a_filter_hides_is_not_there() {
        let before = History::new().run(1, requested("a")).run(2, requested("b"));
        let old = folded("runs", &before);
        let new = folded("runs", &before.run(2, RunStarted {}));
        let by = |field: &str, text: &str| Query {
            filters: vec![(field.into(), text.into())],
            ..Query::default()
        };
        let (pending, _) = shown(&*old, &*new, &by("status", "pending"));
        assert_eq!(pending, Compared { equal: 1, removed: 1, ..Compared::default() });
        let one = Query { key: Some(id::<RunId>(1).to_string()), ..Query::default() };
        assert_eq!(shown(&*old, &*new, &one).0, Compared { equal: 1, ..Compared::default() });
        assert!(old.compare(&*new, &by("colour", "red"), &mut |_| ()).is_err());
        assert!(old.compare(&*folded("usage", &History::new()), &Query::default(), &mut |_| ()).is_err());
    }

    #[test]
    fn a_fork_stands_alone() {
        let mut view = folded("runs", &History::new().run(1, requested("a")));
        let fork = view.fork();
        let empty = parts(&*folded("runs", &History::new()));
        view.restore(&mut empty.into_iter()).unwrap();
        assert_eq!((view.len(), fork.len()), (0, 1));
    }

    #[test]
    fn fields_of_objects_are_told_apart() {
        let raw = |text: &str| Some(RawValue::from_string(text.to_owned()).unwrap());
        let difference = Difference {
            key: "k".into(),
            old: raw(r#"{"a":{"b":1,"c":[1]},"d":null,"e":{"x":1}}"#),
            new: raw(r#"{"a":{"b":2,"c":[1,2]},"d":null,"e":null}"#),
        };
        let fields: Vec<_> = difference.fields().into_iter().map(|change| change.field).collect();
        assert_eq!(fields, ["a.b", "a.c", "e"]);
    }
}
