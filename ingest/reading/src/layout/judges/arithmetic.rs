//! Finds the quantity and the total that the rows prove, under any header: a name alone never beats the
//! arithmetic of all rows.

use caudal_contract::field::Field;
use caudal_contract::notice::{Remark, SumProof};

use crate::layout::evidence::{Agreement, Evidence, Parts};
use crate::layout::finding::Finding;
use crate::layout::judges::unexplained::{is_gross, is_named_otherwise};
use crate::layout::result::Layout;
use crate::words::amounts::COMES_OFF;
use crate::words::words_of;

/// Most columns that are tried as the total.
const MOST_COLUMNS: usize = 20;

/// Assigns the quantity if another column times the price is the total, and otherwise the total if quantity times price
/// is another column. Nothing is assigned if the columns agree already.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let Some(parts) = Parts::of(layout) else { return Vec::new() };
    let Some(total) = layout.column(Field::Total) else { return unnamed_total(evidence, layout, parts) };
    if agrees(evidence.makes_the_total(parts, total)) {
        return Vec::new();
    }
    let finding = quantity(evidence, parts, total).or_else(|| line_total(evidence, layout, parts, total));
    finding.into_iter().collect()
}

/// Whether a header names money that comes off a sale: a return or a reduction of the price.
fn comes_off(header: &str) -> bool {
    words_of(header).iter().any(|word| COMES_OFF.begin(word))
}

/// The total, if its name does not say so: quantity times price is the column, or is it after another column, such as
/// returns, is taken off. A column with an unknown name may be a fee, and the rest a payout, so it is not taken off.
fn unnamed_total(evidence: &Evidence<'_>, layout: &Layout, parts: Parts) -> Vec<Finding> {
    let is_free = |column: &usize| layout.columns.iter().all(|(_, taken)| taken != column);
    let free: Vec<usize> = evidence
        .columns()
        .filter(|(column, header, profile)| {
            is_free(column) && profile.holds_numbers() && !is_named_otherwise(header) && !profile.counts_rows()
        })
        .map(|(column, ..)| column)
        .take(MOST_COLUMNS)
        .collect();
    let proof = |total: usize, off: Option<usize>| evidence.makes_the_total(Parts { returned: off, ..parts }, total);
    let alone = free.iter().map(|total| (*total, None, proof(*total, None)));
    let less = free.iter().flat_map(|total| free.iter().map(move |off| (*total, *off)));
    let less = less.filter(|(total, off)| total != off && comes_off(&evidence.header(*off)));
    let less = less.map(|(total, off)| (total, Some(off), proof(total, Some(off))));
    let Some((total, off, agreement)) = alone.chain(less).find(|(.., agreement)| agreement.proves()) else {
        return Vec::new();
    };
    let (rows, compared) = (agreement.agreeing as u64, agreement.compared as u64);
    let unit_price = evidence.header(parts.price);
    let remark = match off {
        None => Remark::ResolvedByArithmetic { unit_price, total: evidence.header(total), rows, compared },
        Some(off) => {
            Remark::TotalLessColumn { total: evidence.header(total), column: evidence.header(off), rows, compared }
        }
    };
    vec![Finding::assign(Field::Total, total, remark), Finding::Proven(SumProof::Arithmetic { rows, of: compared })]
}

/// Whether nine of ten rows agree. Names say the same, so one row is enough.
fn agrees(agreement: Agreement) -> bool {
    agreement.agreeing > 0 && agreement.is_nine_of_ten()
}

fn quantity(evidence: &Evidence<'_>, parts: Parts, total: usize) -> Option<Finding> {
    let as_quantity = |column: usize| evidence.makes_the_total(Parts { quantity: Some(column), ..parts }, total);
    let (column, proof) = proven(evidence, &[parts.price, total], as_quantity)
        .or_else(|| only_quantity(evidence, parts, total, as_quantity))?;
    let remark = Remark::QuantityByArithmetic {
        column: evidence.header(column),
        rows: proof.agreeing as u64,
        compared: proof.compared as u64,
    };
    Some(Finding::assign(Field::Quantity, column, remark))
}

/// The only column of numbers that is the quantity on every row of a short sheet. A product that is exact is hardly chance,
/// but a few rows prove it only if there is no quantity and the column is not called something else.
fn only_quantity(
    evidence: &Evidence<'_>,
    parts: Parts,
    total: usize,
    agreement: impl Fn(usize) -> Agreement,
) -> Option<(usize, Agreement)> {
    if parts.quantity.is_some() {
        return None;
    }
    let mut found = evidence
        .columns()
        .filter(|(column, header, profile)| {
            ![parts.price, total].contains(column) && profile.holds_numbers() && !is_named_otherwise(header)
        })
        .map(|(column, ..)| (column, agreement(column)))
        .filter(|(_, agreement)| agreement.agreeing > 0 && agreement.agreeing == agreement.compared);
    found.next().filter(|_| found.next().is_none())
}

