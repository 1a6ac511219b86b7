//! Every setting: its name, its default, its meaning, and the origin of its value.
//!
//! A value comes from a command-line flag, else the environment, else a `.env` file in the working folder, else the
//! default. An empty value counts as not set. [`SETTINGS`] is the complete list: `.env.example`, `caudal config` and
//! the loader all follow it, and nothing else in the program reads the environment.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;

use crate::database::{DatabaseUrl, masked};
use crate::queue::QueueUrl;
use caudal_contract::language::Language;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The value if nothing else is given. A text in parentheses describes a default that depends on other settings.
    pub default: &'static str,
    /// The meaning, in one line.
    pub help: &'static str,
}

/// All settings, in the order in which `caudal config` shows them.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "CAUDAL_DATA_DIR",
        default: "data",
        help: "Folder of the inbox, the originals, the databases and the keys",
    },
    Setting { name: "CAUDAL_LISTEN", default: "127.0.0.1:8000", help: "Address and port of the web pages and the API" },
    Setting {
        name: "CAUDAL_PUBLIC_URL",
        default: "(http:// and CAUDAL_LISTEN)",
        help: "Address that people type in the browser; with https:// the session cookie is sent over TLS only",
    },
    Setting {
        name: "CAUDAL_INGEST_URL",
        default: "(http:// and CAUDAL_LISTEN)",
        help: "Address at which the pages reach the ingest service, for undo, layouts and originals",
    },
    Setting {
        name: "CAUDAL_DISTRIB_URL",
        default: "(http:// and CAUDAL_LISTEN)",
        help: "Address at which the ingest service reaches the distrib service, for rehearsals",
    },
    Setting {
        name: "DATABASE_URL",
        default: "(SQLite files in the data folder)",
        help: "Database of a service that is started alone; for `caudal` without a command set the two below instead",
    },
    Setting {
        name: "INGEST_DATABASE_URL",
        default: "(DATABASE_URL, else ingest.db)",
        help: "Database of the ingest service",
    },
    Setting {
        name: "DISTRIB_DATABASE_URL",
        default: "(DATABASE_URL, else distrib.db)",
        help: "Database of the distrib service",
    },
    Setting {
        name: "QUEUE_URL",
        default: "(queue.db in the data folder)",
        help: "Queue between the services: sqlite:PATH, or amqp://USER:PASSWORD@HOST/VHOST for RabbitMQ",
    },
    Setting {
        name: "CAUDAL_TIME_ZONE",
        default: "America/Sao_Paulo",
        help: "Time zone of the days and times in sheets and on pages",
    },
    Setting {
        name: "CAUDAL_LANGUAGE",
        default: "pt-BR",
        help: "Language of messages, and of pages until a reader chooses: pt-BR or en",
    },
    Setting {
        name: "CAUDAL_DECIMAL_MARK",
        default: "comma",
        help: "Decimal mark of columns whose values do not decide it: comma or point",
    },
    Setting {
        name: "CAUDAL_DATE_ORDER",
        default: "day-first",
        help: "Order of dates in columns whose values do not decide it: day-first or month-first",
    },
    Setting {
        name: "CAUDAL_SETTLE_SECONDS",
        default: "2",
        help: "How long a dropped file must stay unchanged before it is read",
    },
    Setting {
        name: "CAUDAL_INCOMPLETE_SECONDS",
        default: "60",
        help: "How long an empty or cut-off file must stay unchanged before it is refused, because it may still be copied",
    },
    Setting {
        name: "CAUDAL_SCAN_SECONDS",
        default: "10",
        help: "How often the whole inbox is scanned, in case the file system reports no change",
    },
    Setting { name: "CAUDAL_MAX_FILE_MIB", default: "256", help: "Largest file that is read, in MiB" },
    Setting { name: "CAUDAL_MAX_UNPACKED_MIB", default: "2048", help: "Largest size of an unpacked workbook, in MiB" },
    Setting {
        name: "CAUDAL_READ_MEMORY_MIB",
        default: "1024",
        help: "Memory limit of the process that reads one file, in MiB",
    },
    Setting { name: "CAUDAL_READ_SECONDS", default: "120", help: "How long reading one file may take, in seconds" },
    Setting {
        name: "CAUDAL_DISK_RESERVE_MIB",
        default: "512",
        help: "Free space that must stay on each disk, in MiB; the intake pauses if there is less",
    },
    Setting {
        name: "CAUDAL_MAX_OUTBOX_MIB",
        default: "2048",
        help: "Data that may wait to be stored, in MiB; the intake pauses if there is more",
    },
    Setting {
        name: "CAUDAL_MAX_WAL_MIB",
        default: "1024",
        help: "Largest write-ahead log of a SQLite file, in MiB; the intake pauses if it is larger and cannot be made smaller",
    },
    Setting {
        name: "CAUDAL_MAX_CONNECTIONS_PER_ADDRESS",
        default: "256",
        help: "Connections that one address may have at once; set more behind a gateway, because all connections come from its address",
    },
    Setting {
        name: "CAUDAL_BATCH_ROWS",
        default: "5000",
        help: "Most rows in one message of the queue; a message has fewer if the rows are long",
    },
    Setting {
        name: "CAUDAL_WORKER_SILENCE_SECONDS",
        default: "300",
        help: "How long a worker may show no sign of life before `caudal health --worker` says that it is stuck",
    },
    Setting {
        name: "CAUDAL_LOG",
        default: "info",
        help: "Level of the log: error, warn, info, debug, or module=level pairs",
    },
    Setting {
        name: "CAUDAL_LOG_FORMAT",
        default: "auto",
        help: "Format of the log: text, json, or auto (text on a terminal, json otherwise)",
    },
];

