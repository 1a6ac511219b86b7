//! The verdict on a file: what it is, before anything is done with it.
//!
//! The inbox, a rehearsal and a file that waited all ask here, so that a rehearsal cannot promise anything else than what then happens.

use std::panic::AssertUnwindSafe;

use caudal_contract::decision::Remembered;
use caudal_contract::notice::{LayoutProblem, Refusal};
use caudal_reading::PolarsError;
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::repair::{self, Returned};
use caudal_reading::sheet::Contents;
use caudal_reading::value::Conventions;

/// What a file is.
#[derive(Debug)]
pub(super) enum Verdict {
    /// A repair workbook that comes back.
    Repair(Returned),
    /// Sales.
    Sales(Box<Batch>),
    /// It may hold sales, but a person has to say what its columns mean.
    NeedsLayout(LayoutProblem),
    /// Nothing of it is taken.
    Refused(Refusal),
}

/// Judges the contents of a file. `known` are the layouts that people decided. The name is for the log.
///
/// # Errors
/// Only if cleaning made columns of different lengths: a defect.
pub(super) fn what_is(
    contents: &Contents,
    conventions: &Conventions,
    known: &[Remembered],
    name: &str,
) -> Result<Verdict, PolarsError> {
    if let Some(returned) = repair::recognise(contents) {
        return Ok(Verdict::Repair(returned));
    }
    if repair::has_lost_its_token(contents) {
        return Ok(Verdict::Refused(Refusal::RepairTokenLost));
    }
    what_is_of_sales(contents, conventions, known, name)
}

/// Judges contents that are no repair workbook. A panic on the way is a defect of ours; it refuses the file instead of ending the
/// intake.
///
/// # Errors
/// As [`what_is`].
pub(super) fn what_is_of_sales(
    contents: &Contents,
    conventions: &Conventions,
    known: &[Remembered],
    name: &str,
) -> Result<Verdict, PolarsError> {
    let batch = std::panic::catch_unwind(AssertUnwindSafe(|| Batch::of_file(contents, conventions, known)));
    match batch {
        Ok(Ok(batch)) => Ok(Verdict::Sales(Box::new(batch))),
        Ok(Err(BatchError::NeedsLayout(problem))) => Ok(Verdict::NeedsLayout(problem)),
        Ok(Err(BatchError::Refused(refusal))) => Ok(Verdict::Refused(refusal)),
        Ok(Err(BatchError::Frame(error))) => Err(error),
        Err(_) => {
            tracing::error!(file = name, "cleaning the file ended in a panic");
            Ok(Verdict::Refused(Refusal::ReaderCrashed))
        }
    }
}

#[cfg(test)]
mod tests {
    use caudal_reading::sheet;
    use caudal_reading::value::{Basis, Mark};
    use chrono::DateTime;

    use super::*;

    fn verdict(text: &str) -> Verdict {
        let contents = sheet::read(text.as_bytes(), "x.csv").unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        what_is(&contents, &conventions, &[], "x.csv").unwrap()
    }

    #[test]
    fn a_file_is_sales_waits_for_a_layout_or_is_refused() {
        let sales = verdict("Data;Produto;Quantidade;Total\n01/03/2026;Café;2;10,00\n");
        assert!(matches!(sales, Verdict::Sales(batch) if batch.rows_read == 1));
        let unknown = verdict("Tag;Artikel;Betrag\n01.03.2026;Brot;10,00\n");
        assert!(matches!(unknown, Verdict::NeedsLayout(LayoutProblem::Missing { .. })));
        let stock = verdict("Produto;Quantidade;Preço;Validade\nLeite;2;10,00;01/03/2026\n");
        assert!(matches!(stock, Verdict::Refused(Refusal::LooksLike { .. })));
        let empty = verdict("Data;Produto;Quantidade;Total\n");
        assert!(matches!(empty, Verdict::Refused(Refusal::NoRows)));
    }
}
