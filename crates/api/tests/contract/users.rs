//! Users: registration, login, changes, deletion; and the sessions that begin and end with them.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use api::clock::SystemClock;
use domain::error::StorageError;
use domain::ports::{Clock, Store};
use domain::use_cases::SESSIONS_MAX;
use domain::{PasswordHash, SignedDuration, User, UserId, Username};
use serde_json::{Value, json};
use testkit::fixtures::FixedClock;

use crate::house::{Person, bearer, fresh_name, person, start, start_by, start_closed};
use crate::in_process::{Answer, Service, text};

const PASSWORD: &str = "a quiet river";

async fn post(service: &Service, path: &str, body: Value) -> Answer {
    service.send(TestRequest::post().uri(path).set_json(body)).await
}

async fn register(service: &Service, username: &str, password: &str) -> Answer {
    post(service, "/users", json!({"username": username, "password": password})).await
}

async fn log_in(service: &Service, username: &str, password: &str) -> Answer {
    post(service, "/token", json!({"username": username, "password": password})).await
}

async fn refresh(service: &Service, token: &Value) -> Answer {
    post(service, "/token/refresh", json!({"refresh_token": token})).await
}

/// The user of the access token.
async fn me(service: &Service, tokens: &Value) -> Answer {
    service.send(TestRequest::get().uri("/users/me").insert_header(bearer(text(&tokens["access_token"])))).await
}

#[actix_web::test]
async fn a_registered_user_logs_in_in_any_letter_case() {
    let service = start().await;
    let answer = register(&service, " Ann.B+1@Example.com ", PASSWORD).await;
    let user = answer.expect(201);
    assert_eq!(answer.header("location"), Some("/users/me"));
    assert_eq!((&user["username"], &user["is_operator"]), (&json!("ann.b+1@example.com"), &json!(false)));
    assert!(!answer.text().contains(PASSWORD) && !answer.text().contains("argon2"));
    for username in ["ann.b+1@example.com", "ANN.B+1@EXAMPLE.COM"] {
        let tokens = log_in(&service, username, PASSWORD).await.expect(200);
        assert_eq!(me(&service, &tokens).await.expect(200), user);
    }
    log_in(&service, "ann.b+1@example.com", "A quiet river").await.refused(401, "invalid_credentials");
}

