//! Cancellations of sales that an earlier import brought.

use serde::{Deserialize, Serialize};

use super::{ImportId, SaleKey};

/// A row that says that a sale was cancelled. The sale is void unless a later import says that it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The key of the cancelled sale.
    pub key: SaleKey,
    /// The import of the row, if it is not the message's import. An import that waited hands over what a later one
    /// cancelled meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_id: Option<ImportId>,
    /// The row's sheet, as in [`super::Sale::sheet`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as in [`super::Sale::row`].
    pub row: u32,
    /// Whether the row also cancels the sales in earlier rows of its own import, as in a batch of the API.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancels_own: bool,
}
