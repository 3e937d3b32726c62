//! The URL of a PostgreSQL database, and the settings of its connections.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::settings::SessionSettings;
use crate::OpenError;

/// The default of `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The default of `tcp_user_timeout`: how long sent data may stay unacknowledged.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// The default of `keepalives_idle`: how long a connection is idle before keepalives are sent. The
/// system's own default takes hours to notice that the server's machine is down.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);
/// The default of `keepalives_interval`: the pause between two keepalives.
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(5);

/// The URL of a PostgreSQL database, as in libpq:
/// `postgres://user:password@host:port/database?sslmode=…`.
///
/// `sslmode` is `disable`, `prefer` (the default), `require`, `verify-ca` or `verify-full`.
/// `sslrootcert` is a PEM file of the certificates to trust, or `system` for those that the system
/// trusts. `sslcert` and `sslkey` are PEM files of the client's certificate and key. `Display` and
/// `Debug` omit the password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    pub(crate) settings: SessionSettings,
    /// The URL without the password.
    shown: String,
}

/// The verification of the server and of the client.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tls {
    pub(crate) server: ServerVerification,
    pub(crate) client: Option<ClientCertificate>,
}

/// How the server's certificate is verified.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum ServerVerification {
    /// Not at all. The connection may still be encrypted.
    #[default]
    None,
    /// A trusted authority has signed it, for any host.
    Ca(Roots),
    /// A trusted authority has signed it for the host's name.
    Full(Roots),
}

/// The trusted authorities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Roots {
    /// Those in a file.
    File(PathBuf),
    /// Those that the system trusts.
    System,
}

/// The client's certificate and private key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClientCertificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

/// Why a text is not the URL of a PostgreSQL database. It does not repeat the text, which may hold
/// a password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidPostgresUrl {
    /// The syntax is wrong, or a parameter is unknown.
    #[error("it is not the URL of a PostgreSQL database: {0}")]
    Syntax(String),
    /// The `sslmode` is not supported.
    #[error("sslmode must be disable, prefer, require, verify-ca or verify-full")]
    SslMode,
    /// The `sslmode` verifies the server's certificate, and no certificate is trusted.
    #[error("sslmode=verify-ca and verify-full need sslrootcert: a file of the certificates to trust, or system")]
    MissingRoots,
    /// The `sslmode` does not verify the server's certificate.
    #[error("sslrootcert needs sslmode=require, verify-ca or verify-full")]
    UnusedRoots,
    /// Authorities that the system trusts sign certificates for any owner of a name, so the name
    /// must be verified.
    #[error("sslrootcert=system needs sslmode=verify-full")]
    WeakSystemRoots,
    /// One of `sslcert` and `sslkey` is missing.
    #[error("sslcert and sslkey must be given together")]
    HalfClientCertificate,
    /// A certificate needs TLS.
    #[error("sslcert and sslkey need another sslmode than disable")]
    UnusedClientCertificate,
    /// `options` is not a list of settings.
    #[error("options must be a list of settings: -c name=value")]
    Options,
    /// The URL names no database.
    #[error("it names no database: postgres://user@host/database")]
    NoDatabase,
}

/// The parameters of a URL that `tokio-postgres` does not know.
#[derive(Default)]
struct TlsParameters {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl TlsParameters {
    /// Sets a parameter. Returns `false` if it is not one of these.
    fn set(&mut self, parameter: &str) -> bool {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "sslmode" => self.mode = Some(value),
            "sslrootcert" => self.root = Some(value),
            "sslcert" => self.certificate = Some(value.into()),
            "sslkey" => self.key = Some(value.into()),
            _ => return false,
        }
        true
    }