/// The origin of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// A flag on the command line.
    Flag,
    /// The environment.
    Environment,
    /// The `.env` file.
    EnvFile,
    /// The default.
    Default,
}

impl Provenance {
    /// A word for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::EnvFile => ".env",
            Self::Default => "default",
        }
    }
}

/// The settings as checked values.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of everything that is kept, absolute.
    pub data_dir: PathBuf,
    /// Address of the web server.
    pub listen: SocketAddr,
    /// The address that people type, without a slash at the end.
    pub public_url: String,
    /// The address at which the pages reach the ingest service, without a slash at the end.
    pub ingest_url: String,
    /// The address at which the ingest service reaches the pages' service, without a slash at the end.
    pub distrib_url: String,
    /// The ingest service's database.
    pub ingest_database: DatabaseUrl,
    /// The distrib service's database.
    pub distrib_database: DatabaseUrl,
    /// The queue.
    pub queue: QueueUrl,
    /// Zone of local days.
    pub time_zone: Tz,
    /// Language of messages.
    pub language: Language,
    /// Whether a column of numbers uses the decimal comma if its values do not decide it.
    pub decimal_comma: bool,
    /// Whether a column of dates has the day first if its values do not decide it.
    pub day_first: bool,
    /// How long a file must stay unchanged before it is read.
    pub settle: Duration,
    /// How long an empty or cut-off file must stay unchanged before it is refused.
    pub incomplete: Duration,
    /// How often the inbox is scanned.
    pub scan_every: Duration,
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// The limit for an unpacked workbook, in bytes.
    pub max_unpacked_bytes: u64,
    /// Memory limit for reading one file, in bytes.
    pub read_memory_bytes: u64,
    /// Time limit for reading one file.
    pub read_time: Duration,
    /// The space that must stay free on the disks, in bytes.
    pub disk_reserve_bytes: u64,
    /// The limit for data that waits to be stored, in bytes.
    pub max_outbox_bytes: u64,
    /// The size of a SQLite file's write-ahead log above which nothing is taken in.
    pub max_wal_bytes: u64,
    /// Connections that one address may have at once. For IPv6 an address counts as its /64.
    pub max_connections_per_address: usize,
    /// The most rows in one message.
    pub batch_rows: usize,
    /// How long a worker may show no sign of life.
    pub worker_silence: Duration,
    /// The log filter.
    pub log: String,
    /// The log format.
    pub log_format: LogFormat,
    /// The shown value (secrets masked) and the origin of each setting.
    pub shown: BTreeMap<&'static str, (String, Provenance)>,
    /// Variables that begin like ours but name no setting: probably a spelling mistake.
    pub unknown: Vec<String>,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// Text.
    Text,
    /// One JSON object a line.
    Json,
}

