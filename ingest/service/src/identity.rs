//! The identity of a row: the key of its sale, and a fingerprint of its content.
//!
//! If a row has an order number, it is a line of that order. It is identified by its line number, or by its product and
//! the product's occurrence within the order if the order has no line numbers. A row without an order number is
//! identified by its content and the content's occurrence within the import. So two equal lines in one file stay two,
//! and a longer export that repeats them adds nothing. If the date of a row was assumed, the file's hash and the row's
//! place replace the date.
//!
//! Order numbers are trusted across imports only if the rows found again mostly agree in date, product and customer. If
//! a file's numbers start over, it gets a space of its own and never overwrites the sales of last month.

mod cancelled;
mod orders;
mod released;
mod rows;

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use caudal_contract::field::Field;
use caudal_contract::message::{Cancellation, Fingerprint, Origin, SaleKey};
use caudal_contract::notice::Remark;
use caudal_platform::database::DbConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use crate::schema::{order_lines, order_spaces};
use caudal_reading::records::{CleanValue, Records};

use cancelled::CancelledRows;
pub use cancelled::cancel_order;
use orders::{ORDERS_AT_ONCE, Orders};
pub use released::identify_released;
use rows::{OrderLine, OrderRows};

/// A row's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The key of the sale.
    pub key: SaleKey,
    /// The hash of the content.
    pub fingerprint: Fingerprint,
    /// Whether the same sale with the same content was staged before. Known only for rows with order numbers and for
    /// all rows of the API.
    pub known: bool,
}

/// The inputs of identities other than the rows.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The sender.
    pub source: &'a str,
    /// The import for which order lines are recorded.
    pub import_id: &'a str,
    /// File or API. The ids of an API client are always trusted.
    pub origin: Origin,
    /// SHA-256 of the bytes, in hex.
    pub sha256: &'a str,
}

/// The place of a row within an import: the number of the sheet, and the index within its clean rows.
pub type Place = (usize, usize);

/// The clean rows of an import, sheet by sheet.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// Those that are sales.
    pub sales: &'a [Records<'a>],
    /// Those that say that a sale was cancelled.
    pub cancelled: &'a [Records<'a>],
}

/// What was found out about the rows of an import.
#[derive(Debug, Default)]
pub struct Identities {
    /// The identity of each row that is a sale, sheet by sheet.
    pub sales: Vec<Vec<Identity>>,
    /// The sales that are cancelled, by rows of this import or by those of a later one.
    pub cancellations: Vec<Cancellation>,
    /// Remarks, if order numbers start over or if the only line of an order was replaced.
    pub remarks: Vec<Remark>,
}

/// The identities of all rows of an import, and the sales that it cancels. Runs inside the staging transaction and records the order lines that got keys.
/// Meanwhile `on_identified` is called repeatedly with a place; all identities before that place are final.
///
/// # Errors
/// The database error, if a query fails.
pub fn identify(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    Rows { sales: sheets, cancelled }: Rows<'_>,
    mut on_identified: impl FnMut(&[Vec<Identity>], Place),
) -> QueryResult<Identities> {
    let places: Vec<Place> = all_places(sheets).collect();
    let fingerprints = fingerprints(sender, sheets);
    let rows = OrderRows::of(sender, sheets, &fingerprints, &places);
    lock_orders(connection, sender.source)?;
    let (space, remark) = if rows.len() == 0 { (None, None) } else { choose_space(connection, sender, &rows)? };
    let cancelled = CancelledRows::of(sender, cancelled, &rows, |_, _| true);
    let mut identities = content_identities(sender, sheets, &fingerprints, &places);
    let mut remarks: Vec<Remark> = remark.into_iter().collect();
    if let Some(Space { id: space, .. }) = space {
        let replaced =
            give_order_keys(connection, sender, space, &rows, &mut identities, |_| true, &mut on_identified)?;
        if !replaced.is_empty() {
            let first = replaced.iter().take(REPLACED_NAMED).cloned().collect();
            remarks.push(Remark::OrderLinesReplaced { orders: replaced.len() as u64, first });
        }
    }
    on_identified(&identities, (sheets.len(), 0));
    let mut cancellations = later_cancellations(connection, sender, space.map(|space| space.id), &rows)?;
    if !cancelled.is_empty() {
        let (space, remark) = cancelled.space(connection, sender, space)?;
        remarks.extend(remark);
        if let Some(space) = space {
            cancellations.extend(cancelled.cancel(connection, sender, space)?);
        }
    }
    Ok(Identities { sales: identities, cancellations, remarks })
}