fn line_total(evidence: &Evidence<'_>, layout: &Layout, parts: Parts, total: usize) -> Option<Finding> {
    let quantity = parts.quantity?;
    // A total that is less than quantity times price by a discount is what was paid.
    let is_no_total = |column: usize| {
        let header = evidence.header(column);
        is_named_otherwise(&header) || is_gross(evidence, layout, column, &header)
    };
    let as_total = |column: usize| match is_no_total(column) {
        // Costs of goods and amounts before taxes or discounts also are quantity times price.
        true => Agreement::default(),
        false => evidence.makes_the_total(parts, column),
    };
    let (column, proof) = proven(evidence, &[quantity, parts.price, total], as_total)?;
    let remark = Remark::ResolvedByArithmetic {
        unit_price: layout.header(Field::UnitPrice).unwrap_or_default().to_owned(),
        total: evidence.header(column),
        rows: proof.agreeing as u64,
        compared: proof.compared as u64,
    };
    Some(Finding::assign(Field::Total, column, remark))
}

/// The column of numbers that most rows prove, besides these. The leftmost column wins among equals.
fn proven(
    evidence: &Evidence<'_>,
    besides: &[usize],
    agreement: impl Fn(usize) -> Agreement,
) -> Option<(usize, Agreement)> {
    evidence
        .columns()
        .filter(|(column, _, profile)| !besides.contains(column) && profile.holds_numbers())
        .map(|(column, ..)| (column, agreement(column)))
        .filter(|(_, agreement)| agreement.proves())
        .reduce(|best, next| if next.1.agreeing > best.1.agreeing { next } else { best })
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;

    use crate::layout::{Layout, find};

    fn layout(header: &str, rows: &[&str]) -> Layout {
        let rows: String = rows
            .iter()
            .enumerate()
            .map(|(row, cells)| format!("{:02}/03/2026;P{};{cells}\n", row + 1, row % 3))
            .collect();
        find(
            &crate::sheet::read(format!("Data;Produto;{header}\n{rows}").as_bytes(), "x.csv").unwrap().sheets.remove(0),
        )
        .unwrap()
    }

    #[test]
    fn the_column_that_makes_the_total_is_the_quantity_whatever_it_is_called() {
        for name in ["Tamanho Pedido", "Pedido", "Loja", "QTDORDERED", "Xyz", "Linha"] {
            let rows = ["3;9,90;29,70", "2;5,50;11,00", "4;18,00;72,00", "7;7,25;50,75"];
            let layout = layout(&format!("{name};Preço unitário;Faturamento"), &rows);
            assert_eq!(layout.header(Field::Quantity), Some(name));
        }
    }

    #[test]
    fn returns_in_a_column_of_their_own_come_off() {
        let rows = ["3;9,90;0;29,70", "2;5,50;1,00;10,00", "4;18,00;0;72,00", "7;7,25;5,75;45,00"];
        let layout = layout("Quant.;Valor Unit.;Devoluções;Xyz", &rows);
        assert_eq!(layout.header(Field::Total), Some("Xyz"));
    }

    #[test]
    fn returns_come_off_after_a_discount_in_per_cent() {
        let rows = [
            "10;6112;0,05;0;58064",
            "10;11841;0,05;2213;110276,5",
            "10;6112;0;1829;59291",
            "3;11841;0,05;2213;31533,85",
        ];
        let layout = layout(
            "Unidades vendidas;Precio unitario (CLP);Descuento (%);Devoluciones (CLP);Ingreso neto (CLP)",
            &rows,
        );
        assert_eq!(layout.header(Field::Total), Some("Ingreso neto (CLP)"));
    }

    #[test]
    fn a_net_after_taxes_is_not_the_sale_if_quantity_times_price_is_another_column() {
        let rows = ["3;9,90;29,70;25,00", "2;5,50;11,00;9,10", "4;18,00;72,00;60,12", "7;7,25;50,75;42,00"];
        let layout = layout("Quant.;Valor Unit.;Mercadoria R$;Vlr. Total Líquido", &rows);
        assert_eq!(layout.header(Field::Total), Some("Mercadoria R$"));
    }
}
