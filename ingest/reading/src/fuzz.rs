//! Checks that must hold for any cell or text file. `fuzz/` calls them with generated inputs, and `cargo test` with
//! nasty ones and random ones.

use caudal_contract::document::Document;
use caudal_contract::language::Language;
use caudal_contract::message::{Fingerprint, Sale, SaleKey};
use caudal_contract::notice::Rule;
use caudal_contract::payment::PaymentMethod;
use caudal_contract::text::folded;
use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::value::RawValue;

use crate::batch::{Batch, BatchError};
use crate::body::Body;
use crate::layout::names::fields_named;
use crate::sheet::{self, Kind, SheetBuilder};
use crate::value::date::{self, OrderDecision, OrderEvidence};
use crate::value::number::{self, MONEY, Mark, MarkDecision, MarkEvidence, PRICE, QUANTITY, Unit};
use crate::value::text;
use crate::value::{Basis, Conventions};
use crate::words::words_of;

/// Checks a text as a number, a day, a document, a contact, a payment and a header.
///
/// # Panics
/// If a check fails.
pub fn any_text(text: &str) {
    as_number(text);
    as_moment(text);
    as_header(text);
    let (tidied, _) = text::tidy(text);
    assert!(!tidied.contains(char::is_control) && tidied.trim() == tidied, "{text:?} is tidied to {tidied:?}");
    if let Some(document) = Document::parse(text) {
        let again = Document::parse(&document.number);
        assert_eq!(again.map(|again| again.number), Some(document.number), "the document {text:?}");
    }
    if let Some(email) = text::email(text) {
        assert_eq!(text::email(&email), Some(email), "the address {text:?}");
    }
    if let Some(phone) = text::phone(text) {
        assert_eq!(text::phone(&phone), Some(phone), "the phone {text:?}");
    }
    let _ = PaymentMethod::parse(text);
    cell(|builder| builder.set_text(0, 0, Kind::Text, text));
}

/// Checks a number in a cell of each kind that has one.
///
/// # Panics
/// If a check fails.
pub fn any_number(number: f64) {
    for unit in [MONEY, PRICE, QUANTITY] {
        if let Ok(read) = number::of_float(number, unit) {
            within(read.value, unit);
        }
    }
    for kind in [Kind::Number, Kind::DateTime, Kind::Time, Kind::Bool] {
        cell(|builder| builder.set_number(0, 0, kind, number));
    }
}

/// Checks a text file, from its bytes to its clean rows. Workbooks are skipped because their readers are not ours and
/// run in a process of their own.
///
/// # Panics
/// If a check fails.
pub fn any_sheet(bytes: &[u8]) {
    if bytes.starts_with(b"PK") || !sheet::is_safe_here(bytes, "x.csv") {
        return;
    }
    let contents = match sheet::read(bytes, "x.csv") {
        Ok(contents) => contents,
        Err(refusal) => return drop(Language::ALL.map(|language| refusal.sentence(language))),
    };
    let batch = Batch::of_file(&contents, &conventions(Basis::Column), &[]);
    assert!(!matches!(batch, Err(BatchError::Frame(_))), "a defect: {batch:?}");
    let batch = match batch {
        Ok(batch) => batch,
        Err(BatchError::Refused(refusal)) => return drop(Language::ALL.map(|language| refusal.sentence(language))),
        Err(BatchError::NeedsLayout(problem)) => return drop(Language::ALL.map(|language| problem.sentence(language))),
        Err(BatchError::Frame(_)) => return,
    };
    each_row_is_in_one_place(&batch);
    every_notice_has_its_sentence(&batch);
}

fn conventions(basis: Basis) -> Conventions {
    Conventions {
        zone: Tz::America__Sao_Paulo,
        basis,
        mark: Mark::Comma,
        day_first: true,
        arrived: DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default(),
    }
}

/// Checks the body of an API batch, from its bytes to its clean rows. Each row must be in one place, and must mean the
/// same as it does alone.
///
/// # Panics
/// If a check fails.
pub fn any_batch(bytes: &[u8]) {
    /// Most rows that are read again, each by itself.
    const ALONE: usize = 20;
    let Ok(body) = Body::read(bytes) else { return };
    let batch = of_body(&body);
    assert_eq!(batch.rows_read, body.len() as u64, "a row of the body is not read");
    each_row_is_in_one_place(&batch);
    every_notice_has_its_sentence(&batch);
    let together = meanings(&batch);
    let rows: Vec<&RawValue> = serde_json::from_slice(bytes).unwrap_or_default();
    for (index, row) in rows.iter().enumerate().take(ALONE) {
        let alone = Body::read(row.get().as_bytes());
        assert!(alone.is_ok(), "{row} is read among others and not alone: {alone:?}");
        let alone = alone.map(|body| meanings(&of_body(&body))).unwrap_or_default();
        assert_eq!(alone.first(), together.get(index), "{row} means another thing alone");
    }
}

