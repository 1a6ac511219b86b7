//! Computes amounts of money from quantities, prices and discounts.

use caudal_contract::notice::DiscountReading;

/// Quantity times price in cents, rounded half away from zero.
pub(crate) fn gross(quantity: Option<i64>, unit_price: Option<i64>) -> Option<i128> {
    const PER_CENT: i128 = 1_000_000;
    let product = i128::from(quantity?) * i128::from(unit_price?);
    let half = if product < 0 { -PER_CENT / 2 } else { PER_CENT / 2 };
    Some((product + half) / PER_CENT)
}

/// The discount of a row in cents. `None` if the price already includes it.
pub(crate) fn in_cents(kind: DiscountReading, raw: i64, gross: Option<i128>) -> Option<i64> {
    let rounded = |value: i128, divisor: i128| {
        let half = if value < 0 { -divisor / 2 } else { divisor / 2 };
        i64::try_from((value + half) / divisor).ok()
    };
    match kind {
        DiscountReading::Money => rounded(i128::from(raw), 100),
        DiscountReading::Fraction => rounded(gross? * i128::from(raw), 10_000),
        DiscountReading::Included => None,
        DiscountReading::Percent => rounded(gross? * i128::from(raw), 1_000_000),
    }
}
