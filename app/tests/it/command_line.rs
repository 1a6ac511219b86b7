//! The output for a person at a terminal: a line per file and a sum, one language, local times, and the effect of Ctrl+C.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::installation::{Installation, wait_until};

const HEADER: &str = "data;pedido;produto;quantidade;valor unitário;total\n";

/// Two sales, two rejected rows and a blank one.
fn mixed(installation: &Installation) -> PathBuf {
    installation.csv(
        "mixed.csv",
        &format!(
            "{HEADER}2026-11-20;1;Café;2;10,00;20,00\n2026-11-20;2;Chá;muitos;5,00;5,00\n;;;;;\n\
             2026-11-21;3;Pão;3;1,00;3,00\nontem;4;Bolo;1;30,00;30,00\n"
        ),
    )
}

fn clean(installation: &Installation, name: &str, order: usize) -> PathBuf {
    installation.csv(name, &format!("{HEADER}2026-11-22;{order};Açúcar;1;7,50;7,50\n"))
}

fn nonsense(installation: &Installation) -> PathBuf {
    installation.csv("nonsense.csv", "planet,mass\nMars,6\n")
}

fn import(installation: &Installation, language: &str, files: &[&Path], more: &[&str]) -> Output {
    let mut command = installation.command(&["import", "--language", language]);
    command.args(files).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn many_files_have_a_line_each_and_a_sum_that_adds_up() {
    let installation = Installation::new();
    let (mixed, clean, nonsense) =
        (mixed(&installation), clean(&installation, "clean.csv", 9), nonsense(&installation));
    let output = import(&installation, "en", &[&mixed, &clean, &nonsense], &[]);
    let text = said(&output);
    for file in
        ["mixed.csv: imported, 5 read = 2 stored", "clean.csv: imported, 1 read = 1 stored", "nonsense.csv: refused: "]
    {
        assert_eq!(text.lines().filter(|line| line.contains(file)).count(), 1, "{file}: {text}");
    }
    assert!(text.contains("x row 3: \"quantidade\" (quantity): \"muitos\" is not a number"), "{text}");
    assert!(!text.contains("columns separated by"), "what is routine is told where it is asked for: {text}");
    assert!(text.contains("3 files: 2 imported, 1 refused"), "{text}");
    assert!(text.contains("rows   6 read = 3 stored + 0 updated + 0 duplicate + 2 rejected + 1 ignored"), "{text}");
    let money =
        "money  R$65.50 read = R$30.50 stored + R$0.00 updated + R$0.00 duplicate + R$35.00 rejected + R$0.00 ignored";
    assert!(text.contains(money), "{text}");
    let verbose = said(&import(
        &installation,
        "en",
        &[&installation.csv("b.csv", &format!("{HEADER}2026-11-23;77;Mel;1;8,00;8,00\n"))],
        &["-v"],
    ));
    assert!(verbose.contains("  - Text read as UTF-8, columns separated by \";\"."), "{verbose}");
}

#[test]
fn one_exit_code_tells_rejected_rows_refused_files_and_both() {
    let installation = Installation::new();
    let (mixed, clean, nonsense) =
        (mixed(&installation), clean(&installation, "clean.csv", 9), nonsense(&installation));
    let code = |files: &[&Path]| import(&installation, "en", files, &["--dry-run"]).status.code();
    assert_eq!(code(&[&clean]), Some(0));
    assert_eq!(code(&[&nonsense, &clean]), Some(1));
    assert_eq!(code(&[&mixed, &clean]), Some(5));
    assert_eq!(code(&[&mixed, &nonsense, &clean]), Some(6));
    assert_eq!(code(&[&nonsense, &mixed]), Some(6), "whichever comes first");
}

#[test]
fn a_run_speaks_one_language() {
    let installation = Installation::new();
    let (mixed, nonsense) = (mixed(&installation), nonsense(&installation));
    let imported = said(&import(&installation, "pt-BR", &[&mixed, &nonsense, &mixed], &["-v"]));
    let commands: [&[&str]; 8] = [
        &["imports", "list"],
        &["imports", "show", "1"],
        &["imports", "show", "99"],
        &["imports", "undo", "1"],
        &["doctor"],
        &["dead-letters", "show", "7"],
        &["import", "nada.csv"],
        &["--listen", "8000", "user", "list"],
    ];
    let run = |arguments: &[&str], language: &str| {
        let output = installation.command(arguments).args(["--language", language]).output().unwrap();
        said(&output) + &String::from_utf8_lossy(&output.stderr)
    };
    let mut portuguese = imported;
    commands.iter().for_each(|command| portuguese.push_str(&run(command, "pt-BR")));
    for english in [
        " read",
        " stored",
        "error",
        "rejected",
        "already",
        "there is no",
        "row ",
        "balanced",
        "file",
        "expected",
        "none",
        "messages",
    ] {
        let line = portuguese.lines().find(|line| line.contains(english));
        assert_eq!(line, None, "\"{english}\" in Portuguese");
    }
    let english: String = commands.iter().map(|command| run(command, "en")).collect();
    for word in [
        "lidas",
        "novas",
        "erro:",
        "rejeitada",
        "já ",
        "não ",
        "linha ",
        "conferida",
        "esperado",
        "nenhum",
        "mensagens",
    ] {
        let line = english.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "\"{word}\" in English");
    }
}

