use crate::sheet::{Column, Kind};

/// Remembers the result for each text of a column, because most texts occur in many of its rows.
pub(crate) struct PerText<'a, T> {
    cells: &'a Column,
    known: Vec<Option<T>>,
}

impl<'a, T: Copy> PerText<'a, T> {
    pub(crate) fn of(cells: &'a Column) -> Self {
        Self { cells, known: vec![None; cells.texts().len()] }
    }

    /// The result for the cell in a row. It is computed by `work` unless it is known for an equal text, so `work` may
    /// depend on nothing but this cell.
    pub(crate) fn get(&mut self, row: usize, work: impl FnOnce() -> T) -> T {
        let place = if self.cells.kind(row) == Kind::Text { self.cells.place_of_text(row) } else { None };
        match place.and_then(|place| self.known.get_mut(place)) {
            Some(known) => *known.get_or_insert_with(work),
            None => work(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::SheetBuilder;

    #[test]
    fn an_error_is_no_text_though_it_reads_like_one() {
        let mut builder = SheetBuilder::default();
        for (row, kind) in (0..).zip([Kind::Text, Kind::Error, Kind::Text]) {
            builder.set_text(row, 0, kind, "#N/A");
        }
        let sheet = builder.finish(String::new(), false, 0);
        let cells = sheet.columns.first().unwrap();
        let (mut known, mut asked) = (PerText::of(cells), 0);
        let kinds: Vec<Kind> = (0..3)
            .map(|row| {
                known.get(row, || {
                    asked += 1;
                    cells.kind(row)
                })
            })
            .collect();
        assert_eq!((kinds.as_slice(), asked), ([Kind::Text, Kind::Error, Kind::Text].as_slice(), 2));
    }
}
