//! The settings of a session. Statements set them, because a pooler such as `PgBouncer` refuses the
//! `options` of a connection's startup.

use std::time::Instant;

use tokio_postgres::types::Type;

use super::error::SessionError;
use super::session::PgSession;

/// Default settings, which the URL's `options` can replace. The server's timeouts are shorter than
/// the client's (`UNIT_TIMEOUT`), so that a timeout does not cost the connection.
const DEFAULTS: [(&str, &str); 3] = [
    // How long a statement may take.
    ("statement_timeout", "4s"),
    // How much of that it may wait for a lock, such as that of an account's row.
    ("lock_timeout", "3s"),
    // How long a transaction may be idle and hold its locks.
    ("idle_in_transaction_session_timeout", "10s"),
];

/// An answered commit is durable, so `synchronous_commit` must not be off. Stronger values, which
/// wait for a standby, are kept.
const DURABLE: &str =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

const SET: &str = "SELECT set_config($1, $2, false)";

/// The settings in a URL: names and values.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct SessionSettings(Vec<(String, String)>);

impl SessionSettings {
    /// Parses the `options` of a URL as libpq does: any number of `-c name=value` and
    /// `--name=value`, with `\` before a space in a value. `None` if the syntax is wrong.
    pub(crate) fn parse(options: &str) -> Option<Self> {
        let mut settings = Vec::new();
        let mut arguments = split(options).into_iter();
        while let Some(argument) = arguments.next() {
            let setting = match argument.strip_prefix("--") {
                Some(setting) => setting.to_owned(),
                None => match argument.strip_prefix("-c")? {
                    "" => arguments.next()?,
                    setting => setting.to_owned(),
                },
            };
            let (name, value) = setting.split_once('=')?;
            settings.push((name.replace('-', "_"), value.to_owned()));
        }
        Some(Self(settings))
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        DEFAULTS.into_iter().chain(self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// Applies the settings to a new session.
    pub(crate) fn apply(&self, session: &mut PgSession, deadline: Instant) -> Result<(), SessionError> {
        session.with_client_until(Some(deadline), async |client| {
            for (name, value) in self.all() {
                client.query_typed(SET, &[(&name, Type::TEXT), (&value, Type::TEXT)]).await?;
            }
            client.batch_execute(DURABLE).await
        })
    }

    /// Applies the settings to a blocking client.
    pub(crate) fn apply_to_client(&self, client: &mut postgres::Client) -> Result<(), postgres::Error> {
        for (name, value) in self.all() {
            client.query_typed(SET, &[(&name, Type::TEXT), (&value, Type::TEXT)])?;
        }
        client.batch_execute(DURABLE)
    }
}

/// Splits at spaces that have no backslash before them.
fn split(options: &str) -> Vec<String> {
    let (mut arguments, mut argument) = (Vec::new(), None::<String>);
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        match character {
            character if character.is_ascii_whitespace() => arguments.extend(argument.take()),
            '\\' => argument.get_or_insert_default().extend(characters.next()),
            character => argument.get_or_insert_default().push(character),
        }
    }
    arguments.extend(argument);
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_parsed_as_by_libpq() {
        let parse = |options| {
            let settings = SessionSettings::parse(options)?.0;
            Some(settings.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
        };
        for (options, settings) in [
            ("", Some("")),
            ("-c statement_timeout=500 -csearch_path=headroom", Some("statement_timeout=500 search_path=headroom")),
            ("--lock-timeout=1s  --work_mem=8MB", Some("lock_timeout=1s work_mem=8MB")),
            (r"-c search_path=a,\ b\\c", Some(r"search_path=a, b\c")),
            ("-c application_name=a=b", Some("application_name=a=b")),
            ("-c", None),
            ("-c statement_timeout", None),
            ("-B 100", None),
            ("statement_timeout=500", None),
        ] {
            assert_eq!(parse(options).as_deref(), settings, "{options}");
        }
    }
}
