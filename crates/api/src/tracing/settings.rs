//! The settings of traces: the standard `OTEL_*` variables of OpenTelemetry.
//!
//! What has no usable default is a fault, which refuses the start. Other invalid values are
//! ignored with a warning, as the specification of these variables demands: they are often set for
//! many programs at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::Uri;
use opentelemetry_sdk::trace::Sampler;
use ureq::tls::{Certificate, PemItem, parse_pem};

/// The path of traces at an endpoint for all signals.
const TRACES_PATH: &str = "v1/traces";

/// Where and how traces are exported.
#[derive(Clone, Debug)]
pub struct TracingSettings {
    /// The URL that spans are sent to.
    pub(super) endpoint: String,
    /// The certificates that an https endpoint is verified with.
    pub(super) roots: Vec<Certificate<'static>>,
    /// How long one request to the collector may take, and how long it is retried.
    pub(super) timeout: Duration,
    pub(super) sampler: Sampler,
    /// How many spans may wait.
    pub(super) queue_max: usize,
    /// How many spans are sent at once.
    pub(super) batch_max: usize,
    /// How long spans wait for others before they are sent.
    pub(super) delay: Duration,
    pub(super) service_name: Option<String>,
    /// Values that are ignored.
    pub(crate) warnings: Vec<String>,
}

