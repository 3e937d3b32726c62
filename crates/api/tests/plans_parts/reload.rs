//! Loads the plans again without a restart.

use serde_json::json;

use crate::support::process::{Server, await_some};
use crate::{book, new_dir, plan, start, write};

/// Waits until the log has this text this many times.
#[track_caller]
fn await_logged(server: &Server, text: &str, count: usize) {
    await_some(text, || (server.log().matches(text).count() >= count).then_some(()));
}

#[test]
fn sighup_loads_the_plans_again() {
    let dir = new_dir();
    let server = start(dir.path(), &[plan("basic", 1, "1", "3", "")]);
    let client = server.client();
    let account = client.open_account("basic");
    assert_eq!(book(&client, &account, 10).0, 3);
    write(dir.path(), &[plan("basic", 1, "1", "5", "")]);
    server.signal("HUP");
    await_logged(&server, "SIGHUP: the plans are loaded again", 1);
    assert_eq!(book(&client, &account, 10).0, 2);

    write(dir.path(), &[plan("basic", 1, "1", "-5", "")]);
    server.signal("HUP");
    await_logged(&server, "the plans stay as they are", 1);
    assert!(server.log().contains("line 8: bookings_per_day takes"), "{}", server.log());
    write(dir.path(), &[plan("solo", 1, "1", "9", "")]);
    server.signal("HUP");
    await_logged(&server, "the plans stay as they are", 2);
    assert!(server.log().contains("basic, of 1 account"), "{}", server.log());
    assert_eq!(book(&client, &account, 10).0, 0);

    write(dir.path(), &[plan("solo", 1, "1", "6", "replaces = [\"basic\"]")]);
    let loaded = client.post("/plans/reload", &json!({}));
    assert_eq!((loaded.status, &loaded.body["data"][0]["key"]), (200, &json!("solo")), "{loaded:?}");
    assert_eq!(book(&client, &account, 10).0, 1);
    server.stop_and_verify();
}

#[test]
fn the_built_in_plans_cannot_be_loaded_again() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let refused = client.post("/plans/reload", &json!({}));
    assert_eq!((refused.status, refused.text("code")), (409, "conflict"), "{refused:?}");
    assert!(refused.text("detail").contains("HEADROOM_PLANS"), "{refused:?}");
    server.signal("HUP");
    await_logged(&server, "SIGHUP has no effect", 1);
    server.stop_and_verify();
}
