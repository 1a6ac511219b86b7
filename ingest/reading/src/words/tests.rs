use std::fs;
use std::path::{Path, PathBuf};

use caudal_contract::field::Field;
use caudal_contract::text::folded;

use super::headers::RULES;
use super::places::STATES;
use super::split::{ABBREVIATIONS, words_of};
use super::{
    HeaderWords, Starts, TextWords, amounts, calendar, headers, orders, places, sheets, signs, split, statuses, totals,
    weights,
};

/// A list as `lists!` registers it.
pub(super) struct Listed {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) words: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    HeaderWords,
    TextWords,
    Starts,
    Parts,
    Signs,
    PartsLast,
}

/// The files with lists, and their lists.
const FILES: &[(&str, &[Listed])] = &[
    ("amounts", amounts::LISTS),
    ("calendar", calendar::LISTS),
    ("headers", headers::LISTS),
    ("orders", orders::LISTS),
    ("places", places::LISTS),
    ("sheets", sheets::LISTS),
    ("signs", signs::LISTS),
    ("split", split::LISTS),
    ("statuses", statuses::LISTS),
    ("totals", totals::LISTS),
];

fn lists() -> impl Iterator<Item = &'static Listed> {
    FILES.iter().flat_map(|(_, lists)| *lists)
}

fn assert_sorted<'a>(name: &str, words: impl Iterator<Item = &'a str>) {
    let words: Vec<&str> = words.collect();
    for pair in words.windows(2) {
        assert!(pair[0] != pair[1], "{name} has {:?} twice", pair[0]);
        assert!(pair[0] < pair[1], "{name} is not sorted: {:?} comes before {:?}", pair[1], pair[0]);
    }
}

#[test]
fn every_list_is_sorted_and_has_each_word_once() {
    for list in lists().filter(|list| list.form != Form::PartsLast) {
        assert_sorted(list.name, list.words.iter().copied());
    }
    assert_sorted("ABBREVIATIONS", ABBREVIATIONS.iter().map(|(short, _)| *short));
    assert_sorted("STATES", STATES.iter().map(|(code, _)| *code));
    for (_, lists) in FILES {
        assert_sorted("the file", lists.iter().map(|list| list.name).collect::<Vec<_>>().into_iter());
    }
}

/// A word that is written in another way than the text with which it is compared never counts.
#[test]
fn every_word_is_written_in_the_form_of_its_list() {
    for list in lists() {
        for (index, word) in list.words.iter().enumerate() {
            let name = list.name;
            match list.form {
                Form::HeaderWords => assert_eq!(words_of(word), [*word], "{name}: headers are split into other words"),
                Form::TextWords => assert!(folded(word) == *word && !word.contains(' '), "{name}: {word:?}"),
                Form::Starts | Form::Parts => assert_eq!(folded(word), *word, "{name} is compared with folded texts"),
                Form::Signs => assert_eq!(word.trim(), *word, "{name}"),
                Form::PartsLast => {
                    let is_part = |part: &&&str| word.starts_with(**part) || word.ends_with(**part);
                    let part = list.words.iter().take(index).find(is_part);
                    assert!(part.is_none(), "{name}: {part:?} comes before {word:?}");
                }
            }
        }
    }
}

/// "vend" makes "venda" superfluous, and somebody who takes "vend" away later would not expect "venda" to stay.
#[test]
fn no_entry_of_a_list_is_covered_by_another() {
    for list in lists() {
        for word in list.words {
            let others = || list.words.iter().filter(|other| *other != word);
            let covered = match list.form {
                Form::Starts => others().find(|other| word.starts_with(**other)),
                Form::Parts => others().find(|other| word.contains(**other)),
                _ => None,
            };
            assert_eq!(covered, None, "{} has {word:?} already", list.name);
        }
    }
}

#[test]
fn every_abbreviation_is_spelt_out_in_words_that_stay_as_they_are() {
    for (short, long) in ABBREVIATIONS {
        let words: Vec<&str> = long.split(' ').collect();
        assert_eq!(words_of(short), words, "{short}");
        assert_eq!(words_of(long), words, "{long}");
    }
}

