//! The fields of a JSON body: one object, read strictly. All unknown fields are reported together.

use std::fmt;

use domain::{Change, Fault, FaultReason, Faults, QUANTITY_MAX};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

use crate::problem::{Code, Problem};

/// The problem of an empty body, which some clients send instead of `{}`.
pub(super) fn empty_body() -> Problem {
    Problem::new(Code::InvalidJson)
        .with_detail("The body is empty. Send one JSON object, at least {}, with Content-Type: application/json.")
}

/// Reads one JSON object into a struct whose fields are [`Input`]s.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii().is_empty() {
        return Err(empty_body());
    }
    // The whole body is parsed before it is interpreted, so that the problem does not depend on its
    // first byte.
    let body = serde_json::from_slice(bytes).map_err(|error| {
        let detail = format!("The JSON is faulty at line {}, column {}.", error.line(), error.column());
        Problem::new(Code::InvalidJson).with_detail(detail)
    })?;
    let Input::Object(fields) = body else {
        return Err(
            Faults::from(Fault { field: "", reason: FaultReason::WrongType { expected: "JSON object" } }).into()
        );
    };
    if let Some(name) = duplicate_name(&fields) {
        let detail = format!("The JSON is ambiguous: the field {:?} is given twice.", Problem::shortened(name));
        return Err(Problem::new(Code::InvalidJson).with_detail(detail));
    }
    let mut names = Names::default();
    let parsed = T::deserialize(Fields { fields, names: &mut names });
    if names.unknown.is_empty() {
        parsed.map_err(Problem::internal)
    } else {
        Err(Problem::unknown_fields(&names.unknown, names.known))
    }
}

