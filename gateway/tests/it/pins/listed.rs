//! The list of pins and locks.

use super::*;
use crate::harness::on_every_store;

async fn listed(client: &Client<'_>, filter: &str) -> Vec<String> {
    let question =
        format!("{{ heldFields(filter: {{ {filter} }}) {{ nodes {{ hold field value by isInForce }} }} }}");
    let answer = client.ask(&question).await;
    let told = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap_or("-").to_owned();
        let state = if it["isInForce"] == true { "holds" } else { "over" };
        format!("{} {} {} {state}", text("hold"), text("field"), text("value"))
    };
    answer.at("/heldFields/nodes").as_array().unwrap().iter().map(told).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_and_locks_are_found_by_sort_record_state_and_end() {
    on_every_store(async |gateway| {
        let one = gateway.given(sato()).await;
        let other = gateway.given(Said::lead("00Q2").with(lead::last_name, "田中")).await;
        gateway.pins(&one, "phone", "03-0000-1111").await.data();
        gateway.locks(&one, "title", Some("2026-07-01T00:00:00Z")).await.data();
        gateway.pins(&other, "title", "課長").await.data();
        gateway.unpins(&other, "title").await.data();
        let steward = gateway.as_steward();
        let (pin, lock) = ("PIN phone 03-0000-1111 holds", "LOCK title - holds");
        assert_eq!(listed(&steward, "").await, ["PIN title 課長 over", lock, pin]);
        assert_eq!(listed(&steward, "inForce: true").await, [lock, pin]);
        assert_eq!(listed(&steward, "hold: PIN, inForce: true").await, [pin]);
        assert_eq!(listed(&steward, "inForce: false").await, ["PIN title 課長 over"]);
        assert_eq!(listed(&steward, &format!("recordId: \"{other}\"")).await, ["PIN title 課長 over"]);
        assert_eq!(listed(&steward, "endsBefore: \"2026-07-02T00:00:00Z\"").await, [lock]);
        assert_eq!(listed(&steward, "recordKind: ACCOUNT").await, [""; 0]);
        assert_eq!(listed(&steward, "by: \"somebody\"").await, [""; 0]);
        gateway.comes_to("2026-07-01T00:00:00Z");
        assert_eq!(listed(&steward, "inForce: true").await, [pin]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_sees_them_and_only_of_records_it_sees() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("販売代理店").await;
        let one = gateway.given(sato()).await;
        gateway.given_assignment(&one, &partner).await;
        gateway.pins(&one, "phone", "03-0000-1111").await.data();
        let question = "{ heldFields { totalCount nodes { value } } }";
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner)] {
            client.ask(question).await.assert_refused("FORBIDDEN");
        }
        let stranger = gateway.as_channel_manager("somebody else").ask(question).await;
        assert_eq!(stranger.at("/heldFields/totalCount"), 0);
        let all = gateway.as_steward().ask(question).await;
        assert_eq!(all.at("/heldFields/totalCount"), 1);
    })
    .await;
}