/// The settings cannot be used. Lists every wrong setting, not only the first.
#[derive(Debug, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ConfigError {
    /// One sentence each.
    pub problems: Vec<String>,
}

/// Values given on the command line, by setting name.
pub type Flags = BTreeMap<&'static str, String>;

impl Config {
    /// Loads and checks all settings.
    ///
    /// # Errors
    /// [`ConfigError`] with a sentence for each setting that is wrong.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let environment: BTreeMap<String, String> = environment().collect();
        let path = Path::new(".env");
        let (file, file_error) = env_file(path);
        let mut loader = Loader::new(flags, &environment, &file);
        loader.problems.extend(file_error.map(|error| env_problem(path, &error, loader.language)));
        let config = loader.config();
        match config {
            Some(mut config) if loader.problems.is_empty() => {
                config.shown = loader.shown;
                config.unknown = environment
                    .keys()
                    .chain(file.keys())
                    .filter(|name| name.starts_with("CAUDAL_") && *name != FAIL_AT)
                    .filter(|name| SETTINGS.iter().all(|setting| setting.name != *name))
                    .cloned()
                    .collect();
                Ok(config)
            }
            _ => Err(ConfigError { problems: loader.problems }),
        }
    }

    /// The language of the settings, even if another setting is wrong.
    #[must_use]
    pub fn language_of(flags: &Flags) -> Language {
        let environment: BTreeMap<String, String> = environment().collect();
        Loader::new(flags, &environment, &env_file(Path::new(".env")).0).language
    }

    /// The watched folder.
    #[must_use]
    pub fn inbox(&self) -> PathBuf {
        self.data_dir.join("inbox")
    }

    /// The folder for the workers' signs of life.
    #[must_use]
    pub fn workers(&self) -> PathBuf {
        self.data_dir.join("workers")
    }

    /// The folder for imported originals.
    #[must_use]
    pub fn processed(&self) -> PathBuf {
        self.data_dir.join("processed")
    }

    /// The folder for rehearsed files, each beside a report of its effect.
    #[must_use]
    pub fn rehearsed(&self) -> PathBuf {
        self.data_dir.join("rehearsed")
    }

    /// The folder for originals that wait because their columns cannot be identified.
    #[must_use]
    pub fn waiting(&self) -> PathBuf {
        self.data_dir.join("waiting")
    }

    /// The folder for refused originals.
    #[must_use]
    pub fn rejected(&self) -> PathBuf {
        self.data_dir.join("rejected")
    }

    /// The address at which a program on this machine reaches this process, without a slash at the end.
    #[must_use]
    pub fn own_url(&self) -> String {
        format!("http://{}", reachable(self.listen))
    }

    /// Whether people reach the pages over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

const FAIL_AT: &str = "CAUDAL_FAIL_AT";

/// The planned failure that a test asked for; see [`crate::fault`].
pub(crate) fn planned_failure() -> Option<&'static str> {
    static NAME: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| environment().find(|(name, _)| name == FAIL_AT).map(|(_, value)| value));
    NAME.as_deref()
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The values of the file, and the error if it cannot be parsed.
fn env_file(path: &Path) -> (BTreeMap<String, String>, Option<dotenvy::Error>) {
    match dotenvy::from_path_iter(path).map(Iterator::collect::<Result<_, _>>) {
        Ok(Ok(values)) => (values, None),
        Ok(Err(error)) => (BTreeMap::new(), Some(error)),
        // The file is missing.
        Err(_) => (BTreeMap::new(), None),
    }
}

