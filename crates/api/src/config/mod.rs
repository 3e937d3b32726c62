//! The configuration: `HEADROOM_*` variables and flags, parsed into types at the start. All faults
//! are reported together.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use domain::{Password, PlanCatalog, Username};
use secrecy::{ExposeSecret, SecretString};

mod backups;
mod database;
mod faults;
mod given;
mod hashing;
mod monitoring;
mod network;
mod retention;
mod secret_files;
mod settings;

use crate::auth::Algorithm;
use crate::http::RequestPolicySettings;
use crate::logging::{LogFilter, LogFormat};
use crate::passwords::PasswordsConfig;
use crate::plans::PlansSource;
use crate::state::Retention;
use crate::tracing::TracingSettings;
use faults::{ConfigFaults, Setting};

pub use database::Database;
pub use faults::ConfigError;
pub use given::{GivenSetting, Source};
pub use monitoring::MonitoringConfig;
pub(crate) use secret_files::{SecretFileFault, read as read_secret_file};
pub use settings::Settings;

/// The default username and password of the operator.
pub(crate) const DEFAULT_USER: &str = "user";

/// The operator of the configuration.
pub struct Operator {
    /// The username.
    pub username: Username,
    /// The configured password.
    pub password: Option<SecretString>,
}

/// The parsed configuration.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The database and its key file.
    pub database: Database,
    /// The configured secret that signs access tokens.
    pub jwt_secret: Option<SecretString>,
    /// The previous secret.
    pub jwt_previous_secret: Option<SecretString>,
    /// The configured algorithm of new keys in the key file.
    pub jwt_algorithm: Option<Algorithm>,
    /// How long an access token is accepted, in seconds.
    pub token_lifetime_seconds: u32,
    /// The operator that the first start adds.
    pub operator: Operator,
    /// Whether new users may register.
    pub registration_is_open: bool,
    /// Whether the explorer and the documents are served.
    pub has_docs: bool,
    /// Whether the console is served.
    pub has_console: bool,
    /// Where the plans are read from.
    pub plans: PlansSource,
    /// The number of threads that serve requests.
    pub workers: usize,
    /// The settings of the request policy.
    pub network: RequestPolicySettings,
    /// The settings of password hashing.
    pub hashing: PasswordsConfig,
    /// How long bookings and usage records are kept.
    pub retention: Retention,
    /// The settings of monitoring.
    pub monitoring: MonitoringConfig,
    /// The settings of traces, if they are on. Only the server reads them.
    pub tracing: Option<TracingSettings>,
    /// What to log.
    pub log_filter: LogFilter,
    /// How to log.
    pub log_format: LogFormat,
    /// Whether to listen on a public address with the default password.
    pub insecure_demo: bool,
    /// Environment variables with Headroom's prefix that are not settings.
    pub unknown_variables: Vec<String>,
}

/// Whether the operator of this name may have this password.
fn is_operator_password(password: &SecretString, username: Option<&Username>) -> bool {
    let text = password.expose_secret();
    text == DEFAULT_USER || Password::parse(text, username).is_ok()
}

/// Parses the address to listen on. `localhost` is the IPv4 loopback, which every client of
/// `localhost` tries.
fn address(text: &str) -> Option<SocketAddr> {
    let port = |port: &str| port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    text.parse().ok().or_else(|| port(text.strip_prefix("localhost:")?))
}

fn number<T: FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| range.contains(number))
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn plans_source(faults: &mut ConfigFaults, file: Option<&str>, assign_default_plan: &str) -> Option<PlansSource> {
    let assigns = faults.take("assign-default-plan", assign_default_plan, "on or off", switch(assign_default_plan));
    Some(PlansSource { file: file.map(PathBuf::from), assigns_default_plan: assigns? })
}

/// Parses the algorithm of new keys. With a secret, only HS256 is possible.
fn jwt_algorithm(faults: &mut ConfigFaults, text: Option<&str>, has_secret: bool) -> Option<Algorithm> {
    let text = text?;
    let takes = if has_secret { "HS256, or no JWT secret," } else { "HS256 or EdDSA" };
    let parsed = text.parse().ok().filter(|&algorithm| !has_secret || algorithm == Algorithm::Hs256);
    faults.take("jwt-algorithm", text, takes, parsed)
}

