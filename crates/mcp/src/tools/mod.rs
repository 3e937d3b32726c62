//! The tools, and how one is called.

mod arguments;
mod read;
mod write;
mod write_metered;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use headroom_client::Client;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;

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
        let tool = Tool::new(name, description, schema::<A>()).with_annotations(annotations);
        let known: Vec<String> = properties(&tool.input_schema).cloned().collect();
        let run = move |client: Client, arguments: JsonObject| -> Running {
            let (run, known) = (run.clone(), known.clone());
            Box::pin(async move {
                refuse_unknown(&arguments, &known)?;
                let arguments = serde_json::from_value(Value::Object(arguments));
                let arguments: A = arguments.map_err(|error| Failure::new("invalid_arguments", &error.to_string()))?;
                let result = run(client, arguments).await?;
                serde_json::to_value(result).map_err(|error| Failure::new("internal", &error.to_string()))
            })
        };
        Self { tool, run: Box::new(run) }
    }

    /// Runs the tool with the arguments of a call.
    pub(crate) async fn call(&self, client: Client, arguments: JsonObject) -> Result<Value, Failure> {
        (self.run)(client, arguments).await
    }
}

/// The names of a schema's properties.
fn properties(schema: &JsonObject) -> impl Iterator<Item = &String> {
    schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|it| it.keys())
}

/// Refuses a call with arguments that the tool does not have: a typing error in `dry_run` must not
/// write.
fn refuse_unknown(arguments: &JsonObject, known: &[String]) -> Result<(), Failure> {
    match arguments.keys().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(unknown) => {
            let detail = format!("There is no argument {unknown:?}. The arguments are {}.", known.join(", "));
            Err(Failure::new("invalid_arguments", &detail))
        }
    }
}

/// The JSON schema of the arguments.
fn schema<A: JsonSchema>() -> JsonObject {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<A>();
    let mut object = match schema.to_value() {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    };
    // The name and the description of the Rust type mean nothing to a client.
    object.remove("title");
    object.remove("description");
    let properties = object.entry("properties").or_insert_with(|| Value::Object(JsonObject::new()));
    for property in properties.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
        if let Some(Value::String(description)) = property.get_mut("description") {
            *description = description.replace('\n', " ");
        }
    }
    object.insert("additionalProperties".to_owned(), false.into());
    object
}
