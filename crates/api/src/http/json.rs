//! Answers in JSON. Each ends with a newline, so that a terminal's prompt does not stand at its
//! end.

use actix_web::body::BoxBody;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;

use crate::problem::Problem;

/// The value as an answer of status 200.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(&mut HttpResponse::Ok(), &self.0)
    }
}

/// The answer that was begun, with the value as its body.
pub(crate) fn json(begun: &mut HttpResponseBuilder, value: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(value) {
        Ok(text) => begun.insert_header(ContentType::json()).body(line(text)),
        Err(error) => HttpResponse::from_error(Problem::internal(error)),
    }
}

/// The text with its newline.
pub(crate) fn line(mut text: Vec<u8>) -> Vec<u8> {
    text.push(b'\n');
    text
}
