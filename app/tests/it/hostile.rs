//! Harmful and broken files: each gets its reason, and nothing else is affected.

use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::corpus::corpus;
use crate::installation::{Installation, Service, wait_until_at_most};
use crate::workbook::{two_rows, write_rows};

/// Drops the files and then a good one, waits until each has its import, and returns the imports. All the while the service
/// must answer.
fn all_at_once(files: &[(String, Vec<u8>)]) -> Vec<Value> {
    let installation = Installation::new();
    let service = installation.start();
    for (name, bytes) in files {
        let from = installation.desk("hostile");
        std::fs::write(&from, bytes).unwrap();
        installation.drop_file(&from, name);
    }
    write_rows(&installation.desk("good"), two_rows());
    installation.drop_file(&installation.desk("good"), "good.xlsx");
    let mut imports = Vec::new();
    wait_until_at_most(Duration::from_secs(600), "every file has its import", || {
        assert_healthy(&service);
        imports = installation.imports();
        imports.len() > files.len()
    });
    wait_until_at_most(Duration::from_secs(60), "every import balances", || {
        imports = installation.imports();
        imports.iter().all(|import| import["state"] == "balanced")
    });
    installation.wait_for_empty_inbox();
    assert_healthy(&service);
    imports
}

fn assert_healthy(service: &Service) {
    assert_eq!(ureq::get(format!("{}/health", service.url)).call().unwrap().status(), 200);
}

fn import_of<'a>(imports: &'a [Value], name: &str) -> &'a Value {
    imports.iter().find(|import| import["name"] == name).unwrap()
}

/// The code of the refusal; empty if the file was imported.
fn code<'a>(imports: &'a [Value], name: &str) -> &'a str {
    import_of(imports, name)["outcome"]["refused"]["code"].as_str().unwrap_or_default()
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test must say so, and the count is worth seeing")]
fn a_folder_of_hostile_files_stops_nothing() {
    let Some(folder) = corpus().map(|folder| folder.join("hostile")).filter(|folder| folder.is_dir()) else {
        eprintln!("skipped: no folder of hostile files here");
        return;
    };
    let files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    let imports = all_at_once(&files);
    assert_eq!(import_of(&imports, "good.xlsx")["ledger"]["rows"]["stored"], 2);
    let mut codes = std::collections::BTreeMap::<&str, u32>::new();
    for (name, _) in &files {
        let import = import_of(&imports, name);
        let outcome = &import["outcome"];
        *codes.entry(outcome["refused"]["code"].as_str().unwrap_or("taken")).or_default() += 1;
    }
    eprintln!("{} hostile files: {codes:?}", files.len());
}

