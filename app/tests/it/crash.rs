//! The process is killed between any two steps and started again. The tables end up as if nothing had happened.

use crate::installation::Installation;
use crate::workbook::Cell::Text;
use crate::workbook::{row_with, two_rows, write_rows};

/// The tables of an undisturbed installation, after the same file under two names. One of its rows is rejected.
fn undisturbed() -> String {
    let installation = Installation::new();
    let _service = installation.start();
    play(&installation);
    installation.business_tables()
}

fn prepare(installation: &Installation) {
    let mut rows = two_rows();
    rows.push(row_with(&[("quantidade", Text("abc"))]));
    write_rows(&installation.desk("a.xlsx"), rows);
}

/// Drops the second name after the first is settled, so that every run sees them in the same order.
fn play(installation: &Installation) {
    prepare(installation);
    installation.drop_file(&installation.desk("a.xlsx"), "a.xlsx");
    installation.wait_for_imports(1);
    installation.wait_for_empty_inbox();
    installation.drop_file(&installation.desk("a.xlsx"), "b.xlsx");
    installation.wait_for_imports(2);
    installation.wait_for_empty_inbox();
}

fn killed_at(point: &str) {
    let expected = undisturbed();
    let installation = Installation::new();
    prepare(&installation);
    for (count, name) in [(1, "a.xlsx"), (2, "b.xlsx")] {
        // The process dies at the point. The next process may only finish the work that was begun.
        let mut service = installation.start_with(&[("CAUDAL_FAIL_AT", point)]);
        installation.drop_file(&installation.desk("a.xlsx"), name);
        assert_eq!(service.wait_for_end(), None, "the process must die at {point}");
        let service = installation.start();
        installation.wait_for_imports(count);
        installation.wait_for_empty_inbox();
        service.kill();
    }
    assert_eq!(installation.business_tables(), expected, "after dying at {point}");
    assert_eq!(installation.files_in("processed").len(), 2);
    assert_eq!(installation.output(0, &["doctor"]).matches("WRONG").count(), 0);
}

#[test]
fn killed_after_staging() {
    killed_at("after-staging");
}

#[test]
fn killed_after_publishing_before_it_is_marked() {
    killed_at("after-publish-before-mark");
}

#[test]
fn killed_after_delivering_before_it_is_acknowledged() {
    killed_at("after-deliver-before-ack");
}

#[test]
fn killed_after_the_commit_before_the_file_is_moved() {
    killed_at("after-commit-before-move");
}

#[test]
fn killed_after_the_move_before_it_is_marked() {
    killed_at("after-move-before-mark");
}

#[test]
fn a_service_and_a_command_on_the_same_data_folder_do_no_work_twice() {
    let installation = Installation::new();
    let _service = installation.start();
    let files: Vec<_> = ["Café", "Chá", "Pão", "Leite"]
        .into_iter()
        .map(|product| {
            let file = installation.desk(&format!("{product}.xlsx"));
            write_rows(&file, (0..50).map(|_| row_with(&[("produto", Text(product))])).collect());
            file
        })
        .collect();
    installation.drop_file(&files[0], "0.xlsx");
    installation.drop_file(&files[1], "1.xlsx");
    assert_eq!(installation.import(0, &files[2])["rows"]["stored"], 50);
    assert_eq!(installation.import(0, &files[3])["rows"]["stored"], 50);
    let imports = installation.wait_for_imports(4);
    assert!(imports.iter().all(|import| import["ledger"]["rows"]["stored"] == 50));
    assert_eq!(installation.output(0, &["doctor"]).matches("WRONG").count(), 0);
}
