//! The servers that are compared, each in a process of its own.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Data, Path as UrlPath, ServiceConfig};
use actix_web::{HttpResponse, http::header::LOCATION};
use api::auth::Tokens;
use api::clock::{SystemClock, UuidV7Generator};
use api::config::{Config, Settings};
use api::passwords::{Passwords, PasswordsConfig};
use api::{AppState, BearerCredential};
use clap::Parser;
use domain::ports::{Clock, IdGenerator, WriteTx};
use domain::{AccountId, Booking, BookingId, Credential, NewBooking, PlanCatalog, Role, Timestamp, use_cases};
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use secrecy::SecretString;
use storage::sqlite::{configure_writer, run_in_transaction};
use storage::{AnyStore, StoreOptions};
use testkit::disk::WatchedDisk;

use crate::client::Sample;
use crate::fixture;

const SECRET: &str = "a secret that only the benchmark has";

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// The same server answering a constant of the same size to the same requests, after checking
    /// the token.
    Ceiling,
    /// The server itself.
    Headroom,
    /// A pool of connections and `BEGIN IMMEDIATE` for each request.
    Naive,
    /// The server itself, with 10 million bookings in the file already.
    Headroom10M,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Ceiling, Self::Headroom, Self::Naive, Self::Headroom10M];

    /// What comes before the account in the path of a request.
    pub(crate) fn before_account(self) -> &'static str {
        if self == Self::Ceiling { "/constant/" } else { "/accounts/" }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ceiling => "ceiling",
            Self::Headroom => "Headroom",
            Self::Naive => "naive",
            Self::Headroom10M => "Headroom, 10 M bookings",
        })
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| format!("{kind:?}") == text).ok_or(())
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Server {
    pub(crate) fn start(kind: Kind, url: &str) -> Self {
        if matches!(kind, Kind::Headroom | Kind::Headroom10M) {
            return Self::start_build(Path::new(env!("CARGO_BIN_EXE_headroom")), url);
        }
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        Self::of(command.arg("serve").arg(format!("{kind:?}")).arg(url), url)
    }

    /// Headroom, as `program` was built.
    pub(crate) fn start_build(program: &Path, url: &str) -> Self {
        Self::of(Command::new(program).args(flags(url)), url)
    }

    /// This build of Headroom, with the catalogue in a file.
    pub(crate) fn start_with_plans(plans: &Path, url: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        Self::of(command.args(flags(url)).arg(format!("--plans={}", plans.display())), url)
    }

    /// This build of Headroom on a disk whose syncs are slow, with a queue of writes of this length.
    pub(crate) fn start_on(disk: &WatchedDisk, queue_max: usize, url: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        disk.preload_without_record(&mut command);
        Self::of(command.args(flags(url)).arg(format!("--write-queue-max={queue_max}")), url)
    }

    /// How long it has used a processor, in the server's own code and in the system's, to a hundredth of a second.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it runs, on Linux");
        // The name of the program, which may contain spaces, ends with the last parenthesis. `utime` and `stime` are
        // fields 14 and 15 of proc_pid_stat(5), in ticks, of which Linux has 100 a second for every program.
        let fields = stat.rsplit_once(')').expect("the name is in parentheses").1.split_ascii_whitespace();
        let ticks: u64 = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    /// What `drive` comes to, and how long the server used a processor for each wanted answer of it.
    pub(crate) fn measure(&self, drive: impl FnOnce() -> Sample) -> Sample {
        let before = self.processor_time();
        let sample = drive();
        let used = self.processor_time().saturating_sub(before);
        Sample { processor: used / u32::try_from(sample.answers.max(1)).expect("a run is short"), ..sample }
    }

    /// Its memory in KiB, and the number of its open files.
    pub(crate) fn resources(&self) -> (usize, usize) {
        let process = format!("/proc/{}", self.child.id());
        let status = std::fs::read_to_string(format!("{process}/status")).expect("the server runs, on Linux");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        let files = std::fs::read_dir(format!("{process}/fd")).expect("the server runs, on Linux").count();
        (kib.expect("the system reports it"), files)
    }

    fn of(command: &mut Command, url: &str) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let address = lines.find_map(|line| {
            let line = line.ok()?;
            line.split_once("listening on http://")?.1.split(',').next()?.parse().ok()
        });
        // The rest of the log is warnings, and shown.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        let Credential::Session { id, user_id } = fixture::owner() else { panic!("the owner has logged in") };
        let id = (user_id.to_string(), id.uuid(), UuidV7Generator.next_uuid());
        let token = tokens().issue(&id.0, id.1, id.2, SystemClock.now()).expect("a token");
        Self { child, url: url.to_owned(), address: address.expect("it listens"), token }
    }

    /// How often a transaction has been committed to the database, modulo 2^32: SQLite counts it in
    /// the header of the index of its write-ahead log (<https://sqlite.org/walformat.html>, iChange
    /// at offset 8).
    pub(crate) fn commits(&self) -> u32 {
        let index = format!("{}-shm", file(&self.url));
        let mut header = [0; 12];
        File::open(index).and_then(|mut file| file.read_exact(&mut header)).expect("a database in WAL mode");
        u32::from_ne_bytes(header[8..].try_into().expect("four bytes"))
    }
}

