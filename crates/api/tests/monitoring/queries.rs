//! The queries of the dashboard and of the alert rules in docs/deploy, as far as a test has to
//! understand them: which metrics they name, with which labels.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Labels that Prometheus adds, or that queries compute.
const ADDED: [&str; 4] = ["instance", "job", "le", "__name__"];

/// A metric in a query, with the labels that the query selects by.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Selector {
    pub(crate) metric: String,
    pub(crate) labels: BTreeSet<String>,
}

/// A query: its metrics, and the labels that it groups by.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) selectors: Vec<Selector>,
    pub(crate) grouped_by: BTreeSet<String>,
}

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(path).expect("the document is there")
}

/// The queries of the panels and of the variables of docs/deploy/grafana.json.
pub(crate) fn of_dashboard() -> Vec<Query> {
    fn collect(value: &Value, queries: &mut Vec<Query>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if ["expr", "definition"].contains(&name.as_str()) => {
                            queries.push(Query::parse(text));
                        }
                        _ => collect(member, queries),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, queries)),
            _ => {}
        }
    }
    let dashboard: Value = serde_json::from_str(&document("deploy/grafana.json")).expect("the dashboard is JSON");
    let mut queries = Vec::new();
    collect(&dashboard, &mut queries);
    queries
}

/// The names and queries of docs/deploy/alerts.yml. Each query is on a line of its own.
pub(crate) fn of_alerts() -> Vec<(String, Query)> {
    let text = document("deploy/alerts.yml");
    let values = |key: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
        lines.filter_map(|line| Some(line.strip_prefix(key)?.trim().to_owned())).collect()
    };
    let (names, queries) = (values("alert:"), values("expr:"));
    assert_eq!(names.len(), queries.len(), "each alert has one query");
    names.into_iter().zip(queries.iter().map(|text| Query::parse(text))).collect()
}

/// Whether docs/OPERATIONS.md says what to do about an alert.
pub(crate) fn is_explained(alert: &str) -> bool {
    document("OPERATIONS.md").contains(&format!("`{alert}`"))
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut selectors = Vec::new();
        let mut rest = text;
        while let Some(start) = ["headroom_", "process_"].iter().filter_map(|prefix| rest.find(prefix)).min() {
            let from = &rest[start..];
            let end = from.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(from.len());
            let (metric, after) = from.split_at(end);
            let inside = after.strip_prefix('{').map_or("", |inside| inside.split('}').next().unwrap_or(inside));
            selectors.push(Selector { metric: metric.to_owned(), labels: labels_in(inside) });
            rest = after;
        }
        let groups = text.split("by (").skip(1).filter_map(|group| group.split(')').next());
        let grouped_by = groups.flat_map(|group| group.split(',')).map(|label| label.trim().to_owned());
        let grouped_by = grouped_by.filter(|label| !ADDED.contains(&label.as_str())).collect();
        Self { text: text.to_owned(), selectors, grouped_by }
    }
}

/// The labels of `a="x",b=~"y"`.
fn labels_in(matchers: &str) -> BTreeSet<String> {
    // Every other part is between quotation marks.
    let outside = matchers.split('"').step_by(2);
    let names =
        outside.filter_map(|part| Some(part.trim_start_matches(',').split(['=', '!']).next()?.trim().to_owned()));
    names.filter(|name| !name.is_empty() && !ADDED.contains(&name.as_str())).collect()
}