    fn parse(self) -> Result<(SslMode, Tls), InvalidPostgresUrl> {
        use InvalidPostgresUrl as Invalid;
        let roots = self.root.map(|root| if root == "system" { Roots::System } else { Roots::File(root.into()) });
        let (mode, server) = match (self.mode.as_deref(), roots) {
            (Some("disable"), None) => (SslMode::Disable, ServerVerification::None),
            (Some("prefer") | None, None) => (SslMode::Prefer, ServerVerification::None),
            (Some("require"), None) => (SslMode::Require, ServerVerification::None),
            // As in libpq, `sslrootcert=system` allows no weaker mode.
            (Some("verify-full") | None, Some(Roots::System)) => {
                (SslMode::Require, ServerVerification::Full(Roots::System))
            }
            (Some("require" | "verify-ca"), Some(Roots::System)) => return Err(Invalid::WeakSystemRoots),
            (Some("verify-ca"), Some(roots)) => (SslMode::Require, ServerVerification::Ca(roots)),
            (Some("require" | "verify-full"), Some(roots)) => (SslMode::Require, ServerVerification::Full(roots)),
            (Some("verify-ca" | "verify-full"), None) => return Err(Invalid::MissingRoots),
            (Some("disable" | "prefer") | None, Some(_)) => return Err(Invalid::UnusedRoots),
            (Some(_), _) => return Err(Invalid::SslMode),
        };
        let client = match (self.certificate, self.key) {
            (None, None) => None,
            (Some(_), Some(_)) if mode == SslMode::Disable => return Err(Invalid::UnusedClientCertificate),
            (Some(chain), Some(key)) => Some(ClientCertificate { chain, key }),
            _ => return Err(Invalid::HalfClientCertificate),
        };
        Ok((mode, Tls { server, client }))
    }
}

impl PostgresUrl {
    /// The error of opening a store at this URL.
    pub(crate) fn open_error(&self, reason: &impl ToString) -> OpenError {
        OpenError::Postgres { url: self.to_string(), reason: reason.to_string() }
    }

    /// The same database with another configuration of the connection.
    pub(crate) fn with(&self, config: Config) -> Self {
        Self { config, ..self.clone() }
    }

    /// How long connecting may take: a try at each host, the handshake included, and one more,
    /// because a host may have several addresses.
    pub(crate) fn connect_timeout(&self) -> Duration {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        let timeout = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        timeout.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX).saturating_add(1))
    }
}

impl FromStr for PostgresUrl {
    type Err = InvalidPostgresUrl;

    fn from_str(url: &str) -> Result<Self, InvalidPostgresUrl> {
        // A `?` before the `@` belongs to the password.
        let query = url.find('@').map_or(0, |at| at + 1);
        let query = url[query..].find('?').map_or(url.len(), |at| query + at);
        let (base, query) = url.split_at(query);
        let query = query.trim_start_matches('?');
        let (mut tls, mut options, mut rest) = (TlsParameters::default(), String::new(), Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            if let Some(value) = parameter.strip_prefix("options=") {
                options = percent_decode_str(value).decode_utf8_lossy().into_owned();
            } else if !tls.set(parameter) {
                rest.push(parameter);
            }
        }
        let (ssl_mode, tls) = tls.parse()?;
        let settings = SessionSettings::parse(&options).ok_or(InvalidPostgresUrl::Options)?;
        let rest = rest.join("&");
        let syntax = |error: tokio_postgres::Error| InvalidPostgresUrl::Syntax(super::error::message(&error));
        let mut config: Config = format!("{base}?{rest}").parse().map_err(syntax)?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(InvalidPostgresUrl::NoDatabase);
        }
        config.ssl_mode(ssl_mode);
        set_defaults(&mut config, rest.contains("keepalives_idle="));
        Ok(Self { config, tls, settings, shown: without_password(base) })
    }
}

/// Sets defaults for parameters that the URL omits.
fn set_defaults(config: &mut Config, has_keepalives_idle: bool) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if !has_keepalives_idle {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVES_INTERVAL);
    }
    if config.get_application_name().is_none() {
        config.application_name("headroom");
    }
}

