//! Signing keys from the operator's view: rotation while servers run, file permissions, public
//! keys.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
}
use support::process::{Client, Finished, PASSWORD, Server, await_some, database, headroom, run};

const SECRET: &str = "a secret of the environment, 256 bits or more";

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn ring(dir: &Path) -> PathBuf {
    dir.join("headroom.db.keys")
}

/// Runs `headroom keys` with arguments in `dir`.
fn keys(dir: &Path, arguments: &[&str]) -> Finished {
    let mut command = headroom(dir);
    command.arg("keys").args(arguments);
    run(command)
}

/// Rotates and returns the id of the new key.
#[track_caller]
fn rotate(dir: &Path, arguments: &[&str]) -> String {
    let finished = keys(dir, &[&["rotate"], arguments].concat());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    finished.stdout.split(' ').next().expect("the key is printed").to_owned()
}

fn start_with(dir: &Path, flags: &[&str]) -> Server {
    let mut command = headroom(dir);
    command.args(flags);
    Server::spawn(command).listening()
}

/// The header of a client's token.
fn header(client: &Client) -> Header {
    jsonwebtoken::decode_header(client.token.as_deref().expect("a client has a token")).expect("a token has a header")
}

fn kid(client: &Client) -> String {
    header(client).kid.expect("a token names its key")
}

/// The status of a request with this client's token: 404 if the token is valid.
fn status(client: &Client) -> u16 {
    client.get("/accounts/unknown").status
}

/// The public keys that a server publishes.
fn public_keys(server: &Server) -> Value {
    let mut anyone = server.client();
    anyone.token = None;
    let answer = anyone.get("/.well-known/jwks.json");
    assert_eq!((answer.status, answer.content_type.as_deref()), (200, Some("application/json")));
    answer.body
}

/// The secret parts of the keys in the file.
fn material(dir: &Path) -> Vec<String> {
    let ring: Value = serde_json::from_slice(&fs::read(ring(dir)).expect("the keys exist")).expect("it is JSON");
    let keys = ring.as_array().expect("it is a list").iter();
    keys.map(|key| key["key"].as_str().expect("a key is a text").to_owned()).collect()
}

/// A client with a new token, once the key `id` signs it.
#[track_caller]
fn client_with(server: &Server, id: &str) -> Client {
    // One user for each: so many logins would end one user's older sessions.
    static USERS: AtomicUsize = AtomicUsize::new(0);
    let username = format!("user-{}", USERS.fetch_add(1, Ordering::Relaxed));
    server.register(&username);
    let log_in = || server.log_in(&username, PASSWORD);
    await_some("the server signs with the new key", || Some(log_in()).filter(|client| kid(client) == id))
}

#[test]
fn tokens_of_a_rotated_key_verify_until_it_is_removed() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let old = server.client();
    let second = rotate(dir.path(), &["--algorithm=EdDSA"]);
    let new = client_with(&server, &second);
    assert_eq!(header(&new).alg, Algorithm::EdDSA);
    assert_eq!((status(&old), status(&new)), (404, 404));
    assert_ne!(kid(&old), second);

    assert_eq!(keys(dir.path(), &["remove", &kid(&old)]).code, Some(0));
    await_some("the old token is refused", || (status(&old) == 401).then_some(()));
    assert_eq!(old.get("/accounts/unknown").text("code"), "invalid_token");
    assert_eq!(status(&new), 404);

    let refused = keys(dir.path(), &["remove", &second]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("the newest") && refused.stderr.contains("rotate"), "{refused:?}");
    let unknown = keys(dir.path(), &["remove", "-nothing"]);
    assert!(unknown.code == Some(1) && unknown.stderr.contains("there is no key -nothing"), "{unknown:?}");
    server.stop_and_verify();
}

#[test]
fn processes_accept_tokens_of_each_others_new_keys() {
    let dir = new_dir();
    let [one, other] = [(); 2].map(|()| Server::start(dir.path()));
    assert_eq!(status(&one.client().at(&other)), 404);
    let second = rotate(dir.path(), &[]);
    assert_eq!(status(&client_with(&one, &second).at(&other)), 404);
    client_with(&other, &second);
    one.stop_and_verify();
    other.stop_and_verify();
}