#[test]
fn every_word_of_a_rule_can_stand_in_a_header() {
    for rule in RULES {
        for word in rule.all.iter().chain(rule.none) {
            assert_eq!(words_of(word), [*word], "{:?} of {:?}: headers are split into other words", word, rule.field);
        }
        assert_sorted(
            &format!("the words that {:?} of {:?} excludes", rule.all, rule.field),
            rule.none.iter().copied(),
        );
    }
}

#[test]
fn the_rules_are_sorted_by_field_and_words() {
    let place = |field: Field| Field::ALL.iter().position(|other| *other == field);
    for pair in RULES.windows(2) {
        let key = |index: usize| (place(pair[index].field), pair[index].all.join(" "), !pair[index].alone);
        assert!(key(0) < key(1), "{:?} {:?} comes before {:?}", pair[1].field, pair[1].all, pair[0].all);
    }
}

#[test]
fn every_weight_is_a_step_of_the_scale() {
    assert!(weights::SCALE.windows(2).all(|pair| pair[0] > pair[1]), "the scale is not sorted");
    for rule in RULES {
        assert!(weights::SCALE.contains(&rule.weight), "{:?} {:?}: {}", rule.field, rule.all, rule.weight);
    }
    for step in weights::SCALE {
        assert!(RULES.iter().any(|rule| rule.weight == *step), "no rule has the weight {step}");
    }
}

#[test]
fn no_rule_contradicts_itself_or_another() {
    for (index, rule) in RULES.iter().enumerate() {
        assert!(rule.all.iter().all(|word| !rule.none.contains(word)), "{:?} excludes its own word", rule.all);
        for other in RULES.iter().skip(index + 1) {
            let same = rule.all.len() == other.all.len() && rule.all.iter().all(|word| other.all.contains(word));
            assert!(
                !same || rule.field != other.field || rule.alone != other.alone,
                "two rules name {:?} by {:?}",
                rule.field,
                rule.all
            );
            assert!(
                !same || rule.field == other.field || rule.weight != other.weight,
                "{:?} and {:?} are named alike by {:?}",
                rule.field,
                other.field,
                rule.all
            );
        }
    }
}

/// The words that name a field all by themselves.
fn names_of(fields: &[Field]) -> Vec<&'static str> {
    let rules = RULES.iter().filter(|rule| fields.contains(&rule.field));
    rules.filter_map(|rule| if let [word] = rule.all { Some(*word) } else { None }).collect()
}

#[test]
fn no_header_of_a_field_is_a_sign_of_something_else() {
    let money = [Field::Total, Field::UnitPrice, Field::Cost, Field::Discount, Field::Freight, Field::Tax, Field::Fee];
    let people = [Field::Customer, Field::Seller, Field::Store, Field::Channel];
    for (fields, list) in [
        (&money[..], amounts::NO_MONEY),
        (&money, amounts::SCALED),
        (&money, calendar::PERIODS),
        (&people, sheets::SUPPLIER),
        (&people, sheets::STOCK),
        (&people, sheets::QUOTE),
        (&people, sheets::TARGETS),
        (&[Field::Date], headers::NOT_SALE_DAY),
        (&[Field::Date], calendar::CANCELLATION_DAY),
        (&[Field::Date], calendar::ENDS_OF_PERIODS),
        (&[Field::Quantity], headers::NOT_SOLD),
        (&[Field::Quantity], amounts::NO_MONEY),
        (&[Field::Product, Field::Sku, Field::Category], amounts::PRICE),
        (&[Field::Email, Field::Phone, Field::Document, Field::Address], headers::OTHERS),
        (&[Field::Fee], amounts::DISCOUNT),
        (&[Field::Discount], amounts::FEE),
        (&[Field::Discount], amounts::COMMISSION),
    ] {
        let names = names_of(fields);
        assert!(!names.is_empty(), "{fields:?}");
        let both: Vec<&str> = names.into_iter().filter(|name| list.has(name)).collect();
        assert!(both.is_empty(), "{both:?} names one of {fields:?} and says that it is none");
    }
}