/// The problem with the file, without the malformed line itself, because that may hold a password.
fn env_problem(path: &Path, error: &dotenvy::Error, language: Language) -> String {
    let unread = language.pick("o arquivo .env não pode ser lido", "the file .env cannot be read");
    let dotenvy::Error::LineParse(malformed, _) = error else { return format!("{unread}: {error}") };
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let sentence = language.pick(
        "está malformada; escreva NOME=VALOR, com o valor entre aspas simples se houver espaços, aspas, # ou $",
        "is malformed; write NAME=VALUE, with the value in single quotes if it has spaces, quotes, # or $",
    );
    let is_it = |line: &str| {
        let own = dotenvy::from_read_iter(line.as_bytes()).find_map(Result::err);
        matches!(own, Some(dotenvy::Error::LineParse(own, _)) if own == *malformed)
    };
    match text.lines().position(is_it) {
        Some(index) => format!("{unread}: {} {} {sentence}", language.pick("a linha", "line"), index + 1),
        None => format!("{unread}: {} {sentence}", language.pick("uma linha", "a line")),
    }
}

struct Loader<'a> {
    flags: &'a Flags,
    environment: &'a BTreeMap<String, String>,
    file: &'a BTreeMap<String, String>,
    /// The language of the problems.
    language: Language,
    shown: BTreeMap<&'static str, (String, Provenance)>,
    problems: Vec<String>,
}

impl<'a> Loader<'a> {
    fn new(flags: &'a Flags, environment: &'a BTreeMap<String, String>, file: &'a BTreeMap<String, String>) -> Self {
        let (shown, problems) = (BTreeMap::new(), Vec::new());
        let mut loader = Self { flags, environment, file, language: Language::default(), shown, problems };
        if let Some((Ok(language), _)) = loader.given("CAUDAL_LANGUAGE").map(|(text, from)| (text.parse(), from)) {
            loader.language = language;
        }
        loader
    }

