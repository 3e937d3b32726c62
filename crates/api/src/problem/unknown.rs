//! Unknown names of fields and of parameters: all of them together, each with the closest known
//! name.

use serde_json::{Value, json};

use super::{Code, Problem};

/// The maximum number of unknown names in a problem, so that a response is not many times as long
/// as its request.
const NAMES_MAX: usize = 20;
/// The maximum length of a name in a problem, in characters.
const CHARACTERS_MAX: usize = 64;
/// The minimum similarity of a suggested name: clap uses the same for flags.
const SIMILARITY_MIN: f64 = 0.7;

/// The unknown fields of one object in a body.
#[derive(Debug)]
pub(crate) struct UnknownFields {
    /// The JSON pointer of the object (RFC 6901); empty for the body itself.
    pub(crate) object: String,
    /// Their names.
    pub(crate) unknown: Vec<String>,
    /// The names of the fields that the object may have.
    pub(crate) known: Vec<&'static str>,
}

impl Problem {
    /// A body with unknown fields. The detail is about the first object that has any.
    pub(crate) fn unknown_fields(objects: &[UnknownFields]) -> Self {
        let in_object = |of: &UnknownFields| {
            let UnknownFields { object, unknown, known } = of;
            unknown.iter().map(|name| field_error(object, name, known)).take(NAMES_MAX).collect::<Vec<_>>()
        };
        let errors: Vec<Value> = objects.iter().flat_map(in_object).take(NAMES_MAX).collect();
        let detail = objects.first().map(|of| detail("field", &of.unknown, &of.known)).unwrap_or_default();
        Self::new(Code::UnknownField).with_detail(detail).with("errors", errors)
    }

    /// A query with parameters that are not `known`.
    pub(crate) fn unknown_parameters(unknown: &[String], known: &[&str]) -> Self {
        Self::new(Code::InvalidParameter).with_detail(detail("parameter", unknown, known))
    }

    /// A name, cut to the maximum length.
    pub(crate) fn shortened(name: &str) -> String {
        name.chars().take(CHARACTERS_MAX).collect()
    }
}

fn field_error(object: &str, name: &str, known: &[&str]) -> Value {
    // RFC 6901, section 3.
    let pointer = format!("{object}/{}", Problem::shortened(name).replace('~', "~0").replace('/', "~1"));
    let detail = match closest(name, known) {
        Some(closest) => format!("There is no such field; the closest is {closest:?}."),
        None => "There is no such field.".to_owned(),
    };
    json!({"pointer": pointer, "code": Code::UnknownField.as_str(), "detail": detail})
}

/// `There is no field "nmae" here; the closest is "name". Known are "name" and "time_zone".`
fn detail(kind: &str, unknown: &[String], known: &[&str]) -> String {
    let of = |name: &String| (format!("{:?}", Problem::shortened(name)), closest(name, known));
    let known_names: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    let known_names = match known_names.len() {
        0 => String::new(),
        1 => format!(" Known is {}.", known_names[0]),
        _ => format!(" Known are {}.", listed(&known_names)),
    };
    if let [only] = unknown {
        return match of(only) {
            (name, Some(closest)) => {
                format!("There is no {kind} {name} here; the closest is {closest:?}.{known_names}")
            }
            (name, None) => format!("There is no {kind} {name} here.{known_names}"),
        };
    }
    let shown = unknown.iter().take(NAMES_MAX).map(|name| match of(name) {
        (name, Some(closest)) => format!("{name} (the closest is {closest:?})"),
        (name, None) => name,
    });
    let mut shown: Vec<String> = shown.collect();
    if unknown.len() > NAMES_MAX {
        shown.push(format!("{} more", unknown.len() - NAMES_MAX));
    }
    format!("There are no {kind}s {} here.{known_names}", listed(&shown))
}

/// `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The most similar known name, if any is similar enough.
pub(super) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // `timeZone`, `time-zone` and `TIME_ZONE` are `time_zone`.
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    let name = plain(&Problem::shortened(name));
    let like = known.iter().map(|known| (strsim::jaro(&name, &plain(known)), *known));
    let best = like.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(similarity, _)| *similarity > SIMILARITY_MIN).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_similar_enough() {
        let known = ["name", "time_zone", "staff_id", "starts_at"];
        for (name, expected) in [
            ("nmae", Some("name")),
            ("Name", Some("name")),
            ("names", Some("name")),
            ("timezone", Some("time_zone")),
            ("time-Zone", Some("time_zone")),
            ("staffId", Some("staff_id")),
            ("staff", Some("staff_id")),
            ("start_at", Some("starts_at")),
            ("is_operator", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(name, &known), expected, "{name}");
        }
        assert_eq!(closest("name", &[]), None);
    }

    #[test]
    fn many_and_long_names_are_cut() {
        let unknown: Vec<String> = (0..1000).map(|n| format!("{n:0100}")).collect();
        let detail = detail("field", &unknown, &["name"]);
        assert!(detail.ends_with(r#"" and 980 more here. Known is "name"."#), "{detail}");
        assert!(detail.len() < 20 * 80, "{}", detail.len());
    }

    #[test]
    fn a_pointer_is_escaped() {
        assert_eq!(field_error("", "a/b~c", &[])["pointer"], "/a~1b~0c");
        assert_eq!(field_error("/items/3", "a/b~c", &[])["pointer"], "/items/3/a~1b~0c");
    }
}
