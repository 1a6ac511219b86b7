//! The answers of the judges.

use caudal_contract::field::Field;
use caudal_contract::notice::{LayoutProblem, Refusal, Remark, SumProof};

use super::orders::Orders;
use super::result::{OpenColumn, Returns, Sold};
use crate::value::partial_day::Rest;

/// A single finding of a judge.
#[derive(Debug)]
pub(super) enum Finding {
    /// Gives each of these fields its column. A field with `None` loses its column. Earlier assignments of these fields
    /// and columns are removed.
    Assign {
        /// Each field with its column.
        fields: Vec<(Field, Option<usize>)>,
        /// The remark in the import about the numbers that prove it.
        proof: Option<Remark>,
    },
    /// Titles give the days. Each day is as written, with the row of its title, which stands above the rows that it
    /// dates.
    Days(Vec<(usize, String)>),
    /// The days of this column lack their year, or their month and year.
    PartialDays {
        /// The column.
        column: usize,
        /// The year and perhaps the month.
        rest: Rest,
    },
    /// The table holds sales, and the name of the thing sold has this source.
    Sold {
        /// The source of the name.
        sold: Sold,
        /// The remark in the import about the source.
        proof: Option<Remark>,
    },
    /// These columns belong to whole orders.
    Orders(Orders),
    /// These rows take sales back.
    Returns(Returns),
    /// The total holds the amounts in these columns, such as freight, and they are no part of the sale.
    OnTop(Vec<usize>),
    /// The sum of the table is proven.
    Proven(SumProof),
    /// These columns could change the sum, and nothing proves that they do not.
    Open(Vec<OpenColumn>),
    /// Evidence contradicts the columns, so a person has to confirm them.
    Doubt(LayoutProblem),
    /// The sheet holds no sales, or its sales cannot be read. No further judge is asked.
    Refuse(Refusal),
}

impl Finding {
    /// Gives one field a column.
    pub(super) fn assign(field: Field, column: usize, proof: Remark) -> Self {
        Self::Assign { fields: vec![(field, Some(column))], proof: Some(proof) }
    }
}
