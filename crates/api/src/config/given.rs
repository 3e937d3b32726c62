//! Where the value of each setting came from, with secrets masked.

use std::ffi::OsStr;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use storage::DatabaseUrl;

/// What is shown instead of a secret.
const MASK: &str = "***";

/// Where a value came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// It is the default.
    Default,
    /// A flag.
    Flag,
    /// An environment variable.
    Variable,
    /// The file with this path.
    File(String),
}

/// The value of a setting as it was given, without secrets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GivenSetting {
    /// The flag, without its dashes.
    pub flag: String,
    /// The environment variable.
    pub variable: String,
    /// The text, or a mask if it is secret; `None` if it was not given and the default is not a
    /// text.
    pub value: Option<String>,
    /// Where it came from.
    pub source: Source,
}

impl GivenSetting {
    /// The setting of an argument of the command line; `None` if the argument is not a setting.
    pub(super) fn of(argument: &Arg, matches: &ArgMatches) -> Option<Self> {
        let (flag, variable) = (argument.get_long()?, argument.get_env()?.to_str()?);
        let id = argument.get_id().as_str();
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Source::Flag,
            Some(ValueSource::EnvVariable) => Source::Variable,
            _ => Source::Default,
        };
        let raw = matches.get_raw(id).into_iter().flatten().next();
        let value = raw.map(OsStr::to_string_lossy).map(|text| shown(flag, argument.is_hide_env_values_set(), &text));
        Some(Self { flag: flag.to_owned(), variable: variable.to_owned(), value, source })
    }

    /// Whether a flag or a variable sets it.
    pub(super) fn is_set(&self) -> bool {
        self.source != Source::Default
    }

    /// Notes that the value is the content of a file, which only secrets have.
    pub(super) fn set_from_file(&mut self, path: &str, content: &str) {
        self.value = Some(shown(&self.flag, true, content));
        self.source = Source::File(path.to_owned());
    }
}

/// The text of a setting, without secrets: of a database URL without its password.
fn shown(flag: &str, is_secret: bool, text: &str) -> String {
    match (flag, is_secret) {
        ("database-url", _) => text.parse::<DatabaseUrl>().map_or_else(|_| MASK.to_owned(), |url| url.to_string()),
        (_, true) => MASK.to_owned(),
        (_, false) => text.to_owned(),
    }
}