#[test]
fn public_keys_verify_tokens_and_cannot_sign_them() {
    let dir = new_dir();
    let server = start_with(dir.path(), &["--jwt-algorithm=EdDSA"]);
    let client = server.client();
    let second = rotate(dir.path(), &[]);
    let both = [client_with(&server, &second), client];
    let published = public_keys(&server);
    let set: JwkSet = serde_json::from_value(published.clone()).expect("it is a key set");
    assert_eq!(set.keys.len(), 2);
    for client in &both {
        let token = client.token.as_deref().expect("a client has a token");
        let jwk = set.find(&kid(client)).expect("the key is published");
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["headroom-api"]);
        validation.set_issuer(&["headroom"]);
        let key = DecodingKey::from_jwk(jwk).expect("it is a key");
        let verified = jsonwebtoken::decode::<Value>(token, &key, &validation).expect("the token verifies");
        assert!(verified.claims["sub"].as_str().is_some_and(|subject| subject.starts_with("user_")), "{verified:?}");

        let AlgorithmParameters::OctetKeyPair(public) = &jwk.algorithm else { panic!("{jwk:?}") };
        let header = Header { kid: Some(kid(client)), typ: Some("at+jwt".into()), ..Header::new(Algorithm::HS256) };
        let bytes = key.try_get_as_bytes().expect("it has bytes");
        for secret in [bytes, public.x.as_bytes()] {
            let signed = jsonwebtoken::encode(&header, &verified.claims, &EncodingKey::from_secret(secret));
            let mut forger = client.another();
            forger.token = Some(signed.expect("it can be signed"));
            assert_eq!(status(&forger), 401);
        }
    }
    let members: Vec<&String> = published["keys"][0].as_object().expect("a key is an object").keys().collect();
    assert_eq!(members, ["kty", "crv", "x", "kid", "alg", "use"]);
    assert!(material(dir.path()).iter().all(|key| !published.to_string().contains(key)));
    server.stop_and_verify();
}

#[test]
fn a_secret_is_not_published() {
    let dir = new_dir();
    for flags in [&[][..], &["--jwt-secret", SECRET]] {
        let server = start_with(dir.path(), flags);
        assert_eq!(public_keys(&server), json!({"keys": []}));
        server.stop_and_verify();
    }
}

#[test]
fn no_key_is_printed_or_logged() {
    let dir = new_dir();
    let server = start_with(dir.path(), &["--log=trace"]);
    let second = rotate(dir.path(), &["--algorithm=EdDSA"]);
    client_with(&server, &second);
    let listed = keys(dir.path(), &["list"]);
    let lines: Vec<Vec<&str>> = listed.stdout.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!((lines.len(), lines[1][0], lines[0][1], lines[1][1]), (2, second.as_str(), "HS256", "EdDSA"));
    assert!(lines.iter().all(|line| line[2].ends_with('Z')), "{listed:?}");
    assert_eq!((&lines[0][3..], &lines[1][3..]), (&[][..], &["signs"][..]), "{listed:?}");
    let as_json = keys(dir.path(), &["list", "--json"]);
    let parsed: Value = serde_json::from_str(&as_json.stdout).expect("it is JSON");
    assert_eq!((parsed[0]["signs"].as_bool(), parsed[1]["signs"].as_bool()), (Some(false), Some(true)), "{as_json:?}");
    assert_eq!((&parsed[1]["kid"], &parsed[1]["algorithm"]), (&json!(second), &json!("EdDSA")), "{as_json:?}");
    let output = format!("{listed:?} {as_json:?} {} {:?}", server.log(), keys(dir.path(), &["rotate"]));
    assert!(output.contains("the signing keys have changed"), "{output}");
    for key in material(dir.path()) {
        assert!(!output.contains(&key), "a key is printed or logged");
    }
    server.stop_and_verify();
}