/// The URL up to its query, with `***` instead of the password.
fn without_password(base: &str) -> String {
    let Some((scheme, rest)) = base.split_once("://") else { return "postgres://***".into() };
    match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split_once(':').map_or(login.to_owned(), |(user, _)| format!("{user}:***"));
            format!("{scheme}://{user}@{place}")
        }
        None => base.to_owned(),
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresUrl, InvalidPostgresUrl> {
        url.parse()
    }

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (url, shown) in [
            (
                "postgres://headroom:hush@db.example.com:5433/headroom",
                "postgres://headroom:***@db.example.com:5433/headroom",
            ),
            ("postgresql://headroom:h@sh@db/headroom?sslmode=require", "postgresql://headroom:***@db/headroom"),
            ("postgres://headroom:hu?sh@db/headroom?sslmode=disable", "postgres://headroom:***@db/headroom"),
            ("postgres://headroom@db/headroom", "postgres://headroom@db/headroom"),
            ("postgres://db/headroom?password=hush", "postgres://db/headroom"),
        ] {
            let url = parse(url).unwrap();
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), shown.to_owned()));
        }
    }

    #[test]
    fn sslmode_and_sslrootcert_choose_the_verification() {
        use InvalidPostgresUrl::{MissingRoots, SslMode as Mode, UnusedRoots, WeakSystemRoots};
        let file = || Roots::File("c a.pem".into());
        for (query, expected) in [
            ("", Ok((SslMode::Prefer, ServerVerification::None))),
            ("sslmode=disable", Ok((SslMode::Disable, ServerVerification::None))),
            ("sslmode=prefer", Ok((SslMode::Prefer, ServerVerification::None))),
            ("sslmode=require", Ok((SslMode::Require, ServerVerification::None))),
            ("sslmode=require&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerVerification::Full(file())))),
            ("sslmode=verify-ca&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerVerification::Ca(file())))),
            ("sslmode=verify-full&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerVerification::Full(file())))),
            ("sslmode=verify-full&sslrootcert=system", Ok((SslMode::Require, ServerVerification::Full(Roots::System)))),
            ("sslrootcert=system", Ok((SslMode::Require, ServerVerification::Full(Roots::System)))),
            ("sslmode=verify-full", Err(MissingRoots)),
            ("sslmode=verify-ca", Err(MissingRoots)),
            ("sslmode=verify-ca&sslrootcert=system", Err(WeakSystemRoots)),
            ("sslmode=require&sslrootcert=system", Err(WeakSystemRoots)),
            ("sslmode=prefer&sslrootcert=system", Err(UnusedRoots)),
            ("sslrootcert=ca.pem", Err(UnusedRoots)),
            ("sslmode=allow", Err(Mode)),
            ("sslmode=allow&sslrootcert=ca.pem", Err(Mode)),
        ] {
            let url = parse(&format!("postgres://db/headroom?{query}"));
            assert_eq!(url.map(|url| (url.config.get_ssl_mode(), url.tls.server)), expected, "{query}");
        }
    }

    #[test]
    fn a_client_certificate_needs_its_key() {
        let both = ClientCertificate { chain: "a b.crt".into(), key: "ann.key".into() };
        for (query, expected) in [
            ("", Ok(None)),
            ("sslcert=a%20b.crt&sslkey=ann.key", Ok(Some(both))),
            ("sslcert=ann.crt", Err(InvalidPostgresUrl::HalfClientCertificate)),
            ("sslkey=ann.key", Err(InvalidPostgresUrl::HalfClientCertificate)),
            ("sslmode=disable&sslcert=ann.crt&sslkey=ann.key", Err(InvalidPostgresUrl::UnusedClientCertificate)),
        ] {
            let url = parse(&format!("postgres://db/headroom?{query}"));
            assert_eq!(url.map(|url| url.tls.client), expected, "{query}");
        }
    }

    #[test]
    fn options_are_settings_and_not_sent_with_the_startup() {
        let url = parse("postgres://db/headroom?options=-c%20search_path%3Dheadroom").unwrap();
        assert_eq!(
            (url.config.get_options(), Some(url.settings)),
            (None, SessionSettings::parse("-c search_path=headroom"))
        );
        assert_eq!(parse("postgres://db/headroom?options=-B%20100").map(drop), Err(InvalidPostgresUrl::Options));
    }

    #[test]
    fn timeouts_have_defaults_that_the_url_can_replace() {
        let waits = |query: &str| {
            let config = parse(&format!("postgres://db/headroom{query}")).unwrap().config;
            let idle = Some(config.get_keepalives_idle());
            [config.get_connect_timeout().copied(), config.get_tcp_user_timeout().copied(), idle]
                .map(|wait| wait.map(|wait| wait.as_secs()))
        };
        assert_eq!(waits(""), [Some(2), Some(10), Some(10)]);
        let said = "?connect_timeout=7&tcp_user_timeout=8&keepalives_idle=9";
        assert_eq!(waits(said), [Some(7), Some(8), Some(9)]);
    }

    #[test]
    fn an_error_does_not_repeat_the_password() {
        for url in
            ["postgres://u:hush@db", "postgres://u:hush@db:x/headroom", "postgres://u:hush@db/headroom?colour=red"]
        {
            let error = parse(url).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
