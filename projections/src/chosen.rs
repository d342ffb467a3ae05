//! Which rows a reader wants, and in which order: fields that equal a text, figures within bounds, the best first.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::marker::PhantomData;

use crate::attic::Lost;
use crate::filter::matches;
use crate::marks::{Bit, Hashed, Marks, Span};
use crate::view::{QueryError, View};

/// Rows that are looked at before those that come too late are let go.
const PLACED_MAX: usize = 4096;

/// Filters, taken apart and checked.
pub(crate) struct Chosen<V> {
    fields: Vec<(String, String)>,
    /// Where marks tell of them, and how.
    marks: Vec<(usize, Bit)>,
    bounds: Vec<Bound>,
    view: PhantomData<V>,
}

/// What a figure must not be below, or above.
struct Bound {
    figure: &'static str,
    least: bool,
    value: f64,
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The figure of that name.
fn figure<V: View>(name: &str) -> Option<&'static str> {
    V::FIGURES.iter().copied().find(|figure| *figure == name)
}

/// Where marks tell of it.
fn index<V: View>(figure: &str) -> Option<usize> {
    V::FIGURES.iter().position(|name| *name == figure)
}

/// Which filters the view has, in words.
fn known<V: View>() -> String {
    let bounds = V::FIGURES.iter().flat_map(|figure| [format!("{figure}.min"), format!("{figure}.max")]);
    let all: Vec<_> = V::FILTERS.iter().map(ToString::to_string).chain(bounds).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

impl<V: View> Chosen<V> {
    /// The rows that have each named field as the text beside it spells it; of a figure, `NAME.min` and `NAME.max`
    /// say from where and up to where, both included.
    ///
    /// # Errors
    /// A name that is no filter of the view, or a bound that is no number.
    pub(crate) fn of(filters: &[(String, String)]) -> Result<Self, QueryError> {
        let mut chosen =
            Self { fields: Vec::new(), marks: Vec::new(), bounds: Vec::new(), view: PhantomData };
        for (field, text) in filters {
            if let Some(index) = V::FILTERS.iter().position(|name| name == field) {
                chosen.fields.push((field.clone(), text.clone()));
                chosen.marks.push((index, Hashed::of(text).bit()));
                continue;
            }
            let parted = field.rsplit_once('.').and_then(|(name, end)| Some((figure::<V>(name)?, end)));
            let (figure, least) = match parted {
                Some((figure, "min")) => (figure, true),
                Some((figure, "max")) => (figure, false),
                _ => {
                    let (field, known) = (cut(field), known::<V>());
                    return Err(QueryError::UnknownFilter { view: V::NAME, field, known });
                }
            };
            let value = text.parse().ok().filter(|value: &f64| value.is_finite());
            let bad = || QueryError::BadNumber { field: cut(field), text: cut(text) };
            chosen.bounds.push(Bound { figure, least, value: value.ok_or_else(bad)? });
        }
        Ok(chosen)
    }
    /// Whether the reader wants that row. A figure that is unknown is within no bounds.
    pub(crate) fn has(&self, row: &V::Row) -> bool {
        self.bounds.iter().all(|bound| bound.holds::<V>(row)) && matches(row, &self.fields)
    }
    /// Whether such a row may be among those that the marks are of.
    pub(crate) fn may_have(&self, marks: &Marks) -> bool {
        self.marks.iter().all(|(field, bit)| marks.may_have(*field, *bit))
            && self.bounds.iter().all(|bound| bound.may_hold::<V>(marks))
    }
    /// Whether it would, as far as fields go that never change.
    pub(crate) fn could_have(&self, row: &V::Row) -> bool {
        let fixed = |(field, _): &&(String, String)| V::FIXED.contains(&field.as_str());
        let fixed: Vec<_> = self.fields.iter().filter(fixed).cloned().collect();
        matches(row, &fixed)
    }
}

impl Bound {
    fn may_hold<V: View>(&self, marks: &Marks) -> bool {
        let within = |span: Span| if self.least { span.most >= self.value } else { span.least <= self.value };
        index::<V>(self.figure).and_then(|index| marks.span(index)).is_none_or(within)
    }
    fn holds<V: View>(&self, row: &V::Row) -> bool {
        V::figure(row, self.figure)
            .is_some_and(|value| if self.least { value >= self.value } else { value <= self.value })
    }
}

/// An order by a figure: unknown ones come last, equal ones in the order of keys.
pub(crate) struct Order<V> {
    figure: &'static str,
    descending: bool,
    view: PhantomData<V>,
}

/// A row and its key.
pub(crate) type Keyed<'a, V> = (&'a <V as View>::Key, Cow<'a, <V as View>::Row>);

/// A row's place in it.
struct Place<'a, K> {
    value: Option<f64>,
    key: &'a K,
}

