//! `headroom config`: prints the effective configuration, and where each value came from.

use serde_json::{Value, json};

use super::output;
use crate::config::{Config, GivenSetting, Source};

/// Prints all settings: a line for each, or a JSON array. Secrets are masked.
pub(super) fn run(config: &Config, given: &[GivenSetting], as_json: bool) {
    for name in &config.unknown_variables {
        eprintln!("headroom: the environment variable {name} is not a setting and has no effect");
    }
    if as_json {
        let settings: Vec<Value> = given.iter().map(|setting| object(config, setting)).collect();
        output::print_line(format_args!("{:#}", Value::from(settings)));
    } else {
        output::print(given.iter().map(|setting| line(config, setting) + "\n").collect::<String>());
    }
}

/// The value in effect: that which was given, or the default that depends on the machine or on
/// other settings.
fn value(config: &Config, setting: &GivenSetting) -> Option<String> {
    setting.value.clone().or_else(|| match setting.flag.as_str() {
        "workers" => Some(config.workers.to_string()),
        "password-workers" => Some(config.hashing.workers.to_string()),
        "key-file" if config.jwt_secret.is_none() => Some(config.database.key_file().display().to_string()),
        _ => None,
    })
}

const fn source(setting: &GivenSetting) -> &'static str {
    match setting.source {
        Source::Default => "default",
        Source::Flag => "flag",
        Source::Variable => "variable",
        Source::File(_) => "file",
    }
}

fn line(config: &Config, setting: &GivenSetting) -> String {
    let (variable, source) = (&setting.variable, source(setting));
    let value = value(config, setting).unwrap_or_else(|| "-".to_owned());
    match &setting.source {
        Source::File(path) => format!("{variable:<36} {source:<8} {value} from {path}"),
        _ => format!("{variable:<36} {source:<8} {value}"),
    }
}

fn object(config: &Config, setting: &GivenSetting) -> Value {
    let file = match &setting.source {
        Source::File(path) => Some(path),
        _ => None,
    };
    json!({
        "variable": setting.variable,
        "flag": format!("--{}", setting.flag),
        "value": value(config, setting),
        "source": source(setting),
        "file": file,
    })
}
