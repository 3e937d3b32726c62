//! Rate limits: how requests are counted, and the `Retry-After` of a refusal. The limits are so
//! low, and refill so slowly, that time does not matter.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use api::{Allowance, ProxyHeader, RateLimitSettings, RequestPolicySettings};
use serde_json::json;

use crate::document::operations;
use crate::house::{Tenant, bearer, person, start, start_behind};
use crate::in_process::{Answer, Service};

const HERE: &str = "192.0.2.7";
const ELSEWHERE: &str = "198.51.100.9";
const PROXY: &str = "10.0.0.1";

/// Two per day.
const TWO: Option<Allowance> = Some(Allowance {
    requests: NonZeroU32::MIN.saturating_add(1),
    window_seconds: NonZeroU32::MIN.saturating_add(86_399),
});
/// Eight per day.
const EIGHT: Option<Allowance> = Some(Allowance {
    requests: NonZeroU32::MIN.saturating_add(7),
    window_seconds: NonZeroU32::MIN.saturating_add(86_399),
});
const OFF: RateLimitSettings =
    RateLimitSettings { per_caller: None, per_address: None, login: None, login_per_name: None };

async fn limited(rate_limits: RateLimitSettings) -> Service {
    let trusted_proxies = "10.0.0.0/8".parse().expect("the proxies are valid");
    start_behind(&RequestPolicySettings { rate_limits, trusted_proxies, ..RequestPolicySettings::default() }).await
}

fn get(path: &str, peer: &str) -> TestRequest {
    from(TestRequest::get().uri(path), peer)
}

fn from(request: TestRequest, peer: &str) -> TestRequest {
    request.peer_addr(SocketAddr::new(peer.parse().expect("an address"), 4711))
}

async fn statuses(service: &Service, requests: impl IntoIterator<Item = TestRequest>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(service.send(request).await.status);
    }
    statuses
}

#[track_caller]
fn assert_refused(answer: &Answer, policy: &str) {
    let problem = answer.refused(429, "rate_limited");
    assert_eq!(problem["title"], "Too many requests");
    let wait: u32 = answer.header("retry-after").and_then(|it| it.parse().ok()).expect("it has a Retry-After");
    assert!((86_400 / 2 - 600..=86_400 / 2).contains(&wait), "{wait}");
    assert_eq!(answer.header("ratelimit-policy"), Some(format!("\"{policy}\";q=2;w=86400").as_str()));
    assert_eq!(answer.header("ratelimit"), Some(format!("\"{policy}\";r=0;t={wait}").as_str()));
}

#[actix_web::test]
async fn a_caller_is_counted_across_addresses() {
    let service = limited(RateLimitSettings { per_caller: TWO, ..OFF }).await;
    for (peer, state) in [(HERE, "\"caller\";r=1;t=43200"), (ELSEWHERE, "\"caller\";r=0;t=86400")] {
        let answer = service
            .send(from(service.authorised(Method::POST, "/accounts"), peer).set_json(json!({"name": "A"})))
            .await;
        answer.expect(201);
        assert_eq!(answer.header("ratelimit"), Some(state));
        assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=2;w=86400"));
    }
    for request in
        [service.authorised(Method::GET, "/accounts/x"), from(service.authorised(Method::GET, "/accounts/x"), HERE)]
    {
        assert_refused(&service.send(request).await, "caller");
    }
    let token = service.user("another").await.token;
    let another = get("/accounts/x", HERE).insert_header(("authorization", format!("Bearer {token}")));
    assert_eq!(service.send(another).await.status, 404, "another caller has a limit of their own");
    service.send(TestRequest::get().uri("/plans")).await.expect(200);
}

#[actix_web::test]
async fn requests_without_a_token_are_counted_by_address() {
    let service = limited(RateLimitSettings { per_address: TWO, ..OFF }).await;
    assert_eq!(statuses(&service, ["/plans", "/nothing"].map(|path| get(path, HERE))).await, [200, 404]);
    for path in ["/plans", "/nothing", "/accounts/x", "/docs/", "/console/", "/openapi.json"] {
        assert_refused(&service.send(get(path, HERE)).await, "address");
    }
    let login = TestRequest::post().uri("/token").set_json(json!({"username": "user", "password": "user"}));
    assert_refused(&service.send(from(login, HERE)).await, "address");
    assert_refused(&service.send(get("/plans", &format!("::ffff:{HERE}"))).await, "address");
    assert_eq!(statuses(&service, [get("/plans", ELSEWHERE)]).await, [200]);
    for probe in ["/health", "/readyz"] {
        assert_eq!(statuses(&service, (0..5).map(|_| get(probe, HERE))).await, [200; 5], "a probe is not counted");
    }
    assert_eq!(
        statuses(&service, (0..5).map(|_| from(service.authorised(Method::GET, "/accounts/x"), HERE))).await,
        [404; 5]
    );
}

#[actix_web::test]
async fn an_ipv6_network_counts_as_one_address() {
    let service = limited(RateLimitSettings { per_address: TWO, ..OFF }).await;
    let peers = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::2", "2001:db8:1:3::1"];
    assert_eq!(statuses(&service, peers.map(|peer| get("/plans", peer))).await, [200, 200, 429, 200]);
}

