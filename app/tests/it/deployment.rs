//! The files of the scaled deployment agree with each other and with the program: docker-compose.yml, deploy/, the
//! scripts, the Dockerfile and .env.example.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use caudal_contract::{command, rehearsal};
use caudal_platform::config::SETTINGS;
use yaml_rust2::{Yaml, YamlLoader};

/// The services that run Caudal's own image.
const OURS: [&str; 4] = ["ingest", "distrib", "worker", "caudal"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn compose() -> Yaml {
    YamlLoader::load_from_str(&text("docker-compose.yml")).unwrap().remove(0)
}

/// A mapping's entries, including those that it merges in (`<<`).
fn entries(mapping: &Yaml) -> BTreeMap<String, Yaml> {
    let mut all = BTreeMap::new();
    let mut own = BTreeMap::new();
    for (key, value) in mapping.as_hash().into_iter().flatten() {
        match key.as_str().unwrap() {
            "<<" => all.extend(entries(value)),
            key => {
                own.insert(key.to_owned(), value.clone());
            }
        }
    }
    all.extend(own);
    all
}

fn services() -> BTreeMap<String, BTreeMap<String, Yaml>> {
    entries(&compose()["services"]).iter().map(|(name, service)| (name.clone(), entries(service))).collect()
}

fn environment(service: &BTreeMap<String, Yaml>) -> BTreeMap<String, String> {
    let variables = service.get("environment").map(entries).unwrap_or_default();
    variables.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect()
}

fn texts(list: Option<&Yaml>) -> Vec<&str> {
    list.and_then(Yaml::as_vec).into_iter().flatten().filter_map(Yaml::as_str).collect()
}

/// Each `${NAME…}` of the compose file: its name and the rest.
fn variables() -> BTreeSet<(String, String)> {
    text("docker-compose.yml")
        .split("${")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
        .map(|variable| variable.split_once(':').expect("a variable is required or has a default"))
        .map(|(name, rest)| (name.to_owned(), rest.to_owned()))
        .collect()
}

/// An amount of memory as the compose file and RabbitMQ's configuration write it: `256m`, `1536M`, `2G`, `600MiB`.
fn mebibytes(amount: &str) -> u32 {
    let (number, unit) = amount.split_at(amount.find(|c: char| !c.is_ascii_digit()).unwrap());
    let number: u32 = number.parse().unwrap();
    match unit {
        "m" | "M" | "MiB" => number,
        "G" => number * 1024,
        _ => panic!("{amount}"),
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).current_dir(root()).output().unwrap()
}

#[test]
fn every_variable_is_explained_in_the_example_and_required_ones_are_made() {
    let (example, make_env) = (text(".env.example"), text("scripts/make-env"));
    for (name, rest) in variables() {
        let line = example.lines().position(|line| line.starts_with(&format!("{name}=")));
        let line = line.unwrap_or_else(|| panic!(".env.example lacks {name}"));
        assert_eq!(example.lines().nth(line).unwrap(), format!("{name}="), "no value is given away");
        assert!(example.lines().nth(line - 1).unwrap().starts_with("# "), ".env.example does not explain {name}");
        if rest.starts_with('?') {
            assert!(make_env.contains(&format!("\n{name}=$(secret)")), "scripts/make-env does not make {name}");
        }
    }
}

#[test]
fn no_password_stands_in_the_compose_file() {
    for (service, content) in services() {
        for (name, value) in environment(&content) {
            let is_secret = ["PASS", "SECRET", "KEY", "TOKEN"].iter().any(|word| name.contains(word));
            assert!(!is_secret || (value.starts_with("${") && value.contains(":?")), "{service}: {name}");
            if let Some((credentials, _)) = value.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')) {
                let password = credentials.split_once(':').unwrap().1;
                assert!(password.starts_with("${") && password.contains(":?"), "{service}: {name}");
            }
        }
    }
}