#[test]
fn times_are_local_for_people_and_utc_in_json() {
    let installation = Installation::new();
    let file = clean(&installation, "clean.csv", 9);
    installation.import(0, &file);
    // The zone is 14 hours ahead, so no time in it equals the time in UTC.
    let zone = |arguments: &[&str]| {
        let output = installation.command(arguments).env("CAUDAL_TIME_ZONE", "Pacific/Kiritimati").output().unwrap();
        said(&output)
    };
    let again = zone(&["import", file.to_str().unwrap()]);
    let listed = zone(&["imports", "list"]);
    let own = listed.lines().find(|line| line.trim_start().starts_with("1 ")).unwrap();
    let at = own.split_whitespace().skip(1).take(2).collect::<Vec<_>>().join(" ");
    assert!(again.contains(&format!("already imported on {at} (")), "{again}\n{listed}");
    let json: Value = serde_json::from_str(&zone(&["imports", "list", "--json"])).unwrap();
    let utc = json[1]["received_at"].as_str().unwrap();
    assert!(utc.ends_with('Z') && !utc.contains(&at.replace(' ', "T")), "{utc}, {at}");
}

#[test]
fn the_list_says_what_became_of_each_file_and_how_many_there_are() {
    let installation = Installation::new();
    assert!(installation.output(0, &["imports", "list"]).contains("There are no imports yet."));
    let (mixed, nonsense) = (mixed(&installation), nonsense(&installation));
    let odd = installation.csv("odd.csv", "x;y;z\n2026-11-20;Café;20,00\n2026-11-20;Chá;5,00\n2026-11-21;Pão;3,00\n");
    import(&installation, "en", &[&mixed, &nonsense, &mixed, &odd], &[]);
    let list = installation.output(0, &["imports", "list"]);
    let below = |name: &str, standing: &str| {
        let lines: Vec<&str> = list.lines().collect();
        lines.windows(2).any(|pair| pair[0].ends_with(name) && pair[1].trim_start().starts_with(standing))
    };
    assert!(below("nonsense.csv", "refused: This does not look like a sheet of sales"), "{list}");
    assert!(below("mixed.csv", "already imported: "), "{list}");
    assert!(!list.contains("0 read"), "what was not read has no balance: {list}");
    assert_eq!(list.matches("[balanced]").count(), 1, "{list}");
    let cut = installation.output(0, &["imports", "list", "--limit", "3"]);
    assert!(cut.contains("3 of 4 imports; to see them all: --limit 4"), "{cut}");
    let shown = installation.output(0, &["imports", "show", "1"]);
    assert!(shown.contains("~ row 4: ignored, blank"), "{shown}");
}

#[test]
fn a_pattern_that_the_shell_left_as_it_is_is_named() {
    let installation = Installation::new();
    let output = installation.output(1, &["import", "*.xlsx"]);
    assert!(output.contains("The shell did not replace the pattern"), "{output}");
    let missing = installation.output(1, &["import", "vendas.xlsx"]);
    assert!(missing.contains("there is no file with this name") && !missing.contains("shell"), "{missing}");
}

