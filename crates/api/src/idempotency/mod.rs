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
/// The most characters of a key.
const CHARACTERS_MAX: usize = 255;

/// A POST with an `Idempotency-Key`, as it was sent.
pub(crate) struct IdempotencyHeader {
    /// The key, if the header holds one.
    key: Option<Box<str>>,
    path: Box<str>,
    query: Box<str>,
    body: OnceCell<Bytes>,
}

impl IdempotencyHeader {
    /// What the request says; `None` without the header. Other methods can be repeated as they are.
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

    /// Notes the body when it has been read. A request without a body has an empty one.
    pub(crate) fn note_body(&self, body: &Bytes) {
        self.body.get_or_init(|| body.clone());
    }

    /// The idempotent request of the caller of this name.
    pub(crate) fn identify(&self, caller: &str, keys: Arc<KeyRing>) -> Result<IdempotentRequest, Problem> {
        let key = self.key.as_deref().ok_or_else(|| {
            let detail = format!("An Idempotency-Key is 1 to {CHARACTERS_MAX} visible ASCII characters, sent once.");
            Problem::new(Code::InvalidParameter).with_detail(detail)
        })?;
        let scope = framed(&[caller, Method::POST.as_str(), &self.path, key].map(str::as_bytes));
        let said = framed(&[self.query.as_bytes(), self.body.get().map_or(&[], AsRef::as_ref)]);
        Ok(IdempotentRequest { scope, said, keys })
    }
}

/// The header's only value, if it can be a key.
fn key(headers: &HeaderMap) -> Option<Box<str>> {
    let mut values = headers.get_all(HEADER);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let is_key = (1..=CHARACTERS_MAX).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    value.to_str().ok().filter(|_| is_key).map(Box::from)
}

/// The parts, each after its length: no two lists of parts become the same bytes.
fn framed(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Vec::new(), |framed, part| [&framed, &part.len().to_be_bytes()[..], part].concat())
}

/// A POST with an `Idempotency-Key`, as its unit of work identifies it.
pub(crate) struct IdempotentRequest {
    /// Who sends it, where to, with which key.
    scope: Vec<u8>,
    /// The query and the body.
    said: Vec<u8>,
    /// The keys that responses are sealed with.
    keys: Arc<KeyRing>,
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum IdempotencyError<E> {
    /// The key was given to another request.
    KeyReused,
    /// It was done, and its response can no longer be read.
    ResponseLost,
    /// It was done, and the resource has been removed since, or the caller may no longer see it.
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
                "This was done, but its answer cannot be read any more: the keys it was sealed with are gone. \
                 Look at what is there before you try again with another Idempotency-Key.",
            ),
            IdempotencyError::ResourceHidden => Self::new(Code::Conflict).with_detail(
                "This was done, and what it made has gone since, or is no longer yours to see: \
                 use another Idempotency-Key to do it again.",
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
        match record.attempt(&secrets.fingerprint(&self.said), now) {
            Attempt::First => Ok(None),
            Attempt::Repeated(sealed) => {
                Ok(Some(StoredResponse::read_again(&secrets.open(&Sealed::parse(&sealed)?)?)?))
            }
            Attempt::KeyReused => Err(IdempotencyError::KeyReused),
        }
    }

    fn record(&self, answer: &StoredResponse, now: Timestamp) -> Result<IdempotencyRecord, StorageError> {
        let key = self.keys.newest();
        let secrets = Secrets::of(key, &self.scope)?;
        let (fingerprint, answer) = (secrets.fingerprint(&self.said), secrets.seal(&key.id, answer.written()?)?);
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

    /// Runs the same request with these signing keys, the newest first; says whether its answer is
    /// the first one.
    fn run(store: &MemoryStore, keys: &[&Arc<Key>], now: Timestamp) -> Result<bool, IdempotencyError<StorageError>> {
        let ring = KeyRing::new(Arc::clone(keys[0]), keys[1..].iter().map(|key| Arc::clone(key)));
        let idempotent = IdempotentRequest { scope: b"scope".to_vec(), said: b"said".to_vec(), keys: Arc::new(ring) };
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
    fn an_answer_is_given_again_as_long_as_its_signing_key_is_in_the_ring() {
        let (store, [old, new]) = (MemoryStore::default(), [key(), key()]);
        assert!(matches!(run(&store, &[&old], NOW), Ok(true)));
        assert!(matches!(run(&store, &[&new, &old], NOW), Ok(false)));
        // It was done: to do it again is worse than to say so.
        assert!(matches!(run(&store, &[&new], NOW), Err(IdempotencyError::ResponseLost)));
        let later = NOW + IDEMPOTENCY_KEPT_FOR;
        assert!(matches!(run(&store, &[&new], later), Ok(true)));
        assert!(matches!(run(&store, &[&new], later), Ok(false)));
    }

    #[test]
    fn no_two_lists_of_parts_are_the_same_bytes() {
        let lists: [&[&[u8]]; 5] = [&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc", b""], &[b"", b"abc"], &[b"abc"]];
        for (at, list) in lists.iter().enumerate() {
            assert!(lists[..at].iter().all(|other| framed(other) != framed(list)), "{list:?}");
        }
    }

    #[test]
    fn only_a_post_with_the_header_is_done_once() {
        let request = |method: Method| TestRequest::default().method(method).insert_header((HEADER, "k"));
        assert!(IdempotencyHeader::of(&request(Method::POST).to_http_request()).is_some());
        assert!(IdempotencyHeader::of(&request(Method::PUT).to_http_request()).is_none());
        assert!(IdempotencyHeader::of(&TestRequest::post().to_http_request()).is_none());
    }
}
