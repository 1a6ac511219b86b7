#![allow(warnings)]
#[path = "preview_routes.rs"]
mod routes;
pub mod health { pub async fn health() -> &'static str { "ok" } pub async fn ready() -> &'static str { "ok" } }
pub mod caudal_ingest { pub mod api { pub async fn post_sales() -> &'static str { "no" } } }
use std::sync::Arc;
use caudal_distrib::{accounts, pages::Pages, setup};
use caudal_shared::{config::Config, database::Database, secret::Secrets, http::Https, message::*, money::*, payment::PaymentMethod, notice::*, field::Field};
use chrono::*;
use uuid::Uuid;

fn seed(db: &Database) {
    let mut c = db.get().unwrap();
    let products = [("Café torrado 500 g", "CAF-500", "Bebidas", 189000i64), ("Açúcar cristal 1 kg", "ACU-1", "Mercearia", 54900), ("Erva-mate tradicional 1 kg", "ERV-1", "Bebidas", 229000), ("Queijo colonial (kg)", "QUE-01", "Frios", 529000), ("Doce de leite 400 g", "DOC-4", "Doces", 168000), ("Pão de queijo congelado", "PAO-9", "Congelados", 249900), ("Vinho Merlot 750 ml", "VIN-7", "Bebidas", 649000), ("Chimia de uva", "CHI-2", "Doces", 139000), ("Cuca de banana", "CUC-3", "Padaria", 320000), ("Salame italiano", "SAL-5", "Frios", 459000), ("Mel silvestre 1 kg","MEL-1","Doces",420000)];
    let customers = ["Maria da Conceição", "João Batista de Oliveira Sobrinho", "Mercado São José Ltda", "Ana Paula", "Padaria Três Irmãos", "Luís Gonçalves"];
    let pays = [Some(PaymentMethod::Pix), Some(PaymentMethod::CreditCard), Some(PaymentMethod::DebitCard), Some(PaymentMethod::Cash), Some(PaymentMethod::Boleto), None];
    let mut n = 12345u64;
    let mut rnd = |m: u64| { n ^= n << 13; n ^= n >> 7; n ^= n << 17; n % m };
    let today = Utc::now().date_naive();
    let mut key = 0u128; let mut first: Option<Uuid> = None;
    for (i, months_ago) in (0..15).rev().enumerate() {
        let import_id = Uuid::now_v7(); first = Some(import_id);
        let count = 60 + i * 6 + rnd(60) as usize;
        let mut sales = vec![]; let mut total = 0; let mut q = 0;
        let start = caudal_shared::calendar::month_offset(today, -(months_ago as i32));
        for r in 0..count {
            let (name, sku, cat, price) = products[(rnd(11) * rnd(11) / 11) as usize % 11];
            let mut qty = 1 + rnd(6) as i64; if r % 37 == 36 { qty = -1; }
            let mut day = start + Days::new(rnd(28)); if day > today { day = today; }
            let amount = qty * price / 100;
            total += amount; q += qty * 10_000; key += 1;
            let cust = rnd(7) as usize;
            sales.push(Sale { key: SaleKey(key.to_be_bytes()), fingerprint: Fingerprint(key.to_be_bytes()), sheet: "Vendas".into(), row: r as u32 + 4, order_id: Some(format!("{}", 10000 + key)), line: None,
                sold_at: day.and_hms_opt(14 + (rnd(8) as u32), rnd(60) as u32, 0).unwrap().and_utc(), sold_on: day, time: if i % 3 == 0 { SoldTime::DayOnly } else { SoldTime::Exact },
                customer: customers.get(cust).map(|c| Customer { name: Some(c.to_string()), document: Some(format!("{:011}", 52998224725u64 + cust as u64)), document_kind: None, email: None, phone: None }), address: None,
                product: Product { name: name.into(), sku: Some(sku.into()), category: Some(cat.into()) }, quantity: TenThousandths(qty * 10_000), unit_price: Some(TenThousandths(price)), discount: None, freight: None, tax: None, amount: Cents(amount), cost: None, payment_method: pays[(rnd(6) * rnd(6) / 6) as usize], status: None, seller: None, store: None, channel: None, notes: None });
        }
        let rejected: Vec<RejectedRow> = if i % 4 == 2 { vec![
            RejectedRow { sheet: "Vendas".into(), row: 12, reasons: vec![Rejection { field: Field::Quantity, column: Some("Qtde".into()), value: Some("duas caixas".into()), rule: Rule::NotANumber }], amount: Cents(18900), cells: vec![("Data".into(), "03/11/2026".into()), ("Cliente".into(), "Ana <script>alert(1)</script>".into()), ("Produto".into(), "Café torrado 500 g".into()), ("Qtde".into(), "duas caixas".into()), ("Total".into(), "189,00".into())] },
            RejectedRow { sheet: "Vendas".into(), row: 40, reasons: vec![Rejection { field: Field::Product, column: Some("Produto".into()), value: None, rule: Rule::Missing }, Rejection { field: Field::Date, column: Some("Data".into()), value: Some("31/02/2026".into()), rule: Rule::NotADate }], amount: Cents(0), cells: vec![("Data".into(), "31/02/2026".into()), ("Produto".into(), "".into())] } ] } else { vec![] };
        let dup: Vec<Sale> = if i % 5 == 4 { sales[..3].to_vec() } else { vec![] };
        let dup_total: i64 = dup.iter().map(|s| s.amount.0).sum();
        let mut deliver = |body| { caudal_distrib::deliver::deliver(&mut c, &Message { version: VERSION, message_id: Uuid::now_v7(), import_id, source: if i % 2 == 0 { "loja-3".into() } else { "".into() }, body }, Utc::now()).unwrap(); };
        deliver(Body::Sales(sales.clone()));
        if !dup.is_empty() { let mut d = dup.clone(); for s in &mut d { s.row += 500; } deliver(Body::Sales(d)); }
        if !rejected.is_empty() { deliver(Body::Rejections(rejected.clone())); }
        if i == 12 { continue; }
        let accepted = sales.len() + dup.len() + if i == 13 { 5 } else { 0 };
        deliver(Body::Import(Box::new(ImportTotals { outcome: Outcome::Taken, origin: if i == 11 { Origin::Api } else { Origin::File }, name: if i == 11 { String::new() } else { format!("vendas_{}_loja-centro.xlsx", start.format("%Y-%m")) }, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(), received_at: Utc::now() - TimeDelta::hours(60 - 4 * i as i64),
            sheets: if i == 11 { vec![] } else { vec![SheetRead { name: "Vendas".into(), header_row: 2, mapping: vec![("date".into(), "Data".into()), ("customer".into(), "Cliente".into()), ("product".into(), "Produto".into()), ("quantity".into(), "Qtde".into()), ("total".into(), "Total (R$)".into()), ("payment_method".into(), "Forma de pgto".into())] }] },
            rows_read: (accepted + rejected.len() + 2) as u64, rows_ignored: if i == 14 { 1 } else { 2 }, rows_accepted: accepted as u64, rows_rejected: rejected.len() as u64, amount_read: Cents(total + dup_total + rejected.iter().map(|r| r.amount.0).sum::<i64>() + if i == 14 { 12345 } else { 0 }), amount_ignored: Cents(0), quantity_accepted: TenThousandths(q),
            remarks: vec![Remark::TotalRows { rows: 1 }, Remark::BlankRows { rows: 1 }, Remark::DecimalMark { column: "Total (R$)".into(), comma: true, comma_proofs: 118, point_proofs: 0 }, Remark::DocumentsDoubtful { rows: 3 }, Remark::PaymentsUnknown { values: vec!["fiado".into()] }, Remark::DateOrder { column: "Data".into(), day_first: true, day_proofs: 0, month_proofs: 0 }] })));
    }
    for k in 0..2 { let import_id = Uuid::now_v7();
    caudal_distrib::deliver::deliver(&mut c, &Message { version: VERSION, message_id: Uuid::now_v7(), import_id, source: "".into(), body: Body::Import(Box::new(ImportTotals { outcome: if k == 0 { Outcome::Refused(Refusal::EmptyFile) } else { Outcome::AlreadyImported { import_id: first.unwrap(), received_at: Utc::now() } }, origin: Origin::File, name: format!("copia {k}.xlsx"), sha256: "00".into(), received_at: Utc::now(), sheets: vec![], rows_read: 0, rows_ignored: 0, rows_accepted: 0, rows_rejected: 0, amount_read: Cents(0), amount_ignored: Cents(0), quantity_accepted: TenThousandths(0), remarks: vec![] })) }, Utc::now()).unwrap(); }
}

#[actix_web::main]
async fn main() {
    caudal_shared::telemetry::start("info", caudal_shared::config::LogFormat::Text);
    let args: Vec<String> = std::env::args().collect();
    let dir = args[1].clone();
    let port = args[2].clone();
    let mut flags = std::collections::BTreeMap::new();
    flags.insert("CAUDAL_DATA_DIR", dir.clone());
    flags.insert("CAUDAL_LISTEN", format!("127.0.0.1:{port}"));
    let config = Config::load(&flags).unwrap();
    let fresh = !std::path::Path::new(&format!("{dir}/distrib.db")).exists();
    let db = Database::open(&config.distrib_database, 8).unwrap();
    caudal_distrib::migrate(&db).unwrap();
    if fresh && args.get(3).map(String::as_str) != Some("empty") {
        seed(&db);
        accounts::add_user(&mut db.get().unwrap(), "ana", "correct horse battery", accounts::Role::Admin).unwrap();
    }
    println!("{:?}", setup::setup_link(&config, &mut db.get().unwrap()));
    let secrets = Secrets::load_or_create(&config.data_dir).unwrap();
    let https = Https(config.is_https());
    let listen = config.listen;
    let pages = actix_web::web::Data::new(Pages::new(Arc::new(config), db, secrets));
    actix_web::HttpServer::new(move || actix_web::App::new().app_data(pages.clone()).app_data(actix_web::web::Data::new(https)).configure(routes::all)).workers(2).bind(listen).unwrap().run().await.unwrap();
}