#[test]
fn no_word_of_headers_says_two_things_that_exclude_each_other() {
    for (one, other) in [
        (sheets::SALE, sheets::SUPPLIER),
        (sheets::SALE, sheets::STOCK),
        (sheets::SALE, sheets::QUOTE),
        (sheets::SALE, sheets::TARGETS),
        (sheets::SALE, sheets::ADVERTISING),
        (sheets::SALE, sheets::LEDGER),
        (sheets::SALE, statuses::ASKS_WHETHER_UNDONE),
        (sheets::ORDER, sheets::SUPPLIER),
        (sheets::ORDER, sheets::QUOTE),
        (sheets::PRODUCT, amounts::PRICE),
        (sheets::QUOTE, sheets::QUOTE_TAKEN),
        (sheets::SUPPLIER, sheets::STOCK),
        (sheets::SUPPLIER, sheets::LEDGER),
        (sheets::STOCK, sheets::LEDGER),
        (sheets::TARGETS, sheets::LEDGER),
        (sheets::ADVERTISING, sheets::LEDGER),
        (sheets::KIND_OF_ROW, sheets::KIND_OF_ROW_BESIDE),
        (statuses::ASKS_WHETHER_UNDONE, statuses::ASKS_BESIDE),
        (amounts::FEE, amounts::DISCOUNT),
        (amounts::FEE, amounts::COMMISSION),
        (amounts::DISCOUNT, amounts::COMMISSION),
        (totals::PART_OF_WHOLE, totals::WHOLE),
        (totals::PART_OF_WHOLE, totals::RANK),
        (totals::WHOLE, amounts::DISCOUNT),
        (totals::WHOLE, amounts::COMMISSION),
        (totals::EVENTS, calendar::PERIODS),
        (headers::NOT_SALE_DAY, calendar::CANCELLATION_DAY),
    ] as [(HeaderWords, HeaderWords); 27]
    {
        let both: Vec<&str> = one.0.iter().copied().filter(|word| other.has(word)).collect();
        assert!(both.is_empty(), "{both:?} is in two lists that exclude each other");
    }
}

#[test]
fn no_beginning_says_that_a_sale_was_made_and_was_not() {
    let apart: [(Starts, Starts); 10] = [
        (sheets::ROW_OF_SALE, sheets::ROW_OF_OTHERS),
        (sheets::ROW_OF_SALE, statuses::CANCELLED),
        (sheets::ROW_OF_SALE, statuses::RETURNED),
        (sheets::TITLE_OF_SALES, sheets::TITLE_OF_LEDGER),
        (sheets::TITLE_OF_SALES, sheets::TITLE_OF_PURCHASES),
        (sheets::TITLE_OF_SALES, sheets::TITLE_OF_QUOTES),
        (sheets::TITLE_OF_SALES, sheets::TITLE_OF_RETURNS),
        (sheets::TITLE_OF_SALES, sheets::TITLE_OF_STOCK),
        (sheets::TITLE_OF_SALES, calendar::OTHER_DAYS),
        // A sale with one of these states is taken away, with the other it is kept if its amount is negative.
        (statuses::CANCELLED, statuses::RETURNED),
    ];
    for (one, other) in apart {
        let both =
            one.0.iter().filter(|start| other.begin(start)).chain(other.0.iter().filter(|start| one.begin(start)));
        // A chargeback that is told as a kind of row has a negative amount, so it balances its charge.
        let both: Vec<&&str> = both.filter(|start| **start != "chargeback").collect();
        assert!(both.is_empty(), "{both:?} begins words of two lists that exclude each other");
    }
}

#[test]
fn no_answer_and_no_state_means_its_contrary() {
    let apart: [(TextWords, TextWords); 3] =
        [(statuses::YES, statuses::DENIES), (totals::TOTALS, totals::BESIDE_TOTAL), (totals::TOTALS, totals::COUNTED)];
    for (one, other) in apart {
        let both: Vec<&str> = one.0.iter().copied().filter(|word| other.has(word)).collect();
        assert!(both.is_empty(), "{both:?} is in two lists that exclude each other");
    }
    for undone in statuses::CANCELLED.0.iter().chain(statuses::RETURNED.0) {
        assert!(!statuses::YES.has(undone) && !statuses::DENIES.has(undone) && !statuses::PARTLY.begin(undone));
        assert!(!statuses::UNPAID.begin(undone) && !statuses::UNDER_WAY.begin(undone), "{undone:?}");
    }
    // A header asks with the words with which a state answers.
    for word in statuses::ASKS_WHETHER_UNDONE.0 {
        let answers = [statuses::CANCELLED, statuses::CANCELLATION, statuses::RETURNED, statuses::RETURN];
        let answers = answers.iter().any(|list| list.begin(word)) || statuses::CANCELLED_WORDS.has(word);
        assert!(answers, "{word:?} asks for a state that no list knows");
    }
}

