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
Headroom stores accounts (customers of a product), the plan that each is subscribed to, and how much of each limit is \
used.

Where to begin: list_plans has the keys of plans, metrics, meters and features, which other tools take. list_accounts \
with search finds an account by its name; the other tools take its id (acct_…) or its external_id.

Metrics: a metric is a limit of a meter, which is what is counted. A gauge limits how many exist at once (staff), a \
counter how many in a window (bookings_per_day). Several metrics can limit one meter. The metrics staff (of the meter \
staff) and bookings_per_day (of the meter bookings) are built in; list_plans has the others among its metrics. In a \
limit, null means unlimited and 0 means none.

Units: quantities are whole numbers of what the meter counts. Times are RFC 3339 and returned in UTC, days are \
YYYY-MM-DD in the account's time zone, durations are seconds.

Failures: a tool that does not succeed returns an error with code and detail.
- limit_exceeded, staff_limit_exceeded, booking_limit_exceeded: the plan permits no more, and nothing was written. Do not \
repeat the call. Tell the user the metric, its limit and what is used, when there is room again (next_allowed_at, null \
if time does not help) and which plans permit it (plans_that_allow).
- subscription_required: the account is on no plan, so it may have nothing until it is subscribed to one. forbidden: the \
API key does not permit it. not_found: it does not exist, or the key has no access to it.
- invalid_arguments, validation_failed, unknown_plan and other invalid…: correct the arguments.
- rate_limited, unavailable, no_answer: nothing was written. It may succeed later.
- outcome_unknown: it may have been written. Repeat the call with the idempotency_key of the failure, if it has one.

Writing: the tools that write are there only if the program was started with --write. Call them with dry_run true first, \
show the result, and let the user confirm.";

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
            let is_left_out = tools::all(true).iter().any(|entry| entry.tool.name == request.name);
            let hint = if is_left_out { ": it writes, and needs the flag --write" } else { "" };
            return Err(ErrorData::invalid_params(format!("there is no tool {:?}{hint}", request.name), None));
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
