//! The log filter: a level, or levels by module. Unknown words are refused: they would log nothing.

use std::str::FromStr;

use log::LevelFilter;

/// The name for all of Headroom's own modules.
const HEADROOM: &str = "headroom";
/// Headroom's own crates that log. (The request log is `headroom::access`.)
const OWN: [&str; 2] = ["api", "storage"];
/// The other crates that log.
pub const OTHERS: [&str; 19] = [
    "actix_codec",
    "actix_http",
    "actix_router",
    "actix_server",
    "actix_web",
    "hyper_util",
    "mio",
    "postgres",
    "r2d2",
    "refinery_core",
    "reqwest",
    "rmcp",
    "rustls",
    "rustls_platform_verifier",
    "thread_priority",
    "tokio_postgres",
    "tracing",
    "ureq",
    "ureq_proto",
];

/// A valid filter, as `env_filter` reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogFilter(pub(super) String);

impl LogFilter {
    /// Warnings and errors, of all modules.
    pub(crate) fn warnings() -> Self {
        Self(LevelFilter::Warn.to_string())
    }

    /// The syntax of a filter, for messages.
    #[must_use]
    pub fn takes() -> String {
        format!(
            "a level (off, error, warn, info, debug, trace), or levels by module such as info,actix_server=warn \
             (modules: {HEADROOM} for Headroom's own, {}, {})",
            OWN.join(", "),
            OTHERS.join(", "),
        )
    }
}

impl FromStr for LogFilter {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (directives, pattern) = text.split_once('/').map_or((text, None), |(rest, pattern)| (rest, Some(pattern)));
        let mut parsed = Vec::new();
        for directive in directives.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            match directive.split_once('=') {
                None if directive.parse::<LevelFilter>().is_ok() => parsed.push(directive.to_owned()),
                None => parsed.extend(targets(directive).ok_or(())?),
                Some((module, level)) => {
                    let level: LevelFilter = level.trim().parse().map_err(|_| ())?;
                    let targets = targets(module.trim()).ok_or(())?;
                    parsed.extend(targets.into_iter().map(|target| format!("{target}={level}")));
                }
            }
        }
        let pattern = pattern.map(|pattern| format!("/{pattern}")).unwrap_or_default();
        let filter = format!("{}{pattern}", parsed.join(","));
        env_filter::Builder::new().try_parse(&filter).map_err(|_| ())?;
        Ok(Self(filter))
    }
}

/// The targets of a module; `None` if the module does not log.
fn targets(module: &str) -> Option<Vec<String>> {
    if module == HEADROOM {
        return Some(OWN.into_iter().chain([HEADROOM]).map(str::to_owned).collect());
    }
    let root = module.split("::").next().unwrap_or_default();
    let is_known = module == super::ACCESS || OWN.contains(&root) || OTHERS.contains(&root);
    is_known.then(|| vec![module.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_modules_that_log() {
        let filter = |text: &str| text.parse::<LogFilter>().map(|filter| filter.0);
        for good in ["info", "WARN", "", "info,actix_server=warn", "api::http=debug", "headroom::access=off", "info/x"]
        {
            assert!(filter(good).is_ok(), "{good}");
        }
        assert_eq!(filter("info, headroom = debug").unwrap(), "info,api=DEBUG,storage=DEBUG,headroom=DEBUG");
        for bad in ["verbose", "info=loud", "actix=debug", "headroom::http=debug", "=debug", "info,typo", "info/("] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }
}