/// The cancellations by later imports of orders with rows in this one.
fn later_cancellations(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: Option<i64>,
    rows: &OrderRows<'_>,
) -> QueryResult<Vec<Cancellation>> {
    let Some(space) = space else { return Ok(Vec::new()) };
    cancelled::by_later_imports(connection, sender, space, |orders| {
        rows.lines_of_orders(orders).map(|line| line.order_id.into_owned()).collect()
    })
}

/// The most orders with a replaced line that a remark names.
const REPLACED_NAMED: usize = 10;

/// The identities of the mended rows of an import, computed among all of its present rows. The rows taken before keep
/// their occurrence numbers among equal rows, and the mended rows come after them. The identities of other rows have no
/// meaning.
///
/// # Errors
/// The database error, if a query fails.
pub fn identify_mended(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    Rows { sales: sheets, cancelled }: Rows<'_>,
    is_mended_row: impl Fn(&str, u32) -> bool,
) -> QueryResult<Identities> {
    let is_mended = |(sheet, index): Place| {
        sheets.get(sheet).is_some_and(|records| is_mended_row(records.sheet(), records.row(index)))
    };
    let (mended, others): (Vec<Place>, Vec<Place>) = all_places(sheets).partition(|place| is_mended(*place));
    let places: Vec<Place> = others.into_iter().chain(mended).collect();
    let fingerprints = fingerprints(sender, sheets);
    let rows = OrderRows::of(sender, sheets, &fingerprints, &places);
    lock_orders(connection, sender.source)?;
    let own_space: Option<i64> = order_lines::table
        .filter(order_lines::import_id.eq(sender.import_id))
        .select(order_lines::space_id)
        .first(connection)
        .optional()?;
    let space = match own_space {
        Some(space) => Some(Space { id: space, is_proved: true }),
        None if rows.len() == 0 => None,
        None => choose_space(connection, sender, &rows)?.0,
    };
    let mut identities = content_identities(sender, sheets, &fingerprints, &places);
    if let Some(Space { id: space, .. }) = space {
        give_order_keys(connection, sender, space, &rows, &mut identities, is_mended, |_, _| ())?;
    }
    let mut cancellations = later_cancellations(connection, sender, space.map(|space| space.id), &rows)?;
    let cancelled = CancelledRows::of(sender, cancelled, &rows, is_mended_row);
    if !cancelled.is_empty()
        && let (Some(space), _) = cancelled.space(connection, sender, space)?
    {
        cancellations.extend(cancelled.cancel(connection, sender, space)?);
    }
    Ok(Identities { sales: identities, cancellations, remarks: Vec::new() })
}

/// Locks the order lines of this source until the end of the transaction. Other transactions wait before they give
/// keys; two that met the same new order at the same time would make two orders of it. SQLite has only one writer
/// anyway.
pub(crate) fn lock_orders(connection: &mut DbConnection, source: &str) -> QueryResult<()> {
    if let DbConnection::Postgres(connection) = connection {
        // Longer than the usual limit, because another transaction may be staging a long file.
        sql_query("SET LOCAL lock_timeout = '110s'").execute(connection)?;
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind::<Text, _>(source)
            .execute(connection)?;
    }
    Ok(())
}

