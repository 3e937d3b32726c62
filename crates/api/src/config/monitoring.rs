//! The settings of monitoring.

use std::net::SocketAddr;

use clap::Args;

use super::{ConfigFaults, address};

/// The settings of monitoring.
#[derive(Clone, Copy, Debug)]
pub struct MonitoringConfig {
    /// The address at which metrics are served, if they are.
    pub metrics_listen: Option<SocketAddr>,
}

/// The settings as text.
#[derive(Args)]
pub(super) struct MonitoringSettings {
    /// The address at which /metrics is served for Prometheus, without a token: an IP address or
    /// localhost, and a port; or off
    #[arg(long, global = true, env = "HEADROOM_METRICS_LISTEN", default_value = "off")]
    metrics_listen: String,
}

impl MonitoringSettings {
    /// Parses the settings. The address must differ from `listen`, the address of the API.
    pub(super) fn parse(&self, listen: Option<SocketAddr>, faults: &mut ConfigFaults) -> Option<MonitoringConfig> {
        let text = self.metrics_listen.as_str();
        if text == "off" {
            return Some(MonitoringConfig { metrics_listen: None });
        }
        let parsed = address(text).filter(|address| address.port() == 0 || Some(*address) != listen);
        let takes = "an IP address or localhost, and a port of its own, such as 127.0.0.1:9464, or off";
        let metrics_listen = Some(faults.take("metrics-listen", text, takes, parsed)?);
        Some(MonitoringConfig { metrics_listen })
    }
}
