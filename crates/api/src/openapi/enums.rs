//! The schemas of enumerations, from the domain's lists of their values.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! enums {
    ($(#[doc = $doc:literal] $name:ident;)*) => {$(
        #[doc = $doc]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of(domain::$name::ALL.iter().map(|it| it.as_str()), $doc.trim())
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

enums! {
    /// The role of a member in an account. Each role includes the permissions of those before it.
    Role;
    /// The scope of an API key. Each scope includes those before it.
    Scope;
    /// When a change of plan takes effect: immediately, or at the end of the current period.
    Timing;
    /// The treatment of usage over the new plan's limits: keep it, or reject the change.
    OverLimit;
    /// The direction of a change of plan.
    Direction;
    /// The type of a feature's value: on or off, a number, or a text.
    FeatureType;
}

fn one_of(values: impl Iterator<Item = &'static str>, description: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
    schema.description(Some(description)).build().into()
}
