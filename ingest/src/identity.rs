//! Which sale a row is: its key, and its fingerprint.
//!
//! A row with an order number is the line of that order; where the order has no line numbers, its product and the
//! product's occurrence within the order. A row without one is its own content and the content's occurrence within the
//! import, so that two equal lines in one file stay two and a longer export that repeats them adds nothing. For rows
//! whose date was assumed, the file's hash and the row take the date's place.
//!
//! Order numbers are believed across imports only where the rows met again mostly agree in date, product and customer; a
//! file whose numbers start over gets a space of its own and never overwrites last month.

mod released;

use std::collections::HashMap;

use caudal_shared::database::DbConnection;
use caudal_shared::field::Field;
use caudal_shared::message::{Fingerprint, Origin, SaleKey};
use caudal_shared::notice::Remark;
use caudal_shared::text::folded;
use chrono::NaiveDate;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::records::Records;
use crate::schema::{order_lines, order_spaces};

pub use released::identify_released;

/// A row's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The sale it is.
    pub key: SaleKey,
    /// Its content.
    pub fingerprint: Fingerprint,
    /// Whether the same sale with the same content was staged before; known only for rows with order numbers, and for
    /// all rows of the API.
    pub known: bool,
}

/// What identities depend on beside the rows.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Who sends.
    pub source: &'a str,
    /// The import, which the order lines are recorded for.
    pub import_id: &'a str,
    /// File or API: an API client's own ids are always believed.
    pub origin: Origin,
    /// SHA-256 of the bytes, in hex.
    pub sha256: &'a str,
}

/// A row's place within an import: the sheet's number, and the row within its clean rows.
type Place = (usize, usize);

/// Identities of all rows of an import, sheet by sheet, and remarks where order numbers start over or the one line of an
/// order was replaced. Runs inside the
/// staging transaction and records the order lines it gave keys to.
///
/// # Errors
/// What the database says.
pub fn identify(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    sheets: &[Records<'_>],
) -> QueryResult<(Vec<Vec<Identity>>, Vec<Remark>)> {
    let places: Vec<Place> = all_places(sheets).collect();
    let fingerprints = fingerprints(sender, sheets);
    let lines = ordered_lines(sender, sheets, &fingerprints, &places);
    let (space, remark) = if lines.is_empty() { (None, None) } else { choose_space(connection, sender, &lines)? };
    let mut identities = content_identities(sender, sheets, &fingerprints, &places);
    let mut remarks: Vec<Remark> = remark.into_iter().collect();
    if let Some(space) = space {
        let replaced = give_order_keys(connection, sender, space, &lines, &mut identities, |_| true)?;
        if !replaced.is_empty() {
            let first = replaced.iter().take(REPLACED_NAMED).cloned().collect();
            remarks.push(Remark::OrderLinesReplaced { orders: replaced.len() as u64, first });
        }
    }
    Ok((identities, remarks))
}

/// Orders whose one line was replaced that a remark names.
const REPLACED_NAMED: usize = 10;

/// Identities of the rows of an import that were mended, within all of its rows as they are now: what was taken before
/// keeps its place among equal rows, and the mended rows come after it. Identities of other rows mean nothing.
///
/// # Errors
/// What the database says.
pub fn identify_mended(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    sheets: &[Records<'_>],
    is_mended: impl Fn(&str, u32) -> bool,
) -> QueryResult<Vec<Vec<Identity>>> {
    let is_mended =
        |(sheet, index): Place| sheets.get(sheet).is_some_and(|records| is_mended(records.sheet(), records.row(index)));
    let (mended, others): (Vec<Place>, Vec<Place>) = all_places(sheets).partition(|place| is_mended(*place));
    let places: Vec<Place> = others.into_iter().chain(mended).collect();
    let fingerprints = fingerprints(sender, sheets);
    let lines = ordered_lines(sender, sheets, &fingerprints, &places);
    let own_space: Option<i64> = order_lines::table
        .filter(order_lines::import_id.eq(sender.import_id))
        .select(order_lines::space_id)
        .first(connection)
        .optional()?;
    let space = match own_space {
        Some(space) => Some(space),
        None if lines.is_empty() => None,
        None => choose_space(connection, sender, &lines)?.0,
    };
    let mut identities = content_identities(sender, sheets, &fingerprints, &places);
    if let Some(space) = space {
        give_order_keys(connection, sender, space, &lines, &mut identities, is_mended)?;
    }
    Ok(identities)
}

fn all_places(sheets: &[Records<'_>]) -> impl Iterator<Item = Place> {
    sheets.iter().enumerate().flat_map(|(sheet, records)| (0..records.len()).map(move |index| (sheet, index)))
}

fn fingerprints(sender: Sender<'_>, sheets: &[Records<'_>]) -> Vec<Vec<Fingerprint>> {
    let of_sheet = |records| (0..Records::len(records)).map(|index| fingerprint(sender, records, index)).collect();
    sheets.iter().map(of_sheet).collect()
}

/// What each row is by its content alone; equal rows are numbered in the order of `places`.
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
        let occurrence = occurrences.entry(identity.fingerprint).and_modify(|count| *count += 1).or_insert(0);
        let day = (!records.date_assumed()).then(|| records.sold_on(*index));
        identity.key = SaleKey::of_content(sender.source, identity.fingerprint, *occurrence, day);
    }
    identities
}

