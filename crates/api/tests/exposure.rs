//! The log contains no secret at any level, and no client can forge a line of it.

use serde_json::{Value, json};
use tempfile::TempDir;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
use support::process::{Server, await_some, database_of, headroom};
use support::wire::{Answer, Reply, connect, exchange, request};

const PASSWORD: &str = "canary-password-0d1f";
const SECRET: &str = "canary-secret-0123456789abcdef0123456789abcdef";
const PREVIOUS_SECRET: &str = "canary-previous-0123456789abcdef0123456789abcdef";
/// The prefix of every secret here, and of everything that a client may have sent as private.
const CANARY: &str = "canary-";

fn start(dir: &TempDir, format: &str) -> Server {
    let mut command = headroom(dir.path());
    command.env("HEADROOM_LOG", "trace").env("HEADROOM_LOG_FORMAT", format).env("HEADROOM_OPERATOR_PASSWORD", PASSWORD);
    command.env("HEADROOM_JWT_SECRET", SECRET).env("HEADROOM_JWT_PREVIOUS_SECRET", PREVIOUS_SECRET);
    Server::spawn(command).listening()
}

/// Sends one request on a new connection.
fn send(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    exchange(&mut connect(server), &request(method, path, headers, body)).whole()
}

/// A string field of a response's body.
fn member(answer: &Answer, name: &str) -> String {
    let body: Value = serde_json::from_str(&answer.body).expect("the response is JSON");
    body[name].as_str().expect("the member is a string").to_owned()
}

