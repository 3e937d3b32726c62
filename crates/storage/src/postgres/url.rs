//! Where a PostgreSQL database is, and how to connect to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use postgres::Config;
use postgres::config::SslMode;
use thiserror::Error;

/// How long a connection may take to be made, if the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long what was sent may go unacknowledged, if the URL does not say.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the server's machine is asked whether it is still there, if the URL does not
/// say. Else whoever waits for an answer of a machine that is gone waits for hours.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);
/// How long there is between one such question and the next, if the URL does not say.
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(5);

/// How far the server has to prove who it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Trust {
    /// Not at all: what is sent may still be encrypted.
    Anyone,
    /// Its certificate is for the host's name, and signed by one of those in this file.
    SignedBy(PathBuf),
}

/// A PostgreSQL database: `postgres://user:password@host:port/database?sslmode=…`, as libpq has it.
///
/// `sslmode` is `disable`, `prefer` (as without), `require`, or `verify-full`; with `sslrootcert`, a file of certificates
/// in PEM, the server's is verified, and `verify-full` demands that file. It is shown without its password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: Config,
    pub(crate) trust: Trust,
    /// The URL without the password.
    shown: String,
}

/// Why a text is no URL of a PostgreSQL database. It does not repeat the text, which may hold a password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidPostgresUrl {
    /// It is not written as a URL is, or has a parameter that nobody knows.
    #[error("it is no URL of a PostgreSQL database: {0}")]
    Syntax(String),
    /// A mode of encrypting that is not supported.
    #[error("sslmode is disable, prefer, require or verify-full")]
    SslMode,
    /// The server's certificate cannot be verified without knowing whom to trust.
    #[error("sslmode=verify-full takes sslrootcert, a file of the certificates to trust")]
    NobodyToTrust,
    /// Nothing is verified of a connection that may be unencrypted.
    #[error("sslrootcert takes sslmode=require or verify-full")]
    NothingToVerify,
    /// It does not say which database.
    #[error("it names no database: postgres://user@host/database")]
    NoDatabase,
}

impl FromStr for PostgresUrl {
    type Err = InvalidPostgresUrl;

    fn from_str(url: &str) -> Result<Self, InvalidPostgresUrl> {
        // Before the `@` it is a password's.
        let query = url.find('@').map_or(0, |at| at + 1);
        let query = url[query..].find('?').map_or(url.len(), |at| query + at);
        let (base, query) = url.split_at(query);
        let query = query.trim_start_matches('?');
        let (mut ssl_mode, mut root, mut rest) = (SslMode::Prefer, None, Vec::new());
        let mut is_full = false;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", mode)) => {
                    is_full = mode == "verify-full";
                    ssl_mode = match mode {
                        "disable" => SslMode::Disable,
                        "prefer" => SslMode::Prefer,
                        "require" | "verify-full" => SslMode::Require,
                        _ => return Err(InvalidPostgresUrl::SslMode),
                    };
                }
                Some(("sslrootcert", path)) => root = Some(PathBuf::from(path)),
                _ => rest.push(parameter),
            }
        }
        let trust = match (root, ssl_mode) {
            (Some(path), SslMode::Require) => Trust::SignedBy(path),
            (Some(_), _) => return Err(InvalidPostgresUrl::NothingToVerify),
            (None, _) if is_full => return Err(InvalidPostgresUrl::NobodyToTrust),
            (None, _) => Trust::Anyone,
        };
        let rest = rest.join("&");
        let syntax = |error: postgres::Error| InvalidPostgresUrl::Syntax(super::error::message(&error));
        let mut config: Config = format!("{base}?{rest}").parse().map_err(syntax)?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(InvalidPostgresUrl::NoDatabase);
        }
        config.ssl_mode(ssl_mode);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if !rest.contains("keepalives_idle=") {
            config.keepalives_idle(KEEPALIVES_IDLE);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(KEEPALIVES_INTERVAL);
        }
        if config.get_application_name().is_none() {
            config.application_name("headroom");
        }
        Ok(Self { config, trust, shown: without_password(base) })
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
        let trust = |query: &str| {
            parse(&format!("postgres://db/headroom{query}")).map(|url| (url.config.get_ssl_mode(), url.trust))
        };
        let file = || Trust::SignedBy("ca.pem".into());
        assert_eq!(trust(""), Ok((SslMode::Prefer, Trust::Anyone)));
        assert_eq!(trust("?sslmode=disable"), Ok((SslMode::Disable, Trust::Anyone)));
        assert_eq!(trust("?sslmode=require"), Ok((SslMode::Require, Trust::Anyone)));
        assert_eq!(trust("?sslmode=require&sslrootcert=ca.pem"), Ok((SslMode::Require, file())));
        assert_eq!(trust("?sslmode=verify-full&sslrootcert=ca.pem"), Ok((SslMode::Require, file())));
        assert_eq!(trust("?sslmode=verify-full"), Err(InvalidPostgresUrl::NobodyToTrust));
        assert_eq!(trust("?sslrootcert=ca.pem"), Err(InvalidPostgresUrl::NothingToVerify));
        assert_eq!(trust("?sslmode=allow"), Err(InvalidPostgresUrl::SslMode));
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
