//! Exact money, prices and quantities.
//!
//! In code an amount is [`Cents`], and a unit price or a quantity is [`TenThousandths`]. Both are whole numbers, stored
//! as BIGINT. On the wire both are decimal strings (`"1234.56"`, `"2.5"`). Rounding happens in one place,
//! [`round_half_up`], and always half away from zero, as on Brazilian invoices.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount or unit price of a row (10^10). A larger number in a spreadsheet is a mistake. With this limit
/// the sum of as many rows as a sheet can have still fits 64 bits, in cents.
pub const LARGEST_AMOUNT: i64 = 10_000_000_000;
/// The largest quantity of a row (10^8). Larger numbers are bar codes or telephone numbers.
pub const LARGEST_QUANTITY: i64 = 100_000_000;

/// Rounds half away from zero to `places` decimal places: 2.345 becomes 2.35, -2.345 becomes -2.35.
#[must_use]
pub fn round_half_up(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

macro_rules! exact_number {
    ($(#[$doc:meta])* $name:ident, $places:literal, $scale:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// Decimal places kept.
            pub const PLACES: u32 = $places;
            /// The number of these in one whole unit.
            pub const SCALE: i64 = $scale;
            /// Zero.
            pub const ZERO: Self = Self(0);

            /// Rounds half up to this unit; `None` if the result does not fit 64 bits. (Sums may be larger than any
            /// row.)
            #[must_use]
            pub fn from_decimal(value: Decimal) -> Option<Self> {
                let scaled = round_half_up(value, Self::PLACES).checked_mul(Decimal::from(Self::SCALE))?;
                i64::try_from(scaled.trunc()).ok().map(Self)
            }

            /// The value as a decimal number.
            #[must_use]
            pub fn to_decimal(self) -> Decimal {
                Decimal::new(self.0, Self::PLACES)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self { Self(self.0 + other.0) }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self { Self(self.0 - other.0) }
        }
        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self { Self(-self.0) }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) { self.0 += other.0; }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                values.fold(Self::ZERO, Add::add)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <Decimal as Deserialize>::deserialize(deserializer)?;
                Self::from_decimal(value).ok_or_else(|| serde::de::Error::custom("the number is too large"))
            }
        }
    };
}

exact_number!(
    /// An amount of money in cents: `Cents(123456)` is 1,234.56.
    Cents, 2, 100
);
exact_number!(
    /// A unit price or a quantity in ten-thousandths: `TenThousandths(25000)` is 2.5.
    TenThousandths, 4, 10_000
);

/// Always two decimal places: `1234.56`, `-0.05`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", size / 100, size % 100)
    }
}

/// As many decimal places as needed: `3`, `2.5`; 0.1250 is written as `0.125`.
impl fmt::Display for TenThousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let (whole, part) = (size / 10_000, size % 10_000);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{part:04}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn half_a_cent_is_rounded_away_from_zero() {
        assert_eq!(Cents::from_decimal(decimal("2.345")), Some(Cents(235)));
        assert_eq!(Cents::from_decimal(decimal("-2.345")), Some(Cents(-235)));
        assert_eq!(Cents::from_decimal(decimal("2.3449999")), Some(Cents(234)));
    }

    #[test]
    fn sums_of_the_largest_rows_can_be_sent_and_a_number_beyond_64_bits_is_refused() {
        let sum = Cents(LARGEST_AMOUNT * 100 * 50_000);
        assert_eq!(serde_json::from_str::<Cents>(&serde_json::to_string(&sum).unwrap()).unwrap(), sum);
        assert_eq!(Cents::from_decimal(decimal("1000000000000000000")), None);
    }

    #[test]
    fn numbers_are_written_as_plain_decimals_and_read_back() {
        for cents in [0, 5, -5, 123_456, -100] {
            let text = serde_json::to_string(&Cents(cents)).unwrap();
            assert_eq!(serde_json::from_str::<Cents>(&text).unwrap(), Cents(cents), "{text}");
        }
        assert_eq!(Cents(-5).to_string(), "-0.05");
        assert_eq!(TenThousandths(25_000).to_string(), "2.5");
        assert_eq!(TenThousandths(-1_250).to_string(), "-0.125");
        assert_eq!(TenThousandths(30_000).to_string(), "3");
    }
}
