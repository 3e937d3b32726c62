//! Where a PostgreSQL database is, and how to connect to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::settings::Settings;

/// How long a connection may take to be made, if the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long what was sent may go unacknowledged, if the URL does not say.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the server's machine is asked whether it is still there, if the URL does not
/// say. Else whoever waits for an answer of a machine that is gone waits for hours.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);
/// How long there is between one such question and the next, if the URL does not say.
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(5);

/// A PostgreSQL database: `postgres://user:password@host:port/database?sslmode=…`, as libpq has it.
///
/// `sslmode` is `disable`, `prefer` (as without), `require`, `verify-ca` or `verify-full`. `sslrootcert` is a file of
/// certificates in PEM that the server's is verified by, or `system` for those that the system trusts; `sslcert` and
/// `sslkey` are files of the certificate and key to log in with. It is shown without its password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    pub(crate) settings: Settings,
    /// The URL without the password.
    shown: String,
}

/// How the two sides of a connection prove who they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tls {
    pub(crate) server: ServerProof,
    pub(crate) client: Option<ClientCertificate>,
}

/// How the server has to prove who it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum ServerProof {
    /// Not at all: what is sent may still be encrypted.
    #[default]
    None,
    /// By a certificate that one of these has signed, for whatever host.
    Authority(Roots),
    /// By one that is for the host's name, too.
    Name(Roots),
}

/// Whose signatures on the server's certificate are trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Roots {
    /// Those in a file.
    File(PathBuf),
    /// Those that the system trusts.
    System,
}

/// What to log in with besides a password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ClientCertificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

/// Why a text is no URL of a PostgreSQL database. It does not repeat the text, which may hold a password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidPostgresUrl {
    /// It is not written as a URL is, or has an unknown parameter.
    #[error("it is no URL of a PostgreSQL database: {0}")]
    Syntax(String),
    /// A mode of encrypting that is not supported.
    #[error("sslmode is disable, prefer, require, verify-ca or verify-full")]
    SslMode,
    /// The server's certificate cannot be verified without certificates to trust.
    #[error("sslmode=verify-ca and verify-full need sslrootcert: a file of the certificates to trust, or system")]
    MissingRoots,
    /// Nothing is verified of a connection that may be unencrypted.
    #[error("sslrootcert needs sslmode=require, verify-ca or verify-full")]
    UnusedRoots,
    /// Anybody can have a certificate of an authority that the system trusts: the name has to be verified as well.
    #[error("sslrootcert=system needs sslmode=verify-full")]
    WeakSystemRoots,
    /// A certificate without its key, or a key without its certificate.
    #[error("sslcert and sslkey are given together")]
    HalfClientCertificate,
    /// There is no encryption, which certificates are a part of.
    #[error("sslcert and sslkey need another sslmode than disable")]
    UnusedClientCertificate,
    /// Not a list of settings.
    #[error("options is a list of settings: -c name=value")]
    Options,
    /// It does not say which database.
    #[error("it names no database: postgres://user@host/database")]
    NoDatabase,
}

/// The parameters of a URL that are not `tokio-postgres`'s.
#[derive(Default)]
struct TlsParameters {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl TlsParameters {
    /// Takes a parameter if it is one of these.
    fn take(&mut self, parameter: &str) -> bool {
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
            (Some("disable"), None) => (SslMode::Disable, ServerProof::None),
            (Some("prefer") | None, None) => (SslMode::Prefer, ServerProof::None),
            (Some("require"), None) => (SslMode::Require, ServerProof::None),
            // As in libpq, there is no weaker mode beside these.
            (Some("verify-full") | None, Some(Roots::System)) => (SslMode::Require, ServerProof::Name(Roots::System)),
            (Some("require" | "verify-ca"), Some(Roots::System)) => return Err(Invalid::WeakSystemRoots),
            (Some("verify-ca"), Some(roots)) => (SslMode::Require, ServerProof::Authority(roots)),
            (Some("require" | "verify-full"), Some(roots)) => (SslMode::Require, ServerProof::Name(roots)),
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
    /// The same database, connected to in another way.
    pub(crate) fn with(&self, config: Config) -> Self {
        Self { config, ..self.clone() }
    }

    /// How long connecting may take: a try at each host, the handshake included, and one more, because a host may have
    /// several addresses.
    pub(crate) fn connect_patience(&self) -> Duration {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        let timeout = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        timeout.saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX).saturating_add(1))
    }
}

impl FromStr for PostgresUrl {
    type Err = InvalidPostgresUrl;

    fn from_str(url: &str) -> Result<Self, InvalidPostgresUrl> {
        // Before the `@` it is a password's.
        let query = url.find('@').map_or(0, |at| at + 1);
        let query = url[query..].find('?').map_or(url.len(), |at| query + at);
        let (base, query) = url.split_at(query);
        let query = query.trim_start_matches('?');
        let (mut tls, mut options, mut rest) = (TlsParameters::default(), String::new(), Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            if let Some(value) = parameter.strip_prefix("options=") {
                options = percent_decode_str(value).decode_utf8_lossy().into_owned();
            } else if !tls.take(parameter) {
                rest.push(parameter);
            }
        }
        let (ssl_mode, tls) = tls.parse()?;
        let settings = Settings::parse(&options).ok_or(InvalidPostgresUrl::Options)?;
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

/// Sets what the URL does not say.
fn set_defaults(config: &mut Config, says_keepalives_idle: bool) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if !says_keepalives_idle {
        config.keepalives_idle(KEEPALIVES_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVES_INTERVAL);
    }
    if config.get_application_name().is_none() {
        config.application_name("headroom");
    }
}

/// The URL up to its query, with `***` for the password.
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
    fn a_server_is_verified_as_the_url_says() {
        use InvalidPostgresUrl::{MissingRoots, SslMode as Mode, UnusedRoots, WeakSystemRoots};
        let file = || Roots::File("c a.pem".into());
        for (query, expected) in [
            ("", Ok((SslMode::Prefer, ServerProof::None))),
            ("sslmode=disable", Ok((SslMode::Disable, ServerProof::None))),
            ("sslmode=prefer", Ok((SslMode::Prefer, ServerProof::None))),
            ("sslmode=require", Ok((SslMode::Require, ServerProof::None))),
            ("sslmode=require&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerProof::Name(file())))),
            ("sslmode=verify-ca&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerProof::Authority(file())))),
            ("sslmode=verify-full&sslrootcert=c%20a.pem", Ok((SslMode::Require, ServerProof::Name(file())))),
            ("sslmode=verify-full&sslrootcert=system", Ok((SslMode::Require, ServerProof::Name(Roots::System)))),
            ("sslrootcert=system", Ok((SslMode::Require, ServerProof::Name(Roots::System)))),
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
    fn a_client_certificate_comes_with_its_key() {
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
        assert_eq!((url.config.get_options(), Some(url.settings)), (None, Settings::parse("-c search_path=headroom")));
        assert_eq!(parse("postgres://db/headroom?options=-B%20100").map(drop), Err(InvalidPostgresUrl::Options));
    }

    #[test]
    fn nobody_waits_for_hours_for_a_machine_that_is_gone_unless_the_url_says_so() {
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
    fn what_is_wrong_is_told_without_the_password() {
        for url in
            ["postgres://u:hush@db", "postgres://u:hush@db:x/headroom", "postgres://u:hush@db/headroom?colour=red"]
        {
            let error = parse(url).unwrap_err().to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