#[test]
fn every_setting_reaches_the_services_and_nothing_else_does() {
    let elsewhere = ["CAUDAL_DATA_DIR", "CAUDAL_LISTEN"];
    let databases = ["DATABASE_URL", "INGEST_DATABASE_URL", "DISTRIB_DATABASE_URL"];
    let services = services();
    for service in OURS {
        let environment = environment(&services[service]);
        for name in environment.keys() {
            assert!(SETTINGS.iter().any(|setting| setting.name == name), "{service}: {name} is no setting");
        }
        for setting in SETTINGS.iter().map(|setting| setting.name).filter(|name| !databases.contains(name)) {
            let given = environment.contains_key(setting) || elsewhere.contains(&setting);
            assert!(given, "{service} is not given {setting}");
        }
    }
    for name in elsewhere {
        assert!(text("Dockerfile").contains(&format!("{name}=")), "the image does not set {name}");
    }
    // Neither service is given the other's database.
    assert!(!environment(&services["ingest"]).contains_key("DISTRIB_DATABASE_URL"));
    for service in ["distrib", "worker"] {
        assert!(!environment(&services[service]).contains_key("INGEST_DATABASE_URL"));
    }
}

#[test]
fn the_script_gives_the_same_environment() {
    let services = services();
    for service in OURS {
        let output = run("bash", &["scripts/scaled-up", "environment", service]);
        let lines = String::from_utf8(output.stdout).unwrap();
        let given: BTreeMap<String, String> = lines
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(given, environment(&services[service]), "{service}");
    }
}

#[test]
fn every_service_is_pinned_limited_watched_and_started_in_order() {
    let services = services();
    for (name, service) in &services {
        let image = service["image"].as_str().unwrap();
        let tag = image.split_once(':').unwrap().1;
        assert!(tag.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) && tag.contains('.'), "{image}");
        if name == "caudal" {
            continue;
        }
        assert_eq!(service["restart"].as_str(), Some("unless-stopped"), "{name}");
        let limits = &service["deploy"]["resources"]["limits"];
        assert!(limits["memory"].as_str().is_some() && limits["cpus"].as_str().is_some(), "{name} has no limits");
        let (ours, monitoring) = (OURS.contains(&name.as_str()), service.contains_key("profiles"));
        assert!(ours || monitoring || service.contains_key("healthcheck"), "nobody watches {name}");
        for (other, dependency) in service.get("depends_on").map(entries).unwrap_or_default() {
            assert_eq!(dependency["condition"].as_str(), Some("service_healthy"), "{name} needs {other}");
            assert!(services.contains_key(&other), "{name} needs {other}");
        }
    }
}

#[test]
fn what_piles_up_in_memory_stays_below_the_limits() {
    let services = services();
    let limit = |name: &str| mebibytes(services[name]["deploy"]["resources"]["limits"]["memory"].as_str().unwrap());
    let broker = text("deploy/rabbitmq.conf");
    let watermark = broker.lines().find_map(|line| line.strip_prefix("vm_memory_high_watermark.absolute = ")).unwrap();
    assert!(2 * mebibytes(watermark) < limit("rabbitmq"), "RabbitMQ would be killed before it blocks");
    for (name, service) in &services {
        for tmpfs in texts(service.get("tmpfs")) {
            let size = tmpfs.split([':', ',']).find_map(|option| option.strip_prefix("size=")).expect(name);
            assert!(mebibytes(size) + 100 < limit(name), "{name} would be killed for what is in its {tmpfs}");
        }
    }
}

#[test]
fn our_image_is_built_once_and_runs_as_the_owner_of_the_inbox() {
    let services = services();
    let built: Vec<&str> = OURS.into_iter().filter(|name| services[*name].contains_key("build")).collect();
    assert_eq!(built, ["ingest"], "builds of the same name at once fail");
    for name in OURS {
        assert_eq!(services[name]["pull_policy"].as_str(), Some("never"), "{name}");
        assert_eq!(services[name]["user"].as_str(), Some("${INBOX_OWNER:-10001:10001}"), "{name}");
        assert_eq!(services[name]["read_only"].as_bool(), Some(true), "{name}");
    }
    let dockerfile = text("Dockerfile");
    assert!(dockerfile.contains("\nUSER 10001:10001\n"));
    // New volumes take over the rights of these folders, so that any owner can write there.
    assert!(dockerfile.contains("-m 1777 /data /data/secrets /data/inbox\n"));
}

