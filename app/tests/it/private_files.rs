//! Stored data is for its owner alone, with any earlier state of the folder and any umask.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::api::post_text;
use crate::installation::{Installation, under, wait_until};

/// The rights of everybody but the owner.
const OTHERS: u32 = 0o077;
/// The right to pass through a folder, because people who drop files must reach the inbox.
const PASSING: u32 = 0o011;

/// A folder and everything in it, with the rights. Links are not followed.
fn walk(path: &Path) -> Vec<(PathBuf, u32)> {
    // The log of a database may be gone by now.
    let Ok(data) = std::fs::symlink_metadata(path) else { return Vec::new() };
    let mut found = vec![(path.to_owned(), data.permissions().mode() & 0o777)];
    if data.is_dir() {
        found.extend(std::fs::read_dir(path).unwrap().flat_map(|entry| walk(&entry.unwrap().path())));
    }
    found
}

/// Everything in a data folder except the inbox, which is for people who drop files, and the samples, which are not secret.
fn ours(data_dir: &Path) -> Vec<(PathBuf, u32)> {
    let apart = ["inbox", "samples"].map(|name| data_dir.join(name));
    walk(data_dir).into_iter().filter(|(path, _)| apart.iter().all(|apart| !path.starts_with(apart))).collect()
}

/// Opens the folder like a clone or a careless copy: everybody may read everything except the keys, because open keys refuse a
/// start.
fn open_to_all(data_dir: &Path) {
    for (path, _) in ours(data_dir) {
        if !path.starts_with(data_dir.join("secrets")) {
            let mode = if path.is_dir() { 0o755 } else { 0o644 };
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
    }
}

fn drop_with_mode(installation: &Installation, name: &str, text: &str, mode: u32) {
    let file = installation.csv("dropped", text);
    // A copy keeps the rights.
    std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    installation.drop_file(&file, name);
    std::fs::remove_file(file).unwrap();
}

/// Waits until nothing is left in the inbox except answers to rehearsals.
fn wait_until_taken(installation: &Installation) {
    let rehearsals = installation.data_dir().join("inbox/rehearsal");
    wait_until("the inbox is empty", || {
        installation.files_in("inbox").iter().all(|file| file.starts_with(&rehearsals) && !file.ends_with("e.csv"))
    });
}

/// Does everything that leaves a file behind: originals that are taken, rejected in part, refused, known already, waiting and
/// rehearsed, a batch, and both kinds of backup.
fn leave_files(installation: &Installation, umask: &str, user: &str) -> Vec<(PathBuf, u32)> {
    const HEADER: &str = "pedido;data;produto;quantidade;total\n";
    let service = installation.start_under(umask);
    let token = installation.token(&service, user);
    let taken = format!("{HEADER}{user}-1;05/03/2026;Café;1;10,00\n");
    drop_with_mode(installation, &format!("{user}/a.csv"), &taken, 0o644);
    let rejected = format!("{HEADER}{user}-2;05/03/2026;Chá;1;10,00\n{user}-3;05/03/2026;Chá;muito;10,00\n");
    drop_with_mode(installation, &format!("{user}-b.csv"), &rejected, 0o666);
    drop_with_mode(installation, &format!("{user}-c.xls"), "<html>", 0o777);
    drop_with_mode(
        installation,
        &format!("{user}-d.csv"),
        &format!("Kto;Kiedy;Co;Ile;Razem\nAna;01/03/2026;{user};2;10,00\n"),
        0o666,
    );
    drop_with_mode(installation, "rehearsal/e.csv", &taken.replace("Café", "Mel"), 0o666);
    let sale = json!({"id": user, "sold_at": "2026-03-05", "product": "Mel", "quantity": 1, "total": "9.50"});
    assert_eq!(post_text(&service, Some(&token), &sale.to_string()).0, 200);
    wait_until_taken(installation);
    wait_until("all is stored", || installation.outbox_now() == 0);
    drop_with_mode(installation, &format!("{user}-f.csv"), &taken, 0o644);
    wait_until_taken(installation);

    let mut made = Vec::new();
    if !installation.is_postgres() {
        for name in [format!("{user}-backup"), format!("{user}-backup.zip")] {
            let to = installation.desk(&name);
            let output = under(umask, &installation.command(&["backup", to.to_str().unwrap()])).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            made.extend(walk(&to));
        }
    }
    // Looked at while the service runs, because the logs of databases exist only then.
    made.extend(ours(&installation.data_dir()));
    assert_eq!(service.terminate(), Some(0));
    made
}

fn nobody_else_may_read(umask: &str) {
    let installation = Installation::new();
    let data_dir = installation.data_dir();
    std::fs::create_dir(&data_dir).unwrap();
    std::fs::create_dir(data_dir.join("samples")).unwrap();
    std::fs::set_permissions(&data_dir, Permissions::from_mode(0o755)).unwrap();
    let mut readable = Vec::new();
    let mut look = |when: &str, paths: Vec<(PathBuf, u32)>| {
        assert!(paths.len() > 15, "{paths:?}");
        for (path, mode) in paths {
            let allowed = if path == data_dir { PASSING } else { 0 };
            if mode & OTHERS & !allowed != 0 {
                let path = path.strip_prefix(installation.backend().folder()).unwrap();
                readable.push(format!("{when}: {mode:o} {}", path.display()));
            }
        }
    };
    look("in a folder that was there", leave_files(&installation, umask, "ana"));
    look("stopped", ours(&data_dir));
    open_to_all(&data_dir);
    look("what was open before", leave_files(&installation, umask, "bia"));
    look("stopped again", ours(&data_dir));
    for (secret, mode) in walk(&data_dir.join("secrets")).into_iter().filter(|(path, _)| path.is_file()) {
        assert_eq!(mode, 0o600, "{}", secret.display());
    }
    assert!(readable.is_empty(), "{} can be read by others:\n{}", readable.len(), readable.join("\n"));
}

#[test]
fn nobody_else_may_read_what_is_kept_in_a_folder_that_was_open_to_all() {
    nobody_else_may_read("022");
}

#[test]
fn nobody_else_may_read_what_is_kept_by_a_process_that_gives_everybody_every_right() {
    nobody_else_may_read("000");
}
