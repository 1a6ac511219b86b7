//! Files of known exports, made from random orders. The import must have the rows and the money of the orders.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[path = "../simulator/chance.rs"]
#[expect(dead_code, reason = "the simulator makes more choices")]
mod chance;
mod files;
mod orders;

use std::collections::BTreeMap;

use caudal_contract::message::{Fingerprint, Sale, SaleKey};
use caudal_contract::money::Cents;
use caudal_contract::notice::{LayoutProblem, Remark, SumProof};
use caudal_reading::batch::{Batch, BatchError};
use caudal_reading::value::{Basis, Conventions, Mark};
use chance::Chance;
use files::{EXPORTS, Export};
use orders::Order;

/// Files of each export.
const FILES: u64 = 16;

fn batch(text: &str) -> Result<Batch, BatchError> {
    let conventions = Conventions {
        zone: chrono_tz::America::Sao_Paulo,
        basis: Basis::Column,
        mark: Mark::Comma,
        day_first: true,
        arrived: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
    };
    Batch::of_file(&caudal_reading::sheet::read(text.as_bytes(), "export.csv").unwrap(), &conventions, &[])
}

fn sales(batch: &Batch) -> Vec<Sale> {
    let records = batch.records().unwrap();
    let all = records.iter().flat_map(|records| (0..records.len()).map(move |index| (records, index)));
    all.map(|(records, index)| records.sale(index, SaleKey::default(), Fingerprint::default())).collect()
}

fn recognised(batch: &Batch) -> Option<&str> {
    batch.remarks.iter().find_map(|remark| match remark {
        Remark::KnownExport { name } => Some(name.as_str()),
        _ => None,
    })
}

/// The order, the product and the quantity of a row.
type Row = (String, String, i64);

/// The rows of the sold orders, and the money of each.
fn expected(export: &Export, orders: &[Order]) -> (Vec<Row>, BTreeMap<String, Cents>) {
    let sold = || orders.iter().filter(|order| order.is_sold());
    let rows = sold().flat_map(|order| {
        let lines = if export.has_lines { order.lines.as_slice() } else { &[] };
        let number = (export.number)(order);
        let lines: Vec<_> = lines.iter().map(|line| (number.clone(), line.product.to_owned(), line.quantity)).collect();
        if lines.is_empty() { vec![(number, "Pedido".to_owned(), 1)] } else { lines }
    });
    (rows.collect(), sold().map(|order| ((export.number)(order), Cents(order.amount()))).collect())
}

#[test]
fn every_known_export_gives_the_rows_and_the_money_of_its_orders() {
    let mut problems = Vec::new();
    for export in EXPORTS {
        for seed in 0..FILES {
            let mut chance = Chance::new(seed);
            let orders: Vec<Order> = (0..12).map(|number| Order::draw(number, export, &mut chance)).collect();
            let text = (export.file)(&orders);
            let problem = |said: String| format!("{}, seed {seed}: {said}\n{text}", export.name);
            let batch = match batch(&text) {
                Ok(batch) => batch,
                Err(error) => {
                    problems.push(problem(format!("{error:?}")));
                    continue;
                }
            };
            let (rows, money) = expected(export, &orders);
            let sales = sales(&batch);
            let read = sales.iter().map(|sale| {
                let quantity = sale.quantity.0 / 10_000;
                (sale.order_id.clone().unwrap_or_default(), sale.product.name.clone(), quantity)
            });
            let mut sums: BTreeMap<String, Cents> = BTreeMap::new();
            for sale in &sales {
                *sums.entry(sale.order_id.clone().unwrap_or_default()).or_default() += sale.amount;
            }
            let proof = batch.sheets[0].read.proof.clone();
            if recognised(&batch) != Some(export.name) {
                problems.push(problem(format!("recognised {:?}", recognised(&batch))));
            } else if read.collect::<Vec<_>>() != rows || sums != money {
                problems.push(problem(format!("{money:?} is not {sums:?}, {:?}", batch.rejected)));
            } else if export.has_proof != matches!(proof, Some(SumProof::Arithmetic { .. })) {
                problems.push(problem(format!("{proof:?}")));
            }
        }
    }
    assert!(problems.is_empty(), "{} files, such as {}", problems.len(), problems[0]);
}

#[test]
fn the_columns_of_an_export_may_stand_in_any_order() {
    for export in EXPORTS.iter().filter(|export| export.has_lines) {
        let mut chance = Chance::new(7);
        let orders: Vec<Order> = (0..12).map(|number| Order::draw(number, export, &mut chance)).collect();
        let turned: String = (export.file)(&orders)
            .lines()
            .map(|line| {
                line.split(export.delimiter).rev().collect::<Vec<_>>().join(&export.delimiter.to_string()) + "\n"
            })
            .collect();
        let batch = batch(&turned).unwrap();
        let sum: i64 = sales(&batch).iter().map(|sale| sale.amount.0).sum();
        assert_eq!(recognised(&batch), Some(export.name));
        assert_eq!(sum, orders.iter().map(Order::amount).sum::<i64>(), "{turned}");
    }
}

const AMAZON: &str = "amazon-order-id\tpurchase-date\torder-status\tproduct-name\tquantity\titem-price";

#[test]
fn a_sheet_that_contradicts_the_export_is_read_like_every_other_one() {
    let prices = "1\t2026-03-01\tShipped\tMug\t2\t10.00\n2\t2026-03-02\tShipped\tMug\t3\t10.00\n";
    let batch = batch(&format!("{AMAZON}\n{prices}")).unwrap();
    assert_eq!((recognised(&batch), sales(&batch)[0].amount), (None, Cents(2000)));
}

#[test]
fn a_column_that_the_export_does_not_have_is_asked_about() {
    let rows = "1\t2026-03-01\tShipped\tMug\t2\t20.00\t1.50\n2\t2026-03-02\tShipped\tCup\t3\t10.00\t0.70\n";
    let error = batch(&format!("{AMAZON}\tTotal 2\n{rows}")).unwrap_err();
    assert!(matches!(error, BatchError::NeedsLayout(LayoutProblem::Unexplained { .. })), "{error:?}");
}

#[test]
fn a_pack_of_mercado_livre_counts_once_and_its_refund_is_asked_about() {
    let file = |back: &str, total: &str| {
        format!(
            "N.º de venda;Data da venda;Estado;Unidades;Receita por produtos (BRL);Cancelamentos e reembolsos (BRL);\
             Total (BRL);SKU;Título do anúncio;Preço unitário de venda do anúncio (BRL)\n\
             1;12/03/2026;Venda entregue;2;39,80;0,00;39,80;A;Caneca;19,90\n\
             2;12/03/2026;Pacote de 2 produtos; ;69,80;{back};{total}; ; ; \n\
             3;12/03/2026;Venda entregue;1; ; ; ;A;Caneca;19,90\n\
             4;12/03/2026;Venda entregue;1; ; ; ;B;Camiseta;49,90\n"
        )
    };
    let whole = batch(&file("0,00", "69,80")).unwrap();
    assert_eq!(sales(&whole).iter().map(|sale| sale.amount.0).sum::<i64>(), 10_960);
    let error = batch(&file("-19,90", "49,90")).unwrap_err();
    assert!(matches!(error, BatchError::NeedsLayout(LayoutProblem::RefundUnclear { .. })), "{error:?}");
}
