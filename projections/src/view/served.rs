//! The one generic wrapper that makes any view answer: rows as JSON, changes, snapshots, hashes.

use std::any::Any;
use std::ops::ControlFlow;

use domain::Recorded;
use domain::authority::Sight;
use domain::ids::{Position, StreamId};
use sha2::{Digest, Sha256};

use super::{AnyView, Delta, Page, Query, QueryError, Row, Scope, View};
use crate::attic::{Attic, Lost};
use crate::chosen::{Chosen, Keyed, Order};
use crate::compare::{self, Compared, Difference};
use crate::filter;
use crate::marks::Marks;

/// The generic wrapper.
#[derive(Debug, Default)]
pub struct Served<V>(pub(super) V);

impl<V: View> Served<V> {
    fn parse_key(text: &str) -> Result<V::Key, QueryError> {
        text.parse().map_err(|_| QueryError::BadKey { view: V::NAME, key: text.chars().take(80).collect() })
    }
    fn seen(key: &V::Key, row: &V::Row, query: &Query) -> bool {
        // Rows of one aggregate say nothing of its project: whoever reads them was asked for the aggregate itself.
        let of_stream = matches!(V::SCOPE, Scope::Stream(_));
        of_stream || query.sight == Sight::Everything || query.sight.sees(V::project(key, row))
    }
    fn render(key: &V::Key, row: &V::Row) -> Row {
        let row =
            serde_json::value::to_raw_value(row).expect("rows hold plain data, which JSON always encodes");
        Row { key: key.to_string(), row }
    }
    /// What readers look for in a row.
    fn mark(row: &V::Row, marks: &mut Marks) {
        if *marks == Marks::default() {
            *marks = Marks::new(V::FILTERS.len(), V::FIGURES.len());
        }
        filter::mark(row, V::FILTERS, marks);
        for (index, figure) in V::FIGURES.iter().enumerate() {
            marks.figure(index, V::figure(row, figure));
        }
    }
    /// What the marks are of, in order.
    fn marked() -> Vec<&'static str> {
        V::FILTERS.iter().chain(&["/"]).chain(V::FIGURES).copied().collect()
    }
    fn lost(lost: Lost) -> QueryError {
        QueryError::Lost { view: V::NAME, reason: lost.0 }
    }
    /// The rows that a reader asked for, in order, and one more where there is one.
    fn kept(
        &self,
        query: &Query,
        chosen: &Chosen<V>,
        order: Option<&Order<V>>,
        limit: usize,
    ) -> Result<Vec<Keyed<'_, V>>, QueryError> {
        let table = self.0.table();
        let matching = |row: &Result<Keyed<'_, V>, Lost>| {
            row.as_ref().map_or(true, |(key, row)| chosen.has(row) && Self::seen(key, row, query))
        };
        if let Some(key) = query.key.as_deref().map(Self::parse_key).transpose()? {
            let Some((key, row)) = table.entry(&key).map_err(Self::lost)? else { return Ok(Vec::new()) };
            let one = std::iter::once(Ok((key, row))).filter(matching);
            if let Some(order) = order {
                return order.behind(query.after.as_deref())?.first(one, limit);
            }
            let after = query.after.as_deref().map(Self::parse_key).transpose()?;
            let behind = |after: &V::Key| if query.descending { key < after } else { key > after };
            return one
                .filter(|_| after.as_ref().is_none_or(behind))
                .collect::<Result<_, _>>()
                .map_err(Self::lost);
        }
        if let Some(order) = order {
            let behind = order.behind(query.after.as_deref())?;
            let rows =
                table.rows_where(None, false, |marks| chosen.may_have(marks) && behind.may_have(marks));
            return behind.first(rows.filter(matching), limit);
        }
        let after = query.after.as_deref().map(Self::parse_key).transpose()?;
        let rows = table.rows_where(after.as_ref(), query.descending, |marks| chosen.may_have(marks));
        let rows = rows.filter(matching);
        rows.take(limit.saturating_add(1)).collect::<Result<_, _>>().map_err(Self::lost)
    }
}