impl TracingSettings {
    /// Parses the environment. `None` if traces are off.
    ///
    /// # Errors
    /// The faults.
    pub(crate) fn of_environment() -> Result<Option<Self>, Vec<String>> {
        Self::parse(|name| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned()))
    }

    /// Parses the variables that `get` returns. `None` if traces are off.
    ///
    /// # Errors
    /// The faults.
    fn parse(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Vec<String>> {
        let mut reader = Reader { get, warnings: Vec::new() };
        if reader.text("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let Some((variable, endpoint)) = reader.endpoint() else { return Ok(None) };
        match reader.text("OTEL_TRACES_EXPORTER").as_deref() {
            Some("none") => return Ok(None),
            None | Some("otlp") => {}
            Some(other) => reader.warn("OTEL_TRACES_EXPORTER", "otlp or none", other),
        }
        let uri = endpoint.parse::<Uri>().ok();
        let uri = uri.filter(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
        // It may contain a password.
        let Some(uri) = uri else { return Err(vec![format!("{variable} takes an http or https URL")]) };
        let is_https = uri.scheme_str() == Some("https");
        let roots = if is_https { reader.roots().map_err(|fault| vec![fault])? } else { Vec::new() };
        let protocol = reader.of_traces("PROTOCOL");
        if let Some((variable, other)) = protocol.filter(|(_, text)| text != "http/protobuf") {
            reader.warn(variable, "http/protobuf", &other);
        }
        // The exporter reads it by itself.
        let compression = reader.of_traces("COMPRESSION");
        if let Some((variable, other)) = compression.filter(|(_, text)| text != "gzip" && text != "none") {
            reader.warn(variable, "gzip or none", &other);
        }
        let timeout = reader.timeout();
        let queue_max = reader.number("OTEL_BSP_MAX_QUEUE_SIZE", 2048, 1..=1_000_000);
        Ok(Some(Self {
            endpoint,
            roots,
            timeout,
            sampler: reader.sampler(),
            queue_max,
            batch_max: reader.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", queue_max.min(512), 1..=queue_max),
            delay: Duration::from_millis(reader.number("OTEL_BSP_SCHEDULE_DELAY", 5000, 1..=3_600_000)),
            service_name: reader.text("OTEL_SERVICE_NAME"),
            warnings: reader.warnings,
        }))
    }

    /// The endpoint for the log, without a user and a password.
    pub(super) fn destination(&self) -> String {
        let uri = self.endpoint.parse::<Uri>().unwrap_or_default();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{}://{host}{}", uri.scheme_str().unwrap_or_default(), uri.path())
    }
}

/// Reads variables. An empty one is not set.
struct Reader<G> {
    get: G,
    warnings: Vec<String>,
}

impl<G: Fn(&str) -> Option<String>> Reader<G> {
    fn text(&self, variable: &str) -> Option<String> {
        (self.get)(variable).filter(|text| !text.is_empty())
    }

    fn warn(&mut self, variable: impl Display, takes: impl Display, text: &str) {
        self.warnings.push(format!("{variable} takes {takes}, not {text:?}: it is ignored"));
    }

    /// An exporter's variable for traces, else that for all signals, with its name.
    fn of_traces(&self, name: &str) -> Option<(String, String)> {
        let variables = [format!("OTEL_EXPORTER_OTLP_TRACES_{name}"), format!("OTEL_EXPORTER_OTLP_{name}")];
        variables.into_iter().find_map(|variable| self.text(&variable).map(|text| (variable, text)))
    }

    fn endpoint(&self) -> Option<(String, String)> {
        let (variable, text) = self.of_traces("ENDPOINT")?;
        let is_of_traces = variable.contains("TRACES");
        let endpoint = if is_of_traces { text } else { format!("{}/{TRACES_PATH}", text.trim_end_matches('/')) };
        Some((variable, endpoint))
    }

    /// The certificates of the configured file, else those that the system trusts.
    fn roots(&self) -> Result<Vec<Certificate<'static>>, String> {
        let Some((variable, path)) = self.of_traces("CERTIFICATE") else {
            let found = rustls_native_certs::load_native_certs().certs;
            return match found.len() {
                0 => Err("OTEL_EXPORTER_OTLP_CERTIFICATE is required: the system trusts no certificates".to_owned()),
                _ => Ok(found.iter().map(|it| Certificate::from_der(it).to_owned()).collect()),
            };
        };
        let text =
            std::fs::read(Path::new(&path)).map_err(|error| format!("{variable}: cannot read {path}: {error}"))?;
        let certificates = parse_pem(&text).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(format!("{variable}: cannot read {path}: {error}"))),
        });
        let certificates: Vec<_> = certificates.collect::<Result<_, _>>()?;
        if certificates.is_empty() { Err(format!("{variable}: {path} has no certificate")) } else { Ok(certificates) }
    }

    /// The shorter of the exporter's timeout and that of the batch processor.
    fn timeout(&mut self) -> Duration {
        let (variable, text) = self.of_traces("TIMEOUT").unzip();
        let variable = variable.unwrap_or_default();
        let exporter: u64 = self.parsed(&variable, text, 10_000, 1..=600_000);
        let processor = self.number("OTEL_BSP_EXPORT_TIMEOUT", 30_000, 1..=600_000);
        Duration::from_millis(exporter.min(processor))
    }

    fn number<T: FromStr + PartialOrd + Display>(&mut self, variable: &str, default: T, range: RangeInclusive<T>) -> T {
        let text = self.text(variable);
        self.parsed(variable, text, default, range)
    }

    fn parsed<T: FromStr + PartialOrd + Display>(
        &mut self,
        variable: &str,
        text: Option<String>,
        default: T,
        range: RangeInclusive<T>,
    ) -> T {
        let Some(text) = text else { return default };
        match text.trim().parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.warn(variable, format_args!("{} to {}", range.start(), range.end()), &text);
                default
            }
        }
    }

    fn sampler(&mut self) -> Sampler {
        let by_parent = |root| Sampler::ParentBased(Box::new(root));
        let name = self.text("OTEL_TRACES_SAMPLER");
        match name.as_deref().unwrap_or("parentbased_always_on") {
            "always_on" => Sampler::AlwaysOn,
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => self.ratio(),
            "parentbased_always_on" => by_parent(Sampler::AlwaysOn),
            "parentbased_always_off" => by_parent(Sampler::AlwaysOff),
            "parentbased_traceidratio" => by_parent(self.ratio()),
            other => {
                let takes = "always_on, always_off, traceidratio, or one of them after parentbased_";
                self.warn("OTEL_TRACES_SAMPLER", takes, other);
                by_parent(Sampler::AlwaysOn)
            }
        }
    }

    fn ratio(&mut self) -> Sampler {
        Sampler::TraceIdRatioBased(self.number("OTEL_TRACES_SAMPLER_ARG", 1.0, 0.0..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(variables: &[(&str, &str)]) -> Result<Option<TracingSettings>, Vec<String>> {
        TracingSettings::parse(|name| variables.iter().find(|(it, _)| *it == name).map(|(_, text)| (*text).to_owned()))
    }

    #[track_caller]
    fn on(variables: &[(&str, &str)]) -> TracingSettings {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        parse(&[&[endpoint], variables].concat()).expect("no fault").expect("traces are on")
    }

    #[test]
    fn traces_are_on_if_an_endpoint_is_set() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
        for off in [
            &[][..],
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")],
            &[endpoint, ("OTEL_SDK_DISABLED", "TRUE")],
            &[endpoint, ("OTEL_TRACES_EXPORTER", "none")],
        ] {
            assert!(matches!(parse(off), Ok(None)), "{off:?}");
        }
        assert_eq!(on(&[]).endpoint, "http://collector:4318/v1/traces");
        let of_traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://ann:hush@other/x");
        let settings = on(&[of_traces, ("OTEL_SDK_DISABLED", "yes")]);
        assert_eq!(settings.endpoint, of_traces.1, "it is used as it is");
        assert_eq!(settings.destination(), "http://other/x");
    }

    #[test]
    fn an_endpoint_that_cannot_be_used_is_a_fault() {
        for bad in ["collector:4318", "grpc://collector", "http://", "/v1/traces", "hush hush"] {
            let faults = parse(&[("OTEL_EXPORTER_OTLP_ENDPOINT", bad)]).expect_err(bad);
            assert_eq!(faults, ["OTEL_EXPORTER_OTLP_ENDPOINT takes an http or https URL"], "{bad}");
        }
        let https = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector");
        let faults = parse(&[https, ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere.pem")]).expect_err("no such file");
        assert!(faults[0].starts_with("OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read /nowhere.pem"), "{faults:?}");
        let empty = tempfile::NamedTempFile::new().expect("a file");
        let path = empty.path().to_str().expect("it is UTF-8");
        let faults = parse(&[https, ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", path)]).expect_err("it is empty");
        assert!(faults[0].ends_with("has no certificate"), "{faults:?}");
    }

    #[test]
    fn numbers_have_the_defaults_of_the_specification() {
        let numbers = |variables: &[(&str, &str)]| {
            let settings = on(variables);
            let times = [settings.timeout, settings.delay].map(|it| it.as_millis());
            (times, settings.queue_max, settings.batch_max, settings.warnings.len())
        };
        assert_eq!(numbers(&[]), ([10_000, 5_000], 2048, 512, 0));
        let given = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "700"),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
        ];
        assert_eq!(numbers(&given), ([700, 10], 100, 100, 0));
        assert_eq!(numbers(&[("OTEL_BSP_EXPORT_TIMEOUT", "1000")]).0, [1000, 5000]);
        assert_eq!(numbers(&[given[0], ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "50")]).0, [50, 5000]);
        let bad = [
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1s"),
            ("OTEL_BSP_SCHEDULE_DELAY", "0"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2049"),
        ];
        assert_eq!(numbers(&bad), ([10_000, 5_000], 2048, 512, 4));
    }

    #[test]
    fn a_sampler_that_is_not_known_is_ignored_with_a_warning() {
        let sampler = |name: &str, ratio: &str| {
            let settings = on(&[("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", ratio)]);
            (format!("{:?}", settings.sampler), settings.warnings.len())
        };
        let by_parent = |root: &str| format!("ParentBased({root})");
        assert_eq!(sampler("", ""), (by_parent("AlwaysOn"), 0));
        assert_eq!(sampler("always_off", ""), ("AlwaysOff".to_owned(), 0));
        assert_eq!(sampler("traceidratio", "0.01"), ("TraceIdRatioBased(0.01)".to_owned(), 0));
        assert_eq!(sampler("parentbased_traceidratio", "0.5"), (by_parent("TraceIdRatioBased(0.5)"), 0));
        assert_eq!(sampler("parentbased_always_off", ""), (by_parent("AlwaysOff"), 0));
        assert_eq!(sampler("xray", ""), (by_parent("AlwaysOn"), 1));
        for bad in ["2", "-0.1", "1%", "NaN"] {
            assert_eq!(sampler("traceidratio", bad), ("TraceIdRatioBased(1.0)".to_owned(), 1), "{bad}");
        }
        let other = [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ];
        assert_eq!(on(&other).warnings.len(), 3);
    }
}
