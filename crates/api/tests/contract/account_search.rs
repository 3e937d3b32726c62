//! Search in the list of accounts: what callers find, page by page.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::house::{Person, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// Opens an account of this name, with an external id if it is not empty; its id.
async fn open(service: &Service, owner: &Person, name: &str, external_id: &str) -> String {
    let external_id = Some(external_id).filter(|id| !id.is_empty());
    let new = json!({"name": name, "external_id": external_id});
    text(&owner.post(service, "/accounts", new).await.expect(201)["id"]).to_owned()
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().expect("a list has data").iter().map(|it| text(&it["id"]).to_owned()).collect()
}

/// What the caller with this token finds, in pages of `limit`, by following `Link`.
async fn found(service: &Service, token: &str, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some(format!("/accounts?{query}&limit={limit}")));
    while let Some(path) = next {
        let page = service.send(TestRequest::get().uri(&path).insert_header(bearer(token))).await;
        let items = ids(&page.expect(200));
        assert!(items.len() <= limit, "{path}");
        all.extend(items);
        next = link(&page);
    }
    all
}

fn link(page: &Answer) -> Option<String> {
    let link = page.header("link")?.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(link.expect("it is a link to the next page").to_owned())
}

#[actix_web::test]
async fn callers_find_the_accounts_that_they_may_see() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let salon = open(&service, &ann, "Žofie’s Salon", "cus_9").await;
    let studio = open(&service, &ann, "ŽOFIE & Co", "").await;
    let others = open(&service, &ben, "žofie", "cus_90").await;
    let (_, of_salon) = ann.api_key(&service, "read", Some(&salon)).await;
    let (_, of_ann) = ann.api_key(&service, "read", None).await;
    let (all, none) = (&service.token, &[][..]);
    let (ann, ben) = (&ann.login.token, &ben.login.token);
    for (query, token, expected) in [
        ("search=%C5%BEOFIE", all, &[&others, &studio, &salon][..]),
        ("search=%20z%CC%8Cofie%20", all, &[&others, &studio, &salon]),
        ("search=%C5%BEofie%20%26", all, &[&studio]),
        ("search=zofie", all, none),
        ("search=cus_9", all, &[&salon]),
        ("search=CUS_9", all, none),
        ("search=cus_90", all, &[&others]),
        (&format!("search={others}"), all, &[&others]),
        (&format!("search={}", &others[..30]), all, none),
        ("search=%C5%BE", ann, &[&studio, &salon]),
        ("search=%C5%BE", &of_ann, &[&studio, &salon]),
        ("search=%C5%BE", &of_salon, &[&salon]),
        ("search=%C5%BE", ben, &[&others]),
        ("search=cus_9", ann, &[&salon]),
        ("search=cus_9", &of_salon, &[&salon]),
        ("search=cus_90", ann, none),
        ("search=cus_90", &of_salon, none),
        (&format!("search={others}"), ann, none),
        (&format!("search={salon}"), ann, &[&salon]),
        ("search=%C5%BE&external_id=cus_9", all, &[&salon]),
        ("search=z&external_id=cus_9", all, none),
    ] {
        for limit in [1, 2, 100] {
            let found = found(&service, token, query, limit).await;
            assert!(found.iter().eq(expected.iter().copied()), "{query} {limit}: {found:?}");
        }
    }
}