impl<V: View> AnyView for Served<V> {
    fn apply(&mut self, event: &Recorded) {
        self.0.apply(event);
    }
    fn settle(&mut self, position: Position) {
        self.0.table_mut().settle(position);
    }
    fn fault(&self) -> Option<&Lost> {
        self.0.table().fault()
    }
    fn page(&self, query: &Query) -> Result<Page, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let order = query.order_by.as_deref().map(|figure| Order::<V>::by(figure, query.descending));
        let order = order.transpose()?;
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut kept = self.kept(query, &chosen, order.as_ref(), limit)?;
        let cut = kept.len() > limit;
        kept.truncate(limit);
        let place = |(key, row): &Keyed<'_, V>| {
            order.as_ref().map_or_else(|| key.to_string(), |order| order.place(key, row))
        };
        let next = kept.last().filter(|_| cut).map(place);
        let summary = V::summary(kept.iter().map(|(_, row)| row.as_ref()));
        Ok(Page { rows: kept.iter().map(|(key, row)| Self::render(key, row)).collect(), summary, next })
    }
    fn changes(&self, since: Position, query: &Query) -> Result<Option<Delta>, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let table = self.0.table();
        let changed = match query.key.as_deref().map(Self::parse_key).transpose()? {
            Some(key) => table.is_changed_after(since, &key).map(|is| if is { vec![key] } else { vec![] }),
            None => {
                table.changed_after(since).map(|keys| keys.set.into_iter().chain(keys.del).cloned().collect())
            }
        };
        let Some(changed) = changed else { return Ok(None) };
        // Whose row it was that is gone nobody knows any more, and its key may tell: read the whole.
        if query.sight != Sight::Everything && changed.iter().any(|key| !table.contains(key)) {
            return Ok(None);
        }
        let mut delta = Delta::default();
        for key in &changed {
            match table.row(key).map_err(Self::lost)?.as_deref() {
                Some(row) if !Self::seen(key, row, query) => {}
                Some(row) if chosen.has(row) => delta.set.push(Self::render(key, row)),
                // It was never among what the reader has.
                Some(row) if !chosen.could_have(row) => {}
                _ => delta.del.push(key.to_string()),
            }
        }
        delta.set.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Some(delta))
    }
    fn links(&self) -> Vec<StreamId> {
        self.0.links()
    }
    fn len(&self) -> usize {
        self.0.table().len()
    }
    fn cold(&self) -> usize {
        self.0.table().cold()
    }
    fn furnish(&mut self, attic: Box<dyn Attic>) {
        let table = self.0.table_mut();
        table.furnish(attic);
        table.mark_with(Self::mark);
    }
    fn state_hash(&self) -> Result<[u8; 32], QueryError> {
        let mut hasher = Sha256::new();
        self.0.table().each_stored(|row| hasher.update(row)).map_err(Self::lost)?;
        Ok(hasher.finalize().into())
    }
    fn fork(&self) -> Box<dyn AnyView> {
        Box::new(Self(self.0.clone()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn touched(&self) -> Vec<String> {
        self.0.table().touched().into_iter().map(ToString::to_string).collect()
    }
    fn compare(
        &self,
        later: &dyn AnyView,
        query: &Query,
        differ: &mut dyn FnMut(Difference),
    ) -> Result<Compared, QueryError> {
        let chosen = Chosen::<V>::of(&query.filters)?;
        let key = query.key.as_deref().map(Self::parse_key).transpose()?;
        let Some(Self(later)) = later.as_any().downcast_ref() else {
            let reason = "it is of another view".to_owned();
            return Err(QueryError::BadSnapshot { view: V::NAME, reason });
        };
        let seen = |row: &Result<Keyed<'_, V>, Lost>| {
            row.as_ref()
                .map_or(true, |(of, row)| key.as_ref().is_none_or(|key| key == *of) && chosen.has(row))
        };
        let (old, new) = (self.0.table().rows(None, false), later.table().rows(None, false));
        let compared = compare::merged(old.filter(seen), new.filter(seen), |key, old, new| {
            let shown = |row: Option<&V::Row>| row.map(|row| Self::render(key, row).row);
            differ(Difference { key: key.to_string(), old: shown(old), new: shown(new) });
        });
        compared.map_err(Self::lost)
    }
    fn forget_changes(&mut self, position: Position) {
        self.0.table_mut().forget_changes(position);
    }
    fn snapshot(&self, take: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>) -> Result<(), QueryError> {
        let rest = bincode::serialize(&(self.len(), Self::marked(), &self.0));
        if take(rest.expect("views hold plain data, which bincode always encodes")).is_break() {
            return Ok(());
        }
        self.0.table().parts(take).map_err(Self::lost)
    }
    fn restore(&mut self, parts: &mut dyn Iterator<Item = Vec<u8>>) -> Result<(), QueryError> {
        let bad = |reason: String| QueryError::BadSnapshot { view: V::NAME, reason };
        let rest = parts.next().ok_or_else(|| bad("it is empty".to_owned()))?;
        let (len, marked, mut view): (usize, Vec<String>, V) =
            bincode::deserialize(&rest).map_err(|error| bad(error.to_string()))?;
        if marked != Self::marked() {
            return Err(bad("its rows are marked for other filters or figures".to_owned()));
        }
        let table = view.table_mut();
        table.furnish_as(self.0.table());
        for part in parts {
            table.load(&part).map_err(|lost| bad(lost.0))?;
        }
        if table.len() != len {
            return Err(bad(format!("expected {len} rows, got {}", table.len())));
        }
        self.0 = view;
        Ok(())
    }
}

impl<V: View> Served<V> {
    /// The view itself, for tests of its fold.
    pub fn inner(&self) -> &V {
        &self.0
    }
}
