//! Retries: what is sent again, with which key, and what is not.

mod support;

use std::time::Duration;

use headroom_client::{AccountChange, CheckQuestion, Error, RetryPolicy};
use support::{Scripted, Step, account, problem};

const ACCOUNT: &str = "acct_01h455vb4pex5vsknk084sn02q";

#[tokio::test]
async fn a_post_is_repeated_with_its_key_until_it_is_answered() {
    for failure in [
        Step::Cut,
        Step::CutInBody,
        Step::Hang,
        problem(429, "rate_limited", "retry-after: 0\r\n"),
        problem(503, "unavailable", "retry-after: 0\r\n"),
        problem(503, "outcome_unknown", ""),
        Step::Answer(502, "", "<html>Bad Gateway</html>".to_owned()),
    ] {
        let server = Scripted::start(vec![failure.clone(), failure.clone(), account()]).await;
        let client = server.client();
        let client = if matches!(failure, Step::Hang) { client.timeout(Duration::from_secs(1)) } else { client };
        let created = client.build().unwrap().accounts().create("My Salon").send().await.unwrap();
        assert_eq!((created.value.id.to_string().as_str(), created.etag.as_deref()), (ACCOUNT, Some("\"v1\"")));
        assert!(created.is_created && !created.is_replayed && !created.is_dry_run);
        let asked = server.asked();
        let keys: Vec<_> = asked.iter().map(|request| request.header("idempotency-key")).collect();
        assert_eq!(keys.len(), 3, "{failure:?}");
        assert!(keys[0].is_some() && keys.iter().all(|key| *key == keys[0]), "{failure:?}: {keys:?}");
        for request in asked {
            assert_eq!(
                (request.line.as_str(), request.body.as_str()),
                ("POST /accounts HTTP/1.1", r#"{"name":"My Salon"}"#)
            );
            assert_eq!(request.header("authorization"), Some("bearer hr_live_secret"));
        }
    }
}

#[tokio::test]
async fn attempts_are_bounded() {
    let server = Scripted::start(vec![problem(503, "unavailable", "retry-after: 0\r\n")]).await;
    let refused = server.client().build().unwrap().accounts().create("My Salon").await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    assert_eq!(server.asked().len(), 5);
    // The service says that it will take longer than all attempts may take.
    let server = Scripted::start(vec![problem(429, "rate_limited", "retry-after: 60\r\n")]).await;
    let refused = server.client().build().unwrap().accounts().create("My Salon").await;
    let Err(Error::RateLimited { retry_after, problem }) = refused else { panic!("{refused:?}") };
    assert_eq!((retry_after, problem.request_id.as_str()), (Some(Duration::from_mins(1)), "r1"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_outcome_that_was_unknown_stays_unknown() {
    // The other attempts had no effect, but the second may have had one.
    let busy = problem(503, "unavailable", "retry-after: 0\r\n");
    let server = Scripted::start(vec![busy.clone(), problem(503, "outcome_unknown", ""), busy]).await;
    let refused = server.client().build().unwrap().accounts().create("My Salon").await;
    assert!(matches!(refused, Err(Error::OutcomeUnknown(_))), "{refused:?}");
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_refresh_is_not_sent_again_when_that_would_revoke_the_session() {
    // The next attempt would begin, and could end, 30 seconds after the first.
    let server = Scripted::start(vec![problem(503, "unavailable", "retry-after: 25\r\n")]).await;
    let mut patient = RetryPolicy::default();
    patient.total = Duration::from_hours(1);
    let client = server.client().retries(patient).build().unwrap();
    let refused = client.tokens().refresh("hr_refresh_1").await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    assert_eq!(server.asked().len(), 1);
    let lost = Scripted::start(vec![Step::Cut, problem(401, "invalid_token", "")]).await;
    let refused = lost.client().build().unwrap().tokens().refresh("hr_refresh_1").await;
    assert!(matches!(refused, Err(Error::Unauthenticated(_))), "{refused:?}");
    assert_eq!(lost.asked().len(), 2, "until then it is");
}

#[tokio::test]
async fn without_retries_a_lost_answer_is_an_error_at_once() {
    let server = Scripted::start(vec![Step::Hang]).await;
    let client = server.client().retries(RetryPolicy::never()).timeout(Duration::from_secs(1)).build().unwrap();
    let lost = client.accounts().create("My Salon").await;
    let Err(Error::Connection { reason, is_sent: true }) = lost else { panic!("{lost:?}") };
    assert!(reason.contains("timed out") && !reason.contains("http://"), "{reason}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_conditional_change_of_unknown_outcome_is_not_sent_again() {
    let change = AccountChange { name: Some("Our Salon".to_owned()), ..AccountChange::default() };
    let server = Scripted::start(vec![Step::Cut, account()]).await;
    let conditional = server.client().build().unwrap().account(ACCOUNT.parse().unwrap());
    let lost = conditional.change(&change).if_match("\"v1\"").await;
    assert!(matches!(lost, Err(Error::Connection { is_sent: true, .. })), "{lost:?}");
    let asked = server.asked();
    assert_eq!(
        (asked.len(), asked[0].header("if-match"), asked[0].header("idempotency-key")),
        (1, Some("\"v1\""), None)
    );
    assert_eq!(asked[0].body, r#"{"name":"Our Salon"}"#);
    let server = Scripted::start(vec![Step::Cut, account()]).await;
    let plain = server.client().build().unwrap().account(ACCOUNT.parse().unwrap());
    assert!(plain.change(&change).await.is_ok());
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_not_sent_again() {
    let server = Scripted::start(vec![problem(404, "not_found", ""), account()]).await;
    let found = server.client().build().unwrap().account(ACCOUNT.parse().unwrap()).find().await;
    assert!(matches!(found, Err(Error::NotFound(_))), "{found:?}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn checks_fail_closed_unless_the_client_fails_open() {
    let id = ACCOUNT.parse().unwrap();
    for step in [Step::Cut, problem(503, "unavailable", "retry-after: 0\r\n"), problem(500, "internal", "")] {
        let server = Scripted::start(vec![step.clone()]).await;
        let [closed, open] = [false, true].map(|opens| server.client().fail_open(opens).build().unwrap().account(id));
        let question = CheckQuestion::metric("staff").quantity(3);
        assert!(closed.check(&question).await.is_err() && closed.entitlements().await.is_err(), "{step:?}");
        let check = open.check(&question).await.unwrap();
        assert!(check.is_allowed() && check.is_assumed());
        assert_eq!(open.check_all(&[question.clone(), question.clone()]).await.unwrap().len(), 2);
        let entitlements = open.entitlements().await.unwrap();
        assert!(entitlements.is_assumed && entitlements.allows("staff", 1000) && entitlements.has("sso"));
        assert!(open.staff().add("Ann").await.is_err(), "a creation is never assumed");
    }
    // A refusal is a decision.
    let server = Scripted::start(vec![problem(403, "forbidden", "")]).await;
    let open = server.client().fail_open(true).build().unwrap().account(id);
    assert!(matches!(open.entitlements().await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn nothing_is_sent_that_cannot_be_expressed() {
    let server = Scripted::start(vec![account()]).await;
    let account = server.client().build().unwrap().account(ACCOUNT.parse().unwrap());
    let storage = account.allocations("storage");
    for request in [storage.find(".."), storage.find("a").idempotency_key("a\nb"), storage.find(&"a".repeat(70_000))] {
        let refused = request.await;
        assert!(matches!(refused, Err(Error::Unsendable(_))), "{refused:?}");
    }
    assert_eq!(server.asked().len(), 0);
    let key = account.allocations("storage").find("a/b c?").await;
    assert!(key.is_err(), "the answer is not an allocation");
    let line = format!("GET /accounts/{ACCOUNT}/allocations/storage/a%2Fb%20c%3F HTTP/1.1");
    assert_eq!(server.asked()[0].line, line);
}

#[tokio::test]
async fn secrets_are_in_no_debug_output() {
    let server = Scripted::start(vec![account()]).await;
    let client = server.client().build().unwrap();
    let request = client.accounts().create("My Salon");
    for text in [format!("{:?}", server.client()), format!("{client:?}"), format!("{request:?}")] {
        assert!(!text.contains("hr_live_secret"), "{text}");
    }
    for bad in ["ftp://localhost", "localhost:8000", "http://localhost/?a=b", ""] {
        let built = headroom_client::Client::new(bad, "hr_live_secret");
        assert!(matches!(built, Err(Error::Configuration(_))), "{bad}: {built:?}");
    }
    assert!(matches!(client.with_token("a\nb"), Err(Error::Configuration(_))));
}
