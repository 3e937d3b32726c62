//! Connections are encrypted, and the server proves who it is, as the URL says.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use storage::{OpenError, PostgresOptions, PostgresStore};
use tempfile::TempDir;
use testkit::postgres::Cluster;

/// What makes certificates: PostgreSQL's packages need it too.
fn openssl(dir: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(dir).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().expect("openssl is installed").success(), "openssl {arguments}");
}

/// An authority in `ca.pem`, a server's certificate and key that it has signed for `localhost`, and another authority in
/// `other.pem`.
fn certificates() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other"] {
        openssl(dir.path(), &format!("req -x509 {new} -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2"));
    }
    openssl(dir.path(), &format!("req {new} -keyout server.key -out server.csr -subj /CN=localhost"));
    fs::write(dir.path().join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").expect("a file");
    let sign =
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names";
    openssl(dir.path(), sign);
    dir
}

/// Has the server encrypt, and take no connection over TCP that is not. Its own user writes the files, who alone may read them.
fn encrypt(cluster: &Cluster, certificates: &Path) {
    let directory = cluster.directory().display();
    let put = |text: &str, name: &str| {
        let text = text.trim_end().replace('\n', "\\n");
        format!(
            "COPY (SELECT unnest(string_to_array(E'{text}', E'\\n')))
                 TO PROGRAM 'umask 077; cat > {directory}/{name}'"
        )
    };
    let read = |name: &str| fs::read_to_string(certificates.join(name)).expect("openssl has written it");
    for sql in [
        put(&read("server.crt"), "server.crt"),
        put(&read("server.key"), "server.key"),
        put("hostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust", "data/pg_hba.conf"),
        format!("ALTER SYSTEM SET ssl_cert_file = '{directory}/server.crt'"),
        format!("ALTER SYSTEM SET ssl_key_file = '{directory}/server.key'"),
        "ALTER SYSTEM SET ssl = on".to_owned(),
    ] {
        cluster.server().execute(&sql).expect("the server's own user may do that");
    }
    cluster.stop_immediately();
    cluster.start_again();
}

#[test]
fn a_connection_is_encrypted_and_the_server_verified_as_the_url_says() {
    let Some(cluster) = Cluster::start() else { return };
    let certificates = certificates();
    encrypt(&cluster, certificates.path());
    let at_address = cluster.server().url("postgres");
    let at_name = at_address.replace("127.0.0.1", "localhost");
    let file = |name: &str| certificates.path().join(name).display().to_string();
    let (ca, other) = (file("ca.pem"), file("other.pem"));
    let open = |url: &str, query: &str| -> Result<(), OpenError> {
        let url = format!("{url}?{query}").parse().expect("a URL");
        PostgresStore::open(&url, PostgresOptions::default()).map(drop)
    };
    let refusal = |url: &str, query: &str| open(url, query).expect_err(query).to_string();
    for query in ["sslmode=prefer", "sslmode=require", &format!("sslmode=verify-full&sslrootcert={ca}")] {
        assert!(open(&at_name, query).is_ok(), "{query}");
    }
    assert!(refusal(&at_name, "sslmode=disable").contains("no encryption"));
    let unknown = refusal(&at_name, &format!("sslmode=verify-full&sslrootcert={other}"));
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let unknown = refusal(&at_name, &format!("sslmode=require&sslrootcert={other}"));
    assert!(unknown.contains("UnknownIssuer"), "{unknown}");
    let misnamed = refusal(&at_address, &format!("sslmode=verify-full&sslrootcert={ca}"));
    assert!(misnamed.contains("not valid for name"), "{misnamed}");
    let missing = refusal(&at_name, &format!("sslmode=require&sslrootcert={}", file("missing.pem")));
    assert!(missing.contains("cannot read certificates"), "{missing}");
    let empty = refusal(&at_name, &format!("sslmode=require&sslrootcert={}", file("names")));
    assert!(empty.contains("there are none"), "{empty}");
}
