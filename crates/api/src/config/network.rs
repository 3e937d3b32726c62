//! The settings of the request policy: proxies, rate limits, CORS.

use std::num::NonZeroU32;

use clap::Args;

use super::{ConfigFaults, number};
use crate::http::{Allowance, RateLimitSettings, RequestPolicySettings};

/// An hour and a minute, in seconds.
const HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(3599);
const MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
const SECOND: NonZeroU32 = NonZeroU32::MIN;

/// The settings as text.
#[derive(Args)]
pub(super) struct NetworkSettings {
    /// Proxies trusted to forward the client's address: IP addresses and networks, separated by
    /// commas
    #[arg(long, global = true, env = "HEADROOM_TRUSTED_PROXIES", default_value = "")]
    trusted_proxies: String,
    /// The public URL of this server, including a path prefix that a proxy removes
    #[arg(long, global = true, env = "HEADROOM_PUBLIC_URL")]
    public_url: Option<String>,
    /// The header in which these proxies forward it: x-forwarded-for or forwarded; the other one is
    /// ignored
    #[arg(long, global = true, env = "HEADROOM_PROXY_HEADER", default_value = "x-forwarded-for")]
    proxy_header: String,
    /// Requests per second of a caller with a token: 1 to 1000000, or off
    #[arg(long, global = true, env = "HEADROOM_RATE_LIMIT_PER_CALLER", default_value = "1000")]
    rate_limit_per_caller: String,
    /// Requests per second from an address without a valid token: 1 to 1000000, or off
    #[arg(long, global = true, env = "HEADROOM_RATE_LIMIT_PER_ADDRESS", default_value = "50")]
    rate_limit_per_address: String,
    /// Failed logins per minute for a username and an address: 1 to 1000000, or off
    #[arg(long, global = true, env = "HEADROOM_RATE_LIMIT_LOGIN", default_value = "10")]
    rate_limit_login: String,
    /// Failed logins per hour for a username, from addresses it has not logged in from: 1 to
    /// 1000000, or off
    #[arg(long, global = true, env = "HEADROOM_RATE_LIMIT_LOGIN_PER_NAME", default_value = "100")]
    rate_limit_login_per_name: String,
    /// The origins whose pages may use the API in a browser, separated by commas:
    /// `scheme://host[:port]`
    #[arg(long, global = true, env = "HEADROOM_CORS_ORIGINS", default_value = "")]
    cors_origins: String,
}

impl NetworkSettings {
    /// Parses the settings, and collects all faults.
    pub(super) fn parse(&self, faults: &mut ConfigFaults) -> Option<RequestPolicySettings> {
        let takes = "IP addresses and networks separated by commas, such as 10.0.0.0/8,192.0.2.1";
        let text = &self.trusted_proxies;
        let trusted_proxies = faults.take("trusted-proxies", text, takes, text.parse().ok());
        let text = self.public_url.as_deref();
        let public_url = text.map_or(Some(None), |text| text.parse().ok().map(Some));
        let takes = "http:// or https://, a host and perhaps a path, such as https://example.com/api";
        let public_url = faults.take("public-url", text.unwrap_or_default(), takes, public_url);
        let header = self.proxy_header.parse().ok();
        let proxy_header = faults.take("proxy-header", &self.proxy_header, "x-forwarded-for or forwarded", header);
        let mut limit = |setting, text: &str, window| {
            let parsed = if text == "off" { Some(None) } else { allowance(text, window).map(Some) };
            faults.take(setting, text, "1 to 1000000, or off", parsed)
        };
        let per_caller = limit("rate-limit-per-caller", &self.rate_limit_per_caller, SECOND);
        let per_address = limit("rate-limit-per-address", &self.rate_limit_per_address, SECOND);
        let login = limit("rate-limit-login", &self.rate_limit_login, MINUTE);
        let login_per_name = limit("rate-limit-login-per-name", &self.rate_limit_login_per_name, HOUR);
        let rate_limits = || {
            Some(RateLimitSettings {
                per_caller: per_caller?,
                per_address: per_address?,
                login: login?,
                login_per_name: login_per_name?,
            })
        };
        let takes = "origins separated by commas, such as https://app.example.com (no *: it would let every page in the \
             world use the API)";
        let cors_origins = faults.take("cors-origins", &self.cors_origins, takes, self.cors_origins.parse().ok());
        Some(RequestPolicySettings {
            trusted_proxies: trusted_proxies?,
            public_url: public_url?,
            proxy_header: proxy_header?,
            rate_limits: rate_limits()?,
            cors_origins: cors_origins?,
        })
    }
}

fn allowance(text: &str, window_seconds: NonZeroU32) -> Option<Allowance> {
    let requests = NonZeroU32::new(number(text, 1..=1_000_000)?)?;
    Some(Allowance { requests, window_seconds })
}
