//! The input of a fault run, and its expected result.

use std::ops::Range;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::installation::Installation;

/// A small random generator (xorshift). The same seed gives the same numbers.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// The amount of input.
#[derive(Clone, Copy)]
pub struct Workload {
    pub files: usize,
    pub rows: usize,
    pub batches: usize,
    pub batch_rows: usize,
}

/// The expected sums of the sales.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    pub sales: i64,
    pub cents: i64,
    /// For each file: rows read, stored, updated, duplicate, rejected and ignored.
    pub files: Vec<(String, [i64; 6])>,
}

/// The number of rows in a later file that do not repeat an earlier one.
const NEW_ROWS: usize = 20;

impl Workload {
    /// Writes the files onto the desk. Each row's content follows from its place, so that every run sends the same.
    pub fn files(&self, installation: &Installation) -> Vec<PathBuf> {
        (0..self.files).map(|file| installation.csv(&format!("loja-{file:03}.csv"), &self.file(file))).collect()
    }

    /// Files that repeat earlier ones, in pairs: a longer export that repeats the second half of a file, and a whole file with
    /// some corrected rows. The outcome of their rows is known only if the earlier file came first.
    pub fn later_files(&self, installation: &Installation) -> Vec<PathBuf> {
        (0..self.later()).map(|file| installation.csv(&later_name(file), &self.later_file(file))).collect()
    }

    /// The number of later files.
    fn later(&self) -> usize {
        (self.files / 4).max(2)
    }

    fn file(&self, file: usize) -> String {
        text_of((0..self.rows).map(|row| (file, row, sold(file, row))), |_| false)
    }

    fn later_file(&self, file: usize) -> String {
        let again = self.repeated(file).map(|row| (file, row, sold_later(file, row)));
        let rows = again.chain(self.new_rows().map(|row| (file, row, sold(file, row))));
        text_of(rows, is_cancelled_later)
    }

    /// The rows of an earlier file that come again.
    fn repeated(&self, file: usize) -> Range<usize> {
        if file.is_multiple_of(2) { self.rows / 2..self.rows } else { 0..self.rows }
    }

    fn new_rows(&self) -> Range<usize> {
        self.rows..self.rows + NEW_ROWS
    }

    /// The body of an API batch.
    pub fn batch(&self, batch: usize) -> Value {
        (0..self.batch_rows)
            .map(|row| {
                let (quantity, price) = sold(batch + 1000, row);
                json!({
                    "id": format!("A{batch}-{row}"), "sold_at": "2026-10-07T10:00:00-03:00", "customer": format!("Cliente {}", row % 5),
                    "email": format!("c{}@exemplo.com", row % 5), "product": format!("Produto {}", row % 23), "quantity": quantity,
                    "unit_price": format!("{}.{:02}", price / 100, price % 100)
                })
            })
            .collect()
    }

    pub fn expected(&self) -> Expected {
        let mut expected = Expected { sales: 0, cents: 0, files: Vec::new() };
        for file in 0..self.files {
            let mut rows = [0; 6];
            for row in 0..self.rows {
                rows[0] += 1;
                match kind(row) {
                    Kind::Sale => {
                        let (quantity, price) = sold(file, row);
                        rows[1] += 1;
                        expected.sales += 1;
                        expected.cents += quantity * price;
                    }
                    Kind::Rejected => rows[4] += 1,
                    Kind::Cancelled => rows[5] += 1,
                }
            }
            expected.files.push((format!("loja-{file:03}.csv"), rows));
        }
        for batch in 0..self.batches {
            for row in 0..self.batch_rows {
                let (quantity, price) = sold(batch + 1000, row);
                expected.sales += 1;
                expected.cents += quantity * price;
            }
        }
        expected
    }

    /// The expected result after the later files have come too.
    pub fn expected_later(&self) -> Expected {
        let mut expected = self.expected();
        for file in 0..self.later() {
            let mut rows = [0; 6];
            for row in self.repeated(file).chain(self.new_rows()) {
                rows[0] += 1;
                let ((quantity, price), (before, _)) = (sold_later(file, row), sold(file, row));
                match kind(row) {
                    Kind::Rejected => rows[4] += 1,
                    Kind::Cancelled => rows[5] += 1,
                    Kind::Sale if is_cancelled_later(row) => {
                        rows[5] += 1;
                        // A new row has nothing to cancel.
                        if row < self.rows {
                            expected.sales -= 1;
                            expected.cents -= before * price;
                        }
                    }
                    Kind::Sale if row >= self.rows => {
                        rows[1] += 1;
                        expected.sales += 1;
                        expected.cents += before * price;
                    }
                    Kind::Sale if quantity != before => {
                        rows[2] += 1;
                        expected.cents += (quantity - before) * price;
                    }
                    Kind::Sale => rows[3] += 1,
                }
            }
            expected.files.push((later_name(file), rows));
        }
        expected.files.sort();
        expected
    }
}

/// The file and row in the order number, and the quantity and price of the sale.
type Line = (usize, usize, (i64, i64));

fn text_of(lines: impl Iterator<Item = Line>, is_cancelled: impl Fn(usize) -> bool) -> String {
    let mut text = "pedido;data;cliente;email;produto;quantidade;valor unitário;total;status\n".to_owned();
    for (file, row, (quantity, price)) in lines {
        let cents = quantity * price;
        let (date, status) = match kind(row) {
            Kind::Rejected => ("ontem", "Pago"),
            Kind::Cancelled => ("05/10/2026", "Cancelado"),
            // With the day of the cancellation.
            Kind::Sale if is_cancelled(row) => ("29/10/2026", "Cancelado"),
            Kind::Sale => (["01/10/2026", "13/10/2026", "28/09/2026"][row % 3], "Pago"),
        };
        text.push_str(&format!(
                "F{file}-{row};{date};Cliente {customer};c{customer}@exemplo.com;Produto {product};{quantity};{};{};{status}\n",
                comma(price),
                comma(cents),
                customer = row % 17,
                product = (row + file) % 23,
            ));
    }
    text
}

fn later_name(file: usize) -> String {
    format!("loja-{file:03}-de-novo.csv")
}

enum Kind {
    Sale,
    Rejected,
    Cancelled,
}

fn kind(row: usize) -> Kind {
    match row % 50 {
        7 => Kind::Rejected,
        23 => Kind::Cancelled,
        _ => Kind::Sale,
    }
}

/// Whether a later file says that the order of the row was cancelled.
fn is_cancelled_later(row: usize) -> bool {
    row % 25 == 17
}

/// The quantity, and the unit price in cents.
fn sold(file: usize, row: usize) -> (i64, i64) {
    let (file, row) = (i64::try_from(file).unwrap(), i64::try_from(row).unwrap());
    (1 + (row + file) % 4, 105 + (row * 37 + file * 11) % 9000)
}

/// Like [`sold`], for a later file: some repeated rows of every other file are corrected.
fn sold_later(file: usize, row: usize) -> (i64, i64) {
    let (quantity, price) = sold(file, row);
    let is_corrected = file % 2 == 1 && row % 25 == 11;
    (if is_corrected { quantity + 10 } else { quantity }, price)
}

fn comma(cents: i64) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}
