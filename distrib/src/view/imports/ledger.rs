//! The ledger of an import: every row read is in exactly one bucket, in rows and in money.

use std::iter::Sum;

use caudal_contract::money::Cents;
use serde::Serialize;

/// One side of the ledger: rows or money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Balance<T> {
    /// The total read. Absent until the totals have arrived.
    pub read: Option<T>,
    /// New sales.
    pub stored: T,
    /// Sales that were changed.
    pub updated: T,
    /// Rows of sales that were stored already.
    pub duplicate: T,
    /// Rows that were rejected.
    pub rejected: T,
    /// Rows that are not sales. Absent until the totals have arrived.
    pub ignored: Option<T>,
}

impl<T: Copy + PartialEq + Default + Sum> Balance<T> {
    /// The sum of all buckets, which must equal `read`.
    #[must_use]
    pub fn accounted(&self) -> T {
        [self.stored, self.updated, self.duplicate, self.rejected, self.ignored.unwrap_or_default()].into_iter().sum()
    }

    /// Whether the totals have arrived and every unit read is in a bucket.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.ignored.is_some() && self.read == Some(self.accounted())
    }
}

/// The ledger of one import: its totals and the sum of its deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// In rows.
    pub rows: Balance<i64>,
    /// In money.
    pub money: Balance<Cents>,
    /// Rows that ingest handed over as sales. Absent until the totals have arrived.
    pub rows_accepted: Option<i64>,
    /// Rows that ingest handed over as rejected. Absent until the totals have arrived.
    pub rows_rejected: Option<i64>,
}

/// The state of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Some messages of the import have not been delivered yet.
    Arriving,
    /// Everything has arrived, and read = stored + updated + duplicate + rejected + ignored.
    Balanced,
    /// Everything has arrived, or more than that, and the sum is wrong.
    Unbalanced,
    /// The import was undone. The ledger still shows its deliveries.
    Undone,
}

impl ImportState {
    /// The name used in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Balanced => "balanced",
            Self::Unbalanced => "unbalanced",
            Self::Undone => "undone",
        }
    }
}

impl Ledger {
    /// Whether the totals have arrived and both sides balance.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.rows.balanced() && self.money.balanced()
    }

    /// Rows that were delivered as sales: new, changed or duplicate.
    #[must_use]
    pub fn delivered(&self) -> i64 {
        self.rows.stored + self.rows.updated + self.rows.duplicate
    }

    /// The state of the import. If fewer rows were delivered than ingest handed over, messages are still on their way. If more
    /// rows were delivered, the ledger can never balance.
    #[must_use]
    pub fn state(&self) -> ImportState {
        let (Some(accepted), Some(rejected)) = (self.rows_accepted, self.rows_rejected) else {
            return ImportState::Arriving;
        };
        let too_many = self.delivered() > accepted || self.rows.rejected > rejected;
        let too_few = self.delivered() < accepted || self.rows.rejected < rejected;
        if too_many || (!too_few && !self.balanced()) {
            ImportState::Unbalanced
        } else if too_few {
            ImportState::Arriving
        } else {
            ImportState::Balanced
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Ledger {
        Ledger {
            rows: Balance { read: Some(10), stored: 4, updated: 1, duplicate: 2, rejected: 2, ignored: Some(1) },
            money: Balance {
                read: Some(Cents(1000)),
                stored: Cents(500),
                updated: Cents(100),
                duplicate: Cents(200),
                rejected: Cents(150),
                ignored: Some(Cents(50)),
            },
            rows_accepted: Some(7),
            rows_rejected: Some(2),
        }
    }

    #[test]
    fn an_import_whose_every_row_is_in_a_bucket_balances() {
        assert_eq!(whole().state(), ImportState::Balanced);
    }

    #[test]
    fn an_import_is_arriving_until_its_totals_and_all_its_rows_are_there() {
        let mut ledger = whole();
        ledger.rows.stored = 3;
        assert_eq!(ledger.state(), ImportState::Arriving, "a batch of sales is on its way");
        let mut ledger = whole();
        ledger.rows.rejected = 0;
        assert_eq!(ledger.state(), ImportState::Arriving, "the rejected rows are on their way");
        let mut ledger = whole();
        (ledger.rows_accepted, ledger.rows_rejected) = (None, None);
        (ledger.rows.read, ledger.rows.ignored) = (None, None);
        assert_eq!(ledger.state(), ImportState::Arriving, "the totals are on their way");
        assert!(!ledger.balanced());
    }

    #[test]
    fn rows_too_many_and_money_that_differs_are_unbalanced() {
        let mut ledger = whole();
        ledger.rows.stored = 5;
        assert_eq!(ledger.state(), ImportState::Unbalanced, "more than was handed over");
        let mut ledger = whole();
        ledger.money.stored = Cents(499);
        assert_eq!(ledger.state(), ImportState::Unbalanced, "a cent is missing");
        let mut ledger = whole();
        ledger.rows.read = Some(11);
        assert_eq!(ledger.state(), ImportState::Unbalanced, "a row is in no bucket");
    }
}