#[actix_web::test]
async fn usernames_are_unique_in_every_letter_case() {
    let service = start().await;
    register(&service, "ann", PASSWORD).await.expect(201);
    let before = service.commits();
    for taken in ["ann", "ANN", " Ann "] {
        register(&service, taken, PASSWORD).await.refused(409, "conflict");
        let ben = Method::PATCH;
        service
            .send(service.authorised(ben, "/users/me").set_json(json!({"username": taken})))
            .await
            .refused(409, "conflict");
    }
    register(&service, "user", PASSWORD).await.refused(409, "conflict");
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn short_long_common_and_username_passwords_are_refused() {
    let service = start().await;
    let user = person(&service).await;
    let before = service.commits();
    let (short, long) = ("é".repeat(7), "é".repeat(129));
    let own_name = "registered.name";
    for (password, code) in [
        (short.as_str(), "too_short"),
        ("", "too_short"),
        (&long, "too_long"),
        ("Password1", "common_password"),
        ("12345678", "common_password"),
        ("Registered.Name", "same_as_username"),
    ] {
        // In every spelling: the normalised username is compared.
        for own_name in [own_name, " Registered.NAME\n"] {
            let faults = register(&service, own_name, password).await.faults();
            assert_eq!(faults, [("/password".to_owned(), code.to_owned())], "{password}");
        }
        let own = if code == "same_as_username" { user.name.to_uppercase() } else { password.to_owned() };
        let change = json!({"password": "user", "new_password": own});
        let faults = user.post(&service, "/users/me/password", change).await.faults();
        assert_eq!(faults, [("/new_password".to_owned(), code.to_owned())], "{password}");
    }
    for (username, code) in [
        ("", "blank"),
        (".", "only_dots"),
        (" .. ", "only_dots"),
        ("ann b", "not_a_username"),
        ("ann\u{200b}", "not_a_username"),
        (&"a".repeat(65), "too_long"),
    ] {
        let faults = register(&service, username, PASSWORD).await.faults();
        assert_eq!(faults, [("/username".to_owned(), code.to_owned())], "{username}");
        let rename = service.authorised(Method::PATCH, "/users/me").set_json(json!({"username": username}));
        let faults = service.send(rename).await.faults();
        assert_eq!(faults, [("/username".to_owned(), code.to_owned())], "{username}");
    }
    assert!(service.commits() == before, "something was written");
    let (shortest, longest) = ("é".repeat(8), "é".repeat(128));
    for password in [&shortest, &longest] {
        let name = fresh_name();
        register(&service, &name, password).await.expect(201);
        log_in(&service, &name, password).await.expect(200);
    }
}

#[actix_web::test]
async fn a_password_matches_in_every_unicode_form() {
    let service = start().await;
    let typings = ["un caf\u{e9} noir", "un cafe\u{301} noir", "un\u{a0}caf\u{e9}\u{2003}noir"];
    for chosen in typings {
        let name = fresh_name();
        register(&service, &name, chosen).await.expect(201);
        for typed in typings {
            log_in(&service, &name, typed).await.expect(200);
        }
        log_in(&service, &name, "un cafe noir").await.refused(401, "invalid_credentials");
    }
    let user = person(&service).await;
    let [composed, decomposed, _] = typings;
    for (password, new_password) in [("user", decomposed), (composed, PASSWORD)] {
        let tokens = log_in(&service, &user.name, password).await.expect(200);
        let change = TestRequest::post().uri("/users/me/password").insert_header(bearer(text(&tokens["access_token"])));
        let change = change.set_json(json!({"password": password, "new_password": new_password}));
        assert_eq!(service.send(change).await.status, 204);
    }
    log_in(&service, &user.name, PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn changing_the_password_requires_it_and_ends_every_session() {
    let service = start().await;
    register(&service, "ann", PASSWORD).await.expect(201);
    let (first, second) = (log_in(&service, "ann", PASSWORD).await, log_in(&service, "ann", PASSWORD).await);
    let (first, second) = (first.expect(200), second.expect(200));
    let change = async |password: &str| {
        let body = json!({"password": password, "new_password": "a wider, quieter river"});
        let request = TestRequest::post().uri("/users/me/password").set_json(body);
        service.send(request.insert_header(bearer(text(&first["access_token"])))).await
    };
    assert_eq!(change("a loud river").await.faults(), [("/password".to_owned(), "wrong_password".to_owned())]);
    me(&service, &first).await.expect(200);
    assert_eq!(change(PASSWORD).await.status, 204);
    for tokens in [&first, &second] {
        me(&service, tokens).await.refused(401, "invalid_token");
        refresh(&service, &tokens["refresh_token"]).await.refused(401, "invalid_token");
    }
    log_in(&service, "ann", PASSWORD).await.refused(401, "invalid_credentials");
    log_in(&service, "ann", "a wider, quieter river").await.expect(200);
}

#[actix_web::test]
async fn a_username_can_be_changed_and_the_old_one_reused() {
    let service = start().await;
    let (ann, old) = (person(&service).await, fresh_name());
    let change = json!({"username": old.to_uppercase()});
    let user = ann.send(&service, Method::PATCH, "/users/me", change.clone()).await.expect(200);
    assert_eq!((&user["username"], &user["id"]), (&json!(old), &json!(ann.login.user.to_string())));
    ann.send(&service, Method::PATCH, "/users/me", change).await.expect(200);
    log_in(&service, &old, "user").await.expect(200);
    log_in(&service, &ann.name, "user").await.refused(401, "invalid_credentials");
    register(&service, &ann.name, PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn the_operators_name_is_reserved_and_the_last_operator_stays() {
    let service = start().await;
    let ann = person(&service).await;
    let operator = async |method: Method, body: Option<Value>| {
        let request = service.authorised(method, "/users/me");
        service.send(body.iter().fold(request, TestRequest::set_json)).await
    };
    let name = |name: &str| Some(json!({"username": name}));
    let before = service.commits();
    operator(Method::DELETE, None).await.refused(409, "conflict");
    operator(Method::PATCH, name("boss")).await.refused(409, "conflict");
    assert!(service.commits() == before, "something was written");
    // With another operator both are permitted, and the name stays reserved.
    let (id, now) = (UserId::from_uuid(service.state.next_uuid()), service.state.now());
    let password = PasswordHash::from_phc("no password lets them in".to_owned());
    let username = Username::parse("chief").expect("it is a username");
    let chief = User { id, username, password, is_operator: true, is_disabled: false, created_at: now };
    service.state.store.write::<_, StorageError>(move |tx| tx.insert_user(&chief)).await.expect("the write succeeds");
    operator(Method::PATCH, name("boss")).await.expect(200);
    for taken in ["user", "USER"] {
        register(&service, taken, PASSWORD).await.refused(409, "conflict");
        ann.patch(&service, "/users/me", json!({"username": taken})).await.refused(409, "conflict");
    }
    operator(Method::PATCH, name("user")).await.expect(200);
    assert_eq!(operator(Method::DELETE, None).await.status, 204);
    register(&service, "user", PASSWORD).await.refused(409, "conflict");
}

#[actix_web::test]
async fn the_last_owner_cannot_delete_their_user_before_a_transfer() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let account = ann.post(&service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
    let account = format!("/accounts/{}", text(&account["id"]));
    let leave = async |who: &Person| who.ask(&service, Method::DELETE, "/users/me").await;
    let before = service.commits();
    leave(&ann).await.refused(409, "conflict");
    assert!(service.commits() == before, "something was written");
    let member = format!("{account}/members/{}", ben.name);
    ann.send(&service, Method::PUT, &member, json!({"role": "owner"})).await.expect(200);
    leave(&ann).await.refused(409, "conflict");
    ben.accept(&service, &account).await;
    ann.post(&service, &format!("{account}/transfer"), json!({"user": ben.name})).await.expect(200);
    assert_eq!(leave(&ann).await.status, 204);
    ann.get(&service, "/users/me").await.refused(401, "invalid_token");
    refresh(&service, &json!(ann.refresh_token)).await.refused(401, "invalid_token");
    log_in(&service, &ann.name, "user").await.refused(401, "invalid_credentials");
    let members = ben.get(&service, &format!("{account}/members")).await.expect(200);
    assert_eq!(members["data"].as_array().map(Vec::len), Some(1), "{members}");
    register(&service, &ann.name, PASSWORD).await.expect(201);
}

#[actix_web::test]
async fn reusing_a_refresh_token_revokes_its_session() {
    let service = start().await;
    let first = log_in(&service, "user", "user").await.expect(200);
    let other = log_in(&service, "user", "user").await.expect(200);
    let second = refresh(&service, &first["refresh_token"]).await.expect(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let form = [("grant_type", "refresh_token"), ("refresh_token", text(&second["refresh_token"]))];
    let third = service.send(TestRequest::post().uri("/token").set_form(form)).await.expect(200);
    for tokens in [&first, &second, &third] {
        me(&service, tokens).await.expect(200);
    }
    refresh(&service, &first["refresh_token"]).await.refused(401, "invalid_token");
    for tokens in [&first, &second, &third] {
        me(&service, tokens).await.refused(401, "invalid_token");
        refresh(&service, &tokens["refresh_token"]).await.refused(401, "invalid_token");
    }
    me(&service, &other).await.expect(200);
    refresh(&service, &other["access_token"]).await.refused(401, "invalid_token");
    refresh(&service, &other["refresh_token"]).await.expect(200);
}

#[actix_web::test]
async fn a_refresh_can_be_repeated_for_30_seconds() {
    let clock = Arc::new(FixedClock::new(SystemClock.now()));
    let service = start_by(Arc::clone(&clock)).await;
    let begun = service.state.now();
    let first = log_in(&service, "user", "user").await.expect(200);
    let second = refresh(&service, &first["refresh_token"]).await.expect(200);
    clock.set(begun + SignedDuration::from_secs(30) - SignedDuration::from_micros(1));
    let commits = service.commits();
    let again = refresh(&service, &first["refresh_token"]).await.expect(200);
    let form = [("grant_type", "refresh_token"), ("refresh_token", text(&first["refresh_token"]))];
    let by_form = service.send(TestRequest::post().uri("/token").set_form(form)).await.expect(200);
    for tokens in [&again, &by_form] {
        assert_eq!(tokens["refresh_token"], second["refresh_token"]);
        assert_ne!(tokens["access_token"], second["access_token"]);
        me(&service, tokens).await.expect(200);
    }
    assert!(service.commits() == commits, "a repetition writes nothing");
    // After the successor was used, or 30 seconds later, a repetition is a theft.
    let third = refresh(&service, &second["refresh_token"]).await.expect(200);
    refresh(&service, &first["refresh_token"]).await.refused(401, "invalid_token");
    me(&service, &third).await.refused(401, "invalid_token");
    let other = log_in(&service, "user", "user").await.expect(200);
    let next = refresh(&service, &other["refresh_token"]).await.expect(200);
    clock.set(service.state.now() + SignedDuration::from_secs(30));
    refresh(&service, &other["refresh_token"]).await.refused(401, "invalid_token");
    refresh(&service, &next["refresh_token"]).await.refused(401, "invalid_token");
}

#[actix_web::test]
async fn a_login_beyond_the_maximum_ends_the_oldest_session() {
    let service = start().await;
    register(&service, "ann", PASSWORD).await.expect(201);
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS_MAX {
        sessions.push(log_in(&service, "ann", PASSWORD).await.expect(200));
    }
    let [oldest, next] = [&sessions[0], &sessions[1]];
    me(&service, oldest).await.expect(200);
    log_in(&service, "ann", "a loud river").await.refused(401, "invalid_credentials");
    me(&service, oldest).await.expect(200);
    let newest = log_in(&service, "ann", PASSWORD).await.expect(200);
    me(&service, oldest).await.refused(401, "invalid_token");
    refresh(&service, &oldest["refresh_token"]).await.refused(401, "invalid_token");
    for tokens in [next, &newest] {
        me(&service, tokens).await.expect(200);
        refresh(&service, &tokens["refresh_token"]).await.expect(200);
    }
    assert_eq!(service.get("/users/me").await.status, 200, "another user's session goes on");
}

#[actix_web::test]
async fn revoking_ends_a_session_and_never_reveals_whether_it_existed() {
    let service = start().await;
    let tokens = log_in(&service, "user", "user").await.expect(200);
    let token = json!({"refresh_token": tokens["refresh_token"]});
    for body in [token.clone(), token, json!({"refresh_token": "hr_refresh_0"}), json!({"refresh_token": ""})] {
        assert_eq!(post(&service, "/token/revoke", body).await.status, 204);
        me(&service, &tokens).await.refused(401, "invalid_token");
    }
    refresh(&service, &tokens["refresh_token"]).await.refused(401, "invalid_token");
}

#[actix_web::test]
async fn users_cannot_register_where_registration_is_closed() {
    let service = start_closed().await;
    let before = service.commits();
    for body in [json!({"username": "ann", "password": PASSWORD}), json!({"username": "user"}), json!({})] {
        post(&service, "/users", body).await.refused(403, "forbidden");
    }
    assert!(service.commits() == before, "something was written");
    log_in(&service, "user", "user").await.expect(200);
}