    fn config(&mut self) -> Option<Config> {
        let data_dir = self.text("CAUDAL_DATA_DIR");
        let data_dir = match std::path::absolute(&data_dir) {
            Ok(path) => path,
            Err(error) => {
                self.problems.push(format!("{}: {error}", self.as_given("CAUDAL_DATA_DIR", &data_dir)));
                return None;
            }
        };
        let listen = self.parsed(
            "CAUDAL_LISTEN",
            [
                "um endereço e uma porta, como 127.0.0.1:8000 ou localhost:8000",
                "an address and a port, like 127.0.0.1:8000 or localhost:8000",
            ],
            resolved,
        );
        let public_url = self.public_url(listen);
        let ingest_url = self.internal_url("CAUDAL_INGEST_URL", listen);
        let distrib_url = self.internal_url("CAUDAL_DISTRIB_URL", listen);
        let ingest_database = self.database("INGEST_DATABASE_URL", &data_dir, "ingest.db");
        let distrib_database = self.database("DISTRIB_DATABASE_URL", &data_dir, "distrib.db");
        let queue = self.queue(&data_dir);
        let time_zone = self.parsed(
            "CAUDAL_TIME_ZONE",
            ["um fuso horário como America/Sao_Paulo", "a time zone like America/Sao_Paulo"],
            |text| text.parse().ok(),
        );
        let language = self.parsed("CAUDAL_LANGUAGE", ["pt-BR ou en", "pt-BR or en"], |text| text.parse().ok());
        let decimal_comma = self
            .parsed("CAUDAL_DECIMAL_MARK", ["comma ou point", "comma or point"], |text| one_of(text, "comma", "point"));
        let day_first =
            self.parsed("CAUDAL_DATE_ORDER", ["day-first ou month-first", "day-first or month-first"], |text| {
                one_of(text, "day-first", "month-first")
            });
        let settle = self.seconds("CAUDAL_SETTLE_SECONDS");
        let incomplete = self.seconds("CAUDAL_INCOMPLETE_SECONDS");
        let scan_every = self.seconds("CAUDAL_SCAN_SECONDS");
        let max_file_bytes = self.mebibytes("CAUDAL_MAX_FILE_MIB", 1..=4096);
        let max_unpacked_bytes = self.mebibytes("CAUDAL_MAX_UNPACKED_MIB", 1..=65_536);
        let read_memory_bytes = self.mebibytes("CAUDAL_READ_MEMORY_MIB", 256..=65_536);
        let read_time = self.seconds("CAUDAL_READ_SECONDS");
        let disk_reserve_bytes = self.mebibytes("CAUDAL_DISK_RESERVE_MIB", 0..=1_048_576);
        let max_outbox_bytes = self.mebibytes("CAUDAL_MAX_OUTBOX_MIB", 1..=1_048_576);
        let max_wal_bytes = self.mebibytes("CAUDAL_MAX_WAL_MIB", 1..=1_048_576);
        let max_connections_per_address = self.parsed(
            "CAUDAL_MAX_CONNECTIONS_PER_ADDRESS",
            ["um número inteiro de 1 a 65535", "a whole number from 1 to 65535"],
            |text| text.parse::<usize>().ok().filter(|connections| (1..=65_535).contains(connections)),
        );
        let batch_rows = self.parsed(
            "CAUDAL_BATCH_ROWS",
            ["um número inteiro de 1 a 10000", "a whole number from 1 to 10000"],
            |text| text.parse::<usize>().ok().filter(|rows| (1..=10_000).contains(rows)),
        );
        let worker_silence = self.seconds("CAUDAL_WORKER_SILENCE_SECONDS");
        let log = self.text("CAUDAL_LOG");
        let log_format =
            self.parsed("CAUDAL_LOG_FORMAT", ["auto, text ou json", "auto, text or json"], |text| match text {
                "auto" => Some(LogFormat::Auto),
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            });
        Some(Config {
            data_dir,
            listen: listen?,
            public_url: public_url?,
            ingest_url: ingest_url?,
            distrib_url: distrib_url?,
            ingest_database: ingest_database?,
            distrib_database: distrib_database?,
            queue: queue?,
            time_zone: time_zone?,
            language: language?,
            decimal_comma: decimal_comma?,
            day_first: day_first?,
            settle: settle?,
            incomplete: incomplete?,
            scan_every: scan_every?,
            max_file_bytes: max_file_bytes?,
            max_unpacked_bytes: max_unpacked_bytes?,
            read_memory_bytes: read_memory_bytes?,
            read_time: read_time?,
            disk_reserve_bytes: disk_reserve_bytes?,
            max_outbox_bytes: max_outbox_bytes?,
            max_wal_bytes: max_wal_bytes?,
            max_connections_per_address: max_connections_per_address?,
            batch_rows: batch_rows?,
            worker_silence: worker_silence?,
            log,
            log_format: log_format?,
            shown: BTreeMap::new(),
            unknown: Vec::new(),
        })
    }

    /// The value as given, and its origin; `None` if only the default is left.
    fn given(&self, name: &str) -> Option<(String, Provenance)> {
        let flag = self.flags.get(name).map(|value| (value, Provenance::Flag));
        let variable = self.environment.get(name).map(|value| (value, Provenance::Environment));
        let entry = self.file.get(name).map(|value| (value, Provenance::EnvFile));
        [flag, variable, entry]
            .into_iter()
            .flatten()
            .find(|(value, _)| !value.trim().is_empty())
            .map(|(value, from)| (value.trim().to_owned(), from))
    }