/// Sends canaries in every position, and valid requests; the token that was used.
fn send_canaries(server: &Server) -> String {
    let credentials = json!({"username": "user", "password": PASSWORD}).to_string();
    let answer = send(server, "POST", "/token", &[], &credentials);
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = member(&answer, "access_token");
    let bearer = format!("Bearer {token}");
    let good: &[(&str, &str)] = &[("Authorization", &bearer), ("Cookie", "session=canary-cookie")];
    let account = member(&send(server, "POST", "/accounts", good, r#"{"name":"canary-name"}"#), "id");
    let to = |rest: &str| format!("/accounts/{account}{rest}");
    for (method, path, headers, body, status) in [
        ("POST", to("/subscribe"), good, r#"{"plan":"basic"}"#, 201),
        ("POST", to("/subscribe"), good, r#"{"plan":"canary-plan"}"#, 422),
        ("POST", to("/staff"), good, r#"{"name":"canary-ann","email":"canary-ann@example.com"}"#, 201),
        ("POST", to("/bookings"), good, r#"{"customer_name":"canary-ben","notes":"canary-notes"}"#, 201),
        ("POST", to("/bookings"), good, r#"{"starts_at":"canary-time"}"#, 422),
        ("POST", to("/bookings?token=canary-query"), good, r#"{"canary-field":1}"#, 400),
        ("POST", to("/bookings"), good, r#"{"notes":"canary-unclosed"#, 400),
        ("GET", to("?access_token=canary-query"), good, "", 400),
        ("GET", "/accounts?search=canary-n&limit=1".into(), good, "", 200),
        ("GET", "/accounts?search=canary-query%00".into(), good, "", 400),
        ("GET", "/near-limits?metric=canary-metric".into(), good, "", 400),
        ("GET", "/near-limits?ratio=canary-ratio".into(), good, "", 400),
        ("GET", "/accounts/canary-id?password=canary-query".into(), good, "", 404),
        ("GET", "/canary-path?password=canary-query".into(), good, "", 404),
        ("POST", "/token".into(), &[], r#"{"username":"canary-user","password":"canary-wrong"}"#, 401),
        ("POST", "/token".into(), &[], r#"{"password":"canary-typo","passwort":"canary-typo"}"#, 400),
        ("POST", "/token".into(), &[], r#"["canary-list"]"#, 422),
        ("GET", to(""), &[("Authorization", "Bearer canary-token")], "", 401),
        ("GET", to(""), &[("Authorization", "Basic canary-basic")], "", 401),
        ("GET", to(""), &[("Authorization", "canary-naked")], "", 401),
        ("GET", to(""), &[("Authorization", "Bearer canary-\u{fc}")], "", 401),
        ("GET", to(""), &[("Authorization", &format!("{bearer}x")), ("Accept", "canary-type/x")], "", 406),
        ("GET", to(""), &[("Authorization", &format!("{bearer}x")), ("Expect", "canary-expectation")], "", 401),
    ] {
        let answer = send(server, method, &path, headers, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {answer:?}");
    }
    for broken in [
        "GET /canary-line canary-version\r\nAuthorization: Bearer canary-token\r\n\r\n",
        "GET / HTTP/1.1\r\nAuthorization Bearer canary-token\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ncanary-chunk\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: canary-\0\r\n\r\n",
    ] {
        let reply = exchange(&mut connect(server), broken);
        assert!(!matches!(reply, Reply::Cut(_)), "{reply:?}");
    }
    token
}

/// Sends canaries wherever a user's secrets go; the secrets that were created, and an account.
fn send_canaries_of_a_user(server: &Server) -> (Vec<String>, String) {
    const FIRST: &str = r#"{"username":"ann","password":"canary-password-1"}"#;
    const INSANE: &[(&str, &str)] = &[("X-Request-Id", "canary-id insane"), ("traceparent", "canary-trace")];
    let sent = |method: &str, path: &str, headers: &[(&str, &str)], body: &str, status: u16| {
        let answer = send(server, method, path, headers, body);
        assert_eq!(answer.status, status, "{method} {path} {body}: {answer:?}");
        let problem = if status < 400 { String::new() } else { format!("{}{}", answer.head, answer.body) };
        assert!(!problem.contains(CANARY) && !problem.contains("hr_"), "{method} {path} {body}: {problem}");
        answer
    };
    let refresh = |token: &str| json!({"refresh_token": token}).to_string();
    sent("POST", "/users?password=canary-query", INSANE, FIRST, 400);
    sent("POST", "/users", INSANE, FIRST, 201);
    sent("POST", "/users", INSANE, FIRST, 409);
    sent("POST", "/users", INSANE, r#"{"username":"canary user","password":"canary-"}"#, 422);
    sent("POST", "/users", INSANE, r#"{"username":"canary-password-2","password":"canary-password-2"}"#, 422);
    sent("POST", "/token", INSANE, r#"{"username":"ann","password":"canary-password-9"}"#, 401);
    let first = sent("POST", "/token", INSANE, FIRST, 200);
    let second = sent("POST", "/token/refresh", INSANE, &refresh(&member(&first, "refresh_token")), 200);
    sent("POST", "/token/refresh", INSANE, &refresh("hr_refresh_canary-refresh"), 401);
    sent("POST", "/token/revoke", INSANE, &refresh("hr_refresh_canary-refresh"), 204);
    let bearer = format!("Bearer {}", member(&second, "access_token"));
    let good: &[(&str, &str)] = &[("Authorization", &bearer), INSANE[0]];
    let key = sent("POST", "/api-keys", good, r#"{"name":"canary-key","scope":"admin"}"#, 201);
    sent("POST", "/api-keys", good, r#"{"name":"x","scope":"canary-scope","expires_at":"canary-time"}"#, 422);
    let secret = member(&key, "secret");
    let [with_key, wrong_key] = [format!("Bearer {secret}"), format!("Bearer {secret}x")];
    sent("GET", "/users/me", &[("Authorization", &with_key)], "", 200);
    sent("POST", "/api-keys", &[("Authorization", &with_key)], r#"{"name":"x","scope":"read"}"#, 403);
    sent("GET", "/users/me", &[("Authorization", &wrong_key)], "", 401);
    sent("GET", "/users/me", &[("Authorization", "Bearer hr_live_canary-key_canary-secret")], "", 401);
    let path = sent("POST", "/accounts", &[("Authorization", &with_key), INSANE[0]], r#"{"name":"Salon"}"#, 201);
    let account = member(&path, "id");
    let to = |rest: &str| format!("/accounts/{account}{rest}");
    sent("PUT", &to("/members/canary-unknown"), good, r#"{"role":"canary-role"}"#, 422);
    sent("GET", &to("/members/canary-unknown"), good, "", 404);
    sent("GET", &to("/audit?cursor=canary-cursor.canary-seal"), good, "", 400);
    sent("GET", "/accounts?limit=canary-limit", good, "", 400);
    sent("PATCH", "/users/me", good, r#"{"username":"canary name"}"#, 422);
    let change = |old: &str| json!({"password": old, "new_password": "canary-password-3"}).to_string();
    sent("POST", "/users/me/password", good, &change("canary-password-9"), 422);
    sent("POST", "/users/me/password", good, &change("canary-password-1"), 204);
    sent("POST", "/token/refresh", INSANE, &refresh(&member(&first, "refresh_token")), 401);
    let third = sent("POST", "/token", INSANE, r#"{"username":"ann","password":"canary-password-3"}"#, 200);
    sent("POST", "/token/revoke", INSANE, &refresh(&member(&third, "refresh_token")), 204);
    let tokens = [&first, &second, &third].map(|answer| member(answer, "access_token"));
    // The header of a token is no secret, and neither is the id in an API key.
    let mut secrets: Vec<String> = tokens.iter().flat_map(|it| it.split('.').skip(1).map(str::to_owned)).collect();
    secrets.extend([&first, &second, &third].map(|answer| member(answer, "refresh_token")));
    secrets.extend(secret.rsplit('_').next().map(str::to_owned));
    (secrets, account)
}

/// The log, once it contains the line of the last request.
fn log_with(server: &Server, last: &str) -> String {
    let health = [("X-Request-Id", last)];
    assert_eq!(send(server, "GET", "/health", &health, "").status, 200);
    await_some("the last request is logged", || Some(server.log()).filter(|log| log.contains(last)))
}

#[test]
fn no_secret_is_logged_at_any_level_in_any_format() {
    for format in ["human", "json"] {
        let dir = tempfile::tempdir().expect("a directory");
        let server = start(&dir, format);
        let token = send_canaries(&server);
        let log = log_with(&server, "the-last-one");
        assert!(log.contains("headroom::access"), "nothing is logged");
        let parts = token.split('.').skip(1).chain([CANARY]);
        for secret in parts {
            let lines: Vec<&str> = log.lines().filter(|line| line.contains(secret)).take(3).collect();
            assert!(lines.is_empty(), "{format}: {secret} is logged: {lines:#?}");
        }
        server.stop_and_verify();
    }
}

#[test]
fn no_user_secret_is_logged_audited_stored_in_plain_text_or_returned() {
    for format in ["human", "json"] {
        let dir = tempfile::tempdir().expect("a directory");
        let server = start(&dir, format);
        let (mut secrets, account) = send_canaries_of_a_user(&server);
        let operator = server.log_in("user", PASSWORD);
        let audit = operator.get(&format!("/accounts/{account}/audit")).body.to_string();
        assert!(audit.contains("account.opened"), "{audit}");
        let log = log_with(&server, "the-last-one");
        server.stop_and_verify();
        // All stored data with the whole audit log, without the names that are canaries on purpose.
        let kept = database_of(dir.path()).content();
        let kept = String::from_utf8_lossy(&kept).replace("canary-key", "");
        assert!(kept.contains("session.started") && kept.contains("$argon2id$"), "the stored content has both");
        secrets.extend([CANARY, "$argon2id$"].map(str::to_owned));
        for secret in &secrets {
            assert!(!log.contains(secret), "{format}: {secret} is logged");
            assert!(!audit.contains(secret), "{secret} is audited");
            assert!(!kept.contains(secret) || secret == "$argon2id$", "{secret} is stored");
        }
    }
}

#[test]
fn json_log_lines_are_objects_and_each_request_has_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = start(&dir, "json");
    let token = send_canaries(&server);
    let bearer = format!("Bearer {token}");
    let user = member(&send(&server, "GET", "/users/me", &[("Authorization", &bearer)], ""), "id");
    let log = log_with(&server, "the-last-one");
    let lines = log.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(value.is_object(), "{line}");
        value
    });
    let requests: Vec<Value> = lines.filter(|line| line["target"] == "headroom::access").collect();
    assert!(requests.len() >= 22, "{} requests are logged", requests.len());
    for line in &requests {
        let texts = ["time", "level", "message", "method", "route", "code", "request_id", "client", "caller"];
        assert!(texts.iter().all(|name| line[name].is_string()), "{line}");
        assert!(["status", "duration_us"].iter().all(|name| line[name].is_u64()), "{line}");
    }
    let has = |members: &[(&str, Value)]| requests.iter().any(|line| members.iter().all(|(name, v)| line[name] == *v));
    let booking = ("route", json!("/accounts/{account_id}/bookings"));
    let caller = ("caller", json!(user));
    let code = |code: &str| ("code", json!(code));
    assert!(has(&[("method", json!("POST")), booking.clone(), ("status", json!(201)), code("-"), caller.clone()]));
    assert!(has(&[("method", json!("POST")), booking, ("status", json!(400)), code("invalid_json"), caller]));
    assert!(has(&[("route", json!("-")), ("status", json!(404)), code("not_found"), ("caller", json!("-"))]));
    assert!(has(&[("request_id", json!("the-last-one")), ("route", json!("/health"))]));
    server.stop_and_verify();
}

#[test]
fn log_lines_cannot_be_forged() {
    const FORGED: &str = "2026-01-01T00:00:00.000Z INFO  headroom::access: forged";
    for format in ["human", "json"] {
        let dir = tempfile::tempdir().expect("a directory");
        let server = start(&dir, format);
        let credentials = json!({"username": "user", "password": PASSWORD}).to_string();
        let token = member(&send(&server, "POST", "/token", &[], &credentials), "access_token");
        let bearer = format!("Bearer {token}");
        // The log line contains the id of the caller.
        assert_eq!(send(&server, "GET", "/accounts/x", &[("Authorization", &bearer)], "").status, 404);
        let breaks = ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{b}", "%0A", "%0D%0A", "\\n"];
        for line_break in breaks {
            let forgery = format!("x{line_break}{FORGED}");
            let credentials = json!({"username": forgery, "password": forgery}).to_string();
            assert_eq!(send(&server, "POST", "/token", &[], &credentials).status, 401);
            for header in ["X-Request-Id", "traceparent", "Authorization", "User-Agent", "Accept"] {
                exchange(&mut connect(&server), &request("GET", "/accounts/x", &[(header, &forgery)], ""));
            }
            exchange(&mut connect(&server), &format!("GET /{forgery} HTTP/1.1\r\nHost: x\r\n\r\n"));
            exchange(&mut connect(&server), &format!("{forgery} / HTTP/1.1\r\nHost: x\r\n\r\n"));
        }
        let log = log_with(&server, "the-last-one");
        let begins_a_line = |part: &str| part.trim_start().starts_with(FORGED);
        let forged = log.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{b}']).find(|part| begins_a_line(part));
        assert_eq!(forged, None, "{format}");
        server.stop_and_verify();
    }
}

#[test]
fn the_log_names_the_client_that_a_trusted_proxy_names() {
    for (trusted, client) in [("127.0.0.0/8", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")] {
        let dir = tempfile::tempdir().expect("a directory");
        let mut command = headroom(dir.path());
        command.env("HEADROOM_TRUSTED_PROXIES", trusted).env("HEADROOM_LOG_FORMAT", "json");
        let server = Server::spawn(command).listening();
        let headers = [("X-Request-Id", "forwarded"), ("X-Forwarded-For", "1.1.1.1, 203.0.113.9")];
        assert_eq!(send(&server, "GET", "/plans", &headers, "").status, 200);
        let log = log_with(&server, "the-last-one");
        let line = log.lines().find(|line| line.contains("forwarded")).expect("the request is logged");
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(line["client"], client);
        server.stop_and_verify();
    }
}