/// Replaces the keys of the wanted order lines, and records those lines. Returns the orders whose one line has another
/// product now: a correction as far as can be told, and worth a look.
fn give_order_keys(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    lines: &[OrderLine<'_>],
    identities: &mut [Vec<Identity>],
    is_wanted: impl Fn(Place) -> bool,
) -> QueryResult<Vec<String>> {
    let mut replaced = Vec::new();
    let mut rows_of_order: HashMap<&str, u32> = HashMap::new();
    for line in lines {
        *rows_of_order.entry(&line.order_id).or_default() += 1;
    }
    for line in lines.iter().filter(|line| is_wanted((line.sheet, line.index))) {
        let Some(identity) = identities.get_mut(line.sheet).and_then(|sheet| sheet.get_mut(line.index)) else {
            continue;
        };
        let is_only_row = rows_of_order.get(line.order_id.as_ref()) == Some(&1);
        let by_content = line.order_id.starts_with("content:").then_some(identity.key);
        let given = key_in_space(connection, sender, space, line, is_only_row, by_content)?;
        (identity.key, identity.known) = (given.key, given.known);
        if given.replaces_product {
            replaced.push(line.order_id.to_string());
        }
    }
    Ok(replaced)
}

/// The key that a line was given.
struct Given {
    key: SaleKey,
    /// Whether the very same was staged before.
    known: bool,
    /// Whether it takes the place of the order's one line, which had another product.
    replaces_product: bool,
}

/// A row that belongs to an order.
#[derive(Clone)]
struct OrderLine<'a> {
    sheet: usize,
    index: usize,
    order_id: std::borrow::Cow<'a, str>,
    line: String,
    numbered: bool,
    fingerprint: Fingerprint,
    sold_on: NaiveDate,
    product: String,
    customer: String,
}

