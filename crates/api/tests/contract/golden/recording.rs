//! A recording of HTTP exchanges, in which a placeholder stands for each value that differs from
//! run to run: ids, request ids, tokens, and entity tags that are hashes. Nothing else is replaced.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::in_process::{Answer, Service};

/// Headers that are checked for every response of these tests.
const NOT_RECORDED: [&str; 3] = ["content-security-policy", "referrer-policy", "x-content-type-options"];

/// Fields of JSON whose values are tokens.
const SECRETS: [&str; 2] = ["access_token", "refresh_token"];

/// The length of 128 bits in base64, without padding.
const HASH_LENGTH: usize = 22;

/// The requests of one golden file with their answers.
pub(super) struct Recording<'a> {
    /// The service.
    pub(super) service: &'a Service,
    /// The path of the account that relative paths begin with.
    pub(super) account: String,
    text: String,
    masks: Masks,
}

impl<'a> Recording<'a> {
    /// Begins with a new account without a plan.
    pub(super) async fn begin(service: &'a Service) -> Self {
        let account = service.account().await;
        Self { service, account, text: String::new(), masks: Masks::default() }
    }

    /// Begins with a new account on a plan.
    pub(super) async fn begin_on(service: &'a Service, plan: &str) -> Self {
        let recording = Self::begin(service).await;
        recording.set_plan(plan).await;
        recording
    }

    /// The text of the golden file.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Records a request without a token.
    pub(super) async fn anonymous(&mut self, title: &str, method: Method, path: &str, body: &'static str) -> Answer {
        let request = TestRequest::with_uri(path).method(method.clone());
        self.record(title, (method, path), request, body).await
    }

    /// Records a GET.
    pub(super) async fn get(&mut self, title: &str, path: &str) -> Answer {
        self.send(title, Method::GET, path, "").await
    }

    /// Records a POST of this JSON.
    pub(super) async fn post(&mut self, title: &str, path: &str, body: &'static str) -> Answer {
        self.send(title, Method::POST, path, body).await
    }

    /// Records a request with the operator's token.
    pub(super) async fn send(&mut self, title: &str, method: Method, path: &str, body: &'static str) -> Answer {
        let path = self.path(path);
        let request = self.service.authorised(method.clone(), &path);
        self.record(title, (method, &path), request, body).await
    }

    /// Sets the plan of the account, and records nothing.
    pub(super) async fn set_plan(&self, plan: &str) {
        let answer = self.service.post(&self.path("subscribe"), json!({"plan": plan})).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.text());
    }

    /// Sets an override of the account, and records nothing.
    pub(super) async fn set_override(&self, metric: &str, limit: Option<u32>) {
        let request = self.service.authorised(Method::PUT, &self.path(&format!("overrides/{metric}")));
        self.service.send(request.set_json(json!({"limit": limit, "reason": "A trial"}))).await.expect(200);
    }

    /// Adds staff members, and records nothing.
    pub(super) async fn add_staff(&self, count: u32) {
        for _ in 0..count {
            self.service.post(&self.path("staff"), json!({"name": "Ann"})).await.expect(201);
        }
    }

    /// Creates bookings at noon of a day, and records nothing.
    pub(super) async fn book(&self, day: &str, count: u32) {
        for _ in 0..count {
            let booking = json!({"starts_at": format!("{day}T12:00:00Z")});
            self.service.post(&self.path("bookings"), booking).await.expect(201);
        }
    }

    /// A path that does not begin with a slash is in the account; the empty path is the account.
    fn path(&self, path: &str) -> String {
        match path {
            "" => self.account.clone(),
            path if path.starts_with('/') => path.to_owned(),
            path => format!("{}/{path}", self.account),
        }
    }

    /// Sends a request, and adds it and its answer to the text.
    async fn record(
        &mut self,
        title: &str,
        (method, path): (Method, &str),
        request: TestRequest,
        body: &'static str,
    ) -> Answer {
        let request = match body {
            "" => request,
            body => request.insert_header((CONTENT_TYPE, "application/json")).set_payload(body),
        };
        let answer = self.service.send(request).await;
        // The list of entitlements has an ETag since there are custom metrics.
        let is_recorded =
            |name: &str| !(NOT_RECORDED.contains(&name) || name == "etag" && path.contains("/entitlements"));
        let headers = answer.headers.iter().filter(|(name, _)| is_recorded(name.as_str()));
        let line = |name, value: &[u8]| format!("{name}: {}\n", String::from_utf8_lossy(value));
        let mut headers: Vec<_> = headers.map(|(name, value)| line(name, value.as_bytes())).collect();
        headers.sort();
        let exchange = [
            if self.text.is_empty() { "" } else { "\n" },
            &format!("## {title}\n\n{method} {path}\n"),
            body,
            if body.is_empty() { "" } else { "\n" },
            &format!("\n{}\n", answer.status),
            &headers.concat(),
            if answer.body.is_empty() { "" } else { "\n" },
            answer.text(),
        ];
        let exchange = exchange.concat();
        assert!(exchange.ends_with('\n'), "a body ends with a newline: {exchange}");
        self.text += &self.masks.apply(&exchange);
        answer
    }
}