#[test]
fn exposed_or_invalid_keys_prevent_a_start() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    fs::set_permissions(ring(dir.path()), fs::Permissions::from_mode(0o644)).expect("the test owns the file");
    let exposed = run(headroom(dir.path()));
    assert_eq!(exposed.code, Some(1), "{exposed:?}");
    assert!(exposed.stderr.contains("can be read or written by others") && exposed.stderr.contains("chmod o-rwx"));
    let refused = keys(dir.path(), &["list"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("chmod o-rwx"), "{refused:?}");
    // Readable by the group, behind symbolic links, as Kubernetes mounts a Secret.
    let mounted = dir.path().join("..data");
    fs::rename(ring(dir.path()), &mounted).expect("the test owns the file");
    symlink(&mounted, ring(dir.path())).expect("the name is free");
    fs::set_permissions(&mounted, fs::Permissions::from_mode(0o440)).expect("the test owns the file");
    Server::start(dir.path()).stop_and_verify();
    fs::set_permissions(&mounted, fs::Permissions::from_mode(0o600)).expect("the test owns the file");
    fs::write(ring(dir.path()), "[{\"kid\"").expect("the test owns the file");
    let corrupt = run(headroom(dir.path()));
    assert_eq!(corrupt.code, Some(1), "{corrupt:?}");
    assert!(corrupt.stderr.contains("headroom.db.keys holds no keys of Headroom's: line 1"), "{corrupt:?}");
    for command in ["list", "rotate"] {
        let refused = keys(dir.path(), &[command]);
        assert!(refused.code == Some(1) && refused.stderr.contains("holds no keys"), "{refused:?}");
    }
}

#[test]
fn a_server_keeps_its_keys_while_their_file_is_corrupt() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let good = fs::read(ring(dir.path())).expect("the keys exist");
    fs::write(ring(dir.path()), "[]").expect("the test owns the file");
    await_some("the fault is logged", || server.log().contains("the signing keys stay as they were").then_some(()));
    assert_eq!((status(&client), status(&server.client())), (404, 404));
    fs::write(ring(dir.path()), good).expect("the test owns the file");
    let second = rotate(dir.path(), &[]);
    client_with(&server, &second);
    assert_eq!(status(&client), 404);
    assert_eq!(server.log().matches("stay as they were").count(), 1, "{}", server.log());
    server.stop_and_verify();
}

#[test]
fn a_secret_from_the_environment_is_rotated_there() {
    let dir = new_dir();
    let server = start_with(dir.path(), &["--jwt-secret", SECRET]);
    let client = server.client();
    for arguments in [&["rotate"][..], &["list"], &["remove", "x"]] {
        let refused = keys(dir.path(), &[arguments, &["--jwt-secret", SECRET]].concat());
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("HEADROOM_JWT_PREVIOUS_SECRET") && !refused.stderr.contains(SECRET));
    }
    assert!(!ring(dir.path()).exists());
    server.stop_and_verify();
    // A further rotation leads to keys beside the database, and its tokens stay valid.
    let server = start_with(dir.path(), &["--jwt-previous-secret", SECRET, "--jwt-algorithm=EdDSA"]);
    assert_eq!(status(&client.at(&server)), 404);
    assert_eq!(header(&server.client()).alg, Algorithm::EdDSA);
    server.stop_and_verify();
}

#[test]
fn a_secret_from_an_earlier_headroom_keeps_signing() {
    let dir = new_dir();
    let secret = dir.path().join("headroom.db.jwt-secret");
    fs::write(&secret, format!("{SECRET}\n")).expect("a file can be written");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("the test owns the file");
    // The same secret has the same key id, wherever it is configured.
    let server = start_with(dir.path(), &["--jwt-secret", SECRET]);
    let old = server.client();
    server.stop_and_verify();
    let server = Server::start(dir.path());
    assert_eq!(status(&old.at(&server)), 404);
    assert_eq!(kid(&server.client()), kid(&old));
    assert!(!secret.exists() && ring(dir.path()).exists());
    server.stop_and_verify();
}

#[test]
fn key_commands_create_no_missing_keys() {
    let dir = new_dir();
    for arguments in [&["rotate"][..], &["list"], &["remove", "x"]] {
        let refused = keys(dir.path(), arguments);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("there are no keys at"), "{refused:?}");
    }
    assert!(!ring(dir.path()).exists() && !database(dir.path()).exists());
}

#[test]
fn a_newest_key_of_another_algorithm_is_reported() {
    let dir = new_dir();
    Server::start(dir.path()).stop_and_verify();
    let server = start_with(dir.path(), &["--jwt-algorithm=EdDSA"]);
    assert!(server.log().contains("headroom keys rotate --algorithm EdDSA"), "{}", server.log());
    assert_eq!(header(&server.client()).alg, Algorithm::HS256);
    server.stop_and_verify();
}
