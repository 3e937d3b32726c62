//! Lists: pages and items as streams, also through pages without items.

#[expect(dead_code, reason = "other tests use the rest")]
mod support;

use std::pin::pin;

use futures_core::Stream;
use headroom_client::{Account, Error};
use support::{Scripted, Step, problem};

fn page(ids: &[&str], next: Option<&str>) -> Step {
    let item = |id: &&str| {
        format!(
            r#"{{"id":"{id}","name":"A","time_zone":"UTC","subscription":null,"created_at":"2026-11-29T04:19:32Z","deleted_at":null}}"#
        )
    };
    let items: Vec<String> = ids.iter().map(item).collect();
    let next = next.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
    Step::Answer(200, "", format!(r#"{{"data":[{}],"next_cursor":{next}}}"#, items.join(",")))
}

const IDS: [&str; 3] =
    ["acct_01h455vb4pex5vsknk084sn02q", "acct_01h455vb4pex5vsknk084sn02r", "acct_01h455vb4pex5vsknk084sn02s"];

#[tokio::test]
async fn items_continue_through_empty_pages_to_the_end() {
    let steps = vec![page(&IDS[..2], Some("a+b/=")), page(&[], Some("c2")), page(&IDS[2..], None)];
    let server = Scripted::start(steps).await;
    let mut items = server.client().build().unwrap().accounts().list().include_deleted().items();
    let mut ids = Vec::new();
    while let Some(item) = items.next().await {
        ids.push(item.unwrap().id.to_string());
    }
    assert_eq!(ids, IDS);
    assert!(items.next().await.is_none(), "it stays at the end");
    let lines: Vec<String> = server.asked().iter().map(|request| request.line.clone()).collect();
    let query = |cursor: &str| format!("GET /accounts?include_deleted=true&limit=100{cursor} HTTP/1.1");
    assert_eq!(lines, [query(""), query("&cursor=a%2Bb%2F%3D"), query("&cursor=c2")]);
}

#[tokio::test]
async fn pages_and_items_are_streams() {
    async fn last<S: Stream<Item = Result<T, Error>>, T>(stream: S) -> usize {
        let (mut stream, mut count) = (pin!(stream), 0);
        while let Some(item) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
            item.expect("the list is complete");
            count += 1;
        }
        count
    }
    let server = Scripted::start(vec![page(&IDS[..2], Some("c1")), page(&IDS[2..], None)]).await;
    let list = server.client().build().unwrap().accounts().list().limit(2);
    assert_eq!(list.page().await.unwrap().next_cursor.as_deref(), Some("c1"));
    let server = Scripted::start(vec![page(&IDS[..2], Some("c1")), page(&IDS[2..], None)]).await;
    assert_eq!(last(server.client().build().unwrap().accounts().list().pages()).await, 2);
    let server = Scripted::start(vec![page(&IDS[..2], Some("c1")), page(&IDS[2..], None)]).await;
    assert_eq!(last(server.client().build().unwrap().accounts().list().items()).await, 3);
}

#[tokio::test]
async fn an_error_ends_a_list() {
    let server = Scripted::start(vec![page(&IDS[..1], Some("c1")), problem(400, "invalid_cursor", "")]).await;
    let list = server.client().build().unwrap().accounts().list();
    let mut pages = list.clone().pages();
    assert_eq!(pages.next().await.unwrap().unwrap().data.len(), 1);
    assert!(matches!(pages.next().await, Some(Err(Error::Invalid { .. }))));
    assert!(pages.next().await.is_none());
    let all: Result<Vec<Account>, Error> = list.all().await;
    assert!(matches!(all, Err(Error::Invalid { .. })), "the account is in no half list");
}
