//! The lists of staff members and bookings: content, filters, and cursors.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::house::{Tenant, start};
use crate::in_process::{Answer, Service, text};

/// The ids of all pages from this one on, by following `Link`. `between` runs after each page.
async fn walk(service: &Service, path: String, mut between: impl AsyncFnMut()) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), Some(path));
    while let Some(path) = next {
        let page = service.get(&path).await;
        seen.extend(ids(&page.expect(200)));
        next = link(&page);
        assert_eq!(next.is_some(), page.json()["next_cursor"].is_string());
        between().await;
    }
    seen
}

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().expect("a list has data").iter().map(|it| text(&it["id"]).to_owned()).collect()
}

fn link(page: &Answer) -> Option<String> {
    let link = page.header("link")?.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(link.expect("it is a link to the next page").to_owned())
}

async fn all(service: &Service, path: &str) -> Vec<String> {
    walk(service, path.to_owned(), async || {}).await
}

async fn make(service: &Service, path: &str, body: Value) -> String {
    text(&service.post(path, body).await.expect(201)["id"]).to_owned()
}

async fn remove(service: &Service, path: &str) {
    assert_eq!(service.send(service.authorised(Method::DELETE, path)).await.status, 204);
}

#[actix_web::test]
async fn pages_of_bookings_repeat_and_miss_none_during_writes() {
    let service = start().await;
    let account = service.account_on("pro").await;
    let path = format!("{account}/bookings");
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.insert(0, make(&service, &path, json!({"starts_at": "2031-05-05T10:00:00Z"})).await);
    }
    for limit in [1, 3, 7] {
        let mut day = 10;
        // Newer ones are added and removed; an existing one changes.
        let write = async || {
            let starts_at = format!("2031-0{limit}-{day}T10:00:00Z");
            let new = make(&service, &path, json!({"starts_at": starts_at})).await;
            remove(&service, &format!("{path}/{new}")).await;
            let one = service.authorised(Method::PATCH, &format!("{path}/{}", expected[3]));
            service.send(one.set_json(json!({"notes": starts_at}))).await.expect(200);
            day += 1;
        };
        assert_eq!(walk(&service, format!("{path}?limit={limit}"), write).await, expected, "{limit}");
    }
}

#[actix_web::test]
async fn pages_of_staff_repeat_and_miss_none_during_writes() {
    let service = start().await;
    let path = format!("{}/staff", service.account_on("pro").await);
    let mut expected = Vec::new();
    for name in ["Ann", "Ben", "Cleo", "Dan"] {
        expected.insert(0, make(&service, &path, json!({"name": name})).await);
    }
    for limit in [1, 2, 3, 4] {
        // The last place is used and freed again.
        let write = async || {
            let new = make(&service, &path, json!({"name": "Eve"})).await;
            remove(&service, &format!("{path}/{new}")).await;
            let one = service.authorised(Method::PATCH, &format!("{path}/{}", expected[1]));
            service.send(one.set_json(json!({"name": format!("Cleo {new}")}))).await.expect(200);
        };
        assert_eq!(walk(&service, format!("{path}?limit={limit}"), write).await, expected, "{limit}");
    }
}

#[actix_web::test]
async fn a_booking_changed_between_two_pages_is_listed_once() {
    let service = start().await;
    let path = format!("{}/bookings", service.account_on("pro").await);
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.insert(0, make(&service, &path, json!({"starts_at": "2031-05-05T10:00:00Z"})).await);
    }
    let mut numbers = 0..;
    let change_all = async || {
        let notes = format!("change {}", numbers.next().expect("there are numbers"));
        for id in &expected {
            let changed = service.authorised(Method::PATCH, &format!("{path}/{id}"));
            service.send(changed.set_json(json!({"notes": notes}))).await.expect(200);
        }
    };
    assert_eq!(walk(&service, format!("{path}?limit=2&from=2031-05-05"), change_all).await, expected);
}

#[actix_web::test]
async fn bookings_are_filtered_by_day_and_by_staff_member() {
    let service = start().await;
    let account = service.account_on("pro").await;
    let (staff, path) = (format!("{account}/staff"), format!("{account}/bookings"));
    let ann = make(&service, &staff, json!({"name": "Ann"})).await;
    let mut made = Vec::new();
    for (day, staff_id) in [(4, Some(&ann)), (5, None), (5, Some(&ann)), (6, Some(&ann)), (7, None)] {
        let body = json!({"starts_at": format!("2031-05-0{day}T10:00:00Z"), "staff_id": staff_id});
        made.push(make(&service, &path, body).await);
    }
    remove(&service, &format!("{path}/{}", made[2])).await;
    let unknown = "staff_00000000000000000000000000";
    for (query, expected) in [
        (String::new(), &[4, 3, 1, 0][..]),
        ("include_deleted=false".to_owned(), &[4, 3, 1, 0]),
        ("include_deleted=true".to_owned(), &[4, 3, 2, 1, 0]),
        ("from=2031-05-05".to_owned(), &[4, 3, 1]),
        ("to=2031-05-05".to_owned(), &[1, 0]),
        ("from=2031-05-05&to=2031-05-06".to_owned(), &[3, 1]),
        ("from=2031-05-05&to=2031-05-05&include_deleted=true".to_owned(), &[2, 1]),
        ("from=2031-05-08".to_owned(), &[]),
        (format!("staff_id={ann}"), &[3, 0]),
        (format!("staff_id={unknown}"), &[]),
        (format!("staff_id={ann}&include_deleted=true&from=2031-05-05&to=2031-05-06"), &[3, 2]),
    ] {
        let expected: Vec<String> = expected.iter().map(|&at| made[at].clone()).collect();
        for limit in [1, 2, 100] {
            let found = all(&service, &format!("{path}?limit={limit}&{query}")).await;
            assert_eq!(found, expected, "{query} {limit}");
        }
    }
}

