//! Layouts of known exports. A shop system writes the same columns for each shop, and some of them cannot be understood
//! without its documentation: the `item-price` of an Amazon order is that of all pieces of the line.
//!
//! Each export is a file in `ingest/reading/exports/`. It is recognised by some of its headers in any order. It is only a
//! claim: if the amounts of the sheet contradict it, the sheet is read like every other one.

mod export;
mod proof;

use std::sync::LazyLock;

use caudal_contract::field::{Field, FieldKind};
use caudal_contract::notice::{DiscountReading, LayoutProblem, Remark, SumProof};

use super::evidence::Evidence;
use super::orders::{OrderDiscount, Orders, Refund, is_blank};
use super::result::Layout;
use crate::value::number::MONEY;
use export::{Export, Headers, Names};

/// The exports as they are written. The first one that fits counts.
const FILES: &[&str] = &[
    include_str!("../../../exports/amazon-orders.toml"),
    include_str!("../../../exports/bling.toml"),
    include_str!("../../../exports/casas-bahia.toml"),
    include_str!("../../../exports/etsy-items.toml"),
    include_str!("../../../exports/etsy-orders.toml"),
    include_str!("../../../exports/ifood.toml"),
    include_str!("../../../exports/loyverse-items.toml"),
    include_str!("../../../exports/mercado-livre.toml"),
    include_str!("../../../exports/nuvemshop.toml"),
    include_str!("../../../exports/odoo.toml"),
    include_str!("../../../exports/shopee.toml"),
    include_str!("../../../exports/shopify.toml"),
    include_str!("../../../exports/square-items.toml"),
    include_str!("../../../exports/stripe.toml"),
    include_str!("../../../exports/tiny.toml"),
    include_str!("../../../exports/vtex.toml"),
    include_str!("../../../exports/webtoffee.toml"),
    include_str!("../../../exports/woocommerce-advanced.toml"),
    include_str!("../../../exports/woocommerce-analytics.toml"),
];

/// The exports. A file that cannot be read is left out, and a test fails.
static EXPORTS: LazyLock<Vec<Export>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// The export that a layout follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownExport {
    /// Its name.
    pub(crate) name: String,
    /// The arithmetic of the sheet that agrees with it, if it can be checked.
    pub(crate) proof: Option<SumProof>,
    /// Columns with amounts that are no part of the sale.
    pub(crate) beside: Vec<usize>,
    /// Whether the total is before the discount of the line.
    pub(crate) total_is_before_discount: bool,
    /// Whether the discount of the order is written as the share of each line.
    pub(crate) discount_is_shared_out: bool,
}

/// The layout of the export to which the headers belong, unless the contents of the sheet contradict it. `by_names` is
/// the layout by the names of the columns. It still gives the fields about which the export says nothing.
pub(super) fn layout(evidence: &Evidence<'_>, by_names: &Layout) -> Option<Layout> {
    let headers = Headers::of(&evidence.headers);
    EXPORTS.iter().filter(|export| export.is_named_by(&headers)).find_map(|export| {
        let layout = claimed(export, &headers, evidence, by_names)?;
        let proof = proof::of(export, &headers, evidence, &layout)?;
        tracing::debug!(export = export.name, source = export.source, "the headers are those of a known export");
        let doubt = refund_without_product(evidence, &layout);
        let known = layout.known.map(|known| KnownExport { proof, ..known });
        Some(Layout { known, doubt, ..layout })
    })
}

/// The question whose a refund is, if it stands on a row without a product. The money of several rows below stands there
/// then, as on the rows of packs of Mercado Livre, and no line bears the refund.
fn refund_without_product(evidence: &Evidence<'_>, layout: &Layout) -> Option<LayoutProblem> {
    let (refund, products) = (layout.orders.refund?, evidence.products(layout)?);
    let returned = evidence.read(refund.column, MONEY);
    let is_lost =
        |(row, amount): (&usize, &Option<i64>)| amount.is_some_and(|amount| amount != 0) && is_blank(products, *row);
    let is_lost = evidence.rows.iter().zip(&returned).any(is_lost);
    is_lost.then(|| LayoutProblem::RefundUnclear { column: evidence.header(refund.column) })
}