fn all_places(sheets: &[Records<'_>]) -> impl Iterator<Item = Place> {
    sheets.iter().enumerate().flat_map(|(sheet, records)| (0..records.len()).map(move |index| (sheet, index)))
}

/// Two threads hash the rows of each sheet.
fn fingerprints(sender: Sender<'_>, sheets: &[Records<'_>]) -> Vec<Vec<Fingerprint>> {
    let of_sheet = |records: &Records<'_>| {
        let of_rows = |rows: Range<usize>| rows.map(|index| fingerprint(sender, records, index)).collect::<Vec<_>>();
        let middle = records.len() / 2;
        thread::scope(|scope| {
            let second = scope.spawn(|| of_rows(middle..records.len()));
            let mut prints = of_rows(0..middle);
            prints.extend(second.join().unwrap_or_else(|panic| resume_unwind(panic)));
            prints
        })
    };
    sheets.iter().map(of_sheet).collect()
}

/// The identity of each row by its content alone. Equal rows are numbered in the order of `places`. Rows of a file with
/// order numbers get no key here, because their orders give it.
fn content_identities(
    sender: Sender<'_>,
    sheets: &[Records<'_>],
    fingerprints: &[Vec<Fingerprint>],
    places: &[Place],
) -> Vec<Vec<Identity>> {
    let unnumbered =
        |fingerprint: &Fingerprint| Identity { key: SaleKey([0; 16]), fingerprint: *fingerprint, known: false };
    let mut identities: Vec<Vec<Identity>> =
        fingerprints.iter().map(|prints| prints.iter().map(unnumbered).collect()).collect();
    let mut occurrences: HashMap<Fingerprint, u32> = HashMap::new();
    for (sheet, index) in places {
        let (Some(records), Some(identity)) =
            (sheets.get(*sheet), identities.get_mut(*sheet).and_then(|sheet| sheet.get_mut(*index)))
        else {
            continue;
        };
        if sender.origin == Origin::File && records.text(Field::OrderId, *index).is_some() {
            continue;
        }
        let occurrence = occurrences.entry(identity.fingerprint).and_modify(|count| *count += 1).or_insert(0);
        let has_day = sender.origin == Origin::Api || !records.date_assumed(*index);
        let day = has_day.then(|| records.sold_on(*index));
        identity.key = SaleKey::of_content(sender.source, identity.fingerprint, *occurrence, day);
    }
    identities
}

/// Replaces the keys of the wanted order lines, and records those lines. Returns the orders whose only line has another
/// product now. That is probably a correction, but people should check it.
fn give_order_keys(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    rows: &OrderRows<'_>,
    identities: &mut [Vec<Identity>],
    is_wanted: impl Fn(Place) -> bool,
    mut on_identified: impl FnMut(&[Vec<Identity>], Place),
) -> QueryResult<Vec<String>> {
    let mut replaced = Vec::new();
    let mut wanted = rows.lines(is_wanted);
    loop {
        let lines: Vec<OrderLine<'_>> = wanted.by_ref().take(ORDERS_AT_ONCE).collect();
        let Some(last) = lines.last() else { return Ok(replaced) };
        let end = (last.place.0, last.place.1 + 1);
        let mut orders = Orders::load(connection, sender, space, lines.iter().map(|line| line.order_id.as_ref()))?;
        for line in &lines {
            let (sheet, index) = line.place;
            let Some(identity) = identities.get_mut(sheet).and_then(|sheet| sheet.get_mut(index)) else {
                continue;
            };
            let by_content = line.order_id.starts_with("content:").then_some(identity.key);
            let given = orders.give_key(line, by_content);
            (identity.key, identity.known) = (given.key, given.known);
            if given.replaces_product {
                replaced.push(line.order_id.to_string());
            }
        }
        orders.record(connection)?;
        on_identified(identities, end);
    }
}

/// Orders compared to decide whether numbers start over.
const COMPARED: usize = 2_000;

/// The space of the order numbers of an import.
#[derive(Debug, Clone, Copy)]
struct Space {
    id: i64,
    /// Whether its sales have proved it, or none can be mistaken in it.
    is_proved: bool,
}

/// Chooses the space of these order numbers, or makes a new one if they start over.
fn choose_space(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    rows: &OrderRows<'_>,
) -> QueryResult<(Option<Space>, Option<Remark>)> {
    let spaces = latest_spaces(connection, sender)?;
    let Some(latest) = spaces.first().copied() else {
        return Ok((Some(Space { id: new_space(connection, sender)?, is_proved: true }), None));
    };
    if sender.origin == Origin::Api {
        return Ok((Some(Space { id: latest, is_proved: true }), None));
    }
    let compared = rows.sample((rows.len() / COMPARED).max(1));
    let mut most_met = (0, 0);
    for space in spaces {
        let (mut met, mut agreed) = (0, 0);
        let orders = Orders::load(connection, sender, space, compared.iter().map(|line| line.order_id.as_ref()))?;
        for line in &compared {
            let staged = orders.lines_of(&line.order_id);
            met += u64::from(!staged.is_empty());
            agreed += u64::from(staged.iter().any(|staged| staged.agrees(line)));
        }
        if agreed * 2 > met {
            return Ok((Some(Space { id: space, is_proved: true }), None));
        }
        most_met = most_met.max((met, agreed));
    }
    match most_met {
        (0, _) => Ok((Some(Space { id: latest, is_proved: false }), None)),
        (met, agreed) => Ok((
            Some(Space { id: new_space(connection, sender)?, is_proved: true }),
            Some(Remark::OrderIdsLocal { met, agreed }),
        )),
    }
}

/// The spaces of a source, the newest first.
fn latest_spaces(connection: &mut DbConnection, sender: Sender<'_>) -> QueryResult<Vec<i64>> {
    order_spaces::table
        .filter(order_spaces::source.eq(sender.source))
        .order(order_spaces::id.desc())
        .select(order_spaces::id)
        .load(connection)
}

fn new_space(connection: &mut DbConnection, sender: Sender<'_>) -> QueryResult<i64> {
    diesel::insert_into(order_spaces::table)
        .values((order_spaces::source.eq(sender.source), order_spaces::import_id.eq(sender.import_id)))
        .returning(order_spaces::id)
        .get_result(connection)
}

/// SHA-256 over all the values of the row. If the date was assumed, the place in the file is hashed in its stead.
fn fingerprint(sender: Sender<'_>, records: &Records<'_>, index: usize) -> Fingerprint {
    // Each value ends where its length says, so that no two rows write the same bytes
    let mut bytes = Vec::with_capacity(512);
    for (code, value) in records.content(index) {
        bytes.extend(code.bytes());
        match value {
            CleanValue::Number(number) => {
                bytes.push(b'=');
                bytes.extend(number.to_le_bytes());
            }
            CleanValue::Text(text) => {
                bytes.push(b':');
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.bytes());
            }
        }
    }
    if records.date_assumed(index) {
        bytes.push(b'@');
        match sender.origin {
            Origin::File => {
                bytes.extend(sender.sha256.bytes());
                bytes.extend((records.sheet().len() as u64).to_le_bytes());
                bytes.extend(records.sheet().bytes());
                bytes.extend(records.row(index).to_le_bytes());
            }
            // A row of the API is the same in every batch. Without an id, its day of arrival tells it from an equal row
            // of tomorrow.
            Origin::Api if records.text(Field::OrderId, index).is_none() => {
                bytes.extend(records.sold_on(index).to_string().bytes());
            }
            Origin::Api => {}
        }
    }
    Fingerprint::first_of(&Sha256::digest(&bytes))
}