#[actix_web::test]
async fn bad_and_unneeded_tokens_are_counted_by_address() {
    let service = limited(RateLimitSettings { per_address: TWO, ..OFF }).await;
    let guess = |peer| get("/accounts/x", peer).insert_header(("authorization", "Bearer guess"));
    assert_eq!(statuses(&service, (0..3).map(|_| guess(HERE))).await, [401, 401, 429]);
    assert_refused(&service.send(guess(HERE)).await, "address");
    assert_eq!(statuses(&service, [from(service.authorised(Method::GET, "/accounts/x"), HERE)]).await, [404]);
    let open = ["/plans", "/nothing", "/plans"].map(|path| from(service.authorised(Method::GET, path), ELSEWHERE));
    assert_eq!(statuses(&service, open).await, [200, 404, 429]);
}

#[actix_web::test]
async fn token_requests_are_counted_before_they_are_parsed() {
    for path in ["/token", "/%74oken", "/toke%6E"] {
        let service = limited(RateLimitSettings { per_address: TWO, ..OFF }).await;
        let login = |name: &str| {
            let request = from(service.authorised(Method::POST, path), HERE);
            request.set_json(json!({"username": name, "password": "wrong"}))
        };
        for (name, code) in [("a", "invalid_credentials"), ("b", "invalid_credentials"), ("c", "rate_limited")] {
            let answer = service.send(login(name)).await;
            assert_eq!(answer.json()["code"], code, "{path}");
        }
        let no_json = from(service.authorised(Method::POST, path), HERE);
        assert_refused(&service.send(no_json).await, "address");
    }
}

#[actix_web::test]
async fn only_trusted_proxies_may_forward_a_client_address() {
    for (name, proxy_header) in [("x-forwarded-for", ProxyHeader::XForwardedFor), ("forwarded", ProxyHeader::Forwarded)]
    {
        let rate_limits = RateLimitSettings { per_address: TWO, ..OFF };
        let trusted_proxies = "10.0.0.0/8".parse().expect("the proxies are valid");
        let service = start_behind(&RequestPolicySettings {
            rate_limits,
            trusted_proxies,
            proxy_header,
            ..RequestPolicySettings::default()
        })
        .await;
        let said = |client: &str| if name == "forwarded" { format!("for={client}") } else { client.to_owned() };
        let request = |peer, client: &str| get("/plans", peer).insert_header((name, said(client)));
        let (direct, first, second) = if name == "forwarded" {
            ("203.0.113.1", "203.0.113.2", "203.0.113.3")
        } else {
            (HERE, ELSEWHERE, "198.51.100.10")
        };
        let spoofed = ["1.1.1.1", "2.2.2.2", "3.3.3.3"].map(|client| request(direct, client));
        assert_eq!(statuses(&service, spoofed).await, [200, 200, 429], "{name}");
        let forwarded = [first, first, first, second].map(|client| request(PROXY, client));
        assert_eq!(statuses(&service, forwarded).await, [200, 200, 429, 200], "{name}");
        let spoofed = ["1.1.1.1", "2.2.2.2"].map(|client| {
            get("/plans", PROXY)
                .insert_header((name, format!("{}, {}, {}", said(client), said(first), said("10.0.0.2"))))
        });
        assert_eq!(statuses(&service, spoofed).await, [429, 429], "{name}");
        // The proxy forwards unchanged the header that it does not write.
        let other = if name == "forwarded" { ("x-forwarded-for", "6.6.6.6") } else { ("forwarded", "for=6.6.6.6") };
        let spoofed = request(PROXY, first).insert_header(other);
        assert_eq!(statuses(&service, [spoofed]).await, [429], "{name}");
    }
}

#[actix_web::test]
async fn failed_logins_are_counted_by_username_and_address() {
    let service = limited(RateLimitSettings { login: TWO, ..OFF }).await;
    let login = |username: &str, password: &str, peer| {
        let body = json!({"username": username, "password": password});
        from(TestRequest::post().uri("/token").set_json(body), peer)
    };
    let guess = service.send(login("user", "wrong", HERE)).await;
    assert_eq!((guess.status, guess.header("ratelimit")), (401, Some("\"login\";r=1;t=43200")));
    service.send(login("user", "wrong", HERE)).await.refused(401, "invalid_credentials");
    for password in ["wrong", "user"] {
        assert_refused(&service.send(login("user", password, HERE)).await, "login");
    }
    assert_eq!(statuses(&service, [login("user", "user", ELSEWHERE)]).await, [200], "the owner is not locked out");
    assert_eq!(statuses(&service, [login("another", "wrong", HERE)]).await, [401]);
    let good_ones = (0..5).map(|_| login("user", "user", ELSEWHERE));
    assert_eq!(statuses(&service, good_ones).await, [200; 5], "successful logins are not counted");
    let wrong_and_right =
        ["wrong", "user", "wrong", "user", "wrong"].map(|password| login("user", password, ELSEWHERE));
    assert_eq!(statuses(&service, wrong_and_right).await, [401, 200, 401, 200, 401]);
}

