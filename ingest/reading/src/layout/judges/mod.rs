//! One rule per file. Each judge asks the evidence one question about the columns as they are when it runs.

pub(super) mod arithmetic;
pub(super) mod below_zero;
pub(super) mod contradiction;
pub(super) mod day_by_contents;
pub(super) mod fees;
pub(super) mod freight;
pub(super) mod kinds;
pub(super) mod net_total;
pub(super) mod no_rows;
pub(super) mod numbered;
pub(super) mod order_total;
pub(super) mod orders;
pub(super) mod paid_cost;
pub(super) mod partial_days;
pub(super) mod price;
pub(super) mod running_total;
pub(super) mod side_by_side;
pub(super) mod sold;
pub(super) mod stacked;
pub(super) mod status;
pub(super) mod summed;
pub(super) mod title_days;
pub(super) mod titles_say;
pub(super) mod unexplained;
pub(super) mod units;
pub(super) mod unreadable;