/// The file of a SQLite database.
fn file(url: &str) -> &str {
    url.strip_prefix("sqlite://").expect("a file")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn flags(url: &str) -> [String; 9] {
    [
        "--listen=127.0.0.1:0".into(),
        format!("--database-url={url}"),
        format!("--jwt-secret={SECRET}"),
        "--token-lifetime-seconds=86400".into(),
        "--rate-limit-per-caller=off".into(),
        "--rate-limit-per-address=off".into(),
        "--rate-limit-login=off".into(),
        "--rate-limit-login-per-name=off".into(),
        // One line for each request is a cost that ceiling, naive and Headroom share; it is left
        // out of all three.
        "--log=warn,api::server=info".into(),
    ]
}

fn tokens() -> Tokens {
    Tokens::new(&SecretString::from(SECRET), None, 86_400).expect("a good secret")
}

/// Serves one of the variants that are not Headroom itself.
pub(crate) fn serve(kind: Kind, url: &str) {
    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        settings: Settings,
    }
    let flags = Flags::parse_from(std::iter::once("load".to_owned()).chain(flags(url)));
    let config = Config::parse(flags.settings).expect("good flags");
    api::logging::init(&config.log_filter, config.log_format);
    // These variants do without Headroom's store: it gets a database that nothing else uses.
    let unused = format!("{url}-unused").parse().expect("a good URL");
    let store = AnyStore::open(&unused, StoreOptions::default()).expect("a database");
    let passwords = Passwords::start(PasswordsConfig::default()).expect("threads");
    let state = Data::new(AppState::new(store, tokens(), passwords));
    let pool = (kind == Kind::Naive).then(|| pool(url));
    api::server::serve(&config, &state, move |state| {
        let pool = pool.clone();
        api::service(state, move |config| match pool {
            Some(pool) => naive_routes(config, pool),
            None => {
                config.route("/constant/{account_id}/bookings", web::post().to(constant));
            }
        })
    })
    .expect("it serves");
}

async fn constant(_: BearerCredential, account: UrlPath<String>, _: web::Bytes) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((LOCATION, format!("/accounts/{account}/bookings/bkg_01h455vb4pex5vsknk084sn02q")))
        .content_type("application/json")
        .body(
            r#"{"id":"bkg_01h455vb4pex5vsknk084sn02q","account_id":"acct_01h455vb4pex5vsknk084sn02q","day":"2026-03-29","starts_at":"2026-03-29T08:00:00.123456Z","customer_name":null,"staff_id":null,"notes":null,"created_at":"2026-03-29T08:00:00.123456Z","created_by":"user_01h455vb4pex5vsknk084sn02q","deleted_at":null}"#,
        )
}

type WritePool = Pool<SqliteConnectionManager>;

fn pool(url: &str) -> WritePool {
    let manager = SqliteConnectionManager::file(file(url)).with_init(|connection| {
        configure_writer(connection).expect("settings as Headroom's writer has them");
        Ok(())
    });
    Pool::builder().max_size(8).build(manager).expect("connections")
}

fn naive_routes(config: &mut ServiceConfig, pool: WritePool) {
    config.app_data(Data::new(pool)).app_data(Data::new(PlanCatalog::builtin()));
    config.route("/accounts/{account_id}/bookings", web::post().to(naive));
}

async fn naive(
    BearerCredential(credential): BearerCredential,
    account: UrlPath<String>,
    _: web::Bytes,
    pool: Data<WritePool>,
    catalog: Data<PlanCatalog>,
) -> HttpResponse {
    let account: AccountId = account.parse().expect("an account id");
    let (pool, catalog) = (pool.into_inner(), Arc::clone(&catalog));
    let booked = web::block(move || {
        let connection = pool.get().map_err(|error| error.to_string())?;
        let command = |sql| connection.prepare_cached(sql)?.execute([]);
        command("BEGIN IMMEDIATE").map_err(|error| error.to_string())?;
        let (id, now) = (BookingId::from_uuid(UuidV7Generator.next_uuid()), SystemClock.now());
        let new = NewBooking::default();
        let booking = run_in_transaction(&connection, |tx| book(tx, &catalog, &credential, account, &new, id, now));
        command(if booking.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(|error| error.to_string())?;
        booking
    });
    match booked.await {
        Ok(Ok(booking)) => {
            let body = serde_json::json!({
                "id": booking.id.to_string(), "account_id": account.to_string(), "day": booking.day.to_string(),
                "starts_at": booking.starts_at.to_string(), "customer_name": null, "staff_id": null, "notes": null,
                "created_at": booking.created_at.to_string(), "created_by": booking.created_by.user_id.to_string(),
                "deleted_at": null,
            });
            HttpResponse::Created()
                .insert_header((LOCATION, format!("/accounts/{account}/bookings/{}", booking.id)))
                .content_type("application/json")
                .body(body.to_string())
        }
        _ => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// All that Headroom does in the unit of a booking: authenticate, authorize, check the limit,
/// insert.
pub(crate) fn book(
    tx: &mut dyn WriteTx,
    catalog: &PlanCatalog,
    credential: &Credential,
    account: AccountId,
    new: &NewBooking,
    id: BookingId,
    now: Timestamp,
) -> Result<Booking, String> {
    let actor = use_cases::authenticate(tx, credential, now).map_err(|error| error.to_string())?;
    use_cases::authorize(tx, &actor, account, Role::Manager).map_err(|error| error.to_string())?;
    let by = fixture::attribution();
    use_cases::create_booking(tx, catalog, account, new, id, &by, now).map_err(|error| error.to_string())
}