#[test]
fn what_is_mounted_exists() {
    let volumes = entries(&compose()["volumes"]);
    for (name, service) in services() {
        for volume in texts(service.get("volumes")) {
            let source = volume.split(':').next().unwrap();
            let there =
                if source.starts_with("./") { root().join(source).exists() } else { volumes.contains_key(source) };
            assert!(there, "{name} mounts {source}");
        }
    }
}

#[test]
fn hosts_that_are_named_are_services_that_can_be_reached() {
    let services = services();
    let share_a_network = |one: &str, other: &str| {
        let networks = |name: &str| texts(services[name].get("networks")).into_iter().collect::<BTreeSet<_>>();
        !networks(one).is_disjoint(&networks(other))
    };
    let ports = BTreeMap::from([("ingest", "8000"), ("distrib", "8000"), ("postgres", "5432"), ("rabbitmq", "5672")]);
    for name in OURS {
        for value in environment(&services[name]).into_values().filter(|value| !value.starts_with("${")) {
            let address = value.rsplit(['@', '/']).find(|part| part.contains(':')).unwrap().to_owned();
            let (host, port) = address.split_once(':').unwrap();
            assert_eq!(ports[host], port, "{name}: {value}");
            assert!(name == "worker" || share_a_network(name, host), "{name} cannot reach {host}");
        }
    }
    let gateway = text("deploy/nginx.conf");
    for line in gateway.lines().filter_map(|line| line.trim().strip_prefix("set $")) {
        let (variable, address) = line.trim_end_matches(';').split_once(' ').unwrap();
        assert_eq!(address, format!("{variable}:8000"));
        assert!(share_a_network("gateway", variable), "the gateway cannot reach {variable}");
        assert!(gateway.contains(&format!("proxy_pass http://${variable};")));
    }
    assert!(text("Dockerfile").contains("CAUDAL_LISTEN=0.0.0.0:8000"));
}

#[test]
fn what_only_the_services_ask_each_other_has_no_way_in() {
    let gateway = text("deploy/nginx.conf");
    for (closed, path) in [("/ingest", command::PATH), ("/distrib", rehearsal::PATH)] {
        assert!(path.starts_with(&format!("{closed}/")));
        assert!(gateway.contains(&format!("location {closed} {{ error_page 404 @not_found_json; return 404; }}")));
    }
    // The longest matching location decides, so no open one may match a closed path.
    let open: Vec<&str> = gateway.lines().filter_map(|line| line.trim().strip_prefix("location ")).collect();
    let open = open.iter().filter(|place| !place.contains("return 404")).map(|place| place.split(" {").next().unwrap());
    for place in open.filter(|place| *place != "/") {
        assert!(!place.starts_with('~'), "a pattern would be asked before {place}");
        for path in [command::PATH, rehearsal::PATH] {
            assert!(!path.starts_with(place.trim_start_matches("= ")), "{place} opens {path}");
        }
    }
}

