//! Texts that several commands share, in the reader's language: a ledger in one line, and the state of an import.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::Outcome;
use caudal_contract::money::Cents;
use caudal_distrib::view::imports::{Balance, ImportState, ImportSummary};

/// `12 read = 9 stored + …`
pub fn rows(rows: &Balance<i64>, language: Language) -> String {
    let text = |rows: i64| format::count(rows, language);
    match language {
        Language::Portuguese => {
            balance(rows, text, ["lidas", "novas", "atualizadas", "repetidas", "rejeitadas", "ignoradas"])
        }
        Language::English => balance(rows, text, ENGLISH),
    }
}

/// `R$120.00 read = R$90.00 stored + …`
pub fn money(money: &Balance<Cents>, language: Language) -> String {
    let text = |amount: Cents| format::money(amount, language);
    match language {
        Language::Portuguese => {
            balance(money, text, ["lidos", "novos", "atualizados", "repetidos", "rejeitados", "ignorados"])
        }
        Language::English => balance(money, text, ENGLISH),
    }
}

const ENGLISH: [&str; 6] = ["read", "stored", "updated", "duplicate", "rejected", "ignored"];

fn balance<T: Copy>(balance: &Balance<T>, text: impl Fn(T) -> String, words: [&str; 6]) -> String {
    let known = |value: Option<T>| value.map_or_else(|| "?".to_owned(), &text);
    let Balance { read, stored, updated, duplicate, rejected, ignored } = *balance;
    let [of_read, of_stored, of_updated, of_duplicate, of_rejected, of_ignored] = words;
    format!(
        "{} {of_read} = {} {of_stored} + {} {of_updated} + {} {of_duplicate} + {} {of_rejected} + {} {of_ignored}",
        known(read),
        text(stored),
        text(updated),
        text(duplicate),
        text(rejected),
        known(ignored),
    )
}

/// The word for the state of an import, the same as on its page.
pub fn state(import: &ImportSummary, language: Language) -> &'static str {
    match (import.state, &import.outcome) {
        (ImportState::Undone, _) => language.pick("desfeita", "undone"),
        (ImportState::Unbalanced, _) => language.pick("não fecha", "unbalanced"),
        (_, Some(Outcome::Refused(_))) => language.pick("recusada", "refused"),
        (_, Some(Outcome::NeedsLayout { .. })) => language.pick("espera um layout", "waits for a layout"),
        (_, Some(Outcome::AlreadyImported { .. })) => language.pick("já importada", "already imported"),
        (_, Some(Outcome::Repaired { .. })) => language.pick("correção", "repair"),
        (ImportState::Arriving, _) => language.pick("chegando", "arriving"),
        (ImportState::Balanced, _) => language.pick("conferida", "balanced"),
    }
}

/// `sheet Plan1, row 7`; only the row for files without sheets.
pub fn place(sheet: &str, row: i64, language: Language) -> String {
    let row = format!("{} {row}", language.pick("linha", "row"));
    if sheet.is_empty() { row } else { format!("{sheet}, {row}") }
}

/// `1 arquivo`, `3 arquivos`: a number with the matching form of the noun.
pub fn counted(count: i64, one: &str, many: &str, language: Language) -> String {
    format!("{} {}", format::count(count, language), if count == 1 { one } else { many })
}
