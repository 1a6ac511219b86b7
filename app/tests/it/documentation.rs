//! Everything that the documents name must exist.

use std::fs;
use std::path::{Path, PathBuf};

use caudal_contract::field::Field;
use caudal_contract::message::MessageKind;
use caudal_platform::http::ApiProblem;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Words in backticks that are paths of our crates: `caudal_ingest::intake::Intake::take`.
fn named_paths(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).filter(|word| word.starts_with("caudal") && word.contains("::")).collect()
}

/// The folder of a crate.
fn folder_of(name: &str) -> &str {
    match name {
        "caudal" => "app",
        "caudal_contract" => "shared/contract",
        "caudal_platform" => "shared/platform",
        "caudal_reading" => "ingest/reading",
        "caudal_ingest" => "ingest/service",
        "caudal_distrib" => "distrib",
        name => panic!("{name} is no crate of the workspace"),
    }
}

/// The documents that name functions: the path below `docs/`, and the text.
fn documents() -> Vec<(String, String)> {
    let walkthroughs = fs::read_dir(root().join("docs/walkthroughs")).unwrap();
    let walkthroughs = walkthroughs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = walkthroughs.map(|name| format!("walkthroughs/{name}")).collect();
    names.extend(["ARCHITECTURE.md", "recipes.md", "reviewing.md"].map(str::to_owned));
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(root().join("docs").join(name)).unwrap())).collect()
}

/// Whether the text holds this, and no longer name that only begins with it.
fn holds_word(text: &str, word: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| ends(&text[at + word.len()..]))
}

/// Whether the file of the path's module defines or exports the last part of the path.
fn is_there(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_end_matches("()").split("::").collect();
    let source = root().join(folder_of(parts[0])).join("src");
    let (module, _) = parts[1..].iter().fold((source, false), |(folder, ended), part| {
        if !ended && (folder.join(format!("{part}.rs")).exists() || folder.join(part).is_dir()) {
            (folder.join(part), false)
        } else {
            (folder, true)
        }
    });
    let file = [module.with_extension("rs"), module.join("mod.rs"), module.join("lib.rs")]
        .into_iter()
        .find(|file| file.exists());
    let code = file.map(|file| fs::read_to_string(file).unwrap()).unwrap_or_default();
    let last = parts.last().unwrap();
    let is_module = module.ends_with(last);
    let is_defined = ["fn ", "struct ", "enum ", "mod ", "const ", "type "]
        .iter()
        .any(|kind| holds_word(&code, &format!("{kind}{last}")));
    let is_variant_or_export = code.contains(&format!("{last},"))
        || code.contains(&format!("{last}}}"))
        || code.contains(&format!("{last} {{"));
    is_module || is_defined || is_variant_or_export
}

#[test]
fn every_function_that_the_architecture_names_exists() {
    let documents = documents();
    assert!(documents.len() >= 15, "{} documents", documents.len());
    let mut count = 0;
    for (name, text) in &documents {
        for path in named_paths(text) {
            assert!(is_there(path), "docs/{name} names {path}, which is not there");
            count += 1;
        }
    }
    assert!(count > 100, "the walkthroughs name functions, not only {count}");
}

#[test]
fn every_path_that_the_recipes_name_exists() {
    let text = fs::read_to_string(root().join("docs/recipes.md")).unwrap();
    let is_path = |word: &&str| {
        word.contains('/') && [".rs", ".sql", ".md", ".html", "/"].iter().any(|ending| word.ends_with(ending))
    };
    let is_placeholder = |word: &&str| word.contains("YYYY") || word.contains('…');
    let words = text.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = words.filter(is_path).filter(|word| !is_placeholder(word)).collect();
    assert!(paths.len() > 30, "only {paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "docs/recipes.md names {path}, which is not there");
    }
}

#[test]
fn the_architecture_is_read_in_ten_minutes() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let lines = text.lines().count();
    assert!(lines <= 170, "docs/ARCHITECTURE.md has {lines} lines; a walkthrough takes the rest");
    for (name, text) in documents() {
        for (number, line) in (1..).zip(text.lines()) {
            let characters = line.chars().count();
            assert!(characters <= 130, "docs/{name}:{number} has {characters} characters");
        }
    }
}

#[test]
fn every_problem_of_the_api_is_explained() {
    let text = fs::read_to_string(root().join("docs/ERRORS.md")).unwrap();
    for problem in ApiProblem::ALL {
        let code = problem.code();
        assert!(
            text.lines().any(|line| line.starts_with('#') && line.contains(code)),
            "docs/ERRORS.md has no heading for {code}"
        );
    }
}