/// A row in it.
type Placed<'a, V> = (Place<'a, <V as View>::Key>, Cow<'a, <V as View>::Row>);

impl<V: View> Order<V> {
    /// The order by `name`.
    ///
    /// # Errors
    /// A name that is no figure of the view.
    pub(crate) fn by(name: &str, descending: bool) -> Result<Self, QueryError> {
        let unknown = || {
            let known = if V::FIGURES.is_empty() { "none".to_owned() } else { V::FIGURES.join(", ") };
            QueryError::UnknownFigure { view: V::NAME, figure: cut(name), known }
        };
        Ok(Self { figure: figure::<V>(name).ok_or_else(unknown)?, descending, view: PhantomData })
    }
    /// What lies behind `after` in it, from the beginning where there is none.
    ///
    /// # Errors
    /// An `after` that no page of this order has ended with.
    pub(crate) fn behind(&self, after: Option<&str>) -> Result<Behind<'_, V>, QueryError> {
        let after = after.map(Self::parse).transpose()?;
        Ok(Behind { order: self, after, enough: Cell::new(None) })
    }
    /// What a further page begins behind: the figure and the key, so that it stays a place when the row changes.
    pub(crate) fn place(&self, key: &V::Key, row: &V::Row) -> String {
        let value = V::figure(row, self.figure).map(|value| value.to_string()).unwrap_or_default();
        format!("{value}~{key}")
    }
    fn parse(text: &str) -> Result<(Option<f64>, V::Key), QueryError> {
        let parsed = text.split_once('~').and_then(|(value, key)| {
            let value = if value.is_empty() { None } else { Some(value.parse().ok()?) };
            Some((value, key.parse().ok()?))
        });
        parsed.ok_or_else(|| QueryError::BadKey { view: V::NAME, key: cut(text) })
    }
    fn compare(&self, one: &Place<'_, V::Key>, other: &Place<'_, V::Key>) -> Ordering {
        let directed = |order: Ordering| if self.descending { order.reverse() } else { order };
        let values = match (one.value, other.value) {
            (Some(one), Some(other)) => directed(one.total_cmp(&other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        values.then_with(|| directed(one.key.cmp(other.key)))
    }
}

/// What lies behind a place in an order.
pub(crate) struct Behind<'o, V: View> {
    order: &'o Order<V>,
    after: Option<(Option<f64>, V::Key)>,
    /// Once there are rows enough: a figure that none of them is behind of.
    enough: Cell<Option<f64>>,
}

impl<V: View> Behind<'_, V> {
    /// Whether rows that still count may be among those that the marks are of.
    pub(crate) fn may_have(&self, marks: &Marks) -> bool {
        let Some(span) = index::<V>(self.order.figure).and_then(|index| marks.span(index)) else {
            return true;
        };
        let descending = self.order.descending;
        let in_time = match self.enough.get() {
            Some(value) if descending => span.most >= value,
            Some(value) => span.least <= value,
            None => true,
        };
        let behind = match &self.after {
            Some((Some(value), _)) if descending => span.least <= *value || span.unknown,
            Some((Some(value), _)) => span.most >= *value || span.unknown,
            Some((None, _)) => span.unknown,
            None => true,
        };
        in_time && behind
    }
    /// The first `limit` of those `rows` that lie there, in order, and one more where there is one.
    ///
    /// # Errors
    /// A row that cannot be read back.
    pub(crate) fn first<'a>(
        &self,
        rows: impl Iterator<Item = Result<Keyed<'a, V>, Lost>>,
        limit: usize,
    ) -> Result<Vec<Keyed<'a, V>>, QueryError> {
        let order = self.order;
        let after = self.after.as_ref().map(|(value, key)| Place { value: *value, key });
        let most = limit.saturating_add(1);
        let mut placed: Vec<Placed<'a, V>> = Vec::new();
        for row in rows {
            let (key, row) = row.map_err(|lost| QueryError::Lost { view: V::NAME, reason: lost.0 })?;
            let place = Place { value: V::figure(&row, order.figure), key };
            if after.as_ref().is_some_and(|after| !order.compare(&place, after).is_gt()) {
                continue;
            }
            placed.push((place, row));
            // Rows that were read back are not to pile up.
            if placed.len() >= most.saturating_mul(2).max(PLACED_MAX) {
                placed.select_nth_unstable_by(most, |(one, _), (other, _)| order.compare(one, other));
                self.enough.set(placed.get(most).and_then(|(place, _)| place.value));
                placed.truncate(most);
            }
        }
        placed.sort_unstable_by(|(one, _), (other, _)| order.compare(one, other));
        placed.truncate(most);
        Ok(placed.into_iter().map(|(place, row)| (place.key, row)).collect())
    }
}
