//! Orders with their lines staged before, and the keys of new lines.

use std::array::TryFromSliceError;
use std::borrow::Cow;

use caudal_contract::message::{Fingerprint, SaleKey};
use caudal_platform::database::{DbConnection, StoredDay};
use caudal_platform::{insert_all, on_backend, prepared_insert};
use chrono::NaiveDate;
use diesel::prelude::*;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use super::{OrderLine, Sender};
use crate::schema::order_lines;

/// Order lines that are looked up, given keys and recorded together. SQLite allows 32,766 parameters in a query.
pub(super) const ORDERS_AT_ONCE: usize = 5_000;

/// A line that was staged before.
pub(super) struct Staged<'a> {
    pub(super) line: Cow<'a, str>,
    pub(super) key: SaleKey,
    pub(super) fingerprint: Fingerprint,
    sold_on: NaiveDate,
    pub(super) product: Cow<'a, str>,
    customer: Cow<'a, str>,
    recorded: Recorded,
}

/// The place of a line's record.
#[derive(Clone, Copy)]
enum Recorded {
    /// In the database, with this id.
    Before(i64),
    /// Among the lines still to be recorded, at this index.
    Now(usize),
}

impl Staged<'_> {
    /// Whether at least two of date, product and customer are the same.
    pub(super) fn agrees(&self, line: &OrderLine<'_>) -> bool {
        let date = self.sold_on == line.sold_on;
        let product = *self.product == *line.product;
        let customer = !self.customer.is_empty() && *self.customer == *line.customer;
        u8::from(date) + u8::from(product) + u8::from(customer) >= 2
    }

    /// Whether a cancelled row has the same day, product or customer.
    pub(super) fn shares(&self, day: NaiveDate, product: &str, customer: &str) -> bool {
        self.sold_on == day
            || !product.is_empty() && *self.product == *product
            || !customer.is_empty() && *self.customer == *customer
    }
}

#[derive(Insertable)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false)]
struct LineRow<'a> {
    space_id: i64,
    order_id: &'a str,
    line: &'a str,
    sale_key: Vec<u8>,
    fingerprint: &'a [u8],
    sold_on: StoredDay,
    product: &'a str,
    customer: &'a str,
    import_id: &'a str,
    replaced_by: Option<&'a str>,
}

prepared_insert! {
    LineRow into order_lines:
    space_id, order_id, line, sale_key, fingerprint, sold_on, product, customer, import_id, replaced_by,
}

/// The key given to a line.
pub(super) struct Given {
    pub(super) key: SaleKey,
    /// Whether exactly the same line was staged before.
    pub(super) known: bool,
    /// Whether the line replaces the only line of its order, which had another product.
    pub(super) replaces_product: bool,
}

/// Some orders of a space, with the changes to record about them.
pub(super) struct Orders<'a> {
    sender: Sender<'a>,
    space: i64,
    lines: HashMap<&'a str, Vec<Staged<'a>>>,
    new: Vec<LineRow<'a>>,
    /// Ids of the replaced lines in the database.
    replaced: Vec<i64>,
}

impl<'a> Orders<'a> {
    /// Looks up the current lines of at most [`ORDERS_AT_ONCE`] orders.
    pub(super) fn load(
        connection: &mut DbConnection,
        sender: Sender<'a>,
        space: i64,
        order_ids: impl Iterator<Item = &'a str>,
    ) -> QueryResult<Self> {
        use order_lines::dsl;
        type Columns = (i64, String, String, Vec<u8>, Vec<u8>, NaiveDate, String, String);
        let mut lines: HashMap<&str, Vec<Staged>> = order_ids.map(|order_id| (order_id, Vec::new())).collect();
        let found: Vec<Columns> = on_backend!(connection, own => dsl::order_lines
            .filter(dsl::space_id.eq(space).and(dsl::order_id.eq_any(lines.keys())).and(dsl::replaced_by.is_null()))
            .order(dsl::id)
            .select((
                dsl::id, dsl::order_id, dsl::line, dsl::sale_key, dsl::fingerprint, dsl::sold_on, dsl::product, dsl::customer,
            ))
            .load(own))?;
        for (id, order_id, line, sale_key, fingerprint, sold_on, product, customer) in found {
            let Some(lines) = lines.get_mut(order_id.as_str()) else { continue };
            lines.push(Staged {
                line: line.into(),
                key: SaleKey(hash(&sale_key)?),
                fingerprint: Fingerprint(hash(&fingerprint)?),
                sold_on,
                product: product.into(),
                customer: customer.into(),
                recorded: Recorded::Before(id),
            });
        }
        Ok(Self { sender, space, lines, new: Vec::new(), replaced: Vec::new() })
    }

