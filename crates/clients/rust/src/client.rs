//! The client, and its settings.

use std::time::Duration;

use domain::AccountId;

use crate::call::Call;
use crate::error::Error;
use crate::request::Request;
use crate::resources::{AccountClient, Accounts, ApiKeys, PlanList, Tokens, Users};
use crate::retry::RetryPolicy;
use crate::transport::{Settings, Transport, credential};

/// How long one attempt may take. The service answers within 5 seconds, or with 503.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!("headroom-client-rust/", env!("CARGO_PKG_VERSION"));

/// A client of one service. It is cheap to clone, and its clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Transport,
}

/// The settings of a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    settings: Result<Settings, String>,
}

impl Client {
    /// A client with the default settings, and an API key or an access token.
    ///
    /// # Errors
    /// [`Error::Configuration`].
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        Self::builder(base_url).token(token).build()
    }

    /// The settings of a client of the service at this URL, such as `https://example.com/api`.
    pub fn builder(base_url: &str) -> ClientBuilder {
        ClientBuilder {
            settings: Ok(Settings {
                base_url: base_url.to_owned(),
                credential: None,
                retries: RetryPolicy::default(),
                timeout: TIMEOUT,
                connect_timeout: CONNECT_TIMEOUT,
                user_agent: USER_AGENT.to_owned(),
                fails_open: false,
            }),
        }
    }

    /// The same client with another API key or access token.
    ///
    /// # Errors
    /// [`Error::Configuration`] if the token has characters that no token has.
    pub fn with_token(&self, token: &str) -> Result<Self, Error> {
        Ok(Self { transport: self.transport.with_credential(credential(token)?) })
    }

    /// The collection of accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts(self.transport.clone())
    }

    /// One account. This sends no request.
    #[must_use]
    pub fn account(&self, id: AccountId) -> AccountClient {
        AccountClient::new(&self.transport, id)
    }

    /// The plans on offer.
    pub fn plans(&self) -> Request<PlanList> {
        Request::new(&self.transport, Call::get(&["plans"]))
    }

    /// Loads the file of the plans again (operators).
    pub fn reload_plans(&self) -> Request<PlanList> {
        Request::new(&self.transport, Call::post(&["plans", "reload"]))
    }

    /// Users.
    #[must_use]
    pub fn users(&self) -> Users {
        Users(self.transport.clone())
    }

    /// The caller's API keys.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys(self.transport.clone())
    }

    /// Access tokens.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens(self.transport.clone())
    }
}

impl ClientBuilder {
    fn set(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        if let Ok(settings) = &mut self.settings {
            set(settings);
        }
        self
    }

    /// The API key or access token to send.
    pub fn token(self, token: &str) -> Self {
        match credential(token) {
            Ok(credential) => self.set(|settings| settings.credential = Some(credential)),
            Err(Error::Configuration(reason)) => Self { settings: Err(reason) },
            Err(error) => Self { settings: Err(error.to_string()) },
        }
    }

    /// How long one attempt may take; 10 seconds by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.timeout = timeout)
    }

    /// How long it may take to connect; 5 seconds by default.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.connect_timeout = timeout)
    }

    /// When a request is sent again.
    pub fn retries(self, retries: RetryPolicy) -> Self {
        self.set(|settings| settings.retries = retries)
    }

    /// Assumes that [checks](AccountClient::check) and [entitlements](AccountClient::entitlements)
    /// permit everything while the service gives no answer, after retries: it is not reached, or it
    /// answers 429 or 5xx. Creations still fail.
    pub fn fail_open(self, fails_open: bool) -> Self {
        self.set(|settings| settings.fails_open = fails_open)
    }

    /// The `User-Agent` to send.
    pub fn user_agent(self, user_agent: &str) -> Self {
        self.set(|settings| user_agent.clone_into(&mut settings.user_agent))
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Configuration`].
    pub fn build(self) -> Result<Client, Error> {
        let transport = Transport::new(self.settings.map_err(Error::Configuration)?)?;
        Ok(Client { transport })
    }
}
