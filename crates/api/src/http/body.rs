//! Request bodies: read within a limit of size and time, parsed strictly, every fault found at once.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use domain::{Change, Fault, FaultReason, Faults};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::negotiation::is_json;
use crate::AppState;
use crate::access::{Caller, Permission};
use crate::problem::{Code, Problem};

/// The most bytes that a body may have.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long a body may take to arrive. The framework has a deadline for the headers alone.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Reads a body.
pub(crate) async fn read_bytes(body: <Bytes as FromRequest>::Future) -> Result<Bytes, Problem> {
    match timeout(BODY_DEADLINE, body).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(match error.as_error() {
            Some(PayloadError::Overflow) => Problem::new(Code::PayloadTooLarge),
            _ => Problem::new(Code::InvalidParameter).with_detail("The body could not be read to its end."),
        }),
        Err(_) => Err(Problem::new(Code::RequestTimeout)),
    }
}

/// A JSON body, or why it is none. A handler looks at it only after it knows that the path's account exists.
pub(crate) struct Body<T> {
    fields: Result<T, Problem>,
    /// As it was sent.
    bytes: Bytes,
}

/// What a body turns into.
pub(crate) trait BodyFields: DeserializeOwned {
    /// What it stands for in the domain.
    type Parsed;

    /// Reads the fields.
    fn parse(self) -> Result<Self::Parsed, Faults>;
}

impl<T: BodyFields> Body<T> {
    /// The body as it was sent.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The body's meaning.
    pub(crate) fn parse(self) -> Result<T::Parsed, Problem> {
        self.fields.and_then(|fields| fields.parse().map_err(Problem::from))
    }

    /// The body's meaning, for a caller: that they may not send it comes before every fault of it.
    pub(crate) async fn parse_for<P: Permission>(
        self,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
    ) -> Result<T::Parsed, Problem> {
        caller.note_body(&self.bytes);
        match self.parse() {
            Ok(parsed) => Ok(parsed),
            Err(fault) => Err(caller.unless_refused(state, target, fault).await),
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = is_json(request.headers());
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            if !json {
                return Ok(Self { fields: Err(Problem::new(Code::UnsupportedMediaType)), bytes: Bytes::new() });
            }
            Ok(match read_bytes(bytes).await {
                Ok(bytes) => Self { fields: parse(&bytes), bytes },
                Err(fault) => Self { fields: Err(fault), bytes: Bytes::new() },
            })
        })
    }
}

/// Reads one JSON object.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map(|Object(fields)| fields).map_err(|error| {
        let message = error.to_string();
        match error.classify() {
            Category::Data => match message.strip_prefix("unknown field `") {
                Some(rest) => {
                    let field: String = rest.split('`').next().unwrap_or_default().chars().take(64).collect();
                    Problem::new(Code::UnknownField)
                        .with_detail(format!("There is no field {field:?} here. Leave it out, or correct its name."))
                }
                None if message.starts_with("duplicate field") => {
                    Problem::new(Code::InvalidJson).with_detail(format!("The JSON is ambiguous: {message}."))
                }
                None => {
                    Faults::from(Fault { field: "", reason: FaultReason::WrongType { expected: "JSON object" } }).into()
                }
            },
            _ => Problem::new(Code::InvalidJson).with_detail(format!(
                "The JSON is faulty at line {}, column {}.",
                error.line(),
                error.column()
            )),
        }
    })
}

/// Reads an object and nothing else: a derived struct would take an array too, as its fields in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// A field of a body, whatever was sent in it.
#[derive(Debug, Default)]
pub(crate) enum Input {
    /// Left out.
    #[default]
    Absent,
    /// Null.
    Null,
    /// A string.
    Text(String),
    /// A whole number; one that is too large for this is the greatest.
    Whole(i64),
    /// Something else.
    WrongType,
}

impl Input {
    /// The string, if there is one; a fault if there is something else.
    pub(crate) fn get<'a>(&'a self, field: &'static str, faults: &mut Faults) -> Option<&'a str> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Text(text) => Some(text),
            Self::Whole(_) | Self::WrongType => {
                faults.add(field, FaultReason::WrongType { expected: "string" });
                None
            }
        }
    }

    /// The number from `min` up to the greatest that there is of anything, if there is one.
    pub(crate) fn number(&self, min: u32) -> Result<Option<u32>, FaultReason> {
        match *self {
            Self::Absent | Self::Null => Ok(None),
            Self::Whole(number) => match u32::try_from(number) {
                Ok(number) if number >= min => Ok(Some(number)),
                _ => Err(FaultReason::OutOfRange { min, max: u32::MAX }),
            },
            Self::Text(_) | Self::WrongType => Err(FaultReason::WrongType { expected: "whole number" }),
        }
    }
}

impl Input {
    /// The string that takes the place of another, if there is one; a fault if there is something else, or null.
    pub(crate) fn replacement<'a>(&'a self, field: &'static str, faults: &mut Faults) -> Option<&'a str> {
        if matches!(self, Self::Null) {
            faults.add(field, FaultReason::Required);
        }
        self.get(field, faults)
    }

    /// What is to become of a field that may be empty.
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
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Anything {
            Text(String),
            Whole(i64),
            Real(f64),
            Null(()),
            Other(IgnoredAny),
        }
        Anything::deserialize(deserializer).map(|value| match value {
            Anything::Text(text) => Self::Text(text),
            Anything::Whole(number) => Self::Whole(number),
            // To JSON 5.0 and 5e0 are the number 5.
            Anything::Real(number) if number.fract() == 0.0 => {
                Self::Whole(number.to_string().parse().unwrap_or(i64::MAX))
            }
            Anything::Null(()) => Self::Null,
            Anything::Real(_) | Anything::Other(_) => Self::WrongType,
        })
    }
}
