//! The scale of weights: how sure a header is that it names a field, out of 100.
//!
//! A rule's weight counts if its words are the whole header. Each word more costs [`UNEXPLAINED`]. If two columns could
//! be one field, the higher score wins, so a step says which of two headers in one sheet is the better one. The steps
//! from [`AMOUNT`] to [`NET`] rank the totals, because many sheets have several of them; the two steps above
//! [`CERTAIN`] are for totals after a discount.

/// The total after the discount, in so many words: "Total com desconto". It was paid, so it wins against each other
/// total of the sheet, even if its header has a word more.
pub(crate) const AFTER_DISCOUNT_TOTAL: u32 = 115;
/// A value after the discount, if no header says that it is the total: "Valor com desconto".
pub(crate) const AFTER_DISCOUNT: u32 = 103;
/// The words name this field and nothing else in any sheet: "Data da venda", "Preço unitário".
pub(crate) const CERTAIN: u32 = 100;
/// A total that calls itself net. It wins against a mere "Total" beside it.
pub(crate) const NET: u32 = 99;
/// The word "total", or an abbreviation that leaves no doubt: "Valor unit.".
pub(crate) const TOTAL: u32 = 98;
/// Net revenue. It yields to a "Total" beside it, because that is the total of the row.
pub(crate) const NET_REVENUE: u32 = 97;
/// The amount of the sale. It yields to the net revenue beside it.
pub(crate) const AMOUNT: u32 = 96;
/// The usual name of the field, if no header beside it is more exact: "Cliente" yields to "Nome do cliente".
pub(crate) const SURE: u32 = 95;
/// A name that says more or less than the field: revenue, of which nobody says whether it is net, or a product together
/// with its category.
pub(crate) const REVENUE: u32 = 92;
/// A less usual name of the field, or one with a rare second meaning: "Comprador", "Estado".
pub(crate) const LIKELY: u32 = 90;
/// A sum that may leave something out, such as a subtotal.
pub(crate) const SUM: u32 = 88;
/// A common word that other columns are called by too: "Item", "Preço", "Venda".
pub(crate) const FAIR: u32 = 85;
/// The bare word "valor". It yields to every word that says of what it is the value.
pub(crate) const VALUE: u32 = 82;
/// A word that describes the field rather than names it: "Descrição", "Nome". Also a name of the order that its cells
/// confirm.
pub(crate) const LOOSE: u32 = 80;
/// A word that names several fields, of which this is the most frequent: "Código", "Unidade".
pub(crate) const VAGUE: u32 = 75;
/// A name that counts only if nothing better is there: gross amounts, "Grupo". Also a number of the order of which only
/// the cells speak.
pub(crate) const WEAK: u32 = 70;
/// A name of something near the field: a brand is nearly a category.
pub(crate) const POOR: u32 = 65;
/// A name that is wrong as often as right: "Dia", "Tipo", "Peso".
pub(crate) const FAINT: u32 = 60;

/// The steps of the scale, highest first.
#[cfg(test)]
pub(super) const SCALE: &[u32] = &[
    AFTER_DISCOUNT_TOTAL,
    AFTER_DISCOUNT,
    CERTAIN,
    NET,
    TOTAL,
    NET_REVENUE,
    AMOUNT,
    SURE,
    REVENUE,
    LIKELY,
    SUM,
    FAIR,
    VALUE,
    LOOSE,
    VAGUE,
    WEAK,
    POOR,
    FAINT,
];

/// Points that each word of the header costs that a rule does not explain.
pub(crate) const UNEXPLAINED: u32 = 12;
/// The lowest score that counts. Below it a header names nothing.
pub(crate) const LOWEST: u32 = 30;
/// Points that an empty column loses against a full one, so that the fuller of two columns with equally good names
/// wins.
pub(crate) const BLANK: u32 = 30;