#[test]
fn no_total_is_missed_before_it_is_folded() {
    for word in totals::TOTALS.0 {
        assert!(totals::HINTS_AT_TOTAL.are_in(word), "{word:?}");
    }
}

#[test]
fn a_month_has_names_of_its_own_and_is_known_by_three_letters() {
    for (number, names) in (1..).zip(calendar::MONTHS) {
        for name in names.0 {
            assert_eq!(calendar::month(name), Some(number), "{name} is a name of two months");
            assert_eq!(calendar::month_by_first_letters(name), Some(number), "{name}");
        }
    }
}

#[test]
fn every_sign_of_a_currency_is_cut_off_its_numbers() {
    for list in [signs::REAL, signs::DOLLAR, signs::EURO, signs::POUND, signs::PESO, signs::OTHER_CURRENCY] {
        for sign in list.iter() {
            assert!(signs::CURRENCIES.iter().any(|known| known == sign), "{sign}");
        }
    }
    assert!(signs::OWN_CURRENCY.iter().all(|own| signs::CURRENCIES.iter().any(|known| known == own)));
    assert!(signs::OWN_CODES.iter().all(|code| !signs::OWN_CURRENCY.has_in_any_case(code)));
    assert!(signs::REAL.iter().all(|sign| signs::OWN_CURRENCY.has(sign)));
    let measures = signs::MEASURES.iter().filter(|measure| signs::CURRENCIES.iter().any(|known| known == *measure));
    assert_eq!(measures.collect::<Vec<_>>(), [""; 0]);
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_file_with_lists_is_checked() {
    let mut files = Vec::new();
    collect(&source().join("words"), &mut files);
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let has_lists = fs::read_to_string(&file).unwrap().contains("\nlists! {");
        assert_eq!(has_lists, FILES.iter().any(|(known, _)| *known == name), "{name} is missing in FILES");
    }
}

/// Whether a line of code begins a list of words: a constant of texts, two texts after a bracket, or alternatives.
fn lists_words(line: &str) -> bool {
    let is_constant = ["const ", "static "].iter().any(|word| line.contains(word));
    let of_texts = ["[&str", "[(&str", "[&[&str"].iter().any(|of| line.contains(of));
    let is_word =
        |text: &str| text.chars().any(char::is_alphabetic) && text.chars().all(|c| c.is_alphabetic() || c == ' ');
    let pieces: Vec<&str> = line.split('"').collect();
    let several = pieces.windows(4).step_by(2).any(|window| match window {
        [before, first, between, second] if is_word(first) && is_word(second) => {
            *between == " | " || *between == ", " && before.ends_with('[')
        }
        _ => false,
    });
    is_constant && of_texts || several
}

/// A list that stands where it is used is found by nobody who looks for its words.
#[test]
fn lists_of_words_stand_only_here() {
    assert!(lists_words("const FEES: &[&str] = &[") && lists_words(r#"matches!(word, "venda" | "sale")"#));
    assert!(lists_words(r#"["um", "dois"].iter()"#) && !lists_words(r#"language.pick("um", "one")"#));
    // Formats of files, known exports, properties of JSON, sentences for people, and made-up values are not words by
    // which sheets are read.
    let others = [
        "clean/told.rs",
        "words/",
        "sheet/",
        "repair/",
        "body.rs",
        "fuzz.rs",
        "shop.rs",
        "rehearsal_workbook.rs",
        "layout/known/mod.rs",
    ];
    let mut files = Vec::new();
    collect(&source(), &mut files);
    assert!(files.len() > 50, "only {} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(source()).unwrap().to_string_lossy().replace('\\', "/");
        if others.iter().any(|other| name.starts_with(other)) || name.ends_with("/tests.rs") {
            continue;
        }
        let code = fs::read_to_string(&file).unwrap();
        let lines =
            code.lines().take_while(|line| !line.starts_with("mod tests") && !line.starts_with("#![cfg(test)]"));
        let lists = (1..).zip(lines).filter(|(_, line)| !line.trim_start().starts_with("//") && lists_words(line));
        found.extend(lists.map(|(number, line)| format!("{name}:{number}: {}", line.trim())));
    }
    assert!(found.is_empty(), "these belong into ingest/reading/src/words/:\n{}", found.join("\n"));
}
