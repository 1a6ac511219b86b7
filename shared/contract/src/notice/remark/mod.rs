//! Observations and assumptions about an import that was taken.

mod sentence;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::money::Cents;

/// The interpretation of a discount column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountReading {
    /// An amount of money.
    Money,
    /// A part of one: 0.1.
    Fraction,
    /// A part of a hundred: 10 or 10 %.
    Percent,
    /// Not counted, because the price already has the discount off.
    Included,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// An observation or assumption about an import that was taken. Every assumption is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Remark {
    /// No date column, or rows of a batch without a date: the sales carry the time of their arrival.
    DateAssumed {
        /// The time of arrival.
        at: DateTime<Utc>,
        /// The number of such rows in a batch, if other rows have a date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<u64>,
    },
    /// No quantity column, so each quantity is one.
    QuantityAssumed,
    /// No total column, or blank cells in it, so the total is quantity times unit price.
    AmountComputed {
        /// Computed rows.
        rows: u64,
    },
    /// Quantity, price and discount do not give the sheet's total. The sheet's total was taken.
    AmountDiffers {
        /// The number of rows with a difference.
        rows: u64,
    },
    /// The decimal mark of a column of texts, with its evidence.
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
    /// The interpretation of a discount column, with its evidence.
    DiscountRead {
        /// The column.
        column: String,
        /// The reading.
        reading: DiscountReading,
        /// Rows that prove it: a percent sign, or quantity, price and total that agree.
        proofs: u64,
    },
    /// An unclosed quotation mark. Each line of the text was read by itself.
    QuotesUnbalanced,
    /// The order of day and month in a column of texts, with its evidence.
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
    /// Date cells in which a spreadsheet program had swapped day and month, as the texts of the column prove.
    DaysSwappedBack {
        /// The column.
        column: String,
        /// The number of rows with a date cell.
        rows: u64,
    },
    /// Columns without a known field.
    UnknownColumns {
        /// Their headers; for a batch, only the first ones.
        columns: Vec<String>,
        /// The number of further columns.
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u64,
    },
    /// A remembered layout decides the meanings of the columns.
    LayoutApplied {
        /// The user who decided it; empty for the command line.
        by: String,
        /// The time of the decision.
        at: DateTime<Utc>,
    },
    /// No date column, so the layout or a title gives the day of every sale.
    DateGiven {
        /// The day.
        day: NaiveDate,
        /// Whether the day comes from a title or the sheet's name.
        in_title: bool,
    },
    /// A sheet for which the layout is not valid.
    SheetNotChosen {
        /// Its name.
        sheet: String,
    },
    /// A sheet without sales.
    SheetIgnored {
        /// Its name.
        sheet: String,
    },
    /// A hidden sheet with sales, which was read.
    HiddenSheetRead {
        /// Its name.
        sheet: String,
    },
    /// Macros in the workbook were not run.
    MacrosIgnored,
    /// Formulas without a stored result, because the program that wrote the workbook did not store one.
    FormulasWithoutValue {
        /// The number of formulas.
        count: u64,
    },
    /// The format of a text file.
    TextRead {
        /// The encoding.
        encoding: String,
        /// The delimiter.
        delimiter: String,
    },
    /// Empty rows.
    BlankRows {
        /// The number of rows.
        rows: u64,
    },
    /// The header repeated inside the data.
    RepeatedHeaders {
        /// The number of rows.
        rows: u64,
    },
    /// Total lines that were not taken as sales.
    TotalRows {
        /// The number of lines.
        rows: u64,
    },
    /// Titles and notes between the rows.
    TitleRows {
        /// The number of rows.
        rows: u64,
    },
    /// Total lines that equal the sum of the rows above them.
    ControlAgrees {
        /// The number of lines.
        rows: u64,
    },
    /// A total line that does not equal that sum.
    ControlDiffers {
        /// Its row, as spreadsheets count it.
        row: u32,
        /// The total in the line.
        says: Cents,
        /// The sum of the rows above it.
        adds: Cents,
    },
    /// Sales kept with an amount of zero, because their only money, the total, is blank.
    AmountMissing {
        /// The number of sales.
        rows: u64,
        /// The row of the first one, as spreadsheets count it.
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
    /// No product column, so the category stands for the product.
    ProductFromCategory {
        /// The category's column.
        column: String,
    },
    /// No product column, because each row is a whole order.
    ProductFromOrder {
        /// The order's column.
        column: String,
    },
    /// A column with a bare number is the order's, because no row has the number of another.
    OrderByContents {
        /// The column.
        column: String,
    },
    /// A column of costs is the total, because a customer ordered and there is no other money.
    TotalIsCost {
        /// The column.
        column: String,
    },
    /// No product column, because titles above the blocks of rows name the product.
    ProductFromTitles,
    /// Rows without the product's name whose status says that they were paid or sent. They are kept as whole orders.
    ProductBlank {
        /// The product's column.
        column: String,
        /// The number of rows.
        rows: u64,
    },
    /// Several columns could be the price or the total. Arithmetic decided.
    ResolvedByArithmetic {
        /// The price's column.
        unit_price: String,
        /// The total's column.
        total: String,
        /// Rows in which quantity times price is the total.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// A column with another name, or with none, is the quantity, because it makes the total with the price.
    QuantityByArithmetic {
        /// The column.
        column: String,
        /// Rows in which quantity times price is the total.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// The total is what quantity times price leaves after another column, such as returns, is taken off.
    TotalLessColumn {
        /// The total's column.
        total: String,
        /// The column that comes off.
        column: String,
        /// Rows in which it is so.
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
        /// Pairs of rows of one product with values in proportion to their quantities.
        rows: u64,
        /// Such pairs compared.
        compared: u64,
    },
    /// Two totals differ by the discount. The lower one was taken.
    TotalIsNet {
        /// The total before the discount.
        gross: String,
        /// The total after it.
        net: String,
        /// Rows with a difference of exactly the discount.
        rows: u64,
        /// Rows with a discount.
        compared: u64,
    },
    /// A total of the whole order, on its first line or on each line.
    TotalIsOfOrder {
        /// The column.
        column: String,
        /// The line total that was taken instead; without one, quantity times price was taken.
        line: Option<String>,
    },
    /// A total that holds freight or added taxes. The goods alone were taken.
    TotalHoldsFreight {
        /// The column.
        total: String,
        /// The column of the goods; without one, quantity times price was taken.
        goods: Option<String>,
        /// The columns of the amounts on top.
        on_top: Vec<String>,
        /// Rows in which they are the difference.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// A discount of whole orders, spread over their lines.
    OrderDiscountSpread {
        /// The column.
        column: String,
        /// The number of orders.
        orders: u64,
        /// Their discounts.
        amount: Cents,
        /// Orders whose total proves it; 0 if only the place of the discount speaks.
        proofs: u64,
    },
    /// Freight and the like that a total holds. They came off it, because a sale is its goods.
    FreightTakenOff {
        /// The total.
        total: String,
        /// The columns that came off.
        on_top: Vec<String>,
        /// The number of rows.
        rows: u64,
        /// The money that came off.
        amount: Cents,
    },
    /// A column that is the status because of its contents.
    StatusByContents {
        /// The column.
        column: String,
        /// The first state that takes a sale back or says that it is not paid.
        value: String,
    },
    /// Rows that take sales back although their amounts are above zero.
    ReturnsTakenOff {
        /// The column that says so.
        column: String,
        /// The number of rows.
        rows: u64,
        /// Their money.
        amount: Cents,
    },
    /// A total before the discount of its row. Quantity times price less the discount was taken.
    TotalBeforeDiscount {
        /// The total.
        total: String,
        /// The discount.
        discount: String,
    },
    /// Money that was returned came off the sales.
    RefundsTakenOff {
        /// The column.
        column: String,
        /// The number of orders that are returned in part.
        orders: u64,
        /// The money that came off.
        amount: Cents,
    },
    /// Values on the first line of orders only, taken for all their lines.
    OrderValuesShared {
        /// The columns.
        columns: Vec<String>,
        /// The other lines of these orders.
        rows: u64,
    },
    /// Sales that were kept although their payment is still awaited.
    UnpaidRows {
        /// The number of rows.
        rows: u64,
        /// Their money.
        amount: Cents,
    },
    /// A total from which a fee was subtracted. The total before the fee was taken.
    TotalBeforeFees {
        /// The column that was taken.
        total: String,
        /// The column with the fee subtracted.
        net: String,
        /// The column of the fee.
        fee: String,
        /// Rows in which the difference is the fee.
        rows: u64,
        /// Rows compared.
        compared: u64,
    },
    /// A total that is the sum of all rows so far.
    TotalIsRunning {
        /// The column.
        column: String,
        /// The column of the row's own amount, which was taken instead.
        line: String,
    },
    /// Cells left blank because the value above is repeated.
    FilledDown {
        /// The columns.
        columns: Vec<String>,
        /// Rows that took a value from above.
        rows: u64,
        /// The row of the first one, as spreadsheets count it.
        first: Vec<u32>,
    },
    /// No date column, but a title above the table has a day.
    DateFromTitle {
        /// The day.
        day: NaiveDate,
    },
    /// The days of the date column lack their year, or their month and year. A title or the sheet's name has the rest.
    PartialDays {
        /// The column's header.
        column: String,
        /// The year.
        year: i32,
        /// The month, if the days lack it or all are in one.
        month: Option<u32>,
    },
    /// No date column, but titles between the rows have days.
    DatesFromTitles {
        /// The number of titles.
        titles: u64,
    },
    /// The headers are shifted against the columns that they name.
    HeadersShifted {
        /// The number of columns by which the data are to the right of their headers; negative if they are to the left.
        columns: i64,
    },
    /// The headers are those of a known export, and its documentation says what the columns mean.
    KnownExport {
        /// The system and its export.
        name: String,
    },
    /// The header has two rows.
    HeaderOfTwoRows,
    /// A sheet without dates that is a summary of a sheet with dates.
    SheetIsSummary {
        /// Its name.
        sheet: String,
    },
    /// A sheet with the same rows as an earlier one.
    SheetIsCopy {
        /// Its name.
        sheet: String,
        /// The earlier sheet.
        of: String,
    },
    /// Cancelled orders that were not taken as sales.
    CancelledRows {
        /// The number of orders.
        rows: u64,
        /// Their money.
        amount: Cents,
    },
    /// Cancelled rows without an order number. If their sales came with an earlier import, they still count.
    CancelledWithoutOrder {
        /// The number of rows.
        rows: u64,
    },
    /// An order was cancelled through the API.
    OrderCancelled {
        /// The order number.
        order: String,
        /// The line, if only this one was cancelled.
        line: Option<String>,
    },
    /// Negative quantities, kept as returns.
    Returns {
        /// The number of rows.
        rows: u64,
    },
    /// Documents with wrong check digits; kept as they are.
    DocumentsDoubtful {
        /// The number of documents.
        rows: u64,
    },
    /// Documents that had lost leading zeros.
    ZerosRestored {
        /// The number of documents.
        rows: u64,
    },
    /// Texts damaged by a wrong encoding ("JoÃ£o") and repaired.
    MojibakeRepaired {
        /// The number of cells.
        cells: u64,
    },
    /// Words in the payment column without a known method; kept as "other".
    PaymentsUnknown {
        /// The words.
        values: Vec<String>,
    },
    /// Values of an optional column that could not be read and were left out.
    ValuesLeftOut {
        /// The column.
        column: String,
        /// The meaning assumed for the column.
        field: Field,
        /// The number of values.
        rows: u64,
    },
    /// Texts that were longer than their field allows, and were cut.
    TextsShortened {
        /// The column.
        column: String,
        /// The meaning assumed for the column.
        field: Field,
        /// The number of texts.
        rows: u64,
    },
    /// The order numbers of this file start over, so they identify sales only within the file.
    OrderIdsLocal {
        /// The number of order numbers found again from earlier files.
        met: u64,
        /// The number of these with the same date, product and customer.
        agreed: u64,
    },
    /// Orders with another product than before on their only line. They were taken as corrections.
    OrderLinesReplaced {
        /// The number of orders.
        orders: u64,
        /// The order numbers of the first ones.
        first: Vec<String>,
    },
}