    fn text(&mut self, name: &'static str) -> String {
        let (value, from) = self.given(name).unwrap_or_else(|| (default_of(name).to_owned(), Provenance::Default));
        self.shown.insert(name, (value.clone(), from));
        value
    }

    fn parsed<T>(&mut self, name: &'static str, expected: [&str; 2], parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.text(name);
        let parsed = parse(&value);
        if parsed.is_none() {
            let [portuguese, english] = expected;
            let given = self.as_given(name, &value);
            self.problems.push(match self.language {
                Language::Portuguese => format!("{given}: esperado {portuguese}"),
                Language::English => format!("{given}: expected {english}"),
            });
        }
        parsed
    }

    /// A value in the form in which it was given, so that people look for the mistake in the right place.
    fn as_given(&self, name: &str, value: &str) -> String {
        match self.given(name) {
            Some((_, Provenance::Flag)) => {
                let flag = name.trim_start_matches("CAUDAL_").to_lowercase().replace('_', "-");
                format!("--{flag} {value}")
            }
            Some((_, Provenance::EnvFile)) => format!(".env: {name}={value}"),
            Some((_, Provenance::Environment | Provenance::Default)) | None => format!("{name}={value}"),
        }
    }

    /// A number of MiB within `range`, as bytes.
    fn mebibytes(&mut self, name: &'static str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let portuguese = format!("um número inteiro de {} a {}", range.start(), range.end());
        let english = format!("a whole number from {} to {}", range.start(), range.end());
        let mib = self
            .parsed(name, [&portuguese, &english], |text| text.parse::<u64>().ok().filter(|mib| range.contains(mib)))?;
        Some(mib * 1024 * 1024)
    }

    fn seconds(&mut self, name: &'static str) -> Option<Duration> {
        self.parsed(name, ["um número de segundos de 0.1 a 3600", "a number of seconds from 0.1 to 3600"], |text| {
            let seconds = text.parse::<f64>().ok().filter(|seconds| (0.1..=3600.0).contains(seconds))?;
            Some(Duration::from_secs_f64(seconds))
        })
    }

    fn public_url(&mut self, listen: Option<SocketAddr>) -> Option<String> {
        self.address("CAUDAL_PUBLIC_URL", &["http://", "https://"], listen)
    }

    /// The default is this process itself, unless the other service is elsewhere.
    fn internal_url(&mut self, name: &'static str, listen: Option<SocketAddr>) -> Option<String> {
        self.address(name, &["http://"], listen.map(reachable))
    }

    /// An address that starts with one of `schemes`, without a slash at the end; `default` if no other is given.
    fn address(&mut self, name: &'static str, schemes: &[&str], default: Option<SocketAddr>) -> Option<String> {
        let (value, from) = match self.given(name) {
            Some(given) => given,
            None => (format!("http://{}", default?), Provenance::Default),
        };
        self.shown.insert(name, (masked(&value), from));
        if schemes.iter().any(|scheme| value.starts_with(scheme)) {
            return Some(value.trim_end_matches('/').to_owned());
        }
        let schemes = schemes.join(self.language.pick(" ou ", " or "));
        let expected =
            self.language.pick("esperado um endereço que comece com", "expected an address that starts with");
        // The value is left out, because a text that is no address may be a password.
        self.problems.push(format!("{name}: {expected} {schemes}"));
        None
    }

    fn database(&mut self, name: &'static str, data_dir: &Path, file: &str) -> Option<DatabaseUrl> {
        let given = self.given(name).or_else(|| self.given("DATABASE_URL"));
        if let Some((value, from)) = self.given("DATABASE_URL") {
            let shown =
                value.parse::<DatabaseUrl>().map_or_else(|_| "(not readable)".to_owned(), |url| url.to_string());
            self.shown.insert("DATABASE_URL", (shown, from));
        }
        let (url, from) = match given {
            None => (Ok(DatabaseUrl::Sqlite(data_dir.join(file))), Provenance::Default),
            Some((value, from)) => (value.parse::<DatabaseUrl>(), from),
        };
        match url {
            Ok(url) => {
                self.shown.insert(name, (url.to_string(), from));
                Some(url)
            }
            Err(error) => {
                self.problems.push(format!("{name}: {error}"));
                None
            }
        }
    }

