//! The settings as text, from flags, the environment and files with secrets.

use clap::{ArgMatches, Args, Command, FromArgMatches};
use secrecy::{ExposeSecret, SecretString};

use super::DEFAULT_USER;
use super::database::DatabaseSettings;
use super::faults::Setting;
use super::given::GivenSetting;
use super::hashing::HashingSettings;
use super::monitoring::MonitoringSettings;
use super::network::NetworkSettings;
use super::retention::RetentionSettings;
use super::secret_files::{self, SecretFiles};

/// The settings as text, from flags and the environment. A flag overrides a variable.
pub struct Settings {
    pub(super) texts: Texts,
    /// The flags whose text contains control characters.
    pub(super) with_control_characters: Vec<String>,
    /// The settings as they were given, without secrets.
    given: Vec<GivenSetting>,
    /// The faults of files with secrets, each with its flag.
    pub(super) file_faults: Vec<(String, String)>,
}

/// The text of each setting.
#[derive(Args)]
pub(super) struct Texts {
    /// The address to listen on: an IP address or localhost, and a port
    #[arg(long, global = true, env = "HEADROOM_LISTEN", default_value = "127.0.0.1:8000")]
    pub(super) listen: String,
    #[command(flatten)]
    pub(super) database: DatabaseSettings,
    /// The secret that signs access tokens: at least 32 bytes; without it, generated keys in the
    /// key file sign
    #[arg(long, global = true, env = "HEADROOM_JWT_SECRET", hide_env_values = true)]
    pub(super) jwt_secret: Option<SecretString>,
    /// The previous secret, whose tokens are still accepted
    #[arg(long, global = true, env = "HEADROOM_JWT_PREVIOUS_SECRET", hide_env_values = true)]
    pub(super) jwt_previous_secret: Option<SecretString>,
    /// The algorithm of the first key in the key file: HS256 or EdDSA; HS256 if left out
    #[arg(long, global = true, env = "HEADROOM_JWT_ALGORITHM")]
    pub(super) jwt_algorithm: Option<String>,
    /// How long an access token is accepted, in seconds: 1 to 86400
    #[arg(long, global = true, env = "HEADROOM_TOKEN_LIFETIME_SECONDS", default_value = "900")]
    pub(super) token_lifetime_seconds: String,
    /// The name of the operator that the first start adds
    #[arg(long, global = true, env = "HEADROOM_OPERATOR_USERNAME", default_value = DEFAULT_USER)]
    pub(super) operator_username: String,
    /// The operator's password ["user" at the first start if left out]
    #[arg(long, global = true, env = "HEADROOM_OPERATOR_PASSWORD", hide_env_values = true)]
    pub(super) operator_password: Option<SecretString>,
    #[command(flatten)]
    pub(super) secret_files: SecretFiles,
    /// Whether new users may register: open or closed
    #[arg(long, global = true, env = "HEADROOM_REGISTRATION", default_value = "open")]
    pub(super) registration: String,
    /// Whether to serve the explorer and the documents at /docs, llms.txt and openapi.json: on or off
    #[arg(long, global = true, env = "HEADROOM_DOCS", default_value = "on")]
    pub(super) docs: String,
    /// Whether to serve the console at /console: on or off
    #[arg(long, global = true, env = "HEADROOM_CONSOLE", default_value = "on")]
    pub(super) console: String,
    /// The file of the plans on offer, in TOML as headroom plans prints it; built-in plans if left
    /// out
    #[arg(long, global = true, env = "HEADROOM_PLANS")]
    pub(super) plans: Option<String>,
    /// Whether a new account that names no plan is put on the catalogue's default plan: on or off
    #[arg(long, global = true, env = "HEADROOM_ASSIGN_DEFAULT_PLAN", default_value = "off")]
    pub(super) assign_default_plan: String,
    /// The number of threads that serve requests: 1 to 1024; the number of cores if left out
    #[arg(long, global = true, env = "HEADROOM_WORKERS")]
    pub(super) workers: Option<String>,
    #[command(flatten)]
    pub(super) network: NetworkSettings,
    #[command(flatten)]
    pub(super) hashing: HashingSettings,
    #[command(flatten)]
    pub(super) monitoring: MonitoringSettings,
    #[command(flatten)]
    pub(super) retention: RetentionSettings,
    /// What to log: a level, or levels by module such as `info,actix_server=warn`; `headroom` means
    /// all of Headroom's own
    #[arg(long, global = true, env = "HEADROOM_LOG", default_value = "info,actix_server=warn,actix_http=off")]
    pub(super) log: String,
    /// How to log: human, or json for one object a line
    #[arg(long, global = true, env = "HEADROOM_LOG_FORMAT", default_value = "human")]
    pub(super) log_format: String,
    /// Listen on a public address even with the default password or without a configured secret:
    /// true or false
    #[arg(long, global = true, env = "HEADROOM_INSECURE_DEMO", default_value = "false",
          num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) insecure_demo: String,
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        Texts::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Texts::augment_args_for_update(command)
    }
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let command = Texts::augment_args(Command::new(""));
        let has_control_character = |id: &str| {
            let mut texts = matches.get_raw(id).into_iter().flatten();
            texts.any(|text| text.to_string_lossy().contains(char::is_control))
        };
        let found = command.get_arguments().filter(|argument| has_control_character(argument.get_id().as_str()));
        let with_control_characters = found.filter_map(|argument| argument.get_long().map(str::to_owned)).collect();
        let given = command.get_arguments().filter_map(|argument| GivenSetting::of(argument, matches)).collect();
        let texts = Texts::from_arg_matches(matches)?;
        let mut settings = Self { texts, with_control_characters, given, file_faults: Vec::new() };
        settings.read_secret_files();
        Ok(settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Settings {
    /// The settings as they were given, without secrets. The files of secrets are not among them:
    /// they are the sources of other settings.
    #[must_use]
    pub fn given(&self) -> Vec<GivenSetting> {
        let is_file = |it: &&GivenSetting| {
            let mut secrets = self.texts.secret_files.by_setting().into_iter();
            secrets.any(|(secret, _)| it.flag.strip_suffix("-file") == Some(secret))
        };
        self.given.iter().filter(|it| !is_file(it)).cloned().collect()
    }

    /// Reads the secrets that are in files.
    fn read_secret_files(&mut self) {
        for (setting, path) in self.texts.secret_files.clone().by_setting() {
            let Some((path, given)) = path.zip(self.given.iter_mut().find(|it| it.flag == setting)) else { continue };
            let secret = if given.is_set() {
                Err(format!("cannot be set beside {}: set one of them", Setting(setting)))
            } else {
                secret_files::read(path).map_err(|fault| fault.to_string())
            };
            match secret {
                Ok(secret) => {
                    given.set_from_file(path, secret.expose_secret());
                    self.texts.set_secret(setting, secret);
                }
                Err(fault) => self.file_faults.push((format!("{setting}-file"), fault)),
            }
        }
    }
}

impl Texts {
    fn set_secret(&mut self, setting: &str, secret: SecretString) {
        match setting {
            "jwt-secret" => self.jwt_secret = Some(secret),
            "jwt-previous-secret" => self.jwt_previous_secret = Some(secret),
            "operator-password" => self.operator_password = Some(secret),
            _ => self.database.set_url(secret.expose_secret()),
        }
    }
}
