use caudal_contract::notice::Rule;
use polars::prelude::{ChunkTake, IdxSize, PlSmallStr, PolarsResult, StringChunked, StringChunkedBuilder};

/// A column of clean texts: the different ones, and which of them each data row has.
pub(super) struct TextColumn {
    /// The first is none at all.
    values: StringChunked,
    places: Vec<IdxSize>,
}

/// What a cell gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// Nothing, for it is blank.
    Blank,
    /// The value in this place.
    Value(IdxSize),
    /// Something that is left out.
    LeftOut,
    /// Something that breaks a rule.
    Broken(Rule),
}

impl TextColumn {
    /// The text of a row.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.places.get(index).and_then(|place| self.values.get(*place as usize))
    }

    /// The different values, as they are first met; some may be equal.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten()
    }

    /// What is true of each value, as what is true of each row; not of rows without a value.
    pub(super) fn flags(&self, mut is_so: impl FnMut(&str) -> bool) -> Vec<bool> {
        let of_values: Vec<bool> = self.values.iter().map(|value| value.is_some_and(&mut is_so)).collect();
        self.places.iter().map(|place| of_values.get(*place as usize) == Some(&true)).collect()
    }

    /// The column with other values in the same rows.
    pub(super) fn mapped<S: AsRef<str>>(&self, mut other: impl FnMut(&str) -> Option<S>) -> Self {
        let mut values = StringChunkedBuilder::new(PlSmallStr::EMPTY, self.values.len());
        for value in self.values.iter() {
            values.append_option(value.and_then(&mut other));
        }
        Self { values: values.finish(), places: self.places.clone() }
    }

    /// One text a row. The rows share the memory of their values.
    ///
    /// # Errors
    /// Only if a place is beyond the values: a defect.
    pub(super) fn into_rows(self, name: PlSmallStr) -> PolarsResult<StringChunked> {
        Ok(self.values.take(self.places.as_slice())?.with_name(name))
    }
}

/// Puts a [`TextColumn`] together.
pub(super) struct TextColumnBuilder {
    values: StringChunkedBuilder,
    next: IdxSize,
    places: Vec<IdxSize>,
}

impl TextColumnBuilder {
    pub(super) fn new(rows: usize) -> Self {
        let mut values = StringChunkedBuilder::new(PlSmallStr::EMPTY, 0);
        values.append_null();
        Self { values, next: 1, places: Vec::with_capacity(rows) }
    }

    /// A value that rows may have.
    pub(super) fn value(&mut self, text: &str) -> Given {
        self.values.append_value(text);
        self.next += 1;
        Given::Value(self.next - 1)
    }

    /// The next row, with nothing unless it has a value.
    pub(super) fn row(&mut self, given: Given) {
        self.places.push(if let Given::Value(place) = given { place } else { 0 });
    }

    pub(super) fn finish(self) -> TextColumn {
        TextColumn { values: self.values.finish(), places: self.places }
    }
}
