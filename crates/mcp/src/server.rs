//! The protocol: which tools there are, and the results of their calls.

use std::fmt::Display;

use headroom_client::Client;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use thiserror::Error;

use crate::failure::Failure;
use crate::tools::{self, ToolEntry};

const INSTRUCTIONS: &str = "\
Headroom stores accounts (customers), the plan that each is subscribed to, and how much of each limit is used. Name an \
account by its id (acct_…) or by its external_id. Limits are of metrics: gauges (how many exist at once) and counters \
(how many in a window); null means unlimited. A tool that fails returns an object with a code and a detail; a refused \
limit also has metric, limit, used, next_allowed_at and plans_that_allow, the plans to upgrade to. Tools that write have \
dry_run: use it first, and let the user confirm.";

/// The settings of the tools.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Whether there are tools that write.
    pub writes: bool,
}

/// Why the tools cannot be served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The client did not follow the protocol.
    #[error("the client on the standard input does not speak the Model Context Protocol: {0}")]
    Protocol(String),
    /// The system gives no threads or no events.
    #[error("the tools cannot run: {0}")]
    Runtime(#[source] std::io::Error),
}

/// Serves the tools over standard input and output, until the input ends.
///
/// # Errors
/// [`ServeError`].
pub fn serve_stdio(client: Client, options: Options) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Runtime)?;
    let server = Server { client, tools: tools::all(options.writes) };
    runtime.block_on(async {
        let faulty = |error: &dyn Display| ServeError::Protocol(error.to_string());
        let running = server.serve(rmcp::transport::stdio()).await.map_err(|error| faulty(&error))?;
        running.waiting().await.map_err(|error| faulty(&error))?;
        Ok(())
    })
}

struct Server {
    client: Client,
    tools: Vec<ToolEntry>,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("headroom", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.iter().map(|entry| entry.tool.clone()).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(entry) = self.tools.iter().find(|entry| entry.tool.name == request.name) else {
            return Err(ErrorData::invalid_params(format!("there is no tool {:?}", request.name), None));
        };
        let called = entry.call(self.client.clone(), request.arguments.unwrap_or_default()).await;
        let result = match called {
            Ok(result) => CallToolResult::structured(result),
            Err(Failure(failure)) => CallToolResult::structured_error(failure),
        };
        Ok(result.into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|entry| entry.tool.name == name).map(|entry| entry.tool.clone())
    }
}
