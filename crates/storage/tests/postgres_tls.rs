//! TLS connections, and the verification of the server and the client.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use storage::{OpenError, PostgresOptions, PostgresStore};
use tempfile::TempDir;
use testkit::postgres::Cluster;

/// Runs `openssl`, which PostgreSQL's packages require as well.
fn openssl(dir: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(dir).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().expect("openssl is installed").success(), "openssl {arguments}");
}

/// Creates an authority in `ca.pem`, certificates that it has signed, for the server `localhost`
/// and for the client user `headroom`, and another authority in `other.pem`.
fn certificates() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other"] {
        openssl(dir.path(), &format!("req -x509 {new} -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2"));
    }
    fs::write(dir.path().join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").expect("a file");
    for (name, subject) in [("server", "localhost"), ("client", "headroom")] {
        openssl(dir.path(), &format!("req {new} -keyout {name}.key -out {name}.csr -subj /CN={subject}"));
        let authority = "-CA ca.pem -CAkey ca.key -CAcreateserial";
        openssl(dir.path(), &format!("x509 -req -in {name}.csr {authority} -out {name}.crt -days 2 -extfile names"));
    }
    dir
}

/// A server that requires TLS, and for the database `certified` a certificate of the client. Its
/// own user writes the files, so that no other user can read them.
fn encrypted(certificates: &Path) -> Option<Cluster> {
    let cluster = Cluster::start()?;
    let directory = cluster.directory().display();
    let put = |text: &str, name: &str| {
        let text = text.trim_end().replace('\n', "\\n");
        format!(
            "COPY (SELECT unnest(string_to_array(E'{text}', E'\\n')))
                 TO PROGRAM 'umask 077; cat > {directory}/{name}'"
        )
    };
    let read = |name: &str| fs::read_to_string(certificates.join(name)).expect("openssl has written it");
    let rule = |database: &str, address: &str, method: &str| format!("hostssl {database} all {address} {method}");
    let rules = [("certified", "trust clientcert=verify-full"), ("all", "trust")].map(|(database, method)| {
        ["127.0.0.1/32", "::1/128"].map(|address| rule(database, address, method)).join("\n")
    });
    for sql in [
        "CREATE DATABASE certified".to_owned(),
        put(&read("server.crt"), "server.crt"),
        put(&read("server.key"), "server.key"),
        put(&read("ca.pem"), "ca.pem"),
        put(&rules.join("\n"), "data/pg_hba.conf"),
        format!("ALTER SYSTEM SET ssl_cert_file = '{directory}/server.crt'"),
        format!("ALTER SYSTEM SET ssl_key_file = '{directory}/server.key'"),
        format!("ALTER SYSTEM SET ssl_ca_file = '{directory}/ca.pem'"),
        "ALTER SYSTEM SET ssl = on".to_owned(),
    ] {
        cluster.server().execute(&sql).expect("the server's own user may do that");
    }
    cluster.stop_immediately();
    cluster.start_again();
    Some(cluster)
}

fn open(url: &str, query: &str) -> Result<(), OpenError> {
    let url = format!("{url}?{query}").parse().expect("a URL");
    PostgresStore::open(&url, PostgresOptions::default()).map(drop)
}

#[track_caller]
fn refusal(url: &str, query: &str) -> String {
    open(url, query).expect_err(query).to_string()
}