#[actix_web::test]
async fn removed_staff_members_are_listed_with_include_deleted() {
    let service = start().await;
    let path = format!("{}/staff", service.account_on("basic").await);
    let ann = make(&service, &path, json!({"name": "Ann"})).await;
    let ben = make(&service, &path, json!({"name": "Ben"})).await;
    remove(&service, &format!("{path}/{ann}")).await;
    for limit in [1, 2] {
        assert_eq!(all(&service, &format!("{path}?limit={limit}")).await, std::slice::from_ref(&ben));
        let both = all(&service, &format!("{path}?include_deleted=true&limit={limit}")).await;
        assert_eq!(both, [ben.clone(), ann.clone()]);
    }
    let list = service.get(&format!("{path}?include_deleted=true")).await.expect(200);
    assert_eq!(list["data"][0], service.get(&format!("{path}/{ben}")).await.expect(200));
    assert!(list["data"][1]["deleted_at"].is_string(), "{list}");
}

#[actix_web::test]
async fn invalid_list_parameters_are_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (collection, query) in [
        ("bookings", "from=2031-5-5"),
        ("bookings", "from=20310505"),
        ("bookings", "from=2031-05-05T10:00:00Z"),
        ("bookings", "from=2031-05-05T00:00:00"),
        ("bookings", "to=%2B2031-05-05"),
        ("bookings", "to=2031-02-29"),
        ("bookings", "to=today"),
        ("bookings", "to="),
        ("bookings", "from=2031-05-05&to=2031-05-04"),
        ("bookings", "from=2031-05-05&from=2031-05-05"),
        ("bookings", "staff_id=Ann"),
        ("bookings", "staff_id="),
        ("bookings", "include_deleted=1"),
        ("bookings", "form=2031-05-05"),
        ("staff", "include_deleted=yes"),
        ("staff", "include_deleted=true&include_deleted=true"),
        ("staff", "from=2031-05-05"),
    ] {
        let answer = tenant.owner.get(&service, &format!("{}/{collection}?{query}", tenant.account)).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        answer.refused(400, "invalid_parameter");
    }
    let of_another_kind = format!("{}/bookings?staff_id={}", tenant.account, tenant.booking);
    tenant.owner.get(&service, &of_another_kind).await.refused(400, "invalid_parameter");
}

#[actix_web::test]
async fn a_cursor_is_valid_only_for_its_own_filter() {
    let service = start().await;
    let account = service.account_on("pro").await;
    let (staff, path) = (format!("{account}/staff"), format!("{account}/bookings"));
    let ann = make(&service, &staff, json!({"name": "Ann"})).await;
    for _ in 0..3 {
        make(&service, &path, json!({"starts_at": "2031-05-05T10:00:00Z", "staff_id": ann})).await;
    }
    let query = format!("from=2031-05-05&staff_id={ann}&to=2031-05-06");
    let page = service.get(&format!("{path}?limit=1&{query}")).await;
    let cursor = text(&page.expect(200)["next_cursor"]).to_owned();
    assert_eq!(link(&page), Some(format!("{path}?{query}&limit=1&cursor={cursor}")));
    // The order of the parameters and the page size may change.
    service
        .get(&format!("{path}?cursor={cursor}&to=2031-05-06&limit=2&from=2031-05-05&staff_id={ann}"))
        .await
        .expect(200);
    for other in [
        String::new(),
        "from=2031-05-05&to=2031-05-06".to_owned(),
        format!("from=2031-05-04&staff_id={ann}&to=2031-05-06"),
        format!("{query}&include_deleted=true"),
    ] {
        service.get(&format!("{path}?{other}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
    let neighbour = service.account_on("pro").await;
    service.get(&format!("{neighbour}/bookings?{query}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    service.get(&format!("{staff}?cursor={cursor}")).await.refused(400, "invalid_cursor");
    let first = format!("{staff}?include_deleted=true&limit=1");
    make(&service, &staff, json!({"name": "Ben"})).await;
    let cursor = text(&service.get(&first).await.expect(200)["next_cursor"]).to_owned();
    for (query, status) in [("include_deleted=true", 200), ("include_deleted=false", 400), ("", 400)] {
        let page = service.get(&format!("{staff}?{query}&cursor={cursor}")).await;
        assert_eq!(page.status, status, "{query}: {}", page.text());
        assert!(status == 200 || page.json()["code"] == "invalid_cursor", "{}", page.text());
    }
}
