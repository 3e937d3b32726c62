//! Files that are the same for all clients: compressed at the start, tagged by their content,
//! cached by browsers.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};

use super::held::PIECE_BYTES_MAX;
use super::version::bytes_version;

/// A gzip-compressed file (RFC 1952) and its headers.
#[derive(Debug)]
pub(crate) struct StaticFile {
    media_type: String,
    caching: &'static str,
    etag: String,
    gzip: Bytes,
    /// The uncompressed length, in bytes.
    length: u64,
}

impl StaticFile {
    /// Compresses a file. `caching` is its `Cache-Control`.
    pub(crate) fn pack(media_type: String, caching: &'static str, content: &[u8]) -> Self {
        let mut gzip = Vec::new();
        // Compression in memory does not fail.
        let _ = GzEncoder::new(content, Compression::default()).read_to_end(&mut gzip);
        Self::packed(media_type, caching, gzip.into())
    }

    /// A file that is already compressed.
    pub(crate) fn packed(media_type: String, caching: &'static str, gzip: Bytes) -> Self {
        // The last member of the format is the length (section 2.3.1).
        let length = gzip.last_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        // Weak: the same tag for the compressed and the uncompressed file.
        Self { media_type, caching, etag: format!("W/\"{}\"", bytes_version(&gzip)), gzip, length: length.into() }
    }

    /// The file in an accepted coding, or 304.
    pub(crate) fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = is_among(request.headers(), &self.etag);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, self.etag.as_str())).insert_header((VARY, ACCEPT_ENCODING.as_str()));
        // Responses to requests with a token are never cached.
        if !request.headers().contains_key(AUTHORIZATION) {
            response.insert_header((CACHE_CONTROL, self.caching));
        }
        if is_known {
            return response.finish();
        }
        response.content_type(self.media_type.as_str());
        if accepts_gzip(request.headers()) {
            response.insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip"))).body(self.gzip.clone())
        } else {
            let unpacked = Unpacked { rest: GzDecoder::new(ByteReader(self.gzip.clone())), length: self.length };
            response.body(BoxBody::new(unpacked))
        }
    }
}

/// Whether `If-None-Match` lists the file's tag (RFC 9110, section 13.1.2).
fn is_among(headers: &HeaderMap, etag: &str) -> bool {
    let lists = headers.get_all(IF_NONE_MATCH).filter_map(|list| list.to_str().ok());
    let mut tags = lists.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag == etag || Some(tag) == etag.strip_prefix("W/"))
}

/// Whether the client accepts gzip (RFC 9110, section 12.5.3). Without an `Accept-Encoding` header,
/// it gets the uncompressed file.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).filter_map(|list| list.to_str().ok());
    let codings = lists.flat_map(|list| list.split(',')).filter_map(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_named = match parts.next()?.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => true,
            "*" => false,
            _ => return None,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        Some((is_named, quality.is_none_or(|quality| quality.parse().is_ok_and(|quality: f32| quality > 0.0))))
    });
    codings.max_by_key(|(is_named, _)| *is_named).is_some_and(|(_, is_taken)| is_taken)
}

/// A reader of a file's bytes.
struct ByteReader(Bytes);

impl Read for ByteReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = self.0.split_to(buffer.len().min(self.0.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

/// A file that is uncompressed while it is sent, for the few clients that do not accept gzip.
struct Unpacked {
    rest: GzDecoder<ByteReader>,
    length: u64,
}

impl MessageBody for Unpacked {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let mut piece = vec![0; PIECE_BYTES_MAX];
        Poll::Ready(match self.rest.read(&mut piece) {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some(Ok(piece.into()))
            }
            Err(error) => Some(Err(error)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    fn file(content: &[u8]) -> StaticFile {
        StaticFile::pack("text/plain".into(), "no-cache", content)
    }

    #[actix_web::test]
    async fn a_file_is_the_same_compressed_or_not() {
        for length in [0, 1, PIECE_BYTES_MAX, 5 * PIECE_BYTES_MAX + 7] {
            let content: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
            let file = file(&content);
            let plain = file.respond(&TestRequest::default().to_http_request());
            assert_eq!(plain.body().size(), BodySize::Sized(length as u64));
            assert!(!plain.headers().contains_key(CONTENT_ENCODING));
            assert_eq!(to_bytes(plain.into_body()).await.unwrap(), content);
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, "br, gzip"));
            let packed = file.respond(&request.to_http_request());
            assert_eq!(packed.headers().get(CONTENT_ENCODING).unwrap(), "gzip");
            let packed = to_bytes(packed.into_body()).await.unwrap();
            let mut unpacked = Vec::new();
            GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, content);
        }
    }

    #[test]
    fn a_client_that_has_the_file_gets_304() {
        let (file, other) = (file(b"one"), file(b"other"));
        assert_ne!(file.etag, other.etag);
        let strong = file.etag.strip_prefix("W/").unwrap();
        for (tags, known) in [
            (file.etag.clone(), true),
            (strong.to_owned(), true),
            ("*".to_owned(), true),
            (format!("\"another\", {}", file.etag), true),
            (other.etag.clone(), false),
            (String::new(), false),
        ] {
            let request = TestRequest::default().insert_header((IF_NONE_MATCH, tags.as_str()));
            let answer = file.respond(&request.to_http_request());
            assert_eq!(answer.status() == 304, known, "{tags}");
            assert_eq!(answer.headers().get(ETAG).unwrap(), file.etag.as_str());
        }
    }

    #[test]
    fn gzip_is_sent_to_clients_that_accept_it() {
        for (accepted, taken) in [
            (None, false),
            (Some("gzip"), true),
            (Some("GZIP"), true),
            (Some("deflate, gzip;q=0.5"), true),
            (Some("*"), true),
            (Some("gzip;q=0, *"), false),
            (Some("*;q=0, gzip"), true),
            (Some("*;q=0"), false),
            (Some("identity"), false),
            (Some("br"), false),
            (Some("gzip; q=0.0"), false),
            (Some(""), false),
        ] {
            let request = TestRequest::default();
            let request = accepted.into_iter().fold(request, |it, value| it.insert_header((ACCEPT_ENCODING, value)));
            assert_eq!(accepts_gzip(request.to_http_request().headers()), taken, "{accepted:?}");
        }
    }
}
