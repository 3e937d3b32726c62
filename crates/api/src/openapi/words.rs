//! The schemas of the words that a field takes, from the domain's own lists of them.

use std::borrow::Cow;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
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

words! {
    /// What a member may do in an account; each may all that those before it may.
    Role;
    /// What an API key may be used for; each includes those before it.
    Scope;
    /// When a change of plan takes effect: at once, or when the subscription's current period ends.
    Timing;
    /// What to do when there is more than the new plan permits: keep it, or reject the change.
    OverLimit;
    /// What a change of plan is.
    Direction;
}

fn one_of(words: impl Iterator<Item = &'static str>, description: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    schema.description(Some(description)).build().into()
}