#[test]
fn broken_and_malicious_workbooks_are_refused_with_their_reason() {
    let mut files = vec![
        (
            "corners.xlsx".to_owned(),
            workbook_of(
                r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#,
            ),
        ),
        ("rows.xlsx".to_owned(), workbook_of(r#"<row r="1048577"><c r="A1048577"><v>1</v></c></row>"#)),
        ("overflow.xlsx".to_owned(), workbook_of(r#"<row r="1"><c r="ZZZZZZZ99999999999"><v>1</v></c></row>"#)),
        ("index.xlsx".to_owned(), workbook_of(r#"<row r="1"><c r="A1" t="s"><v>4000000000</v></c></row>"#)),
        ("bomb.xlsx".to_owned(), workbook_of(&r#"<row r="1"><c r="A1"><v>1</v></c></row>"#.repeat(3_000_000))),
        (
            "cell.xlsx".to_owned(),
            workbook_of(&format!(
                r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#,
                "x".repeat(9_000_000)
            )),
        ),
        ("entities.xlsx".to_owned(), archive(&[("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><workbook/>")])),
        ("traversal.xlsx".to_owned(), archive(&[("[Content_Types].xml", ""), ("../../etc/passwd", "x")])),
        ("empty.zip.xlsx".to_owned(), archive(&[])),
        ("field.csv".to_owned(), format!("produto;valor\n{};1\n", "x".repeat(1_000_000)).into_bytes()),
        ("wide.csv".to_owned(), "a;".repeat(20_000).into_bytes()),
        ("page.xls".to_owned(), b"<html><table><tr><td>produto</td></tr></table></html>".to_vec()),
        ("xml.xls".to_owned(), b"<?xml version=\"1.0\"?><Workbook/>".to_vec()),
        ("paper.xlsx".to_owned(), b"%PDF-1.7\n".to_vec()),
        ("compound.xls".to_owned(), [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0xFF; 2000]].concat()),
        ("nul.csv".to_owned(), b"produto;valor\nP\0\0\0o;1\n".to_vec()),
    ];
    let whole = good_workbook();
    for tenth in 1..10 {
        files.push((format!("cut-{tenth}.xlsx"), whole[..whole.len() * tenth / 10].to_vec()));
    }
    let imports = all_at_once(&files);
    assert_eq!(import_of(&imports, "good.xlsx")["ledger"]["rows"]["stored"], 2);
    for (name, expected) in [
        ("corners.xlsx", "over_limit"),
        ("rows.xlsx", "over_limit"),
        ("bomb.xlsx", "over_limit"),
        ("cell.xlsx", "over_limit"),
        ("entities.xlsx", "unsafe_archive"),
        ("traversal.xlsx", "unsafe_archive"),
        ("empty.zip.xlsx", "unknown_kind"),
        ("field.csv", "over_limit"),
        ("wide.csv", "over_limit"),
        ("page.xls", "unknown_kind"),
        ("xml.xls", "unknown_kind"),
        ("paper.xlsx", "unknown_kind"),
        ("compound.xls", "damaged"),
        ("nul.csv", "unreadable_text"),
        ("cut-1.xlsx", "damaged"),
        ("cut-9.xlsx", "damaged"),
    ] {
        assert_eq!(code(&imports, name), expected, "{name}: {}", import_of(&imports, name));
    }
    for (name, _) in &files {
        assert_ne!(code(&imports, name), "", "{name} was taken");
    }
}

#[test]
fn odd_texts_are_read_all_the_same() {
    let header = "data;produto;quantidade;valor total\n";
    let text = format!("{header}05/03/2024;Café;1;10,00\n06/03/2024;Chá;2;20,00\n");
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let files = vec![
        ("utf16.txt".to_owned(), utf16),
        ("returns.csv".to_owned(), text.replace('\n', "\r").into_bytes()),
        ("quote.csv".to_owned(), text.replace("Chá", "\"Chá").into_bytes()),
        ("named-wrongly.xls".to_owned(), text.replace("Chá", "Mate").into_bytes()),
    ];
    let imports = all_at_once(&files);
    for (name, _) in &files {
        assert_eq!(import_of(&imports, name)["ledger"]["rows"]["read"], 2, "{name}: {}", import_of(&imports, name));
    }
}

#[test]
fn one_new_error_cell_costs_its_row_and_not_the_sheet() {
    let text = |column: char, row: u32, text: &str| {
        format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let headers = ["data", "produto", "quantidade", "valor total"];
    let header: String = ('A'..='D').zip(headers).map(|(column, name)| text(column, 1, name)).collect();
    let row = |row: u32, total: &str| {
        let cells =
            [text('A', row, "05/03/2024"), text('B', row, "Café"), format!(r#"<c r="C{row}"><v>1</v></c>"#)].concat();
        format!(r#"<row r="{row}">{cells}{total}</row>"#)
    };
    let rows = [
        format!(r#"<row r="1">{header}</row>"#),
        row(2, r#"<c r="D2"><v>10</v></c>"#),
        row(3, r##"<c r="D3" t="e"><f>A1:A9</f><v>#SPILL!</v></c>"##),
        row(4, r#"<c r="D4"><f>C4*10</f></c>"#),
    ];
    let installation = Installation::new();
    let file = installation.desk("erros.xlsx");
    std::fs::write(&file, workbook_of(&rows.concat())).unwrap();
    let report = installation.import(5, &file);
    assert_eq!(report["rows"]["stored"], 1);
    assert_eq!(report["rows"]["rejected"], 2);
    assert!(report["warnings"].to_string().contains("Formulas without a stored value, read as empty: 1"), "{report}");
}

#[test]
fn a_limit_that_is_set_is_kept_and_named() {
    let installation = Installation::new();
    let file = installation.desk("grande.xlsx");
    std::fs::write(&file, workbook_of(&r#"<row r="1"><c r="A1"><v>1</v></c></row>"#.repeat(50_000))).unwrap();
    let mut command = installation.command(&["import", file.to_str().unwrap()]);
    let output = command.env("CAUDAL_MAX_UNPACKED_MIB", "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the limit of 1 MiB unpacked") && said.contains("CAUDAL_MAX_UNPACKED_MIB"), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_needs_more_memory_than_reading_may_take_is_refused_with_the_limit() {
    let installation = Installation::new();
    let file = installation.desk("grande.csv");
    std::fs::File::create(&file).unwrap().set_len(160 * 1024 * 1024).unwrap();
    let mut command = installation.command(&["import", file.to_str().unwrap()]);
    command.env("CAUDAL_MAX_FILE_MIB", "200").env("CAUDAL_READ_MEMORY_MIB", "256");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the limit of 256 MiB of memory") && said.contains("CAUDAL_READ_MEMORY_MIB"), "{said}");
}

/// A minimal workbook with one sheet.
fn workbook_of(rows: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    archive(&[
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", &relation("rId1", "officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Vendas" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        ("xl/_rels/workbook.xml.rels", &relation("rId1", "worksheet", "worksheets/sheet1.xml")),
        (
            "xl/worksheets/sheet1.xml",
            &format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ])
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn good_workbook() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("good.xlsx");
    write_rows(path, two_rows());
    std::fs::read(path).unwrap()
}