#[actix_web::test]
async fn removed_and_renamed_accounts_are_found_as_they_are() {
    let service = start().await;
    let ann = person(&service).await;
    let first = open(&service, &ann, "My Salon", "cus_1").await;
    let second = open(&service, &ann, "My Studio", "").await;
    let path = format!("/accounts/{first}");
    assert_eq!(ann.remove(&service, &path).await.status, 204);
    for token in [&service.token, &ann.login.token] {
        for query in ["search=my%20sal", "search=cus_1", &format!("search={first}")] {
            assert_eq!(found(&service, token, query, 1).await, [""; 0], "{query}");
            let with_removed = format!("{query}&include_deleted=true");
            assert_eq!(found(&service, token, &with_removed, 1).await, std::slice::from_ref(&first), "{query}");
        }
    }
    ann.restore(&service, &path).await.expect(200);
    ann.patch(&service, &path, json!({"name": "ÜBER Hair"})).await.expect(200);
    assert_eq!(found(&service, &service.token, "search=my", 1).await, [second]);
    assert_eq!(found(&service, &service.token, "search=%C3%BCber", 1).await, std::slice::from_ref(&first));
    service.send(service.authorised(Method::POST, &format!("{path}/erase"))).await.expect(200);
    for query in ["search=%C3%BCber", "search=cus_1", "search=erased", &format!("search={first}")] {
        let with_removed = format!("{query}&include_deleted=true");
        assert_eq!(found(&service, &service.token, &with_removed, 1).await, [""; 0], "{query}");
    }
}

#[actix_web::test]
async fn pages_of_a_search_repeat_and_miss_none_during_writes() {
    let service = start().await;
    let ann = person(&service).await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(open(&service, &ann, &format!("Salon {number}"), "").await);
    }
    for limit in [1, 2, 3] {
        let (mut all, mut next) = (Vec::new(), Some(format!("/accounts?search=SALON&limit={limit}")));
        while let Some(path) = next {
            let page = service.get(&path).await;
            all.extend(ids(&page.expect(200)));
            next = link(&page);
            assert_eq!(next.is_some(), page.json()["next_cursor"].is_string());
            // It is before the next page by its name, although its id is after all others.
            let added = open(&service, &ann, "Salon", "").await;
            assert_eq!(ann.remove(&service, &format!("/accounts/{added}")).await.status, 204);
        }
        assert_eq!(all, expected, "{limit}");
    }
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_search() {
    let service = start().await;
    let ann = person(&service).await;
    for _ in 0..3 {
        open(&service, &ann, "My Salon", "").await;
    }
    for token in [&service.token, &ann.login.token] {
        let get = async |query: &str| {
            let path = format!("/accounts?{query}");
            service.send(TestRequest::get().uri(&path).insert_header(bearer(token))).await
        };
        let page = get("search=my%20s&limit=1").await;
        let cursor = text(&page.expect(200)["next_cursor"]).to_owned();
        assert_eq!(link(&page), Some(format!("/accounts?search=my+s&limit=1&cursor={cursor}")));
        assert_eq!(ids(&get(&format!("limit=100&cursor={cursor}&search=my+s")).await.expect(200)).len(), 2);
        let plain = text(&get("limit=1").await.expect(200)["next_cursor"]).to_owned();
        for query in [
            format!("cursor={cursor}"),
            format!("search=my&cursor={cursor}"),
            format!("search=My%20s&cursor={cursor}"),
            format!("search=my%20s&include_deleted=true&cursor={cursor}"),
            format!("search=my%20s&cursor={plain}"),
        ] {
            get(&query).await.refused(400, "invalid_cursor");
        }
    }
}

#[actix_web::test]
async fn an_invalid_search_is_refused() {
    let service = start().await;
    let ann = person(&service).await;
    let too_long = format!("search={}", "%C3%A9".repeat(129));
    for query in ["search=", "search=%20", "search=%E2%80%8B", "search=a%0Ab", "search=a&search=b", &too_long] {
        let path = format!("/accounts?{query}");
        ann.get(&service, &path).await.refused(400, "invalid_parameter");
        service.get(&path).await.refused(400, "invalid_parameter");
        service.send(TestRequest::get().uri(&path)).await.refused(401, "unauthenticated");
    }
    let longest = format!("search={}", "%C3%A9".repeat(128));
    for query in [&longest, "search=%25", "search=_", "search=%27%22%5C", "search=%F4%8F%BF%BF"] {
        assert_eq!(found(&service, &service.token, query, 1).await, [""; 0], "{query}");
    }
}