    /// The current lines of an order.
    pub(super) fn lines_of(&self, order_id: &str) -> &[Staged<'a>] {
        self.lines.get(order_id).map_or(&[], Vec::as_slice)
    }

    /// Gives a line its key, and notes a new or changed line for recording. `by_content` is the key if the order has no
    /// number.
    pub(super) fn give_key(&mut self, line: &'a OrderLine<'_>, by_content: Option<SaleKey>) -> Given {
        let staged = self.lines_of(&line.order_id);
        let same_line = staged.iter().position(|staged| staged.line == line.line);
        // The only line of an order keeps its identity if its product is corrected. Another occurrence of the same
        // product is not a correction: the first occurrence was undone.
        let is_other_occurrence =
            |only: &Staged| *only.product == *line.product && only.line.starts_with("product:") && same_line.is_none();
        let only_line = match staged {
            [only] if !line.numbered && line.is_only_row && !is_other_occurrence(only) => Some(0),
            _ => None,
        };
        let place = same_line.or(only_line);
        let before = place.and_then(|place| staged.get(place));
        let known = before.is_some_and(|before| before.fingerprint == line.fingerprint);
        let key = match before {
            Some(before) => before.key,
            None => by_content.unwrap_or_else(|| self.free_key(line)),
        };
        if !known {
            if let Some(place) = place {
                self.replace(&line.order_id, place);
            }
            self.add(line, key);
        }
        Given { key, known, replaces_product: same_line.is_none() && only_line.is_some() && !known }
    }

    /// A new key for a line. A line whose product was corrected keeps its key, so the key derived from its old name may
    /// be taken; two lines of an order must never share a key.
    pub(super) fn free_key(&self, line: &OrderLine<'_>) -> SaleKey {
        let staged = self.lines_of(&line.order_id);
        let is_taken = |key: &SaleKey| staged.iter().any(|other| other.key == *key);
        let mut attempt = 0;
        loop {
            let key = order_key(self.sender, self.space, line, attempt);
            if !is_taken(&key) {
                return key;
            }
            attempt += 1;
        }
    }

    fn replace(&mut self, order_id: &str, place: usize) {
        let Some(staged) = self.lines.get_mut(order_id) else { return };
        match staged.remove(place).recorded {
            Recorded::Before(id) => self.replaced.push(id),
            Recorded::Now(place) => {
                if let Some(row) = self.new.get_mut(place) {
                    row.replaced_by = Some(self.sender.import_id);
                }
            }
        }
    }

    /// Adds a line with its key.
    pub(super) fn add(&mut self, line: &'a OrderLine<'_>, key: SaleKey) {
        self.lines.entry(&line.order_id).or_default().push(Staged {
            line: line.line.as_str().into(),
            key,
            fingerprint: line.fingerprint,
            sold_on: line.sold_on,
            product: Cow::Borrowed(&line.product),
            customer: Cow::Borrowed(&line.customer),
            recorded: Recorded::Now(self.new.len()),
        });
        self.new.push(LineRow {
            space_id: self.space,
            order_id: &line.order_id,
            line: &line.line,
            sale_key: key.0.to_vec(),
            fingerprint: &line.fingerprint.0,
            sold_on: StoredDay(line.sold_on),
            product: &line.product,
            customer: &line.customer,
            import_id: self.sender.import_id,
            replaced_by: None,
        });
    }

    /// Records the added lines and the replaced ones.
    pub(super) fn record(self, connection: &mut DbConnection) -> QueryResult<()> {
        on_backend!(&mut *connection, own => {
            if !self.replaced.is_empty() {
                diesel::update(order_lines::table.filter(order_lines::id.eq_any(&self.replaced)))
                    .set(order_lines::replaced_by.eq(self.sender.import_id))
                    .execute(own)?;
            }
        });
        match connection {
            DbConnection::Sqlite(own) => self.new.into_iter().try_for_each(|line| line.execute(own).map(drop)),
            DbConnection::Postgres(_) => {
                insert_all!(connection, order_lines::table, self.new);
                Ok(())
            }
        }
    }
}

/// Converts a hash from the database.
fn hash(bytes: &[u8]) -> QueryResult<[u8; 16]> {
    bytes.try_into().map_err(|error: TryFromSliceError| diesel::result::Error::DeserializationError(error.into()))
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
