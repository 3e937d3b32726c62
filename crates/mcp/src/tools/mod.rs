//! The tools, and how one is called.

mod arguments;
mod read;
mod schema;
mod write;
mod write_metered;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use headroom_client::{Client, new_idempotency_key};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;

/// The argument with the idempotency key, and the member of the result.
const KEY: &str = "idempotency_key";

type Running = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send>>;

/// A tool: its description for clients, and what it does.
pub(crate) struct ToolEntry {
    pub(crate) tool: Tool,
    run: Box<dyn Fn(Client, JsonObject) -> Running + Send + Sync>,
}

impl fmt::Debug for ToolEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ToolEntry").field(&self.tool.name).finish()
    }
}

/// What a tool does to the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Effect {
    /// It writes nothing.
    Read,
    /// It adds something. Calls with the same idempotency key have one effect.
    Add,
    /// It replaces or ends something.
    Replace,
}

/// The tools, with those that write if `writes`.
pub(crate) fn all(writes: bool) -> Vec<ToolEntry> {
    let mut tools = read::tools();
    if writes {
        tools.extend(write::tools());
        tools.extend(write_metered::tools());
    }
    tools
}

impl ToolEntry {
    fn new<A, R, F>(
        name: &'static str,
        description: &'static str,
        effect: Effect,
        run: impl Fn(Client, A) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize,
        F: Future<Output = Result<R, Failure>> + Send,
    {
        let annotations = ToolAnnotations::new()
            .read_only(effect == Effect::Read)
            .destructive(effect == Effect::Replace)
            .idempotent(effect != Effect::Add)
            .open_world(false);
        let tool = Tool::new(name, description, schema::of::<A>()).with_annotations(annotations);
        let schema = Arc::clone(&tool.input_schema);
        let run = move |client: Client, mut arguments: JsonObject| -> Running {
            let (run, schema) = (run.clone(), Arc::clone(&schema));
            Box::pin(async move {
                // As everywhere in Headroom, null is the same as leaving it out.
                arguments.retain(|_, value| !value.is_null());
                schema::check(&schema, &arguments)?;
                let only_reads = effect == Effect::Read || arguments.get("dry_run") == Some(&Value::Bool(true));
                let has_key = !only_reads && schema::has(&schema, KEY);
                let key = if has_key { Some(add_key(&mut arguments)?) } else { None };
                let arguments = serde_json::from_value(Value::Object(arguments));
                let arguments: A = arguments.map_err(|error| Failure::new("invalid_arguments", &error.to_string()))?;
                let result = run(client, arguments)
                    .await
                    .map_err(|failure| if only_reads { failure.of_read() } else { failure.of_write(key.as_ref()) })?;
                let result = serde_json::to_value(result);
                let mut result = result.map_err(|error| Failure::new("internal", &error.to_string()))?;
                if let Some(key) = key {
                    result[KEY] = key;
                }
                Ok(result)
            })
        };
        Self { tool, run: Box::new(run) }
    }

    /// Runs the tool with the arguments of a call.
    pub(crate) async fn call(&self, client: Client, arguments: JsonObject) -> Result<Value, Failure> {
        (self.run)(client, arguments).await
    }
}

/// Adds an idempotency key to the arguments of a call, unless one is given, and returns it.
fn add_key(arguments: &mut JsonObject) -> Result<Value, Failure> {
    let key = match arguments.get(KEY) {
        Some(key) => key.clone(),
        None => new_idempotency_key()?.into(),
    };
    arguments.insert(KEY.to_owned(), key.clone());
    Ok(key)
}
