//! What was noticed or assumed about an import that was taken.

mod sentence;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::money::Cents;

/// How a discount column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountReading {
    /// In money.
    Money,
    /// A part of one: 0.1.
    Fraction,
    /// A part of a hundred: 10 or 10 %.
    Percent,
    /// Not at all: the price already has it off.
    Included,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Something noticed or assumed about an import that was taken: nothing is guessed in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Remark {
    /// No date column, or rows of a batch without a date: the sales carry the time of their arrival.
    DateAssumed {
        /// The time taken.
        at: DateTime<Utc>,
        /// How many of a batch's rows, where others have a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<u64>,
    },
    /// No quantity column: one each.
    QuantityAssumed,
    /// No total column, or blank cells in it: quantity times unit price.
    AmountComputed {
        /// Rows computed.
        rows: u64,
    },
    /// Quantity, price and discount do not give the sheet's total; the sheet's total was taken.
    AmountDiffers {
        /// Rows where it differs.
        rows: u64,
    },
    /// Which mark separates decimals in a column of texts, and on what evidence.
    DecimalMark {
        /// The column.
        column: String,
        /// Whether the comma was taken.
        comma: bool,
        /// Values that prove the comma.
        comma_proofs: u64,
        /// Values that prove the point.
        point_proofs: u64,
    },
    /// How a discount column counts, and on what evidence.
    DiscountRead {
        /// The column.
        column: String,
        /// The reading.
        reading: DiscountReading,
        /// Rows that prove it: a percent sign, or quantity, price and total that agree.
        proofs: u64,
    },
    /// A quotation mark that nothing closes; each line of the text was read by itself.
    QuotesUnbalanced,
    /// Whether the day or the month comes first in a column of texts, and on what evidence.
    DateOrder {
        /// The column.
        column: String,
        /// Whether the day was taken to come first.
        day_first: bool,
        /// Values that prove the day first.
        day_proofs: u64,
        /// Values that prove the month first.
        month_proofs: u64,
    },
    /// Columns that no field was found for.
    UnknownColumns {
        /// Their headers; of a batch, the first of them.
        columns: Vec<String>,
        /// How many more there are.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// A remembered layout says what the columns mean.
    LayoutApplied {
        /// Who decided it; empty for whoever has the command line.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// No date column: the layout, or a title, gives the day of every sale.
    DateGiven {
        /// The day.
        day: NaiveDate,
        /// Whether a title or the sheet's name told it.
        in_title: bool,
    },
    /// A sheet that the layout is not for.
    SheetNotChosen {
        /// Its name.
        sheet: String,
    },
    /// A sheet that holds no sales.
    SheetIgnored {
        /// Its name.
        sheet: String,
    },
    /// A hidden sheet that holds sales and was read.
    HiddenSheetRead {
        /// Its name.
        sheet: String,
    },
    /// Macros in the workbook were not run.
    MacrosIgnored,
    /// Formulas whose result the program that wrote the workbook did not store.
    FormulasWithoutValue {
        /// How many.
        count: u64,
    },
    /// How a text file was read.
    TextRead {
        /// The encoding.
        encoding: String,
        /// The delimiter.
        delimiter: String,
    },
    /// Rows without anything in them.
    BlankRows {
        /// How many.
        rows: u64,
    },
    /// The header repeated inside the data.
    RepeatedHeaders {
        /// How many.
        rows: u64,
    },
    /// Total lines that were not taken as sales.
    TotalRows {
        /// How many.
        rows: u64,
    },
    /// Titles and notes between the rows.
    TitleRows {
        /// How many.
        rows: u64,
    },
    /// Total lines that say what the rows above them add up to.
    ControlAgrees {
        /// How many.
        rows: u64,
    },
    /// A total line that says something else.
    ControlDiffers {
        /// Its row, as spreadsheets count.
        row: u32,
        /// What it says.
        says: Cents,
        /// What the rows above it add up to.
        adds: Cents,
    },
    /// Sales whose only money, the total, is blank: kept with an amount of zero.
    AmountMissing {
        /// How many.
        rows: u64,
        /// The first of them, as spreadsheets count.
        first: Vec<u32>,
    },
    /// Prices fall as discounts rise, so the price already has the discount off.
    DiscountIncluded {
        /// The discount's column.
        column: String,
        /// Pairs of rows of one product in which the larger discount has the lower price.
        lower: u64,
        /// The other pairs.
        others: u64,
    },
    /// No product column: the category says what was sold.
    ProductFromCategory {
        /// The category's column.
        column: String,
    },
    /// No product column: each row is a whole order.
    ProductFromOrder {
        /// The order's column.
        column: String,
    },
    /// No product column: it is named in a title above each block of rows.
    ProductFromTitles,
    /// Several columns could be the price or the total: arithmetic decided.
    SettledByArithmetic {
        /// The price's column.
        unit_price: String,
        /// The total's column.
        total: String,
        /// Rows where quantity times price is the total.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// A column called "value" does not grow with the quantity, so it is the price of one.
    ValueIsPrice {
        /// The column.
        column: String,
        /// Pairs of rows of one product with different quantities and the same value.
        rows: u64,
        /// Such pairs compared.
        compared: u64,
    },
    /// A column called "price" grows with the quantity of the same product, so it is the total.
    PriceIsTotal {
        /// The column.
        column: String,
        /// Pairs of rows of one product whose values are in proportion to their quantities.
        rows: u64,
        /// Such pairs compared.
        compared: u64,
    },
    /// Of two totals that differ by the discount, the lower was taken.
    TotalIsNet {
        /// The total before the discount.
        gross: String,
        /// The total after it.
        net: String,
        /// Rows where they differ by exactly the discount.
        rows: u64,
        /// Rows with a discount.
        compared: u64,
    },
    /// A total that is the whole order's, on its first line or on each.
    TotalIsOfOrder {
        /// The column.
        column: String,
        /// The total of the lines that was taken instead; without one, quantity times price.
        line: Option<String>,
    },
    /// A total that had a fee taken off; the one before it was taken.
    TotalBeforeFees {
        /// The column taken.
        total: String,
        /// The column that is less by the fee.
        net: String,
        /// The column of the fee.
        fee: String,
        /// Rows on which it is.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// A total that is the sum of all rows so far.
    TotalIsRunning {
        /// The column.
        column: String,
        /// The column of the row's own amount, which was taken.
        line: String,
    },
    /// Cells left blank because they say the same as above.
    FilledDown {
        /// The columns.
        columns: Vec<String>,
        /// Rows that took a value from above.
        rows: u64,
        /// The first of them, as spreadsheets count.
        first: Vec<u32>,
    },
    /// No date column, but a day in a title above the table.
    DateFromTitle {
        /// The day.
        day: NaiveDate,
    },
    /// No date column, but titles with days between the rows.
    DatesFromTitles {
        /// How many.
        titles: u64,
    },
    /// The headers stand beside the columns that they name.
    HeadersShifted {
        /// How many columns the data stand to the right of their headers; negative to the left.
        columns: i64,
    },
    /// The header has two rows.
    HeaderOfTwoRows,
    /// A sheet without dates beside one with dates: a summary of it.
    SheetIsSummary {
        /// Its name.
        sheet: String,
    },
    /// A sheet with the same rows as one before it.
    SheetIsCopy {
        /// Its name.
        sheet: String,
        /// The sheet before it.
        of: String,
    },
    /// Cancelled orders that were not taken as sales.
    CancelledRows {
        /// How many.
        rows: u64,
        /// Their money.
        amount: Cents,
    },
    /// Negative quantities, kept as returns.
    Returns {
        /// How many.
        rows: u64,
    },
    /// Documents whose check digits are wrong; kept as they are.
    DocumentsDoubtful {
        /// How many.
        rows: u64,
    },
    /// Documents that had lost zeros in front.
    ZerosRestored {
        /// How many.
        rows: u64,
    },
    /// Texts damaged by a wrong encoding ("JoÃ£o") and repaired.
    MojibakeRepaired {
        /// How many cells.
        cells: u64,
    },
    /// Words in the payment column that no method is known for; kept as "other".
    PaymentsUnknown {
        /// The words.
        values: Vec<String>,
    },
    /// Values of an optional column that could not be read and were left out.
    ValuesLeftOut {
        /// The column.
        column: String,
        /// What it was taken for.
        field: Field,
        /// How many.
        rows: u64,
    },
    /// Texts that were longer than their field may be, and were cut.
    TextsShortened {
        /// The column.
        column: String,
        /// What it was taken for.
        field: Field,
        /// How many.
        rows: u64,
    },
    /// The order numbers of this file restart, so they identify sales within it only.
    OrderIdsLocal {
        /// Numbers met again from earlier files.
        met: u64,
        /// How many of them had the same date, product and customer.
        agreed: u64,
    },
    /// Orders whose one line has another product than before: taken as corrections.
    OrderLinesReplaced {
        /// How many.
        orders: u64,
        /// The numbers of the first of them.
        first: Vec<String>,
    },
}