fn ordered_lines<'a>(
    sender: Sender<'_>,
    sheets: &[Records<'a>],
    fingerprints: &[Vec<Fingerprint>],
    places: &[Place],
) -> Vec<OrderLine<'a>> {
    let mut seen: HashMap<(String, String), u32> = HashMap::new();
    let mut numbered_products: HashMap<(String, String), String> = HashMap::new();
    let mut lines = Vec::new();
    for (sheet, index) in places.iter().copied() {
        let print = fingerprints.get(sheet).and_then(|prints| prints.get(index));
        let (Some(records), Some(print)) = (sheets.get(sheet), print) else { continue };
        let product = folded(records.text(Field::Product, index).unwrap_or_default());
        let order_id: std::borrow::Cow<'a, str> = match (records.text(Field::OrderId, index), sender.origin) {
            (Some(order_id), _) => order_id.into(),
            // The API answers "duplicate" at once, so each of its rows is remembered: by its content where it has no id
            (None, Origin::Api) => format!("content:{}", caudal_shared::message::to_hex(&print.0)).into(),
            (None, Origin::File) => continue,
        };
        let number = records.text(Field::Line, index);
        let line = number.map_or_else(
            || {
                let occurrence =
                    seen.entry((order_id.to_string(), product.clone())).and_modify(|count| *count += 1).or_insert(0);
                format!("product:{product}#{occurrence}")
            },
            |number| {
                let first = numbered_products
                    .entry((order_id.to_string(), number.to_owned()))
                    .or_insert_with(|| product.clone());
                // A sheet that gives two things of an order the same line number means two lines
                if *first == product || sender.origin == Origin::Api {
                    format!("line:{number}")
                } else {
                    format!("line:{number}/product:{product}")
                }
            },
        );
        let customer = [Field::Document, Field::Email, Field::Customer]
            .into_iter()
            .find_map(|field| records.text(field, index))
            .map(folded)
            .unwrap_or_default();
        let (sold_on, numbered, fingerprint) = (records.sold_on(index), number.is_some(), *print);
        lines.push(OrderLine { sheet, index, order_id, line, numbered, fingerprint, sold_on, product, customer });
    }
    lines
}

/// A line that was staged before.
#[derive(Queryable)]
struct Staged {
    id: i64,
    line: String,
    sale_key: Vec<u8>,
    fingerprint: Vec<u8>,
    sold_on: NaiveDate,
    product: String,
    customer: String,
}

impl Staged {
    /// Same date and product, or same date or product and the same customer.
    fn agrees(&self, line: &OrderLine<'_>) -> bool {
        let date = self.sold_on == line.sold_on;
        let product = self.product == line.product;
        let customer = !self.customer.is_empty() && self.customer == line.customer;
        u8::from(date) + u8::from(product) + u8::from(customer) >= 2
    }
}

fn staged_lines(connection: &mut DbConnection, space: i64, order_id: &str) -> QueryResult<Vec<Staged>> {
    use order_lines::dsl;
    order_lines::table
        .filter(dsl::space_id.eq(space).and(dsl::order_id.eq(order_id)).and(dsl::replaced_by.is_null()))
        .select((dsl::id, dsl::line, dsl::sale_key, dsl::fingerprint, dsl::sold_on, dsl::product, dsl::customer))
        .load(connection)
}

/// Orders compared to decide whether numbers start over.
const COMPARED: usize = 2_000;

