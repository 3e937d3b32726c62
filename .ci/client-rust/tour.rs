//! A program that uses the packed crate: the tour, a refusal, a lost answer, a long list, a hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use headroom_client::domain::{HoldStatus, Limit, Scope};
use headroom_client::{
    Account, AccountChange, CheckQuestion, Client, Error, HoldConfirmation, NewAccount, NewApiKey, NewBooking, NewHold,
    NewOverride, NewStaffMember, NewUsage, RetryPolicy,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::var("HEADROOM_URL").expect("with-server sets it");
    let anonymous = Client::builder(&url).build()?;
    let token = anonymous.tokens().create("user", "user").await?;
    let client = anonymous.with_token(&token.access_token)?;
    // A program has an API key.
    let key = client.api_keys().create(&NewApiKey::new("The tour", Scope::Admin)).await?;
    let client = Client::new(&url, &key.secret)?;
    let account = tour(&client).await?;
    changes(&client, &account).await?;
    lost_answers(&url, &key.secret).await?;
    a_thousand_rows(&client).await?;
    a_hold(&client).await?;
    client_that_fails_open(&key.secret, &account).await?;
    println!("the tour went well: the packed Rust client");
    Ok(())
}

/// An account on a plan, what it may have, and the refusal of more.
async fn tour(client: &Client) -> Result<Account, Error> {
    let new = NewAccount { external_id: Some("tenant-1".to_owned()), ..NewAccount::from("My Salon") };
    let account = client.accounts().create(new).await?;
    assert_eq!(client.accounts().find_by_external_id("tenant-1").await?.map(|it| it.id), Some(account.id));
    assert_eq!(client.accounts().find_by_external_id("tenant-2").await?, None);
    let of_account = client.account(account.id);
    let early = of_account.staff().add("Ann").await;
    assert!(matches!(early, Err(Error::SubscriptionRequired(_))), "{early:?}");
    let subscription = of_account.subscribe("basic").await?;
    assert_eq!(subscription.plan.as_str(), "basic");

    of_account.staff().add("Ann").await?;
    let tried = of_account.staff().add("Ben").dry_run().send().await?;
    assert!(tried.is_dry_run && !tried.is_created);
    of_account.staff().add("Ben").await?;
    let booking = of_account.bookings().create(&NewBooking::default()).await?;
    assert_eq!(of_account.bookings().find(booking.id).await?, booking);
    let usage = of_account.usage().record(&NewUsage::new("sms", 3)).await?;
    assert_eq!((usage.meter.as_str(), usage.quantity), ("sms", 3));
    of_account.allocations("projects").put("site/1", 1).await?;

    let Err(Error::Refused(refusal)) = of_account.staff().add("Cy").await else { panic!("the plan permits two") };
    assert_eq!((refusal.problem.code.as_str(), refusal.requested), ("staff_limit_exceeded", 1));
    assert_eq!(
        (refusal.state.metric.as_str(), refusal.state.limit, refusal.state.used),
        ("staff", Limit::AtMost(2), 2)
    );
    assert_eq!(refusal.upgrade().map(|plan| plan.as_str()), Some("pro"));
    let Err(Error::Refused(refusal)) = of_account.usage().record(&NewUsage::new("sms", 998)).await else {
        panic!("997 are left");
    };
    assert_eq!(refusal.state.exceeded.len(), 1);
    assert!(refusal.state.next_allowed_at.is_some() && refusal.state.window.is_some());

    let entitlements = of_account.entitlements().await?;
    assert_eq!(entitlements.metric("sms").map(|it| (it.used, it.remaining)), Some((3, Some(997))));
    assert!(entitlements.allows("sms", 997) && !entitlements.allows("sms", 998));
    assert!(!entitlements.has("sso") && !entitlements.is_assumed);
    let questions = [CheckQuestion::metric("staff"), CheckQuestion::meter("sms"), CheckQuestion::feature("sso")];
    let checks = of_account.check_all(&questions).await?;
    assert_eq!(checks.iter().map(|it| it.is_allowed()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(checks[2].plans_that_allow()[0].as_str(), "pro");
    let plans = client.plans().await?;
    assert_eq!((plans.data.len(), plans.metrics.len(), plans.features.len()), (2, 4, 1));
    Ok(account)
}

/// Changes of a plan, an override, and of a resource that another has changed.
async fn changes(client: &Client, account: &Account) -> Result<(), Error> {
    let of_account = client.account(account.id);
    let seen = of_account.find().send().await?;
    let etag = seen.etag.expect("an account has a version");
    let rename = |name: &str| AccountChange { name: Some(name.to_owned()), ..AccountChange::default() };
    of_account.change(&rename("Our Salon")).if_match(&etag).await?;
    let late = of_account.change(&rename("Their Salon")).if_match(&etag).await;
    assert!(matches!(late, Err(Error::PreconditionFailed(_))), "{late:?}");

    let preview = of_account.preview("pro").await?;
    assert!(preview.exceeded.is_empty() && preview.features[0].feature.as_str() == "sso");
    of_account.overrides().put("staff", &NewOverride::limit(Limit::Unlimited, "A trial")).await?;
    assert_eq!(of_account.entitlements().await?.metric("staff").map(|it| it.limit), Some(Limit::Unlimited));
    assert_eq!(of_account.overrides().list().page().await?.data[0].key.to_string(), "staff");
    of_account.overrides().remove("staff").await?;
    let unknown = of_account.subscribe("gold").await;
    assert!(matches!(unknown, Err(Error::UnknownPlan(_))), "{unknown:?}");
    let blank = of_account.staff().add(NewStaffMember { name: " ".to_owned(), ..NewStaffMember::default() }).await;
    let Err(Error::Invalid { faults, .. }) = blank else { panic!("{blank:?}") };
    assert_eq!((faults[0].pointer.as_str(), faults[0].code.as_str()), ("/name", "blank"));
    assert!(!of_account.audit().all().await?.is_empty());
    Ok(())
}

/// Requests whose answers are lost have one effect each.
async fn lost_answers(url: &str, key: &str) -> Result<(), Error> {
    let (proxy, cuts) = cutting_proxy(url, 3).await;
    let client = Client::new(&proxy, key)?;
    let account = client.accounts().create(NewAccount { plan: Some("pro".to_owned()), .."Lost".into() }).await?;
    assert_eq!(cuts.load(Ordering::Relaxed), 3);
    let lost = client.accounts().list().all().await?.into_iter().filter(|it| it.name == "Lost").count();
    assert_eq!(lost, 1, "an account was created more than once");
    let (proxy, cuts) = cutting_proxy(url, 2).await;
    let of_account = Client::new(&proxy, key)?.account(account.id);
    let usage = of_account.usage().record(&NewUsage::new("sms", 7)).send().await?;
    assert!(usage.is_replayed, "it was carried out before its answer was lost");
    assert_eq!((cuts.load(Ordering::Relaxed), of_account.usage().list().all().await?.len()), (2, 1));
    assert_eq!(of_account.entitlements().await?.metric("sms").map(|it| it.used), Some(7));
    Ok(())
}

/// A proxy that forwards the requests of its first `cuts` connections, waits for the answers, and
/// closes the connections instead of returning them.
async fn cutting_proxy(url: &str, cuts: usize) -> (String, Arc<AtomicUsize>) {
    let server = url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let cut = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut upstream = TcpStream::connect(&server).await.expect("the server listens");
            if count.load(Ordering::Relaxed) < cuts {
                forward_and_cut(client, upstream).await;
                count.fetch_add(1, Ordering::Relaxed);
            } else {
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut upstream).await });
            }
        }
    });
    (format!("http://{address}"), cut)
}