#[actix_web::test]
async fn all_spellings_of_a_username_count_as_one() {
    let service = limited(RateLimitSettings { login: TWO, ..OFF }).await;
    let spellings = ["user", "USER", "User", " user", "user ", "\tuSer\n", "\u{a0}usEr"];
    let guesses = spellings.map(|username| {
        from(TestRequest::post().uri("/token").set_json(json!({"username": username, "password": "wrong"})), HERE)
    });
    assert_eq!(statuses(&service, guesses).await, [401, 401, 429, 429, 429, 429, 429]);
    let form = [("username", "uSER"), ("password", "user")];
    assert_refused(&service.send(from(TestRequest::post().uri("/token").set_form(form), HERE)).await, "login");
    let no_names = ["a b", "a c", "\u{e9}"].map(|username| {
        from(TestRequest::post().uri("/token").set_json(json!({"username": username, "password": "wrong"})), HERE)
    });
    assert_eq!(statuses(&service, no_names).await, [401, 401, 429], "invalid usernames count as one");
}

#[actix_web::test]
async fn distributed_guesses_are_limited_but_spare_known_addresses() {
    let service = limited(RateLimitSettings { login_per_name: TWO, ..OFF }).await;
    let login = |password: &str, number: u8| {
        let body = json!({"username": "user", "password": password});
        from(TestRequest::post().uri("/token").set_json(body), &format!("203.0.113.{number}"))
    };
    assert_eq!(statuses(&service, [login("user", 1)]).await, [200]);
    let guesses = (10..14).map(|number| login("wrong", number));
    assert_eq!(statuses(&service, guesses).await, [401, 401, 429, 429]);
    assert_refused(&service.send(login("user", 15)).await, "login-name");
    assert_eq!(statuses(&service, ["user", "wrong", "user"].map(|word| login(word, 1))).await, [200, 401, 200]);
    let another = json!({"username": "another", "password": "wrong"});
    let another = from(TestRequest::post().uri("/token").set_json(another), "203.0.113.20");
    assert_eq!(statuses(&service, [another]).await, [401], "another name has a limit of its own");
}

/// With a valid or an invalid token. (Regression: 20 users were registered by requests that were
/// answered with 429.)
#[actix_web::test]
async fn a_rate_limited_request_has_no_effect() {
    let service = limited(RateLimitSettings { per_address: TWO, ..OFF }).await;
    let tenant = Tenant::open(&service).await;
    let (good, bad) = (bearer(&service.token), bearer("hr_live_01h455vb4pex5vsknk084sn02q_00"));
    for _ in 0..3 {
        service.send(get("/plans", HERE)).await;
    }
    let is_public = |security: &serde_json::Value| security.as_array().is_none_or(Vec::is_empty);
    let public: Vec<_> = operations().into_iter().filter(|it| is_public(&it.description["security"])).collect();
    assert!(public.iter().any(|it| it.path == "/users") && public.iter().any(|it| it.path == "/token/refresh"));
    for operation in public.iter().filter(|it| it.path != "/health" && it.path != "/readyz") {
        for token in [&good, &bad] {
            let before = service.commits();
            let request = from(tenant.request(operation), HERE).insert_header(token.clone());
            assert_refused(&service.send(request).await, "address");
            assert!(service.commits() == before, "{} {} had an effect", operation.method, operation.path);
        }
    }
    // The unused refresh token is still valid.
    let refresh = TestRequest::post().uri("/token/refresh").insert_header(good);
    let refresh = refresh.set_json(json!({"refresh_token": tenant.owner.refresh_token}));
    assert_eq!(statuses(&service, [from(refresh, ELSEWHERE)]).await, [200]);
}

#[actix_web::test]
async fn sessions_and_api_keys_of_a_user_share_one_limit() {
    let service = limited(RateLimitSettings { per_caller: EIGHT, ..OFF }).await;
    let ann = person(&service).await;
    let (_, first) = ann.api_key(&service, "read", None).await;
    let (_, second) = ann.api_key(&service, "read", None).await;
    let ask = |token: &str| TestRequest::get().uri("/users/me").insert_header(bearer(token));
    // The first request of each key reveals its user.
    assert_eq!(statuses(&service, [ask(&first), ask(&second)]).await, [200, 200]);
    let mixed = [&ann.login.token, &first, &second, &ann.login.token, &first, &second, &ann.login.token];
    assert_eq!(statuses(&service, mixed.map(|token| ask(token))).await, [200, 200, 200, 200, 200, 200, 429]);
    let ben = person(&service).await;
    assert_eq!(statuses(&service, [ask(&ben.login.token)]).await, [200]);
}

#[actix_web::test]
async fn responses_without_a_limit_have_no_rate_limit_headers() {
    let service = start().await;
    for answer in [service.get("/accounts/x").await, service.send(TestRequest::get().uri("/plans")).await] {
        assert!(answer.header("ratelimit").is_none() && answer.header("ratelimit-policy").is_none());
    }
}