/// The first duplicate name.
fn duplicate_name(fields: &[(String, Input)]) -> Option<&str> {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// A field of a body, with a value of any type.
#[derive(Debug, Default)]
pub(crate) enum Input {
    /// Left out.
    #[default]
    Absent,
    /// Null.
    Null,
    /// A string.
    Text(String),
    /// A whole number; a larger one is saturated.
    Whole(i64),
    /// An object: its fields as they were sent, including duplicates.
    Object(Vec<(String, Input)>),
    /// Something else.
    WrongType,
}

impl Input {
    /// The string, if the field has a value; a fault for another type.
    pub(crate) fn get<'a>(&'a self, field: &'static str, faults: &mut Faults) -> Option<&'a str> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Text(text) => Some(text),
            Self::Whole(_) | Self::Object(_) | Self::WrongType => {
                faults.add(field, FaultReason::WrongType { expected: "string" });
                None
            }
        }
    }

    /// The number, at least `min` and at most the maximum of a limit, if the field has a value.
    pub(crate) fn number(&self, min: u64) -> Result<Option<u64>, FaultReason> {
        match *self {
            Self::Absent | Self::Null => Ok(None),
            Self::Whole(number) => match u64::try_from(number) {
                Ok(number) if (min..=QUANTITY_MAX).contains(&number) => Ok(Some(number)),
                _ => Err(FaultReason::OutOfRange { min, max: QUANTITY_MAX }),
            },
            Self::Text(_) | Self::Object(_) | Self::WrongType => {
                Err(FaultReason::WrongType { expected: "whole number" })
            }
        }
    }

    /// The string that replaces another, if the field is present; a fault for another type, or
    /// null.
    pub(crate) fn replacement<'a>(&'a self, field: &'static str, faults: &mut Faults) -> Option<&'a str> {
        if matches!(self, Self::Null) {
            faults.add(field, FaultReason::Required);
        }
        self.get(field, faults)
    }

    /// The change of an optional field.
    pub(crate) fn change<'a>(&'a self, field: &'static str, faults: &mut Faults) -> Change<&'a str> {
        match self.get(field, faults) {
            Some(text) => Change::Set(text),
            None if matches!(self, Self::Null) => Change::Clear,
            None => Change::Keep,
        }
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

/// Parses any JSON value as an [`Input`].
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Input;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Input, E> {
        Ok(Input::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Input, E> {
        Ok(Input::WrongType)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Input, E> {
        Ok(Input::Whole(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Input, E> {
        Ok(Input::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Input, E> {
        // To JSON 5.0 and 5e0 are the number 5.
        let whole = || number.to_string().parse().unwrap_or(i64::MAX);
        Ok(if number.fract() == 0.0 { Input::Whole(whole()) } else { Input::WrongType })
    }

    fn visit_str<E>(self, text: &str) -> Result<Input, E> {
        Ok(Input::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Input, E> {
        Ok(Input::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Input, A::Error> {
        // Not ignored, so that the depth limit applies here as well.
        while items.next_element::<Input>()?.is_some() {}
        Ok(Input::WrongType)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut sent: A) -> Result<Input, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = sent.next_entry()? {
            fields.push(field);
        }
        Ok(Input::Object(fields))
    }
}

/// The names of a struct's fields, and the unknown names in the body.
#[derive(Default)]
struct Names {
    known: &'static [&'static str],
    unknown: Vec<String>,
}

/// Passes a struct its known fields, and collects the unknown ones: serde would stop at the first.
struct Fields<'a> {
    fields: Vec<(String, Input)>,
    names: &'a mut Names,
}

impl<'de> Deserializer<'de> for Fields<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let is_known = |(name, _): &(String, Input)| known.contains(&name.as_str());
        let (fields, unknown): (Vec<_>, Vec<_>) = self.fields.into_iter().partition(is_known);
        *self.names = Names { known, unknown: unknown.into_iter().map(|(name, _)| name).collect() };
        visitor.visit_map(MapDeserializer::new(fields.into_iter()))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(MapDeserializer::new(self.fields.into_iter()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl IntoDeserializer<'_> for Input {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Deserializes an input as its own type, so that a struct's field gets it unchanged.
impl<'de> Deserializer<'de> for Input {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Self::Absent | Self::Null => visitor.visit_unit(),
            Self::Text(text) => visitor.visit_string(text),
            Self::Whole(number) => visitor.visit_i64(number),
            Self::Object(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
            Self::WrongType => visitor.visit_bool(false),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Two {
        name: Input,
        time_zone: Input,
    }

    fn detail(body: &str) -> String {
        let problem = parse::<Two>(body.as_bytes()).expect_err("it is faulty");
        let body = problem.respond("", "").into_body();
        let bytes = actix_web::body::MessageBody::try_into_bytes(body).expect("it is whole");
        let body: serde_json::Value = serde_json::from_slice(&bytes).expect("it is JSON");
        format!("{} {}", problem.status_code().as_u16(), body["detail"].as_str().expect("it is a string"))
    }

    #[test]
    fn each_field_has_the_value_that_was_sent() {
        let two: Two = parse(br#"{"time_zone":null,"name":"Ann"}"#).expect("it is good");
        assert!(matches!((two.name, two.time_zone), (Input::Text(name), Input::Null) if name == "Ann"));
        for (value, is) in [
            ("7", Input::Whole(7)),
            ("7.0", Input::Whole(7)),
            ("7e0", Input::Whole(7)),
            ("18446744073709551615", Input::Whole(i64::MAX)),
            ("1e300", Input::Whole(i64::MAX)),
            ("7.5", Input::WrongType),
            ("true", Input::WrongType),
            ("[null,{}]", Input::WrongType),
            (r#"{"a":7}"#, Input::Object(vec![("a".to_owned(), Input::Whole(7))])),
        ] {
            let two: Two = parse(format!(r#"{{"name":{value}}}"#).as_bytes()).expect("it is good");
            assert_eq!(format!("{:?} {:?}", two.name, two.time_zone), format!("{is:?} Absent"), "{value}");
        }
    }

    #[test]
    fn all_unknown_fields_are_listed_with_the_closest_known_one() {
        for (body, expected) in [
            (
                r#"{"nmae":1}"#,
                r#"There is no field "nmae" here; the closest is "name". Known are "name" and "time_zone"."#,
            ),
            (r#"{"x":1,"name":2}"#, r#"There is no field "x" here. Known are "name" and "time_zone"."#),
            (
                r#"{"timeZone":1,"x":2,"Name":{}}"#,
                r#"There are no fields "timeZone" (the closest is "time_zone"), "x" and "Name" (the closest is "name") here. Known are "name" and "time_zone"."#,
            ),
        ] {
            assert_eq!(detail(body), format!("400 {expected}"), "{body}");
        }
    }

    #[test]
    fn a_body_that_does_not_parse_is_invalid_json() {
        for body in ["[1 true]", "7 8", "\"a", "nul", "{\"a\":1,}", "[", "{} {}", "-"] {
            assert!(detail(body).starts_with("400 The JSON is faulty at line 1, column "), "{body}");
        }
        for body in ["", " \n"] {
            assert!(detail(body).starts_with("400 The body is empty."), "{body:?}");
        }
        for body in ["[]", "7", "\"a\"", "null", "[1, true]"] {
            assert!(detail(body).starts_with("422 "), "{body}");
        }
        let twice = r#"400 The JSON is ambiguous: the field "name" is given twice."#;
        assert_eq!(detail(r#"{"name":1,"time_zone":2,"name":1}"#), twice);
    }
}
