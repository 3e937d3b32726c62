//! Idempotent requests: a POST that is repeated with the same `Idempotency-Key` gets the response
//! of the first.
//!
//! The response is stored in the same unit of work as the effect, so neither exists without the
//! other. The store runs the units of one key one after the other: of two concurrent requests, the
//! second finds the response of the first.

mod response;
mod sealed;

use std::cell::OnceCell;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Bytes;
use aws_lc_rs::digest::{Context, SHA256};
use domain::error::StorageError;
use domain::ports::{ReadTx, WriteTx};
use domain::{Attempt, IdempotencyKey, IdempotencyRecord, Timestamp};

use crate::auth::KeyRing;
use crate::problem::{Code, Problem};
pub(crate) use response::StoredResponse;
use sealed::{Sealed, Secrets};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The maximum length of a key, in characters.
const CHARACTERS_MAX: usize = 255;

/// A POST with an `Idempotency-Key`, as it was sent.
pub(crate) struct IdempotencyHeader {
    /// The key, if the header has a valid one.
    key: Option<Box<str>>,
    path: Box<str>,
    query: Box<str>,
    body: OnceCell<Bytes>,
}

impl IdempotencyHeader {
    /// The header and the request; `None` without the header. Other methods need no key to be
    /// repeated.
    pub(crate) fn of(request: &HttpRequest) -> Option<Box<Self>> {
        if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
            return None;
        }
        Some(Box::new(Self {
            key: key(request.headers()),
            path: request.match_info().as_str().into(),
            query: request.query_string().into(),
            body: OnceCell::new(),
        }))
    }

    /// Stores the body after it is read. A request without a body has an empty one.
    pub(crate) fn note_body(&self, body: &Bytes) {
        self.body.get_or_init(|| body.clone());
    }

    /// The idempotent request of this caller.
    pub(crate) fn identify(&self, caller: &str, keys: Arc<KeyRing>) -> Result<IdempotentRequest, Problem> {
        let key = self.key.as_deref().ok_or_else(|| {
            let detail =
                format!("An Idempotency-Key is 1 to {CHARACTERS_MAX} visible ASCII characters, in one header.");
            Problem::new(Code::InvalidParameter).with_detail(detail)
        })?;
        let scope = framed(&[caller, Method::POST.as_str(), &self.path, key].map(str::as_bytes));
        let content = framed(&[self.query.as_bytes(), self.body.get().map_or(&[], AsRef::as_ref)]);
        Ok(IdempotentRequest { scope, content, keys })
    }
}

/// The header's only value, if it is a valid key.
fn key(headers: &HeaderMap) -> Option<Box<str>> {
    let mut values = headers.get_all(HEADER);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let is_key = (1..=CHARACTERS_MAX).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    value.to_str().ok().filter(|_| is_key).map(Box::from)
}

/// The parts, each after its length, so that different lists of parts become different bytes.
fn framed(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Vec::new(), |framed, part| [&framed, &part.len().to_be_bytes()[..], part].concat())
}

/// A POST with an `Idempotency-Key`, as its unit of work identifies it.
pub(crate) struct IdempotentRequest {
    /// The caller, method, path and key.
    scope: Vec<u8>,
    /// The query and the body.
    content: Vec<u8>,
    /// The keys that responses are sealed with.
    keys: Arc<KeyRing>,
}

/// Why an idempotent request failed.
#[derive(Debug)]
pub(crate) enum IdempotencyError<E> {
    /// The key belongs to another request.
    KeyReused,
    /// The first request succeeded, and its response can no longer be read.
    ResponseLost,
    /// The first request succeeded, and the resource has been removed since, or the caller may no
    /// longer see it.
    ResourceHidden,
    /// The use case refused.
    Refused(E),
}

impl<E: From<StorageError>> From<StorageError> for IdempotencyError<E> {
    fn from(error: StorageError) -> Self {
        Self::Refused(error.into())
    }
}

impl<E> From<IdempotencyError<E>> for Problem
where
    Self: From<E>,
{
    fn from(error: IdempotencyError<E>) -> Self {
        match error {
            IdempotencyError::KeyReused => Self::new(Code::IdempotencyKeyReused),
            IdempotencyError::ResponseLost => Self::new(Code::Conflict).with_detail(
                "The request succeeded before, but its stored response can no longer be read: its signing key was removed. \
                 Check the result before you try again with another Idempotency-Key.",
            ),
            IdempotencyError::ResourceHidden => Self::new(Code::Conflict).with_detail(
                "The request succeeded before, and its resource has been removed since, or you may no longer see it: \
                 to repeat it, use another Idempotency-Key.",
            ),
            IdempotencyError::Refused(error) => error.into(),
        }
    }
}

impl IdempotentRequest {
    /// Returns the response of the first request, unless the resource in it `is_hidden` by now. If
    /// this is the first, runs `work`, and stores its response for the others.
    pub(crate) fn run<E: From<StorageError>>(
        &self,
        tx: &mut dyn WriteTx,
        now: Timestamp,
        is_hidden: impl FnOnce(&mut dyn WriteTx, &StoredResponse) -> Result<bool, E>,
        work: impl FnOnce(&mut dyn WriteTx) -> Result<StoredResponse, E>,
    ) -> Result<StoredResponse, IdempotencyError<E>> {
        let found = tx.lock_idempotency_key(&self.key())?;
        if let Some(answer) = self.repeated(found, now)? {
            return if is_hidden(tx, &answer).map_err(IdempotencyError::Refused)? {
                Err(IdempotencyError::ResourceHidden)
            } else {
                Ok(answer)
            };
        }
        let answer = work(tx).map_err(IdempotencyError::Refused)?;
        tx.put_idempotency_record(&self.record(&answer, now)?)?;
        Ok(answer)
    }