#[cfg(unix)]
fn signal(id: u32, name: &str) {
    assert!(Command::new("kill").args([name, &id.to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn after_the_first_signal_the_step_in_hand_is_finished_and_the_same_command_goes_on() {
    for name in ["-INT", "-TERM"] {
        let installation = Installation::new();
        let files: Vec<PathBuf> =
            (0..40).map(|number| clean(&installation, &format!("{number:02}.csv"), number + 1)).collect();
        let command = || {
            let mut command = installation.command(&["import"]);
            command.args(&files);
            command
        };
        let mut child = command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().contains("00.csv: imported"));
        signal(child.id(), name);
        let told = 1 + lines.filter(|line| line.as_ref().unwrap().contains(": imported, 1 read")).count();
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{errors}");
        assert!(
            errors.contains("Nothing that was read is lost") && errors.contains("Files not begun are not touched"),
            "{errors}"
        );
        assert!(errors.contains(&format!("Not begun: {} of 40 files.", 40 - told)), "{told}: {errors}");
        let again = command().output().unwrap();
        assert_eq!(again.status.code(), Some(0));
        assert_eq!(said(&again).matches(": imported, 1 read").count(), 40 - told);
        assert_eq!(installation.sums(), (40, 40 * 750));
    }
}

#[cfg(unix)]
#[test]
fn the_second_signal_ends_the_command_at_once_and_nothing_is_lost() {
    let installation = Installation::new();
    installation.output(0, &["migrate"]);
    let file = clean(&installation, "clean.csv", 9);
    let held = installation.hold_deliveries();
    let mut child = installation
        .command(&["import", file.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("it is kept", || installation.outbox_now() > 0);
    signal(child.id(), "-INT");
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(errors.next().unwrap().unwrap().contains("Stopping after the current step"));
    signal(child.id(), "-INT");
    wait_until("it ends", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(held);
    assert_eq!(installation.sums().0, 0, "it ended before its step did");
    installation.output(0, &["import", file.to_str().unwrap()]);
    assert_eq!(installation.sums(), (1, 750));
}

/// Runs a command on a terminal of its own. `None` if `script` is missing.
#[cfg(target_os = "linux")]
fn on_a_terminal(installation: &Installation, arguments: &str) -> Option<String> {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_caudal"));
    let mut command = installation.command(&[]);
    let environment: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(command.current_dir(installation.desk("")).get_current_dir().unwrap());
    for (name, value) in environment {
        value.map(|value| script.env(name, value));
    }
    match script.stdin(Stdio::null()).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            eprintln!("skipped: no terminal without script (util-linux): {error}");
            None
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn progress_is_shown_on_a_terminal_and_nowhere_else() {
    let installation = Installation::new();
    let rows: String = (1..20_000).map(|number| format!("2026-11-22;{number};Açúcar;1;7,50;7,50\n")).collect();
    installation.csv("large.csv", &format!("{HEADER}{rows}"));
    let Some(shown) = on_a_terminal(&installation, "import --dry-run large.csv") else { return };
    assert!(shown.contains("cleaning 20,000 rows of large.csv"), "{shown}");
    assert!(shown.contains("large.csv: rehearsed, 19,999 read"), "{shown}");
    let quiet = on_a_terminal(&installation, "import --dry-run --quiet large.csv").unwrap();
    assert!(!quiet.contains("cleaning") && quiet.contains("large.csv: rehearsed"), "{quiet}");
    let piped = installation.caudal(&["import", "--dry-run", "large.csv"]);
    assert_eq!(String::from_utf8_lossy(&piped.stderr), "");
}

#[test]
fn each_wrong_setting_has_a_line_of_its_own_and_what_it_quotes_stays_in_it() {
    let installation = Installation::new();
    let mut command = installation.command(&["--listen", "80\nerror: forged", "config"]);
    let output = command.env("CAUDAL_TIME_ZONE", "Brasilia").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 2, "{errors}");
    assert!(lines.iter().all(|line| line.starts_with("error: ") && line.contains(": expected ")), "{errors}");
}

#[test]
fn a_shell_is_told_how_to_complete_commands_whatever_the_settings_are() {
    let installation = Installation::new();
    let output = installation.command(&["completions", "bash"]).env("CAUDAL_LISTEN", "8000").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("migrate-data"));
}

#[cfg(unix)]
#[test]
fn a_backup_that_is_asked_to_end_leaves_nothing_behind() {
    let installation = Installation::new();
    if installation.is_postgres() {
        return;
    }
    installation.output(0, &["import", clean(&installation, "clean.csv", 9).to_str().unwrap()]);
    // The backup waits for this writer.
    let held = installation.hold_deliveries();
    let mut child = installation
        .command(&["backup", "copy", "--language", "pt-BR"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("it has begun", || installation.desk("copy.part").exists());
    signal(child.id(), "-INT");
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(errors.next().unwrap().unwrap().contains("Parando depois da etapa atual"));
    drop(held);
    let rest: Vec<String> = errors.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(rest.last().unwrap().contains("O backup foi interrompido"), "{rest:?}");
    for left in ["copy", "copy.part"] {
        assert!(!installation.desk(left).exists(), "{left}");
    }
    installation.assert_consistent();
}