async fn forward_and_cut(mut client: TcpStream, mut upstream: TcpStream) {
    let (mut request, mut answer) = ([0; 8192], [0; 1]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => match read {
                Ok(0) | Err(_) => return,
                Ok(read) => upstream.write_all(&request[..read]).await.expect("the server reads"),
            },
            // The answer begins when the effect is durable.
            _ = upstream.read_exact(&mut answer) => return,
        }
    }
}

/// A list of many pages, item by item.
async fn a_thousand_rows(client: &Client) -> Result<(), Error> {
    let account = client.accounts().create(NewAccount { plan: Some("basic".to_owned()), .."Large".into() }).await?;
    let of_account = client.account(account.id);
    let batch = vec![NewUsage::new("sms", 1); 20];
    for _ in 0..50 {
        assert_eq!(of_account.usage().record_all(&batch).await?.items.len(), 20);
    }
    let (mut items, mut ids) = (of_account.usage().list().meter("sms").items(), Vec::new());
    while let Some(record) = items.next().await {
        ids.extend(record?.id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1000);
    let more = of_account.usage().record(&NewUsage::new("sms", 1)).await;
    assert!(matches!(more, Err(Error::Refused(_))), "{more:?}");
    Ok(())
}

/// Places that are held, and used or released.
async fn a_hold(client: &Client) -> Result<(), Error> {
    let account = client.accounts().create(NewAccount { plan: Some("basic".to_owned()), .."Held".into() }).await?;
    let of_account = client.account(account.id);
    let (minute, holds) = (Duration::from_secs(60), of_account.holds());
    let hold = holds.create(&NewHold::new("projects", minute).reference("invite:42")).await?;
    let full = of_account.allocations("projects").put("one", 1).await;
    assert!(matches!(full, Err(Error::Refused(_))), "{full:?}");
    let confirmed = holds.confirm(hold.id, &HoldConfirmation { key: Some("one".to_owned()), quantity: None }).await?;
    assert_eq!((confirmed.hold.state, confirmed.allocation_key.as_deref()), (HoldStatus::Confirmed, Some("one")));
    assert_eq!(of_account.allocations("projects").find("one").await?.quantity, 1);
    let seat = holds.create(&NewHold::new("staff", minute)).await?;
    of_account.staff().add(NewStaffMember { hold_id: Some(seat.id), ..NewStaffMember::from("Ann") }).await?;
    let other = holds.create(&NewHold::new("sms", minute).quantity(1000)).await?;
    assert_eq!(holds.extend(other.id, 2 * minute).await?.state, HoldStatus::Held);
    assert_eq!(holds.release(other.id).await?.state, HoldStatus::Released);
    let late = holds.confirm(other.id, &HoldConfirmation::default()).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    Ok(())
}

/// Checks without a service.
async fn client_that_fails_open(key: &str, account: &Account) -> Result<(), Error> {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.and_then(|it| it.local_addr()).expect("a port is free");
    let builder = Client::builder(&format!("http://{nowhere}")).token(key).retries(RetryPolicy::never());
    let question = CheckQuestion::metric("staff");
    let closed = builder.clone().build()?.account(account.id).check(&question).await;
    assert!(matches!(closed, Err(Error::Connection { is_sent: false, .. })), "{closed:?}");
    assert!(builder.fail_open(true).build()?.account(account.id).check(&question).await?.is_assumed());
    Ok(())
}