/// The known export of a decided layout, if its discount has still to come off the total that was decided.
pub(super) fn total_before_discount(evidence: &Evidence<'_>, decided: &Layout) -> Option<KnownExport> {
    let claimed = layout(evidence, decided)?;
    let is_same = |field: Field| claimed.column(field) == decided.column(field);
    claimed
        .known
        .clone()
        .filter(|known| known.total_is_before_discount && is_same(Field::Total) && is_same(Field::Discount))
}

/// The layout as the export claims it. `None` if a column does not hold what its field needs.
fn claimed(export: &Export, headers: &Headers, evidence: &Evidence<'_>, by_names: &Layout) -> Option<Layout> {
    let mut columns: Vec<(Field, usize)> = Vec::new();
    for (field, names) in &export.fields {
        let Some(column) = headers.find(names) else { continue };
        let profile = evidence.profiles.get(column)?;
        if profile.filled > 0 && !profile.fits(*field) {
            if decides_the_sum(*field) || *field == Field::Date {
                return None;
            }
            continue;
        }
        columns.push((*field, column));
    }
    let all = |names: &[Names]| names.iter().filter_map(|names| headers.find(names)).collect::<Vec<_>>();
    let beside = all(&export.beside);
    let refund = export
        .refund
        .as_ref()
        .and_then(|refund| Some(Refund { column: headers.find(&refund.column)?, of_order: refund.of_order }));
    let discount = export.order_discount.as_ref().and_then(|discount| {
        Some(OrderDiscount {
            column: headers.find(&discount.column)?,
            reading: DiscountReading::Money,
            control: discount.left_off.as_ref().and_then(|total| headers.find(total)).map(|total| (total, Vec::new())),
            proofs: 0,
        })
    });
    if discount.as_ref().is_some_and(|discount| holds_percent(evidence, discount.column)) {
        return None;
    }
    let orders = Orders { discount, refund, ..Orders::default() };
    let decided: Vec<usize> = columns.iter().map(|(_, column)| *column).chain(beside.iter().copied()).collect();
    // A row of an export without products is an order, although a column of remarks may be called a description.
    let names_products = export.fields.contains_key(&Field::Product);
    let is_kept = |field: Field| {
        !decides_the_sum(field) && (names_products || !matches!(field, Field::Product | Field::Sku | Field::Category))
    };
    let rest = by_names.columns.iter().filter(|(field, column)| {
        is_kept(*field)
            && !decided.contains(column)
            && orders.columns().all(|of_orders| of_orders != *column)
            && columns.iter().all(|(given, _)| given != field)
    });
    let rest: Vec<(Field, usize)> = rest.copied().collect();
    columns.extend(rest);
    let known = KnownExport {
        name: export.name.clone(),
        proof: None,
        beside,
        total_is_before_discount: export.total_is_before_discount,
        discount_is_shared_out: export.order_discount.as_ref().is_some_and(|discount| !discount.of_order),
    };
    let remarks = [by_names.remarks.clone(), vec![Remark::KnownExport { name: export.name.clone() }]].concat();
    Some(Layout { columns, orders, known: Some(known), remarks, ..by_names.clone() })
}

/// Whether a cell of a column is a percentage. The discounts of known exports are money.
fn holds_percent(evidence: &Evidence<'_>, column: usize) -> bool {
    let text = |row: &usize| evidence.sheet.shown(*row, column);
    evidence.rows.iter().filter_map(text).any(|text| text.trim().ends_with('%'))
}

/// Whether a column of this field may change the sum, or the orders to which its rows belong.
fn decides_the_sum(field: Field) -> bool {
    field.kind() == FieldKind::Money || matches!(field, Field::Quantity | Field::UnitPrice | Field::OrderId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_and_names_its_source() {
        for text in FILES {
            let export: Result<Export, _> = toml::from_str(text);
            let export = export.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(!export.source.is_empty() && export.recognised_by.len() >= 3, "{}", export.name);
            assert!([Field::Total, Field::UnitPrice].iter().any(|field| export.fields.contains_key(field)));
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/exports");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), FILES.len(), "a file of the folder is not in the list");
    }
}