    /// The response of the first request; `None` if this is the first.
    pub(crate) fn find<E: From<StorageError>>(
        &self,
        tx: &mut dyn ReadTx,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, IdempotencyError<E>> {
        let found = tx.find_idempotency_record(&self.key())?;
        self.repeated(found, now)
    }

    fn key(&self) -> IdempotencyKey {
        let mut context = Context::new(&SHA256);
        context.update(&self.scope);
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        IdempotencyKey(key)
    }

    fn repeated<E: From<StorageError>>(
        &self,
        found: Option<IdempotencyRecord>,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, IdempotencyError<E>> {
        let Some(record) = found.filter(|record| record.is_kept(now)) else { return Ok(None) };
        let key = self.keys.find(Sealed::parse(&record.answer)?.key_id).ok_or(IdempotencyError::ResponseLost)?;
        let secrets = Secrets::of(key, &self.scope)?;
        match record.attempt(&secrets.fingerprint(&self.content), now) {
            Attempt::First => Ok(None),
            Attempt::Repeated(sealed) => {
                Ok(Some(StoredResponse::read_replay(&secrets.open(&Sealed::parse(&sealed)?)?)?))
            }
            Attempt::KeyReused => Err(IdempotencyError::KeyReused),
        }
    }

    fn record(&self, answer: &StoredResponse, now: Timestamp) -> Result<IdempotencyRecord, StorageError> {
        let key = self.keys.newest();
        let secrets = Secrets::of(key, &self.scope)?;
        let (fingerprint, answer) = (secrets.fingerprint(&self.content), secrets.seal(&key.id, answer.written()?)?);
        Ok(IdempotencyRecord { key: self.key(), fingerprint, answer, created_at: now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Algorithm, Key};
    use actix_web::test::TestRequest;
    use domain::IDEMPOTENCY_KEPT_FOR;
    use domain::ports::Store;
    use secrecy::ExposeSecret;
    use testkit::fixtures::NOW;
    use testkit::{MemoryStore, block_on};

    fn key() -> Arc<Key> {
        let material = Algorithm::Hs256.generate().unwrap();
        Arc::new(Key::new(Algorithm::Hs256, material.expose_secret()).unwrap())
    }

    /// Runs the same request with these signing keys, the newest first. Returns whether its
    /// response is new.
    fn run(store: &MemoryStore, keys: &[&Arc<Key>], now: Timestamp) -> Result<bool, IdempotencyError<StorageError>> {
        let ring = KeyRing::new(Arc::clone(keys[0]), keys[1..].iter().map(|key| Arc::clone(key)));
        let idempotent =
            IdempotentRequest { scope: b"scope".to_vec(), content: b"content".to_vec(), keys: Arc::new(ring) };
        let mut is_first = false;
        let (sender, receiver) = std::sync::mpsc::channel();
        let unit = move |tx: &mut dyn WriteTx| {
            let do_it = |_: &mut dyn WriteTx| {
                is_first = true;
                Ok(StoredResponse::no_content())
            };
            let answer = idempotent.run::<StorageError>(tx, now, |_, _| Ok(false), do_it)?;
            sender.send(is_first).unwrap();
            Ok(answer)
        };
        block_on(store.write(unit)).map(|_: StoredResponse| receiver.recv().unwrap())
    }

    #[test]
    fn a_response_is_replayed_while_its_signing_key_is_in_the_ring() {
        let (store, [old, new]) = (MemoryStore::default(), [key(), key()]);
        assert!(matches!(run(&store, &[&old], NOW), Ok(true)));
        assert!(matches!(run(&store, &[&new, &old], NOW), Ok(false)));
        // The request succeeded: a conflict is better than a second effect.
        assert!(matches!(run(&store, &[&new], NOW), Err(IdempotencyError::ResponseLost)));
        let later = NOW + IDEMPOTENCY_KEPT_FOR;
        assert!(matches!(run(&store, &[&new], later), Ok(true)));
        assert!(matches!(run(&store, &[&new], later), Ok(false)));
    }

    #[test]
    fn different_lists_of_parts_become_different_bytes() {
        let lists: [&[&[u8]]; 5] = [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc", b""], &[b"", b"abc"], &[b"abc"]];
        for (at, list) in lists.iter().enumerate() {
            assert!(lists[..at].iter().all(|other| framed(other) != framed(list)), "{list:?}");
        }
    }

    #[test]
    fn only_a_post_with_the_header_is_idempotent() {
        let request = |method: Method| TestRequest::default().method(method).insert_header((HEADER, "k"));
        assert!(IdempotencyHeader::of(&request(Method::POST).to_http_request()).is_some());
        assert!(IdempotencyHeader::of(&request(Method::PUT).to_http_request()).is_none());
        assert!(IdempotencyHeader::of(&TestRequest::post().to_http_request()).is_none());
    }
}