/// The placeholders of one golden file. Equal ids have equal placeholders.
#[derive(Default)]
struct Masks {
    ids: Vec<String>,
}

impl Masks {
    fn apply(&mut self, exchange: &str) -> String {
        let mut text = String::new();
        for line in exchange.split_inclusive('\n') {
            let line = mask_secrets(&mask_hash(line));
            for word in words(&line) {
                text += &self.mask_id(word);
            }
        }
        text
    }

    /// The word, or the placeholder of the id or the request id that it is.
    fn mask_id(&mut self, word: &str) -> String {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if word.len() == 32 && word.bytes().all(is_hex) {
            return "<request-id>".to_owned();
        }
        let Some((prefix, suffix)) = word.rsplit_once('_') else { return word.to_owned() };
        let is_base32 = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() && !b"ilou".contains(&byte);
        if suffix.len() != 26 || !suffix.bytes().all(is_base32) {
            return word.to_owned();
        }
        if !self.ids.iter().any(|id| id == word) {
            self.ids.push(word.to_owned());
        }
        let of_prefix = self.ids.iter().filter(|id| id.rsplit_once('_').is_some_and(|(its, _)| its == prefix));
        let number = of_prefix.take_while(|id| *id != word).count() + 1;
        format!("{prefix}_<{number}>")
    }
}

/// Splits a line into words of letters, digits and underscores, and what stands between them.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_in_word(c) != is_in_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Replaces an entity tag that is a hash. A version number stays, also with a plan and a period.
fn mask_hash(line: &str) -> String {
    let tag = line.strip_prefix("etag: \"").and_then(|tag| tag.strip_suffix("\"\n"));
    let ends_with_period = |tag: &str| tag.rsplit_once('-').is_some_and(|(_, end)| is_compact_instant(end));
    let is_hash = tag.is_some_and(|tag| tag.len() == HASH_LENGTH && !ends_with_period(tag));
    if is_hash { "etag: \"<hash>\"\n".to_owned() } else { line.to_owned() }
}

/// Whether the text is an instant such as `20260320T000000Z`.
fn is_compact_instant(text: &str) -> bool {
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.strip_suffix('Z').and_then(|text| text.split_once('T'));
    parts.is_some_and(|(day, time)| digits(day, 8) && digits(time, 6))
}

/// Replaces the tokens of a JSON body.
fn mask_secrets(line: &str) -> String {
    SECRETS.into_iter().fold(line.to_owned(), |line, name| {
        let field = format!("\"{name}\":\"");
        let Some((before, rest)) = line.split_once(&field) else { return line };
        let (_, after) = rest.split_once('"').expect("a string of JSON ends");
        format!("{before}{field}<secret>\"{after}")
    })
}

#[test]
fn masks_replace_ids_and_hashes_and_nothing_else() {
    let (one, two) = ("0".repeat(26), "1".repeat(26));
    let exchange = format!(
        "POST /accounts/acct_{one}/staff\netag: \"{}\"\netag: \"2-pro-20260320T000000Z\"\nlocation: acct_{two} staff_{two} acct_{one}\n\
         {{\"access_token\":\"a.b-c\",\"day\":\"2026-05-04\",\"used\":4294967295,\"request_id\":\"{}\",\"bookings_per_day\":5}}\n",
        "-".repeat(22),
        "f0".repeat(16),
    );
    let expected = "POST /accounts/acct_<1>/staff\netag: \"<hash>\"\netag: \"2-pro-20260320T000000Z\"\nlocation: acct_<2> staff_<1> acct_<1>\n\
        {\"access_token\":\"<secret>\",\"day\":\"2026-05-04\",\"used\":4294967295,\"request_id\":\"<request-id>\",\"bookings_per_day\":5}\n";
    assert_eq!(Masks::default().apply(&exchange), expected);
}
