//! Comments and the sentences for people are plain English: a subject, a verb, "if" for a condition, "because" for a
//! reason.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders with our code.
const FOLDERS: [&str; 5] = ["app", "shared", "ingest", "distrib", "fuzz/fuzz_targets"];
/// Sentences with these are read twice.
const WORST: [&str; 7] = ["whoever", "whatever", "is none", "are none", ", for it", ", for they", ", for the"];
/// Phrases that sentences for people do not need, besides the worst ones: riddles, "what" instead of a noun, and "where"
/// instead of "if".
const RIDDLES: [&str; 20] = [
    "again and again",
    "anew",
    "as it should",
    "goes on",
    "is there already",
    "left aside",
    "nobody knows",
    "otherwise than",
    "stands",
    "stays so",
    "what",
    "where",
    "whom",
    "ao que era",
    "ao que eram",
    "ao que foi",
    "o que cada",
    "deixada de lado",
    "deixado de lado",
    "não dá para",
];
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

/// The files with this ending below the folders, in order.
fn files_in(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root().join(folder), extension, &mut files);
    }
    files.sort();
    files
}

/// Collects the files with this ending below a folder, except those that a build wrote.
fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                collect(&path, extension, files);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
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

/// The string literals of a file's code before its tests, each with its line. A quotation mark in a literal becomes a single one.
fn literals(code: &str) -> Vec<(usize, String)> {
    let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let (mut found, mut open) = (Vec::new(), None::<(usize, String)>);
    for (number, line) in (1..).zip(code.lines().map(str::trim_start)) {
        if open.is_none() && line.starts_with("//") {
            continue;
        }
        let line = line.replace("\\\"", "'").replace("'\"'", "");
        let mut pieces = line.split('"');
        if let (Some((_, text)), Some(first)) = (&mut open, pieces.next()) {
            text.push_str(first);
        }
        // Each quotation mark ends a literal or begins one.
        for piece in pieces {
            match open.take() {
                Some(literal) => found.push(literal),
                None => open = Some((number, piece.to_owned())),
            }
        }
        // A literal goes on in the next line after a backslash only.
        open = open.and_then(|(begun, text)| Some((begun, text.strip_suffix('\\')?.to_owned())));
    }
    found
}

/// The text without the names in braces, which a value takes the place of.
fn without_placeholders(text: &str) -> String {
    text.split('{').enumerate().map(|(index, piece)| if index == 0 { piece } else { after(piece, '}') }).collect()
}

/// The part of the text after the first mark; the whole text if it has none.
fn after(text: &str, mark: char) -> &str {
    text.split_once(mark).map_or(text, |(_, rest)| rest)
}

/// The words that a template writes itself, between its tags and in attributes that are read or spoken. All other words
/// come from the texts of the pages, which have both languages.
fn own_words(template: &str) -> Vec<String> {
    let mut shown = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}")] {
        while let Some((before, rest)) = shown.split_once(open) {
            let after = rest.split_once(close).map_or("", |(_, after)| after);
            shown = format!("{before}{after}");
        }
    }
    let spoken = ["title=\"", "aria-label=\"", "placeholder=\"", "alt=\""];
    let mut words: Vec<String> = spoken
        .iter()
        .flat_map(|attribute| shown.split(attribute).skip(1))
        .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect();
    // Code is for programs and the same in both languages.
    let is_code = |piece: &&str| ["pre", "code"].iter().any(|tag| piece.starts_with(tag));
    words.extend(shown.split('<').filter(|piece| !is_code(piece)).map(|piece| after(piece, '>').to_owned()));
    words.retain(|text| text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() > 1);
    words
}

/// The first phrase of a sentence that is read twice.
fn riddle(sentence: &str) -> Option<&'static str> {
    let text = without_placeholders(sentence).to_lowercase();
    // "is no" means "is not a" except in these.
    let claims = text.replace("there is no ", "").replace("is no longer ", "");
    let is_no = holds(&claims, "is no").then_some("is no");
    WORST.iter().chain(&RIDDLES).copied().find(|phrase| holds(&text, phrase)).or(is_no)
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
    let files = files_in(&FOLDERS, "rs");
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

#[test]
fn sentences_for_people_are_plain_english() {
    let files = files_in(&FOLDERS, "rs");
    let (mut sentences, mut riddles) = (0, Vec::new());
    for file in &files {
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        let is_of_tests =
            ["/tests/", "/tests.rs", "/testing.rs", "/benches/", "fuzz"].iter().any(|part| name.contains(part));
        if is_of_tests {
            continue;
        }
        let code = fs::read_to_string(file).unwrap();
        // The help of the commands is written in doc comments.
        let help = |(line, text): (usize, &str)| Some((line, text.trim_start().strip_prefix("///")?.to_owned()));
        let is_help = name.starts_with("app/src/cli");
        let help = (1..).zip(code.lines()).filter_map(help).filter(|_| is_help);
        for (line, text) in literals(&code).into_iter().chain(help) {
            // Two words are a name, a header or a label; SQL has a "WHERE" of its own.
            if text.split_whitespace().count() < 3 || text.contains("WHERE") {
                continue;
            }
            sentences += 1;
            riddles.extend(riddle(&text).map(|phrase| format!("{name}:{line}: \"{phrase}\" in: {text}")));
        }
    }
    assert!(sentences > 1000, "only {sentences} sentences");
    assert!(
        riddles.is_empty(),
        "{} sentences are read twice, see CONTRIBUTING.md:\n{}",
        riddles.len(),
        riddles.join("\n")
    );
}

#[test]
fn templates_have_no_sentences_of_their_own_because_each_needs_both_languages() {
    let files = files_in(&["templates"], "html");
    assert!(files.len() > 15, "only {} templates", files.len());
    for file in files {
        let words = own_words(&fs::read_to_string(&file).unwrap());
        assert!(words.is_empty(), "{}: {words:?} belongs to the texts of the pages", file.display());
    }
}

#[test]
fn the_own_words_of_a_template_are_found_between_tags_and_in_spoken_attributes() {
    let template = "{# two words #}<p class=\"a b\" title=\"Show more\">{{ f.t.read }} {% if let Some(x) = y %}<b>No sales</b> · CSV{% endif %}<code>a b</code>";
    assert_eq!(own_words(template), ["Show more", "No sales"]);
}

#[test]
fn riddles_are_found_in_the_literals_of_code_alone() {
    let code = "// \"what is not read\"\nlet mark = '\"'; pick(\"é \\\"uma\\\" linha\", \"a row that is no \\\n   sale\");\n\n#[cfg(test)]\nmod tests { \"x\" }";
    let texts: Vec<String> = literals(code).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["é 'uma' linha", "a row that is no sale"]);
    assert_eq!(texts.iter().map(|text| riddle(text)).collect::<Vec<_>>(), [None, Some("is no")]);
    let good =
        ["there is no row below the header", "the file is no longer in the data folder", "a price and its total"];
    assert!(good.iter().all(|sentence| riddle(sentence).is_none()));
    assert_eq!(riddle("{what} is a file"), None, "a placeholder is not read");
    let bad = ["tell whoever looks after it", "decide it where the values do not", "the mark, for it is a comma"];
    assert!(bad.iter().all(|sentence| riddle(sentence).is_some()));
}