/// The space whose numbers these are; a new one where they start over.
fn choose_space(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    lines: &[OrderLine<'_>],
) -> QueryResult<(Option<i64>, Option<Remark>)> {
    let spaces: Vec<i64> = order_spaces::table
        .filter(order_spaces::source.eq(sender.source))
        .order(order_spaces::id.desc())
        .select(order_spaces::id)
        .load(connection)?;
    let Some(latest) = spaces.first().copied() else { return Ok((Some(new_space(connection, sender)?), None)) };
    if sender.origin == Origin::Api {
        return Ok((Some(latest), None));
    }
    let stride = (lines.len() / COMPARED).max(1);
    let mut most_met = (0, 0);
    for space in spaces {
        let (mut met, mut agreed) = (0, 0);
        for line in lines.iter().step_by(stride) {
            let staged = staged_lines(connection, space, &line.order_id)?;
            met += u64::from(!staged.is_empty());
            agreed += u64::from(staged.iter().any(|staged| staged.agrees(line)));
        }
        if agreed * 2 > met {
            return Ok((Some(space), None));
        }
        most_met = most_met.max((met, agreed));
    }
    match most_met {
        (0, _) => Ok((Some(latest), None)),
        (met, agreed) => Ok((Some(new_space(connection, sender)?), Some(Remark::OrderIdsLocal { met, agreed }))),
    }
}

fn new_space(connection: &mut DbConnection, sender: Sender<'_>) -> QueryResult<i64> {
    diesel::insert_into(order_spaces::table)
        .values((order_spaces::source.eq(sender.source), order_spaces::import_id.eq(sender.import_id)))
        .returning(order_spaces::id)
        .get_result(connection)
}

/// The key of a line; a new or changed line is recorded.
fn key_in_space(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    line: &OrderLine<'_>,
    is_only_row: bool,
    by_content: Option<SaleKey>,
) -> QueryResult<Given> {
    let staged = staged_lines(connection, space, &line.order_id)?;
    let same_line = staged.iter().find(|staged| staged.line == line.line);
    // The only line of an order stays that line when its product is corrected. Another occurrence of its product is none:
    // the first was undone
    let is_other_occurrence =
        |only: &Staged| only.product == line.product && only.line.starts_with("product:") && same_line.is_none();
    let only_line = match staged.as_slice() {
        [only] if !line.numbered && is_only_row && !is_other_occurrence(only) => Some(only),
        _ => None,
    };
    let before = same_line.or(only_line);
    let known = before.is_some_and(|before| before.fingerprint == line.fingerprint.0);
    let key = match before.and_then(|before| before.sale_key.as_slice().try_into().ok()) {
        Some(key) => SaleKey(key),
        None => by_content.unwrap_or_else(|| free_order_key(sender, space, line, &staged)),
    };
    if !known {
        if let Some(before) = before {
            diesel::update(order_lines::table.find(before.id))
                .set(order_lines::replaced_by.eq(sender.import_id))
                .execute(connection)?;
        }
        record_line(connection, sender, space, line, key)?;
    }
    Ok(Given { key, known, replaces_product: same_line.is_none() && only_line.is_some() && !known })
}

/// A new key for a line. A line whose product was corrected has kept its key, so that the key which its old name gives may be
/// taken: two lines of an order never share one.
fn free_order_key(sender: Sender<'_>, space: i64, line: &OrderLine<'_>, staged: &[Staged]) -> SaleKey {
    let is_taken = |key: &SaleKey| staged.iter().any(|other| other.sale_key == key.0);
    let mut attempt = 0;
    loop {
        let key = order_key(sender, space, line, attempt);
        if !is_taken(&key) {
            return key;
        }
        attempt += 1;
    }
}

fn record_line(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    space: i64,
    line: &OrderLine<'_>,
    key: SaleKey,
) -> QueryResult<()> {
    use order_lines::dsl;
    diesel::insert_into(order_lines::table)
        .values((
            dsl::space_id.eq(space),
            dsl::order_id.eq(line.order_id.as_ref()),
            dsl::line.eq(&line.line),
            dsl::sale_key.eq(key.0.as_slice()),
            dsl::fingerprint.eq(line.fingerprint.0.as_slice()),
            dsl::sold_on.eq(line.sold_on),
            dsl::product.eq(&line.product),
            dsl::customer.eq(&line.customer),
            dsl::import_id.eq(sender.import_id),
        ))
        .execute(connection)?;
    Ok(())
}

/// SHA-256 over everything the row says; its place in the file takes the date's place where that was assumed.
fn fingerprint(sender: Sender<'_>, records: &Records<'_>, index: usize) -> Fingerprint {
    let mut hash = Sha256::new();
    for number in records.numbers(index) {
        match number {
            Some(number) => hash.update(number.to_le_bytes()),
            None => hash.update([0xFF]),
        }
        hash.update([0x1F]);
    }
    for text in records.texts(index) {
        hash.update(text.unwrap_or_default().as_bytes());
        hash.update([0x1F]);
    }
    if records.date_assumed() {
        hash.update(sender.sha256.as_bytes());
        hash.update(records.sheet().as_bytes());
        hash.update(records.row(index).to_le_bytes());
    }
    Fingerprint::first_of(&hash.finalize())
}

fn order_key(sender: Sender<'_>, space: i64, line: &OrderLine<'_>, attempt: u32) -> SaleKey {
    let mut hash = Sha256::new();
    hash.update(b"order\x1f");
    hash.update(sender.source.as_bytes());
    hash.update([0x1F]);
    hash.update(space.to_le_bytes());
    hash.update(line.order_id.as_bytes());
    hash.update([0x1F]);
    hash.update(line.line.as_bytes());
    if attempt > 0 {
        hash.update([0x1F]);
        hash.update(attempt.to_le_bytes());
    }
    SaleKey::of_day(Some(line.sold_on), &hash.finalize())
}