fn of_body(body: &Body<'_>) -> Batch {
    let batch = Batch::of_body(body, &conventions(Basis::Value));
    assert!(batch.is_ok(), "a defect: {batch:?}");
    batch.unwrap_or_default()
}

/// The result of each row of a batch, without its place.
fn meanings(batch: &Batch) -> Vec<String> {
    let mut meanings = vec!["ignored".to_owned(); usize::try_from(batch.rows_read).unwrap_or(0)];
    let mut put = |row: u32, meaning: String| {
        if let Some(slot) = (row as usize).checked_sub(1).and_then(|row| meanings.get_mut(row)) {
            *slot = meaning;
        }
    };
    for records in batch.records().unwrap_or_default() {
        for index in 0..records.len() {
            let (key, fingerprint) = (SaleKey([0; 16]), Fingerprint([0; 16]));
            let sale = Sale { row: 0, ..records.sale(index, key, fingerprint) };
            put(records.row(index), format!("{sale:?}"));
        }
    }
    for row in &batch.rejected {
        put(row.row, format!("{:?} {}", row.reasons, row.amount));
    }
    meanings
}

fn every_notice_has_its_sentence(batch: &Batch) {
    for language in Language::ALL {
        for remark in &batch.remarks {
            let _ = remark.sentence(language, chrono_tz::America::Sao_Paulo);
        }
        for reason in batch.rejected.iter().flat_map(|row| &row.reasons) {
            let _ = reason.sentence(language);
        }
    }
}

/// Every row below the header must be either a sale, rejected or ignored.
fn each_row_is_in_one_place(batch: &Batch) {
    let records = batch.records().unwrap_or_default();
    let sold = records.iter().flat_map(|records| (0..records.len()).map(|index| records.row(index)));
    let mut rows: Vec<u32> = sold
        .chain(batch.rejected.iter().map(|row| row.row))
        .chain(batch.ignored.iter().flat_map(|run| run.first..=run.last))
        .collect();
    let counted = rows.len() as u64;
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len() as u64, counted, "a row is in two places");
    assert_eq!(counted, batch.rows_read, "rows read are sales, rejected or ignored");
    let ignored: u64 = batch.ignored.iter().map(|run| u64::from(run.last - run.first) + 1).sum();
    assert_eq!(ignored, batch.rows_ignored, "the ignored rows have their places");
}

fn as_number(text: &str) {
    let evidence = MarkEvidence { comma: 1, point: 1, either: 1 };
    for mark in [Mark::Comma, Mark::Point] {
        for evidence in [MarkEvidence::default(), evidence] {
            let Ok(number) = number::of_text(text, MarkDecision { mark, evidence, each_alone: false }) else {
                continue;
            };
            assert!(number::looks_numeric(text), "{text:?} is a number and does not look like one");
            for unit in [MONEY, PRICE, QUANTITY] {
                if let Ok(scaled) = number.scaled(unit) {
                    within(scaled, unit);
                }
            }
        }
    }
}

fn within(scaled: i64, unit: Unit) {
    assert!(scaled.abs() <= unit.largest * 10_i64.pow(unit.places), "{scaled} is beyond {unit:?}");
}

fn as_moment(text: &str) {
    let mixed = OrderEvidence { day_first: 1, month_first: 1, either: 1, ..OrderEvidence::default() };
    for day_first in [true, false] {
        for evidence in [OrderEvidence::default(), mixed] {
            match date::of_text(text, OrderDecision { day_first, evidence }, Tz::America__Sao_Paulo) {
                Ok(_) => assert!(date::looks_like_date(text), "{text:?} is a day and does not look like one"),
                Err(rule) => assert_eq!(rule, Rule::NotADate),
            }
        }
    }
    let _ = date::looks_like_time(text);
}

