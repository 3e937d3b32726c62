//! What many operations take alike, for their annotations: headers, parameters of the query, and
//! pages.

use utoipa::IntoParams;

/// The header that makes a POST idempotent.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what idempotency::IdempotencyHeader reads")]
pub(crate) struct IdempotencyParams {
    /// Any text of your own, best a UUID. The same request with the same key within 24 hours gets
    /// the first response again, and has no further effect.
    #[param(rename = "Idempotency-Key", required = false, min_length = 1, max_length = 255, pattern = r"^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// The parameter that makes a POST a dry run.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::DryRunQuery reads")]
pub(crate) struct DryRunParams {
    /// `true` for a dry run, which changes nothing: 200 with the resource as it would be, or the
    /// refusal.
    #[param(required = false)]
    dry_run: Option<bool>,
}

/// The version of a resource that a change is for.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what http::IfMatch reads")]
pub(crate) struct IfMatchParams {
    /// The `ETag` of what you have seen: the request is refused if there is another version by now.
    /// Without it, the last one to write wins.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// The conditions of a GET.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what http::Conditions reads")]
pub(crate) struct ConditionParams {
    /// The `ETag` of what you have: 304 if it is still this version.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: Option<String>,
    /// The `ETag` of the only version that you want: 412 if there is another by now.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// The page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::PageQuery reads")]
pub(crate) struct PageParams {
    /// How many items: 1 to 100; 20 if left out.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(required = false)]
    cursor: Option<String>,
}

/// Declares the schema of a list of bodies.
macro_rules! list_of {
    ($name:ident: $body:ty) => {
        /// A page of a list, the newest first.
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "it describes what http::Page answers")]
        struct $name {
            /// The items.
            data: Vec<$body>,
            /// Asks for the next page; null on the last.
            #[schema(required)]
            next_cursor: Option<String>,
        }
    };
}
pub(crate) use list_of;