#[test]
fn nginx_accepts_the_gateway_where_it_is_installed() {
    if Command::new("nginx").arg("-v").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = run("bash", &["scripts/scaled-up", "gateway", folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rendered = fs::read_to_string(folder.path().join("gateway/nginx.conf")).unwrap();
    assert!(!rendered.contains("ingest:8000") && !rendered.contains(" /tmp/client_body"), "{rendered}");
}

/// Compose checks each word against its schema, fills in the variables and merges the entries, without an engine.
#[test]
fn compose_accepts_the_file_where_it_is_installed() {
    let has = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let (program, first, text) = if has("docker", &["compose", "version"]) {
        ("docker", &["compose"][..], text("docker-compose.yml"))
    } else if has("docker-compose", &["--version"]) {
        // Version 1 does not know these two entries.
        let newer = ["name: caudal\n", "bind: {create_host_path: false}"];
        let text = newer.iter().fold(text("docker-compose.yml"), |text, words| {
            assert!(text.contains(words), "{words}");
            text.replace(words, "")
        });
        ("docker-compose", &[][..], text)
    } else {
        eprintln!("skipped: neither \"docker compose\" nor docker-compose is installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (file, env) = (folder.path().join("docker-compose.yml"), folder.path().join("secrets.env"));
    fs::write(&file, text).unwrap();
    let config = |profiles: &[&str]| {
        let mut command = Command::new(program);
        // Variables of this shell would take precedence.
        for (name, _) in variables() {
            command.env_remove(name);
        }
        command.args(first).arg("--env-file").arg(&env).arg("--file").arg(&file);
        command.args(profiles.iter().flat_map(|profile| ["--profile", *profile])).arg("config");
        command.output().unwrap()
    };
    fs::write(&env, "").unwrap();
    let refused = config(&[]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("run scripts/make-env"), "{said}");

    assert!(run("bash", &["scripts/make-env", env.to_str().unwrap()]).status.success());
    let accepted = config(&["monitoring", "tools"]);
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    let merged = YamlLoader::load_from_str(&String::from_utf8(accepted.stdout).unwrap()).unwrap().remove(0);
    let named = |services: &BTreeMap<String, Yaml>| services.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(named(&entries(&merged["services"])), named(&entries(&compose()["services"])));
    assert_eq!(merged["services"]["worker"]["deploy"]["replicas"].as_i64(), Some(2));
}

#[cfg(unix)]
#[test]
fn secrets_are_made_once_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets.env");
    let name = file.to_str().unwrap();
    assert!(run("bash", &["scripts/make-env", name]).status.success());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let made = fs::read_to_string(&file).unwrap();
    let values: BTreeMap<&str, &str> = made.lines().filter_map(|line| line.split_once('=')).collect();
    let secrets: BTreeSet<&str> =
        values.iter().filter(|(name, _)| name.ends_with("_PASSWORD")).map(|(_, value)| *value).collect();
    assert_eq!(secrets.len(), 5, "{made}");
    assert!(secrets.iter().all(|secret| secret.len() == 48), "{made}");
    let (user, group) = values["INBOX_OWNER"].split_once(':').unwrap();
    assert!([user, group].iter().all(|id| id.parse::<u32>().is_ok_and(|id| id != 0)), "{made}");
    assert_eq!(run("bash", &["scripts/make-env", name]).status.code(), Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), made);

    // A copy of the example, or an older file: existing values stay.
    let kept = "CAUDAL_LANGUAGE=en\nPOSTGRES_PASSWORD=ours\nRABBITMQ_PASSWORD=\n export INGEST_DATABASE_PASSWORD = 'too'\nDISTRIB_DATABASE_PASSWORD=\"\"\nCAUDAL_LOG=info";
    fs::write(&file, kept).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(run("bash", &["scripts/make-env", name]).status.success());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let filled = fs::read_to_string(&file).unwrap();
    let values: BTreeMap<&str, &str> = filled.lines().filter_map(|line| line.split_once('=')).collect();
    assert_eq!((values["CAUDAL_LANGUAGE"], values["POSTGRES_PASSWORD"], values["CAUDAL_LOG"]), ("en", "ours", "info"));
    assert_eq!((values["RABBITMQ_PASSWORD"].len(), values["MONITOR_DATABASE_PASSWORD"].len()), (48, 48), "{filled}");
    assert!(
        filled.contains(" export INGEST_DATABASE_PASSWORD = 'too'\n") && !filled.contains("INBOX_OWNER"),
        "{filled}"
    );
    let names = ["RABBITMQ_PASSWORD", "INGEST_DATABASE_PASSWORD", "DISTRIB_DATABASE_PASSWORD"];
    assert!(names.iter().all(|name| filled.matches(name).count() == 1), "{filled}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_image_is_built_from_every_crate_by_the_compiler_that_is_asked_for() {
    let (dockerfile, workspace) = (text("Dockerfile"), text("Cargo.toml"));
    let manifest: toml::Table = workspace.parse().unwrap();
    let version = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(dockerfile.contains(&format!("FROM rust:{version}-")), "another compiler than {version}");
    // The empty files of its first layer must have the names of the files that are filled later, or Cargo finds two.
    let words = dockerfile.split_whitespace().map(|word| word.trim_start_matches('>'));
    for file in words.filter(|word| word.ends_with("main.rs")) {
        assert!(root().join(file).exists(), "the Dockerfile makes {file}");
    }
    let ignore = text(".dockerignore");
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        assert!(dockerfile.contains(&format!("COPY {member}/Cargo.toml {member}/")), "{member}");
        let folder = member.split('/').next().unwrap();
        assert!(ignore.lines().any(|line| line == format!("!{folder}")), ".dockerignore leaves {member} out");
    }
}
