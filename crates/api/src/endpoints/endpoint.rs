//! An endpoint: a handler together with its OpenAPI operation.

use actix_web::Route;
use actix_web::http::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

/// A handler and the operation that its `#[utoipa::path]` describes.
pub(super) struct Endpoint {
    /// Returns a document of this operation alone, with the schemas that it refers to.
    pub(super) document: fn() -> OpenApi,
    /// Returns a route to the handler, for any method.
    pub(super) route: fn() -> Route,
}

impl Endpoint {
    /// The path and the method of the operation.
    pub(super) fn path_and_method(&self) -> Option<(String, Method)> {
        let (path, item) = (self.document)().paths.paths.into_iter().next()?;
        Some((path, method(&item)?))
    }
}

fn method(item: &PathItem) -> Option<Method> {
    let methods = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    methods.into_iter().find(|(operation, _)| operation.is_some()).map(|(_, method)| method)
}

/// Declares the endpoints of a module by their handlers.
macro_rules! endpoints {
    ($($($segment:ident)::+),+ $(,)?) => {
        pub(super) const ENDPOINTS: &[crate::endpoints::endpoint::Endpoint] = &[$(
            crate::endpoints::endpoint::Endpoint {
                document: || {
                    #[derive(utoipa::OpenApi)]
                    #[openapi(paths($($segment)::+))]
                    struct Document;
                    <Document as utoipa::OpenApi>::openapi()
                },
                route: || actix_web::web::to($($segment)::+),
            },
        )+];
    };
}
pub(super) use endpoints;