#[test]
fn every_field_is_explained() {
    let explains = |document: &str, name: &str| {
        let text = fs::read_to_string(root().join("docs").join(document)).unwrap();
        text.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")))
    };
    for field in Field::ALL.iter().copied() {
        // A body has the moment in one property, a message in three.
        let property = if field == Field::Time { Field::Date.property() } else { field.property() };
        assert!(explains("api.md", property), "docs/api.md says nothing about `{property}`");
        let name = match field {
            Field::Date => "sold_on",
            Field::Address => "street",
            Field::Total => "amount",
            field => field.code(),
        };
        assert!(explains("messages.md", name), "docs/messages.md says nothing about `{name}`");
    }
}

#[test]
fn every_kind_of_message_is_explained() {
    let text = fs::read_to_string(root().join("docs/messages.md")).unwrap();
    let envelope =
        text.lines().find(|line| line.starts_with("| `body` |")).expect("docs/messages.md explains the body");
    for kind in MessageKind::ALL.map(MessageKind::code) {
        assert!(envelope.contains(&format!("`{kind}`")), "docs/messages.md: the body may be `{kind}`");
        let is_explained = |line: &str| {
            line.starts_with(&format!("| `{kind}` |"))
                || line.trim_start_matches('#').starts_with(&format!(" `{kind}`: "))
        };
        assert!(text.lines().any(is_explained), "docs/messages.md says nothing about `{kind}`");
    }
}

/// The variants of an enum, as serde writes their codes.
fn codes_of(file: &str, name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("shared/contract/src").join(file)).unwrap();
    let start = format!("pub enum {name} {{\n");
    let body = text.split_once(&start).unwrap_or_else(|| panic!("{file} has no {name}")).1;
    let body = body.split_once("\n}\n").unwrap().0;
    let variants =
        body.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with(char::is_uppercase));
    let code = |variant: &str| {
        let variant = variant.split(|c: char| !c.is_alphanumeric()).next().unwrap();
        variant.chars().fold(String::new(), |mut code, c| {
            if c.is_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.extend(c.to_lowercase());
            code
        })
    };
    variants.map(code).collect()
}

#[test]
fn every_reason_and_warning_is_explained() {
    let text = fs::read_to_string(root().join("docs/ERRORS.md")).unwrap();
    let section = |heading: &str| {
        let start = format!("\n## {heading}\n");
        let after = text.split_once(&start).unwrap_or_else(|| panic!("docs/ERRORS.md has no {heading}")).1;
        after.split_once("\n## ").map_or(after, |(section, _)| section).to_owned()
    };
    for (heading, file, name, fewest) in [
        ("Rejected rows", "notice/rejection.rs", "Rule", 10),
        ("Refused files", "notice/refusal.rs", "Refusal", 25),
        ("Warnings", "notice/warning.rs", "Oddity", 6),
        ("Warnings", "notice/remark/mod.rs", "Remark", 45),
        ("Warnings", "notice/ignored.rs", "Ignored", 5),
        ("Decisions and commands that are refused", "command.rs", "CommandRefused", 11),
        ("Pauses", "notice/pause.rs", "Pause", 7),
        ("Messages that could not be stored", "notice/failure_reason.rs", "FailureReason", 9),
    ] {
        let (codes, section) = (codes_of(file, name), section(heading));
        assert!(codes.len() >= fewest, "{name}: only {codes:?}");
        for code in codes {
            assert!(section.contains(&format!("`{code}`")), "docs/ERRORS.md, {heading}: no {name} `{code}`");
        }
    }
    // Some of them make a file wait, others answer a decision.
    let waits = section("Files that wait") + &section("Decisions and commands that are refused");
    for code in codes_of("notice/layout_problem.rs", "LayoutProblem") {
        assert!(waits.contains(&format!("| `{code}` |")), "docs/ERRORS.md: no LayoutProblem `{code}`");
    }
    for code in ["no_header", "missing", "nothing_sold", "totals", "amounts_differ", "value_unclear"] {
        assert!(section("Files that wait").contains(&format!("| `{code}` |")), "a file waits for {code}");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    for service in ["ingest/service", "distrib"] {
        assert_eq!(names(&format!("{service}/migrations/sqlite")), names(&format!("{service}/migrations/postgres")));
    }
}

#[test]
fn main_is_short() {
    let lines = fs::read_to_string(root().join("app/src/main.rs")).unwrap().lines().count();
    assert!(lines <= 60, "app/src/main.rs has {lines} lines");
}