impl Config {
    /// Parses the settings.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(settings: Settings) -> Result<Self, ConfigError> {
        let mut faults = ConfigFaults::default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let s = settings.texts;
        faults.refuse_control_characters(&settings.with_control_characters);
        settings.file_faults.iter().for_each(|(flag, fault)| faults.note(flag, fault));
        let takes = "an IP address or localhost, and a port, such as 127.0.0.1:8000";
        let listen = faults.take("listen", &s.listen, takes, address(&s.listen));
        let database = s.database.parse(&mut faults);
        faults.check_secret("jwt-secret", s.jwt_secret.as_ref());
        faults.check_secret("jwt-previous-secret", s.jwt_previous_secret.as_ref());
        let algorithm = jwt_algorithm(&mut faults, s.jwt_algorithm.as_deref(), s.jwt_secret.is_some());
        let lifetime = number(&s.token_lifetime_seconds, 1..=86_400);
        let lifetime = faults.take("token-lifetime-seconds", &s.token_lifetime_seconds, "1 to 86400", lifetime);
        let username = Username::parse(&s.operator_username).ok();
        let takes = "1 to 64 of a-z, 0-9 and . _ - @ +, not dots alone";
        let username = faults.take("operator-username", &s.operator_username, takes, username);
        let password = s.operator_password;
        if password.as_ref().is_some_and(|password| !is_operator_password(password, username.as_ref())) {
            let takes = "8 to 128 characters, neither the username nor one of the commonest passwords (or user, for a \
                         demonstration)";
            faults.note("operator-password", format_args!("takes {takes}"));
        }
        let registration = match s.registration.as_str() {
            "open" => Some(true),
            "closed" => Some(false),
            _ => None,
        };
        let registration_is_open = faults.take("registration", &s.registration, "open or closed", registration);
        let has_docs = faults.take("docs", &s.docs, "on or off", switch(&s.docs));
        let has_console = faults.take("console", &s.console, "on or off", switch(&s.console));
        let plans = plans_source(&mut faults, s.plans.as_deref(), &s.assign_default_plan);
        let workers = s.workers.as_deref().map_or(Some(cores), |text| number(text, 1..=1024));
        let workers = faults.take("workers", s.workers.as_deref().unwrap_or_default(), "1 to 1024", workers);
        let network = s.network.parse(&mut faults);
        let hashing = s.hashing.parse(&mut faults);
        let retention = s.retention.parse(&mut faults);
        let monitoring = s.monitoring.parse(listen, &mut faults);
        let log_filter = faults.take("log", &s.log, &LogFilter::takes(), s.log.parse().ok());
        let log_format = faults.take("log-format", &s.log_format, "human or json", s.log_format.parse().ok());
        let insecure_demo =
            faults.take("insecure-demo", &s.insecure_demo, "true or false", s.insecure_demo.parse().ok());
        let unknown_variables = unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
        let parsed = || {
            Some(Self {
                listen: listen?,
                database: database?,
                jwt_secret: s.jwt_secret,
                jwt_previous_secret: s.jwt_previous_secret,
                jwt_algorithm: algorithm,
                token_lifetime_seconds: lifetime?,
                operator: Operator { username: username?, password },
                registration_is_open: registration_is_open?,
                has_docs: has_docs?,
                has_console: has_console?,
                plans: plans?,
                workers: workers?,
                network: network?,
                hashing: hashing?,
                retention: retention?,
                monitoring: monitoring?,
                tracing: None,
                log_filter: log_filter?,
                log_format: log_format?,
                insecure_demo: insecure_demo?,
                unknown_variables,
            })
        };
        if faults.found.is_empty() { parsed().ok_or(ConfigError(Vec::new())) } else { Err(ConfigError(faults.found)) }
    }

    /// As [`Config::parse`], and reads the plans on offer and the settings of traces, for the
    /// commands that need them.
    ///
    /// # Errors
    /// All faults of settings and plans.
    pub fn parse_with_plans(settings: Settings) -> Result<(Self, PlanCatalog), ConfigError> {
        let file = settings.texts.plans.as_ref().map(PathBuf::from);
        let assigns_default_plan = switch(&settings.texts.assign_default_plan).unwrap_or_default();
        let catalog = PlansSource { file, assigns_default_plan }.read();
        let with_setting = |fault| format!("{}: {fault}", Setting("plans"));
        let catalog = catalog.map_err(|faults| ConfigError(faults.into_iter().map(with_setting).collect()));
        match (Self::parse(settings), catalog, TracingSettings::of_environment().map_err(ConfigError)) {
            (Ok(config), Ok(catalog), Ok(tracing)) => Ok((Self { tracing, ..config }, catalog)),
            (config, catalog, tracing) => {
                let faults = [config.err(), catalog.err(), tracing.err()].into_iter().flatten();
                Err(ConfigError(faults.flat_map(|faults| faults.0).collect()))
            }
        }
    }

    /// Whether the address is public and this is not a demonstration.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.insecure_demo && !self.listen.ip().to_canonical().is_loopback()
    }

    /// Refuses to listen on a public address with the default password, or with keys that a new
    /// container would lose: a key file counts as durable only if the configuration says so.
    ///
    /// # Errors
    /// The missing settings, and how to set them.
    pub fn check_exposure(&self) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        // An existing database may have operators with other passwords: the start checks them when
        // the database is open.
        let is_known = match &self.operator.password {
            Some(password) => password.expose_secret() == DEFAULT_USER,
            None => self.database.url.is_missing_file(),
        };
        if is_known {
            faults.push(format!("set {}: the default one is public", Setting("operator-password")));
        }
        if self.jwt_secret.is_none() && !self.database.keys_last(self.jwt_algorithm.is_some()) {
            faults.push(format!("set {}, with openssl rand -hex 32 for example", Setting("jwt-secret")));
            faults.push(self.database.how_keys_last());
        }
        if faults.is_empty() || !self.is_exposed() {
            return Ok(());
        }
        faults.insert(0, format!("{} is not a loopback address: other machines can reach it", self.listen));
        faults.push("or accept this, for a demonstration, with --insecure-demo (HEADROOM_INSECURE_DEMO=true)".into());
        Err(ConfigError(faults))
    }
}

