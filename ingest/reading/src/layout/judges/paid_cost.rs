//! Finds the money of a sale that its header calls a cost, because it is the cost to the customer: "Total Cost".

use caudal_contract::field::Field;
use caudal_contract::notice::Remark;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::words::amounts::COST;
use crate::words::totals::TOTALS;
use crate::words::words_of;

/// Takes the total cost for the total if the table has no other money and its rows are orders of customers. A cost per
/// piece, or a cost without a customer, may be what the shop paid.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    let has = |field: Field| layout.column(field).is_some();
    let is_bought = [Field::Customer, Field::Email, Field::Document].into_iter().any(has);
    if has(Field::Total) || has(Field::UnitPrice) || !is_bought || !has(Field::OrderId) {
        return Vec::new();
    }
    let is_total = |header: &str| {
        let words = words_of(header);
        COST.has_any(&words) && words.iter().any(|word| TOTALS.has(word))
    };
    let mut costs = evidence.columns().filter(|(_, header, profile)| is_total(header) && profile.fits(Field::Total));
    match (costs.next(), costs.next()) {
        (Some((column, header, _)), None) => {
            vec![Finding::assign(Field::Total, column, Remark::TotalIsCost { column: header.clone() })]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field;
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::remembered::{Unmapped, find};

    /// The header of the total, or the question. `None` if the sheet is refused.
    fn total(header: &str) -> Option<Result<String, LayoutProblem>> {
        let row = |day: u32| format!("#{};{day:02}/03/2026;Vestido;{day},10;entregue;c{day}@example.com\n", 1000 + day);
        let text = format!("{header}\n{}", (1..=9).map(row).collect::<String>());
        match find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0), &[]) {
            Ok(layout) => Some(Ok(layout.header(Field::Total).unwrap_or_default().to_owned())),
            Err(Unmapped::Doubtful(problem)) => Some(Err(problem)),
            Err(_) => None,
        }
    }

    #[test]
    fn the_total_cost_of_a_customer_is_the_money_of_the_sale() {
        for header in [
            "Order Name;Date;Product Name;Total Cost;Delivery Status;email",
            "Pedido;Data;Produto;Custo total;Entrega;E-mail",
            "Orden;Fecha;Producto;Costo total;Entrega;Correo",
        ] {
            assert_eq!(total(header).and_then(Result::ok).as_deref(), header.split(';').nth(3), "{header}");
        }
        for header in [
            "Order Name;Date;Product Name;Cost;Delivery Status;email",
            "Order Name;Date;Product Name;Total Cost;Delivery Status;Link",
            "Pedido;Data;Produto;Custo;Entrega;E-mail",
            "Pedido;Data;Produto;Custo total;Entrega;Site",
        ] {
            assert!(matches!(total(header), Some(Err(LayoutProblem::Missing { .. }))), "{header}: {:?}", total(header));
        }
        for header in
            ["Pedido;Data;Produto;Custo total;Fornecedor;E-mail", "Código;Validade;Produto;Custo;Estoque;Link"]
        {
            assert_eq!(total(header), None, "{header}");
        }
    }
}
