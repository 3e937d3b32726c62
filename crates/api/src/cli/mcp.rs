//! `headroom mcp`: tools for assistants, over standard input and output.

use clap::Args;
use headroom_client::Client;
use mcp::{Options, ServeError};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::config::{SecretFileFault, read_secret_file};

/// Serves tools of the Model Context Protocol, which an assistant calls, over standard input and
/// output.
///
/// They read what a running server has, with the permissions of an API key or an access token, and
/// write only with --write.
#[derive(Args)]
pub(crate) struct McpCommand {
    /// The URL of the server
    #[arg(long, env = "HEADROOM_URL", default_value = "http://localhost:8000")]
    url: String,
    /// The API key to send
    #[arg(long, env = "HEADROOM_API_KEY", hide_env_values = true)]
    api_key: Option<SecretString>,
    /// A file with the value of --api-key
    #[arg(long, env = "HEADROOM_API_KEY_FILE")]
    api_key_file: Option<String>,
    /// The access token to send, instead of an API key
    #[arg(long, env = "HEADROOM_TOKEN", hide_env_values = true)]
    token: Option<SecretString>,
    /// Offer tools that write, too: accounts, plans, usage, overrides, grants and holds
    #[arg(long)]
    write: bool,
}

/// Why the tools are not served. It does not repeat a secret.
#[derive(Debug, Error)]
pub(crate) enum McpError {
    #[error(
        "set one of HEADROOM_API_KEY (--api-key), HEADROOM_API_KEY_FILE (--api-key-file) and HEADROOM_TOKEN (--token)"
    )]
    NotOneCredential,
    #[error("HEADROOM_API_KEY_FILE (--api-key-file) {0}")]
    File(#[from] SecretFileFault),
    #[error(transparent)]
    Client(#[from] headroom_client::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl McpCommand {
    /// The client and the options.
    pub(crate) fn parse(&self) -> Result<(Client, Options), McpError> {
        let credential = match (&self.api_key, &self.api_key_file, &self.token) {
            (Some(secret), None, None) | (None, None, Some(secret)) => secret.clone(),
            (None, Some(path), None) => read_secret_file(path)?,
            _ => return Err(McpError::NotOneCredential),
        };
        let client = Client::builder(&self.url).token(credential.expose_secret());
        let client = client.user_agent(concat!("headroom-mcp/", env!("CARGO_PKG_VERSION"))).build()?;
        Ok((client, Options { writes: self.write }))
    }
}

/// Serves the tools until the input ends.
pub(crate) fn run(client: Client, options: Options) -> Result<(), McpError> {
    Ok(mcp::serve_stdio(client, options)?)
}