#[cfg(test)]
mod tests {
    use caudal_contract::message::to_hex;
    use caudal_reading::clean::clean;
    use caudal_reading::value::{Basis, Conventions, Mark};
    use caudal_reading::{layout, sheet};
    use chrono::DateTime;

    use super::*;

    const SENDER: Sender<'_> = Sender { source: "inbox", import_id: "", origin: Origin::File, sha256: "00" };

    /// The fingerprints of a text file's rows, in hex.
    fn fingerprints(text: &str) -> Vec<String> {
        let sheet = sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = layout::find(&sheet).unwrap();
        let conventions = Conventions {
            zone: chrono_tz::America::Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        };
        let cleaned = clean(&sheet, &layout, &conventions, None).unwrap();
        assert!(cleaned.rejected.is_empty(), "{:?}", cleaned.rejected);
        let records = Records::new(&cleaned.sales, &sheet.name).unwrap();
        (0..records.len()).map(|row| to_hex(&fingerprint(SENDER, &records, row).0)).collect()
    }

    const SALES: &str = "Pedido;Data;Cliente;CPF;Produto;Quantidade;Preço;Desconto;Total;Pagamento;Vendedor\n\
        7;01/03/2026 10:30;Ana;529.982.247-25;Café;2;5,00;1,00;9,00;Pix;Bia\n;02/03/2026;;;Chá;1;;;4,50;;\n";

