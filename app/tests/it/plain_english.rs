//! Comments are plain English: a subject, a verb, "if" for a condition, "because" for a reason.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders with our code.
const FOLDERS: [&str; 5] = ["app", "shared", "ingest", "distrib", "fuzz/fuzz_targets"];
/// Sentences with these are read twice.
const WORST: [&str; 7] = ["whoever", "whatever", "is none", "are none", ", for it", ", for they", ", for the"];
/// Words that stand for a noun.
const VAGUE: [&str; 6] = ["what", "where", "whose", "whoever", "whatever", "whichever"];
/// Words of conditions and reasons.
const CLEAR: [&str; 2] = ["if", "because"];
/// How many of a thousand words may be vague, and how many must be clear.
const MOST_VAGUE: usize = 4;
const FEWEST_CLEAR: usize = 5;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Collects the Rust files below a folder, except those that a build wrote.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The comment of a line: a whole line, or the end of a line of code.
fn comment_of(line: &str) -> Option<&str> {
    if let Some(text) = line.trim_start().strip_prefix("//") {
        return Some(text.strip_prefix(['/', '!']).unwrap_or(text));
    }
    let ends_code = |code: &str| code.ends_with([';', '{', ',', ')', ']', '}']);
    line.match_indices(" //").find(|(at, _)| ends_code(&line[..*at])).map(|(at, mark)| &line[at + mark.len()..])
}

/// The text without the code in backticks.
fn without_code(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let is_code = |index: usize| index % 2 == 1 && index + 1 < pieces.len();
    pieces.iter().enumerate().filter(|(index, _)| !is_code(*index)).map(|(_, piece)| *piece).collect()
}

/// Whether the text holds the phrase as whole words.
fn holds(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let begins = phrase.starts_with(',') || !before.is_some_and(char::is_alphanumeric);
        begins && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The words of a comment, and how many of them are vague and clear.
#[derive(Default)]
struct Counts {
    words: usize,
    vague: usize,
    clear: usize,
}

impl Counts {
    fn add(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_ascii_alphabetic() && c != '\'').filter(|word| !word.is_empty());
        for word in words {
            self.words += 1;
            self.vague += usize::from(VAGUE.contains(&word));
            self.clear += usize::from(CLEAR.contains(&word));
        }
    }

    fn are_plain(&self) -> bool {
        self.vague * 1000 <= MOST_VAGUE * self.words && self.clear * 1000 >= FEWEST_CLEAR * self.words
    }
}

#[test]
fn comments_are_plain_english() {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    assert!(files.len() > 250, "only {} files", files.len());
    let (mut counts, mut riddles) = (Counts::default(), Vec::new());
    for file in &files {
        let code = fs::read_to_string(file).unwrap();
        let name = file.strip_prefix(root()).unwrap().display();
        for (number, line) in (1..).zip(code.lines()) {
            let Some(comment) = comment_of(line) else { continue };
            let text = without_code(comment).to_lowercase();
            counts.add(&text);
            if WORST.iter().any(|phrase| holds(&text, phrase)) {
                riddles.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    let Counts { words, vague, clear } = counts;
    assert!(riddles.is_empty(), "{} lines are read twice, see CONTRIBUTING.md:\n{}", riddles.len(), riddles.join("\n"));
    assert!(
        counts.are_plain(),
        "of {words} words of comments {vague} are what, where, whose … (at most {MOST_VAGUE} of a thousand), and \
         {clear} are if or because (at least {FEWEST_CLEAR} of a thousand)"
    );
}
