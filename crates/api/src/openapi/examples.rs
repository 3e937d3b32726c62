//! Examples of responses, made from the example of a resource.

use serde_json::{Value, json};

/// The example with other values of these members.
pub(crate) fn example_with<const N: usize>(mut example: Value, members: [(&str, Value); N]) -> Value {
    for (member, value) in members {
        example[member] = value;
    }
    example
}

/// A page of a list with one item.
pub(crate) fn example_list(item: Value) -> Value {
    json!({"data": Value::Array(vec![item]), "next_cursor": null})
}