    #[test]
    fn a_fingerprint_stays_the_same_from_version_to_version() {
        // The key of every sale without an order number follows from its fingerprint. If the digests change, a longer export that
        // is dropped after an upgrade has all of its sales twice. So they may change only together with a migration that gives
        // each stored sale its new key, and the CHANGELOG must say so.
        assert_eq!(fingerprints(SALES), ["8af1e6f11a083d3fb599b3d53446d11e", "11d5830acb82078330f539dbf2a2cab5"]);
    }

    #[test]
    fn the_fingerprint_of_a_row_with_every_field_stays_the_same_too() {
        let header = "Pedido;Linha do pedido;Data;Cliente;CPF;E-mail;Telefone;Endereço;Bairro;Cidade;UF;CEP;País;Produto;\
            SKU;Categoria;Quantidade;Preço unitário;Desconto;Frete;Imposto;Tarifa;Valor total;Moeda;Forma de pagamento;\
            Status;Vendedor;Loja;Canal;Custo;Observações";
        let row = "7;1;01/03/2026;Ana;529.982.247-25;ana@exemplo.com;(11) 98765-4321;Rua A, 1;Centro;Campinas;SP;13010-000;\
            Brasil;Café;C-1;Bebidas;2;5,00;1,00;3,00;0,50;0,90;9,00;BRL;Pix;Pago;Bia;Loja 1;Site;4,00;Sem açúcar";
        let text = format!("{header}\n{row}\n");
        let sheet = sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        let layout = layout::find(&sheet).unwrap();
        let named = Field::ALL.iter().filter(|field| layout.column(**field).is_some()).count();
        assert_eq!(named, Field::ALL.len() - 1, "all but the time of day: {:?}", layout.unknown_columns());
        assert_eq!(fingerprints(&text), ["1bd823f64109a0ec5321db9cfa0f5690"]);
        let undated = "Cliente;Produto;Quantidade;Total\nAna;Café;2;10,00\n";
        assert_eq!(
            fingerprints(undated),
            ["5d06b68f71f5e114f4f6fcebbf1fb575"],
            "without a day, the file and the row tell it"
        );
    }

    #[test]
    fn a_column_that_a_row_leaves_blank_does_not_change_its_fingerprint() {
        let blank = SALES.replace(";Vendedor\n", ";Vendedor;Custo;Loja;Observações\n").replace(";Bia\n", ";Bia;;;\n");
        let blank = blank.replace("4,50;;\n", "4,50;;;;;\n");
        assert_eq!(fingerprints(&blank), fingerprints(SALES));
        let with_store = SALES.replace(";Vendedor\n", ";Vendedor;Loja\n").replace(";Bia\n", ";Bia;Centro\n");
        let with_store = with_store.replace("4,50;;\n", "4,50;;;\n");
        let (with_store, without) = (fingerprints(&with_store), fingerprints(SALES));
        assert_ne!(with_store[0], without[0]);
        assert_eq!(with_store[1], without[1]);
    }

    #[test]
    fn a_value_under_another_name_is_another_content() {
        let cost = SALES.replace("Desconto", "Frete");
        assert_ne!(fingerprints(&cost)[0], fingerprints(SALES)[0]);
    }
}
