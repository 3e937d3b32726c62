//! A day in the life of five products: each meter of their catalogues is filled to its limit, by
//! holds, usage and allocations; the next request is refused, and an upgrade admits it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use actix_web::http::Method;
use serde_json::{Value, json};
use testkit::fixtures::NOW;

use crate::house::start_with_plans_at;
use crate::in_process::{Answer, Service, text};

/// A product: its service, its account, and its metrics by meter.
struct Product {
    service: Service,
    account: String,
    plans: Value,
    meters: BTreeMap<String, Vec<Value>>,
    /// How much of each meter was used so far.
    used: BTreeMap<String, u64>,
}

impl Product {
    /// Loads the catalogue, and opens an account on its first plan.
    async fn open(catalogue: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/catalogues");
        let service = start_with_plans_at(NOW, folder.join(format!("{catalogue}.toml"))).await;
        let plans = service.post("/plans/reload", json!({})).await.expect(200);
        let mut meters = BTreeMap::<String, Vec<Value>>::new();
        for metric in plans["metrics"].as_array().expect("a list") {
            meters.entry(text(&metric["meter"]).to_owned()).or_default().push(metric.clone());
        }
        let first = text(&plans["data"][0]["key"]);
        let account = service.post("/accounts", json!({"name": "Acme", "plan": first})).await.expect(201);
        let account = format!("/accounts/{}", text(&account["id"]));
        Self { service, account, plans, meters, used: BTreeMap::new() }
    }

    /// The smallest limit of the meter's metrics on a plan; `None` if all are unlimited.
    fn limit(&self, plan: usize, meter: &str) -> Option<u64> {
        let limits = &self.plans["data"][plan]["limits"];
        self.meters[meter].iter().filter_map(|metric| limits[text(&metric["key"])].as_u64()).min()
    }

    fn is_gauge(&self, meter: &str) -> bool {
        self.meters[meter][0]["kind"] == "gauge"
    }

    /// Takes `quantity` of a meter: by a hold that is confirmed at once, except of staff members and
    /// bookings, whose hold stays.
    async fn take(&mut self, meter: &str, quantity: u64) -> Answer {
        let hold = json!({"meter": meter, "quantity": quantity, "expires_in_seconds": 86_400});
        let answer = self.service.post(&format!("{}/holds", self.account), hold).await;
        if answer.status == 201 {
            *self.used.entry(meter.to_owned()).or_default() += quantity;
            if meter != "staff" && meter != "bookings" {
                let path = format!("{}/holds/{}/confirm", self.account, text(&answer.json()["id"]));
                self.service.post(&path, json!({})).await.expect(200);
            }
        }
        answer
    }

    /// Requests one more of a meter, as the product does.
    async fn one_more(&mut self, meter: &str) -> Answer {
        let account = &self.account;
        let answer = match meter {
            "staff" => self.service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await,
            "bookings" => self.service.post(&format!("{account}/bookings"), json!({})).await,
            _ if self.is_gauge(meter) => {
                let path = format!("{account}/allocations/{meter}/one-more-{}", self.used.get(meter).unwrap_or(&0));
                self.service.send(self.service.authorised(Method::PUT, &path).set_json(json!({}))).await
            }
            _ => self.service.post(&format!("{account}/usage"), json!({"meter": meter})).await,
        };
        if answer.status == 201 {
            *self.used.entry(meter.to_owned()).or_default() += 1;
        }
        answer
    }

    async fn subscribe(&self, plan: usize, over_limit: &str) -> Answer {
        let plan = text(&self.plans["data"][plan]["key"]);
        let choice = json!({"plan": plan, "over_limit": over_limit});
        self.service.post(&format!("{}/subscribe", self.account), choice).await
    }

    /// Fills every meter to its limit on the plan, and asserts that one more is refused by a metric
    /// of it.
    async fn fill(&mut self, plan: usize) {
        for meter in self.meters.keys().cloned().collect::<Vec<_>>() {
            let Some(limit) = self.limit(plan, &meter) else { continue };
            let used = self.used.get(&meter).copied().unwrap_or(0);
            if used < limit {
                self.take(&meter, limit - used).await.expect(201);
            }
            let refusal = self.one_more(&meter).await.expect(403);
            let keys: BTreeSet<&str> = self.meters[&meter].iter().map(|metric| text(&metric["key"])).collect();
            assert!(keys.contains(text(&refusal["metric"])), "{refusal}");
            assert_eq!((&refusal["meter"], &refusal["requested"]), (&json!(meter), &json!(1)), "{refusal}");
            assert!(refusal["exceeded"].as_array().is_some_and(|all| !all.is_empty()), "{refusal}");
            self.take(&meter, 1).await.expect(403);
        }
    }

    /// Asserts that the entitlements say what was used and what the plan has.
    async fn assert_entitlements(&self, plan: usize) {
        let report = self.service.get(&format!("{}/entitlements", self.account)).await.expect(200);
        let plan = &self.plans["data"][plan];
        assert_eq!(report["plan"], plan["key"]);
        for entry in report["entitlements"].as_array().expect("a list") {
            let used = self.used.get(text(&entry["meter"])).copied().unwrap_or(0);
            assert_eq!((&entry["limit"], &entry["used"]), (&plan["limits"][text(&entry["metric"])], &json!(used)));
        }
        for feature in report["features"].as_array().expect("a list") {
            assert_eq!(feature["value"], plan["features"][text(&feature["feature"])], "{feature}");
        }
    }
}

/// Through all plans and back.
async fn a_day(catalogue: &str) {
    let mut product = Product::open(catalogue).await;
    let last = product.plans["data"].as_array().map_or(0, Vec::len) - 1;
    for plan in 0..=last {
        if plan > 0 {
            product.subscribe(plan, "keep").await.expect(200);
        }
        product.fill(plan).await;
        product.assert_entitlements(plan).await;
    }
    // Nothing is removed by a downgrade, and nothing is admitted until usage is below the limits.
    let over = product.subscribe(0, "reject").await.refused(409, "over_limit");
    let over: BTreeSet<&str> =
        over["exceeded"].as_array().expect("a list").iter().map(|it| text(&it["metric"])).collect();
    let limits = &product.plans["data"][0]["limits"];
    let expected: BTreeSet<&str> = product
        .meters
        .iter()
        .flat_map(|(meter, metrics)| metrics.iter().map(move |metric| (meter, text(&metric["key"]))))
        .filter(|(meter, key)| {
            let used = product.used.get(*meter).copied().unwrap_or(0);
            limits[*key].as_u64().is_some_and(|limit| used > limit)
        })
        .map(|(_, key)| key)
        .collect();
    assert_eq!(over, expected);
    product.subscribe(0, "keep").await.expect(200);
    product.assert_entitlements(0).await;
    for meter in product.meters.keys().cloned().collect::<Vec<_>>() {
        if product.limit(0, &meter).is_some() {
            product.one_more(&meter).await.expect(403);
        }
    }
}

#[actix_web::test]
async fn a_day_of_a_scheduling_tool() {
    a_day("scheduling").await;
}

#[actix_web::test]
async fn a_day_of_an_email_service() {
    a_day("email").await;
}

#[actix_web::test]
async fn a_day_of_a_code_host() {
    a_day("code_host").await;
}

#[actix_web::test]
async fn a_day_of_a_storage_service() {
    a_day("storage").await;
}

#[actix_web::test]
async fn a_day_of_an_ai_api() {
    a_day("ai_api").await;
}
