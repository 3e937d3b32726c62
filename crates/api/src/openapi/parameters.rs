//! Parameters and schemas that several operations share: headers, query parameters, pages.

use utoipa::IntoParams;

/// The header that makes a POST idempotent.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what idempotency::IdempotencyHeader reads")]
pub(crate) struct IdempotencyParams {
    /// A unique key of your choice, such as a UUID. A repeated request with the same key within 24
    /// hours gets the first response again and has no further effect.
    #[param(rename = "Idempotency-Key", required = false, min_length = 1, max_length = 255, pattern = r"^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// The parameter that makes a request a dry run.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::DryRunQuery reads")]
pub(crate) struct DryRunParams {
    /// `true` for a dry run, which changes nothing. The response says what the request would do,
    /// with 200 instead of 201, or is the error.
    #[param(required = false)]
    dry_run: Option<bool>,
}

/// The condition of a change: the version of the resource.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what http::IfMatch reads")]
pub(crate) struct IfMatchParams {
    /// The `ETag` of the version to change. If the resource has changed since, the request is
    /// refused with 412. Without this header, the last write wins.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// The conditions of a GET.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what http::Conditions reads")]
pub(crate) struct ConditionParams {
    /// The `ETag` of the version that you have. If it is still current, the response is 304.
    #[param(rename = "If-None-Match", required = false)]
    if_none_match: Option<String>,
    /// The `ETag` of the version to get. If the resource has changed since, the response is 412.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// The page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::PageQuery reads")]
pub(crate) struct PageParams {
    /// The maximum number of items, 1 to 100. Default: 20.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the previous page.
    #[param(required = false)]
    cursor: Option<String>,
}

/// Declares the parameters of a path.
macro_rules! path_params {
    ($($(#[doc = $doc:literal])+ $params:ident: $field:ident = $example:literal;)+) => {$(
        #[derive(IntoParams)]
        #[into_params(parameter_in = Path)]
        #[expect(dead_code, reason = "it describes what http::path reads")]
        pub(crate) struct $params {
            $(#[doc = $doc])+
            #[param(example = $example)]
            $field: String,
        }
    )+};
}

path_params! {
    /// The account's id.
    AccountPathParams: account_id = "acct_01h455vb4pex5vsknk084sn02q";
    /// The booking's id.
    BookingPathParams: booking_id = "bkg_01h455vb4pex5vsknk084sn02q";
    /// The usage record's id.
    UsagePathParams: use_id = "use_01h455vb4pex5vsknk084sn02q";
    /// The staff member's id.
    StaffPathParams: staff_id = "staff_01h455vb4pex5vsknk084sn02q";
    /// The user's id or username.
    UserPathParams: user_id = "ann";
    /// The key of a metric, such as `staff` or `bookings_per_day`, or of a feature.
    MetricPathParams: metric = "staff";
    /// The meter: one of gauges in the catalogue, other than `staff`.
    MeterPathParams: meter = "projects";
    /// Your key, 1 to 128 visible ASCII characters, percent-encoded.
    KeyPathParams: key = "website";
    /// The hold's id.
    HoldPathParams: hold_id = "hold_01h455vb4pex5vsknk084sn02q";
    /// The grant's id.
    GrantPathParams: grant_id = "grant_01h455vb4pex5vsknk084sn02q";
    /// The key's id.
    ApiKeyPathParams: api_key_id = "key_01h455vb4pex5vsknk084sn02q";
}

/// Declares the schema of a list of bodies.
macro_rules! list_of {
    ($name:ident: $body:ty) => {
        /// A page of a list.
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "it describes what http::Page answers")]
        struct $name {
            /// The items.
            data: Vec<$body>,
            /// The `cursor` of the next page; null on the last page.
            #[schema(required)]
            next_cursor: Option<String>,
        }
    };
}
pub(crate) use list_of;
