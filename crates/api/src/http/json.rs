//! JSON responses. Each ends with a newline, so that the prompt of a terminal is on its own line.

use actix_web::body::BoxBody;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;

use crate::problem::Problem;

/// A response of status 200 with the value.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(&mut HttpResponse::Ok(), &self.0)
    }
}

/// Finishes a response with the value as its body.
pub(crate) fn json(response: &mut HttpResponseBuilder, value: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(value) {
        Ok(text) => response.insert_header(ContentType::json()).body(line(text)),
        Err(error) => HttpResponse::from_error(Problem::internal(error)),
    }
}

/// The text with a newline.
pub(crate) fn line(mut text: Vec<u8>) -> Vec<u8> {
    text.push(b'\n');
    text
}