#[test]
fn sslmode_chooses_encryption_and_verification() {
    let certificates = certificates();
    let Some(cluster) = encrypted(certificates.path()) else { return };
    let at_address = cluster.server().url("postgres");
    let at_name = at_address.replace("127.0.0.1", "localhost");
    let file = |name: &str| certificates.path().join(name).display().to_string();
    let (ca, other) = (file("ca.pem"), file("other.pem"));
    for (url, query) in [
        (&at_name, "sslmode=prefer"),
        (&at_name, "sslmode=require"),
        (&at_name, &format!("sslmode=verify-full&sslrootcert={ca}")),
        (&at_name, &format!("sslmode=verify-ca&sslrootcert={ca}")),
        (&at_address, &format!("sslmode=verify-ca&sslrootcert={ca}")),
    ] {
        open(url, query).expect(query);
    }
    assert!(refusal(&at_name, "sslmode=disable").contains("no encryption"));
    for query in ["verify-full", "verify-ca", "require"].map(|mode| format!("sslmode={mode}&sslrootcert={other}")) {
        let unknown = refusal(&at_name, &query);
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    }
    for query in ["verify-full", "require"].map(|mode| format!("sslmode={mode}&sslrootcert={ca}")) {
        let misnamed = refusal(&at_address, &query);
        assert!(misnamed.contains("not valid for name"), "{misnamed}");
    }
    let missing = refusal(&at_name, &format!("sslmode=require&sslrootcert={}", file("missing.pem")));
    assert!(missing.contains("cannot read certificates"), "{missing}");
    let empty = refusal(&at_name, &format!("sslmode=require&sslrootcert={}", file("names")));
    assert!(empty.contains("there are no certificates"), "{empty}");
}

#[test]
fn a_client_authenticates_with_a_certificate() {
    let certificates = certificates();
    let Some(cluster) = encrypted(certificates.path()) else { return };
    let url = cluster.server().url("certified");
    let with = |certificate: &str, key: &str| {
        let file = |name: &str| certificates.path().join(name).display().to_string();
        format!("sslmode=require&sslcert={}&sslkey={}", file(certificate), file(key))
    };
    open(&url, &with("client.crt", "client.key")).expect("a certificate of the user's");
    let none = refusal(&url, "sslmode=require");
    assert!(none.contains("requires a valid client certificate"), "{none}");
    let of_another_user = refusal(&url, &with("server.crt", "server.key"));
    assert!(of_another_user.contains("authentication failed for user"), "{of_another_user}");
    let mismatched = refusal(&url, &with("client.crt", "server.key"));
    assert!(mismatched.contains("cannot set TLS up"), "{mismatched}");
    let missing = refusal(&url, &with("client.crt", "missing.key"));
    assert!(missing.contains("cannot read a private key"), "{missing}");
    for (mode, is_good) in [(0o640, true), (0o644, false)] {
        let key = certificates.path().join("client.key");
        fs::set_permissions(key, Permissions::from_mode(mode)).expect("it is ours");
        let opened = open(&url, &with("client.crt", "client.key")).map_err(|error| error.to_string());
        assert_eq!(opened.is_ok(), is_good, "{opened:?}");
        assert!(opened.err().is_none_or(|refusal| refusal.contains("chmod o-rwx")), "{mode:o}");
    }
}

/// The environment variable with the URL that [`the_system_trusts_the_server`] opens.
const URL: &str = "HEADROOM_TEST_TLS_URL";

#[test]
fn a_server_is_verified_by_the_certificates_that_the_system_trusts() {
    let certificates = certificates();
    let Some(cluster) = encrypted(certificates.path()) else { return };
    let url = cluster.server().url("postgres").replace("127.0.0.1", "localhost");
    for (trusted, is_trusted) in [("ca.pem", true), ("other.pem", false)] {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["--exact", "the_system_trusts_the_server", "--ignored"]).env(URL, &url);
        // The file of the certificates that the system trusts.
        command.env("SSL_CERT_FILE", certificates.path().join(trusted)).env_remove("SSL_CERT_DIR");
        let output = command.output().expect("it can be started again");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), is_trusted, "{trusted}: {text}");
        assert!(is_trusted || text.contains("UnknownIssuer"), "{text}");
    }
}

#[test]
#[ignore = "a part of a_server_is_verified_by_the_certificates_that_the_system_trusts"]
fn the_system_trusts_the_server() {
    let url = env::var(URL).expect("the other test says which");
    open(&url, "sslrootcert=system").expect("a server that the system trusts");
}