/// Variables with Headroom's prefix that are not settings, such as typing errors.
fn unknown_variables(names: impl Iterator<Item = String>) -> Vec<String> {
    use clap::CommandFactory;
    #[derive(clap::Parser)]
    struct Known {
        #[command(flatten)]
        _settings: Settings,
    }
    let command = Known::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).collect();
    names.filter(|name| name.starts_with("HEADROOM_") && !known.contains(&name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use clap::{Args, Command, Parser};
    use storage::StoreOptions;

    #[derive(Parser)]
    struct TestCli {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(flags: &[&str]) -> Result<Config, ConfigError> {
        Config::parse(TestCli::parse_from([&["headroom"], flags].concat()).settings)
    }

    fn refusal(flags: &[&str]) -> String {
        parse(flags).err().expect("the flags are faulty").to_string()
    }

    #[test]
    fn the_default_configuration_is_valid() {
        let config = parse(&[]).expect("the defaults are good");
        assert_eq!(config.listen, "127.0.0.1:8000".parse().unwrap());
        assert_eq!(config.database.url.to_string(), "sqlite://headroom.db");
        assert_eq!(config.database.options, StoreOptions::default());
        assert_eq!(config.database.key_file(), Path::new("headroom.db.keys"));
        assert_eq!((config.operator.username.as_str(), config.operator.password.is_none()), ("user", true));
        assert_eq!(config.check_exposure(), Ok(()));
    }

    #[test]
    fn all_faults_are_reported_without_secrets() {
        let message = refusal(&[
            "--listen=somewhere",
            "--database-url=mysql://headroom:hush@db/headroom",
            "--database-connections=1",
            "--key-file=",
            "--jwt-secret=hush",
            "--jwt-previous-secret=hush",
            "--jwt-algorithm=none",
            "--token-lifetime-seconds=0",
            "--operator-username=",
            "--operator-password=hush",
            "--registration=perhaps",
            "--docs=perhaps",
            "--workers=0",
            "--write-queue-max=-1",
            "--trusted-proxies=proxy.example.com",
            "--public-url=example.com/api",
            "--proxy-header=x-real-ip",
            "--rate-limit-per-caller=0",
            "--rate-limit-per-address=-1",
            "--rate-limit-login=lots",
            "--rate-limit-login-per-name=0",
            "--cors-origins=*",
            "--password-memory-kib=19455",
            "--password-passes=1",
            "--password-workers=0",
            "--retention-bookings=0",
            "--retention-usage=36501",
            "--log=info=loud",
            "--log-format=xml",
            "--insecure-demo=perhaps",
        ]);
        for setting in [
            "LISTEN",
            "DATABASE_URL",
            "DATABASE_CONNECTIONS",
            "KEY_FILE",
            "JWT_SECRET",
            "JWT_PREVIOUS_SECRET",
            "JWT_ALGORITHM",
            "TOKEN_LIFETIME_SECONDS",
            "OPERATOR_USERNAME",
            "OPERATOR_PASSWORD",
            "REGISTRATION",
            "DOCS",
            "WORKERS",
            "WRITE_QUEUE_MAX",
            "TRUSTED_PROXIES",
            "PUBLIC_URL",
            "PROXY_HEADER",
            "RATE_LIMIT_PER_CALLER",
            "RATE_LIMIT_PER_ADDRESS",
            "RATE_LIMIT_LOGIN",
            "RATE_LIMIT_LOGIN_PER_NAME",
            "CORS_ORIGINS",
            "PASSWORD_MEMORY_KIB",
            "PASSWORD_PASSES",
            "PASSWORD_WORKERS",
            "RETENTION_BOOKINGS",
            "RETENTION_USAGE",
            "LOG",
            "LOG_FORMAT",
            "INSECURE_DEMO",
        ] {
            assert!(message.contains(&format!("HEADROOM_{setting} (--")), "{setting} is missing in {message}");
        }
        assert!(!message.contains("hush"), "{message}");
    }

    #[test]
    fn no_setting_takes_a_control_character() {
        let command = Settings::augment_args(Command::new("headroom"));
        for flag in command.get_arguments().filter_map(|argument| argument.get_long()) {
            for text in ["0123456789abcdef0123456789abcdef\n", "a\0b", "\u{85}"] {
                let message = refusal(&[&format!("--{flag}={text}")]);
                let expected = format!("{} takes no control characters", Setting(flag));
                assert!(message.contains(&expected) && message.lines().count() == 2, "{text:?}: {message}");
            }
        }
    }

    #[test]
    fn the_operators_password_is_not_their_name() {
        let with = |name: &str, password: &str| {
            parse(&[&format!("--operator-username={name}"), &format!("--operator-password={password}")])
        };
        assert!(with("superviser", "a quiet river").is_ok() && with("user", "user").is_ok());
        for password in ["superviser", "SuperViser "] {
            let message = with(" SUPERVISER", password).err().expect("it is the name").to_string();
            assert!(message.contains("HEADROOM_OPERATOR_PASSWORD") && !message.contains(password), "{message}");
        }
    }

    #[test]
    fn localhost_is_the_loopback() {
        let listen = |text: &str| parse(&[&format!("--listen={text}")]).map(|config| config.listen.to_string());
        assert_eq!(listen("localhost:8000").as_deref(), Ok("127.0.0.1:8000"));
        for bad in ["localhost", "localhost:", "localhost:x", "otherhost:8000", ":8000", "8000"] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_signs_with_hs256_only() {
        let secret = "--jwt-secret=0123456789abcdef0123456789abcdef";
        assert!(refusal(&[secret, "--jwt-algorithm=EdDSA"]).contains("HEADROOM_JWT_ALGORITHM"));
        let algorithm = |flags: &[&str]| parse(flags).expect("the flags are good").jwt_algorithm;
        assert_eq!(algorithm(&[secret, "--jwt-algorithm=HS256"]), Some(Algorithm::Hs256));
        assert_eq!(algorithm(&["--jwt-algorithm=EdDSA"]), Some(Algorithm::EdDsa));
        assert_eq!(algorithm(&[]), None);
    }

    #[test]
    fn a_rate_limit_is_a_number_or_off() {
        let limits = |flags: &[&str]| {
            let limits = parse(flags).expect("the flags are good").network.rate_limits;
            [limits.per_caller, limits.per_address, limits.login, limits.login_per_name]
                .map(|limit| limit.map(|limit| (limit.requests.get(), limit.window_seconds.get())))
        };
        assert_eq!(limits(&[]), [Some((1000, 1)), Some((50, 1)), Some((10, 60)), Some((100, 3600))]);
        let flags = [
            "--rate-limit-per-caller=off",
            "--rate-limit-per-address=1",
            "--rate-limit-login=1000000",
            "--rate-limit-login-per-name=off",
        ];
        assert_eq!(limits(&flags), [None, Some((1, 1)), Some((1_000_000, 60)), None]);
        for bad in ["0", "1000001", "OFF", "", "1.5", " 5"] {
            assert!(parse(&[&format!("--rate-limit-login={bad}")]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_password_in_a_database_url_is_not_printed() {
        for bad in
            ["sqlite://:memory:", "sqlite://", "postgres://u:hush@db", "postgres://u:hush@db/x?sslmode=hush", "hush"]
        {
            let message = refusal(&[&format!("--database-url={bad}")]);
            assert!(
                message.contains("HEADROOM_DATABASE_URL (--database-url)") && !message.contains("hush"),
                "{message}"
            );
        }
        let database = |flags: &[&str]| parse(flags).expect("the flags are good").database;
        let postgres = "--database-url=postgres://headroom:hush@db/headroom";
        let Database { url, options, .. } = database(&[postgres, "--database-connections=1000", "--write-queue-max=7"]);
        assert_eq!((url.to_string().as_str(), options.connections), ("postgres://headroom:***@db/headroom", 1000));
        assert_eq!(options.write_queue_max, 7);
        for bad in ["1", "1001", "-1", "many", ""] {
            assert!(parse(&[&format!("--database-connections={bad}")]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_key_file_is_beside_the_database_or_configured() {
        let key_file = |flags: &[&str]| parse(flags).expect("the flags are good").database.key_file();
        let postgres = "--database-url=postgres://db/headroom";
        assert_eq!(key_file(&["--database-url=sqlite:///data/x.db"]), Path::new("/data/x.db.keys"));
        assert_eq!(key_file(&[postgres]), Path::new("headroom.keys"));
        for database in ["--database-url=sqlite:///data/x.db", postgres] {
            assert_eq!(key_file(&[database, "--key-file=/keys/ring"]), Path::new("/keys/ring"));
        }
        for bad in ["", "/", ".."] {
            assert!(refusal(&[&format!("--key-file={bad}")]).contains("HEADROOM_KEY_FILE"), "{bad:?}");
        }
    }

    #[test]
    fn a_public_address_requires_a_password_and_a_secret() {
        let public = "--listen=0.0.0.0:8000";
        let secret = "--jwt-secret=0123456789abcdef0123456789abcdef";
        let exposure = |flags: &[&str]| parse(flags).expect("the flags are good").check_exposure();
        let message = exposure(&[public]).unwrap_err().to_string();
        for word in ["HEADROOM_OPERATOR_PASSWORD", "HEADROOM_JWT_SECRET", "--insecure-demo"] {
            assert!(message.contains(word), "{word} is missing in {message}");
        }
        assert!(exposure(&[public, secret]).is_err());
        assert!(exposure(&[public, "--operator-password=much better"]).is_err());
        assert!(exposure(&[public, secret, "--operator-password=user"]).is_err());
        assert_eq!(exposure(&[public, secret, "--operator-password=much better"]), Ok(()));
        assert_eq!(exposure(&[public, "--jwt-algorithm=EdDSA", "--operator-password=much better"]), Ok(()));
        assert_eq!(exposure(&[public, "--key-file=ring", "--operator-password=much better"]), Ok(()));
        assert!(exposure(&[public, "--jwt-algorithm=EdDSA"]).is_err());
        assert_eq!(exposure(&[public, "--insecure-demo"]), Ok(()));
        for loopback in ["--listen=127.8.9.1:80", "--listen=[::1]:80", "--listen=[::ffff:127.0.0.1]:80"] {
            assert_eq!(exposure(&[loopback]), Ok(()), "{loopback}");
        }
    }

    #[test]
    fn on_postgresql_a_public_address_requires_a_secret_or_a_key_file() {
        let public = ["--listen=0.0.0.0:8000", "--database-url=postgres://headroom:hush@db/headroom"];
        let exposure = |flags: &[&str]| parse(&[&public, flags].concat()).expect("the flags are good").check_exposure();
        for flags in [&[][..], &["--jwt-algorithm=EdDSA"], &["--operator-password=much better"]] {
            let message = exposure(flags).unwrap_err().to_string();
            assert!(message.contains("HEADROOM_JWT_SECRET") && message.contains("HEADROOM_KEY_FILE"), "{message}");
            assert!(!message.contains("HEADROOM_OPERATOR_PASSWORD") && !message.contains("hush"), "{message}");
        }
        // The operators' passwords are known only when the database is open.
        for flags in [&["--jwt-secret=0123456789abcdef0123456789abcdef"][..], &["--key-file=/keys/ring"]] {
            assert_eq!(exposure(flags), Ok(()));
            assert!(exposure(&[flags, &["--operator-password=user"]].concat()).is_err());
        }
        assert_eq!(exposure(&["--insecure-demo"]), Ok(()));
    }

    #[test]
    fn a_variable_with_a_typing_error_is_reported() {
        let names = ["HEADROOM_LISTEN", "HEADROOM_LISTN", "PATH"].map(String::from);
        assert_eq!(unknown_variables(names.into_iter()), ["HEADROOM_LISTN"]);
    }
}