    fn queue(&mut self, data_dir: &Path) -> Option<QueueUrl> {
        let (url, from) = match self.given("QUEUE_URL") {
            None => (Ok(QueueUrl::Sqlite(data_dir.join("queue.db"))), Provenance::Default),
            Some((value, from)) => (value.parse::<QueueUrl>(), from),
        };
        match url {
            Ok(url) => {
                self.shown.insert("QUEUE_URL", (url.to_string(), from));
                Some(url)
            }
            Err(error) => {
                self.problems.push(format!("QUEUE_URL: {error}"));
                None
            }
        }
    }
}

/// Resolves an address with a port, or a host name that this machine knows with a port.
fn resolved(text: &str) -> Option<SocketAddr> {
    let addresses: Vec<SocketAddr> = text.to_socket_addrs().ok()?.collect();
    // A name may have addresses of both families, but only one is listened on. IPv4 is preferred because the default is
    // IPv4.
    addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied()
}

/// An address that means every interface is replaced by the loopback address, which this machine can reach.
fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), listen.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), listen.port()),
        _ => listen,
    }
}

fn default_of(name: &str) -> &'static str {
    SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.default)
}

fn one_of(text: &str, yes: &str, no: &str) -> Option<bool> {
    if text == yes {
        Some(true)
    } else if text == no {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        let flags = Flags::from([
            ("CAUDAL_LANGUAGE", "en".to_owned()),
            ("CAUDAL_LISTEN", "8000".to_owned()),
            ("CAUDAL_TIME_ZONE", "Brasilia".to_owned()),
            ("DATABASE_URL", "mysql://root:hunter2@db/caudal".to_owned()),
        ]);
        let error = Config::load(&flags).unwrap_err().to_string();
        assert!(error.contains("--listen 8000: expected an address and a port"), "{error}");
        assert!(error.contains("--time-zone Brasilia: expected a time zone"), "{error}");
        assert!(error.contains("mysql"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        let flags = Flags::from([("CAUDAL_LISTEN", "8000".to_owned())]);
        let error = Config::load(&flags).unwrap_err().to_string();
        assert!(error.contains("--listen 8000: esperado um endereço e uma porta"), "{error}");
    }

    #[test]
    fn a_name_is_listened_on_like_its_address() {
        assert_eq!(resolved("localhost:8000"), "127.0.0.1:8000".parse().ok());
        assert_eq!(resolved("[::1]:8000"), "[::1]:8000".parse().ok());
        assert_eq!((resolved("8000"), resolved("localhost")), (None, None));
    }

    #[test]
    fn a_malformed_line_of_the_env_file_is_named_by_its_number_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        std::fs::write(&file, "CAUDAL_LISTEN=127.0.0.1:8000\n\nDATABASE_URL=postgres://ana:hunter 2@db/x\n").unwrap();
        let problem = env_problem(&file, &env_file(&file).1.unwrap(), Language::English);
        assert!(problem.contains("line 3 is malformed") && !problem.contains("hunter"), "{problem}");
    }

    #[test]
    fn passwords_are_never_shown() {
        let flags = Flags::from([("DATABASE_URL", "postgres://caudal:hunter2@db/caudal".to_owned())]);
        let config = Config::load(&flags).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_example_file_lists_the_same_settings() {
        let example = include_str!("../../../.env.example");
        for setting in SETTINGS {
            assert!(
                example.contains(&format!("# {}", setting.help)),
                ".env.example explains {} in other words",
                setting.name
            );
            assert!(example.contains(&format!("{}=", setting.name)), ".env.example lacks {}", setting.name);
        }
    }
}
