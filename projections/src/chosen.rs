//! Which rows a reader wants, and in which order: fields that equal a text, figures within bounds, the best first.

use std::cmp::Ordering;
use std::marker::PhantomData;

use crate::filter::matches;
use crate::view::{QueryError, View};

/// Filters, taken apart and checked.
pub(crate) struct Chosen<V> {
    fields: Vec<(String, String)>,
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
        let mut chosen = Self { fields: Vec::new(), bounds: Vec::new(), view: PhantomData };
        for (field, text) in filters {
            if V::FILTERS.contains(&field.as_str()) {
                chosen.fields.push((field.clone(), text.clone()));
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
    /// Whether it would, as far as fields go that never change.
    pub(crate) fn could_have(&self, row: &V::Row) -> bool {
        let fixed = |(field, _): &&(String, String)| V::FIXED.contains(&field.as_str());
        let fixed: Vec<_> = self.fields.iter().filter(fixed).cloned().collect();
        matches(row, &fixed)
    }
}

impl Bound {
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
pub(crate) type Keyed<'a, V> = (&'a <V as View>::Key, &'a <V as View>::Row);

/// A row's place in it.
#[derive(Clone, Copy)]
struct Place<'a, K> {
    value: Option<f64>,
    key: &'a K,
}

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
    /// The first `limit` of `rows` behind `after`, in order, and one more where there is one.
    ///
    /// # Errors
    /// An `after` that no page of this order has ended with.
    pub(crate) fn first<'a>(
        &self,
        rows: impl Iterator<Item = (&'a V::Key, &'a V::Row)>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Keyed<'a, V>>, QueryError> {
        let after = after.map(Self::parse).transpose()?;
        let after = after.as_ref().map(|(value, key)| Place { value: *value, key });
        let placed = rows.map(|(key, row)| (Place { value: V::figure(row, self.figure), key }, row));
        let mut placed: Vec<_> = placed
            .filter(|(place, _)| after.as_ref().is_none_or(|after| self.compare(place, after).is_gt()))
            .collect();
        let most = limit.saturating_add(1);
        if placed.len() > most {
            placed.select_nth_unstable_by(most - 1, |(one, _), (other, _)| self.compare(one, other));
            placed.truncate(most);
        }
        placed.sort_unstable_by(|(one, _), (other, _)| self.compare(one, other));
        Ok(placed.into_iter().map(|(place, row)| (place.key, row)).collect())
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
