use caudal_contract::notice::Rule;
use polars::prelude::{ChunkTake, IdxSize, PlSmallStr, PolarsResult, StringChunked, StringChunkedBuilder};

/// A column of clean texts: the different texts, and the index of the text of each data row.
pub(super) struct TextColumn {
    /// The first value is null, for rows without a text.
    values: StringChunked,
    places: Vec<IdxSize>,
}

/// The result of reading a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// No value, because the cell is blank.
    Blank,
    /// The value at this index.
    Value(IdxSize),
    /// A value that is left out.
    LeftOut,
    /// A value that breaks a rule.
    Broken(Rule),
}

impl TextColumn {
    /// The text of a row.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.places.get(index).and_then(|place| self.values.get(*place as usize))
    }

    /// The different values in the order in which they were met. Some may be equal.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flatten()
    }

    /// Evaluates `is_so` once for each value and returns the result for each row. Rows without a value are `false`.
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

    /// One text for each row. The rows share the memory of their values.
    ///
    /// # Errors
    /// Only if an index is beyond the values, which is a bug.
    pub(super) fn into_rows(self, name: PlSmallStr) -> PolarsResult<StringChunked> {
        Ok(self.values.take(self.places.as_slice())?.with_name(name))
    }
}

/// Builds a [`TextColumn`].
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

    /// Adds a value for rows to use.
    pub(super) fn value(&mut self, text: &str) -> Given {
        self.values.append_value(text);
        self.next += 1;
        Given::Value(self.next - 1)
    }

    /// Adds the next row. It is null unless it has a value.
    pub(super) fn row(&mut self, given: Given) {
        self.places.push(if let Given::Value(place) = given { place } else { 0 });
    }

    pub(super) fn finish(self) -> TextColumn {
        TextColumn { values: self.values.finish(), places: self.places }
    }
}
