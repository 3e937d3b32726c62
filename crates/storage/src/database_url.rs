//! The URL of a database: an SQLite file or a PostgreSQL database.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::postgres::{InvalidPostgresUrl, PostgresUrl};

/// The URL of a database: `sqlite://` and the path of a file, or the URL of a PostgreSQL database.
/// `Display` and `Debug` omit the password.
///
/// ```
/// let url: storage::DatabaseUrl = "postgres://headroom:hush@db.example.com/headroom".parse()?;
/// assert_eq!(url.to_string(), "postgres://headroom:***@db.example.com/headroom");
/// # Ok::<(), storage::InvalidDatabaseUrl>(())
/// ```
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A database on a server.
    Postgres(Box<PostgresUrl>),
}

/// Why a text is not the URL of a database. It does not repeat the text, which may hold a password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidDatabaseUrl {
    /// The scheme is unknown.
    #[error("it begins with neither sqlite:// nor postgres://")]
    Scheme,
    /// SQLite would not read the path as the path of a file.
    #[error("sqlite:// goes before the path of a file, without parameters")]
    File,
    /// The URL of the PostgreSQL database is invalid.
    #[error(transparent)]
    Postgres(#[from] InvalidPostgresUrl),
}

impl DatabaseUrl {
    /// Whether the URL names a file that does not exist, which opening it would create. Always
    /// `false` for PostgreSQL: the server is not asked.
    #[must_use]
    pub fn is_missing_file(&self) -> bool {
        match self {
            Self::Sqlite(path) => !path.exists(),
            Self::Postgres(_) => false,
        }
    }
}

/// Whether SQLite reads the text as the path of a file. Names that begin with a colon and `file:`
/// URIs have another meaning, and their parameters could switch locking off.
fn is_file_path(path: &str) -> bool {
    !path.is_empty() && !path.starts_with(':') && !path.starts_with("file:") && !path.contains('?')
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(url: &str) -> Result<Self, InvalidDatabaseUrl> {
        match url.split_once("://") {
            Some(("sqlite", path)) if is_file_path(path) => Ok(Self::Sqlite(path.into())),
            Some(("sqlite", _)) => Err(InvalidDatabaseUrl::File),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(Box::new(url.parse()?))),
            _ => Err(InvalidDatabaseUrl::Scheme),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<String, InvalidDatabaseUrl> {
        url.parse::<DatabaseUrl>().map(|url| format!("{url} {url:?}"))
    }

    #[test]
    fn a_url_names_a_file_or_a_database_of_a_server() {
        for (url, shown) in [
            ("sqlite://headroom.db", "sqlite://headroom.db"),
            ("sqlite:///var/lib/headroom.db", "sqlite:///var/lib/headroom.db"),
            ("postgres://headroom:hush@db/headroom", "postgres://headroom:***@db/headroom"),
            ("postgresql://db/headroom?sslmode=require", "postgresql://db/headroom"),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().map(|url| url.to_string()).as_deref(), Ok(shown));
        }
    }

    #[test]
    fn an_invalid_url_is_refused_and_not_repeated() {
        for (url, fault) in [
            ("", InvalidDatabaseUrl::Scheme),
            ("headroom.db", InvalidDatabaseUrl::Scheme),
            ("mysql://u:hush@db/headroom", InvalidDatabaseUrl::Scheme),
            ("sqlite://", InvalidDatabaseUrl::File),
            ("sqlite://:memory:", InvalidDatabaseUrl::File),
            ("sqlite://file:hush.db?nolock=1", InvalidDatabaseUrl::File),
            ("sqlite://hush.db?mode=ro", InvalidDatabaseUrl::File),
            ("postgres://u:hush@db", InvalidPostgresUrl::NoDatabase.into()),
        ] {
            assert_eq!(parse(url), Err(fault.clone()), "{url}");
            assert!(!fault.to_string().contains("hush"), "{fault}");
        }
        let shown = parse("postgres://u:hush@db/headroom?sslmode=prefer").unwrap();
        assert!(!shown.contains("hush"), "{shown}");
    }

    #[test]
    fn only_a_file_can_be_missing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db");
        let url: DatabaseUrl = format!("sqlite://{}", path.display()).parse().unwrap();
        assert!(url.is_missing_file());
        std::fs::write(path, "").unwrap();
        assert!(!url.is_missing_file());
        assert!(!"postgres://nowhere.invalid/headroom".parse::<DatabaseUrl>().unwrap().is_missing_file());
    }
}