fn as_header(text: &str) {
    let name = folded(text);
    assert_eq!(folded(&name), name, "the name {text:?}");
    let words = words_of(text);
    assert_eq!(words_of(&words.join(" ")), words, "the header {text:?}");
    for (field, score) in fields_named(text) {
        assert!((30..=100).contains(&score), "{text:?} names {field:?} with {score}");
    }
}

/// Runs every function that reads a cell.
fn cell(set: impl FnOnce(&mut SheetBuilder)) {
    let mut builder = SheetBuilder::default();
    set(&mut builder);
    let sheet = builder.finish(String::new(), false, 1);
    let Some(column) = sheet.columns.first() else { return };
    let _ = column.shown(0);
    let _ = text::of_cell(column, 0);
    let _ = text::identifier_of_cell(column, 0);
    let _ = date::time_of_cell(column, 0);
    let order = OrderDecision { day_first: true, evidence: OrderEvidence::default() };
    let _ = date::of_cell(column, 0, order, Tz::America__Sao_Paulo);
    let decision = MarkDecision { mark: Mark::Comma, evidence: MarkEvidence::default(), each_alone: false };
    let _ = number::of_cell(column, 0, decision, MONEY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nasty_texts_harm_nothing() {
        let long = "9".repeat(200);
        let many = "1.".repeat(5_000);
        for text in [
            "",
            " ",
            "-",
            "--",
            "()",
            "(-)",
            "R$",
            "R$R$",
            "%",
            "%%",
            ".",
            ",",
            "..",
            ",,",
            ".,",
            "1.,2",
            "1,.2",
            "(1",
            "1)",
            "-(1)",
            "1-1",
            "+-1",
            "1e5",
            "1E+400",
            "٣٫١٤",
            "１２３",
            "½",
            "∞",
            "NaN",
            "0x10",
            "1'2'3",
            "1 234 5",
            "R$ - 5 %",
            "0/0/0",
            "00/00/0000",
            "31/02/2026",
            "99/99/9999",
            "1/1/1",
            "1/1/99999",
            "20261301",
            "2026-W05-1",
            "0000-00-00",
            "2026-13-45T99:99:99Z",
            "2026-01-01T00:00:00+99:99",
            "24:00",
            "23:59:60",
            "1:2:3:4",
            ":",
            "::",
            "T",
            "  T: ",
            "12:30 pm pm",
            "de de de",
            "5 de de 2026",
            "32 de março de 2026",
            "1 jan",
            "jan 1 1",
            "é",
            "éé/éé/éééé",
            "İstanbul",
            "ﬁnança",
            "ẞ",
            "Nº",
            "N.º",
            "no",
            "n",
            "os",
            "glass",
            "a🆇",
            "thes",
            "status",
            "a\u{301}\u{301}\u{301}",
            "\u{feff}",
            "\u{200b}",
            "\u{202e}1.234",
            "\0",
            "\u{a0}\u{a0}",
            "Ã",
            "Ã\u{a3}",
            "ÃƒÂ£",
            "@",
            "a@",
            "@b.c",
            "a@b.c",
            "mailto:mailto:a@b.c",
            "mailto:\u{c}@b.c",
            "MAILTO: mailto:a@b.c",
            "++5511999990000",
            "000.000.000-00",
            "1",
            "A".repeat(14).as_str(),
            &long,
            &many,
        ] {
            any_text(text);
        }
    }

    #[test]
    fn nasty_sheets_harm_nothing_and_lose_no_row() {
        for text in [
            "",
            "\n\n",
            "data;produto;quantidade;total",
            "data;produto;quantidade;total\n;;;\n\n",
            "data;produto;quantidade;total\n01/03/2026;Café;1;10,00\n;;;\nTotal;;;10,00\ndata;produto;quantidade;total\n02/03/2026;Chá;x;5,00\n",
            "data;produto;quantidade;total\n01/03/2026;\"Café;1;10,00\n02/03/2026;Chá;1;5,00\n",
            "a\tb\tc\n1\t2\n\t\t\t\t5\n",
        ] {
            any_sheet(text.as_bytes());
        }
    }

    #[test]
    fn nasty_numbers_harm_nothing() {
        for number in [
            0.0,
            -0.0,
            0.1,
            1e-320,
            59.0,
            60.0,
            61.0,
            2_958_465.9,
            1e8,
            1e9,
            1e10,
            1e11,
            1e15,
            9e15,
            1e18,
            1e300,
            f64::MAX,
        ] {
            any_number(number);
            any_number(-number);
        }
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            any_number(number);
        }
    }
}
