//! The engagement log: what is taken in, what is refused beside it, and who reads it.

use chrono::TimeDelta;
use domain::access::Role;
use entity::engagement::{engagement_day_due, engagement_event};
use gateway::platform::auth::signing::Claims;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};

use crate::harness::{Client, GivenPartner, START, TestGateway, on_every_store};

const REPORTS: &str = "accepted duplicates refused reports { index outcome code }";
const NO_ASSET: &str = "019aa000-0000-7000-8000-000000000001";

/// The learning system.
fn lms(gateway: &TestGateway) -> Client<'_> {
    let claims = gateway.claims(&[Role::IntegrationJob], "lms-job", None);
    gateway.with_claims(&Claims { scopes: vec!["engagement:lms".to_owned()], ..claims })
}

/// A partner's portal, which reports what the partner's people do in it.
fn portal<'a>(gateway: &'a TestGateway, role: Role, partner: &GivenPartner) -> Client<'a> {
    let claims = gateway.claims(&[role], &partner.rep.key.to_string(), Some(partner.key));
    gateway.with_claims(&Claims { scopes: vec!["engagement:portal".to_owned()], ..claims })
}

fn login(id: &str, partner: &GivenPartner) -> Value {
    json!({
        "eventId": id, "kind": "portal.login", "partnerId": partner.id, "userId": partner.rep.id,
        "occurredAt": START,
    })
}

fn with(mut event: Value, changes: Value) -> Value {
    event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    event
}

fn ndjson(events: &[Value]) -> String {
    events.iter().map(|it| format!("{it}\n")).collect()
}

/// The codes of what was refused, by the place of each event.
fn codes(answer: &Value) -> Vec<&str> {
    let reports = answer["reports"].as_array().unwrap();
    reports.iter().map(|it| it["code"].as_str().unwrap_or(it["outcome"].as_str().unwrap())).collect()
}

async fn stored(gateway: &TestGateway) -> (u64, u64) {
    let db = gateway.services.database.read();
    let events = engagement_event::Entity::find().count(db).await.unwrap();
    (events, engagement_day_due::Entity::find().count(db).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_is_judged_alone_and_taken_once() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let (_, asset) = gateway.given_asset("DOCUMENT", "資料", json!({})).await;
        let view =
            json!({ "kind": "document.viewed", "assetVersionId": asset, "payload": { "seconds": 12 } });
        let events = [
            login("1", &own),
            login("1", &own),
            with(login("1", &own), json!({ "occurredAt": "2026-05-31T00:00:00Z" })),
            with(login("2", &own), view.clone()),
            with(login("3", &own), json!({ "kind": "document.viewd" })),
            with(login("4", &own), json!({ "occurredAt": "2026-06-01T00:06:00Z" })),
            with(login("5", &own), json!({ "occurredAt": "2023-05-31T00:00:00Z" })),
            with(login("6", &own), json!({ "userId": rival.rep.id })),
            with(with(login("7", &own), view), json!({ "payload": { "seconds": "12" } })),
            with(login("8", &own), json!({ "userId": null })),
            with(login("9", &own), json!({ "partnerId": "nonsense" })),
            with(login("10", &own), json!({ "partnerId": "019aa000-0000-7000-8000-00000000dead" })),
            with(login("", &own), json!({})),
            with(login("11", &own), json!({ "assetVersionId": NO_ASSET })),
        ];
        let input = json!({ "events": events });
        let first = lms(gateway).change("recordEngagementEvents", input.clone(), REPORTS).await;
        let expected = [
            "ACCEPTED",
            "DUPLICATE",
            "EVENT_CONTRADICTED",
            "ACCEPTED",
            "EVENT_KIND_UNKNOWN",
            "EVENT_FROM_FUTURE",
            "EVENT_TOO_LATE",
            "EVENT_USER_UNKNOWN",
            "EVENT_PAYLOAD_INVALID",
            "EVENT_USER_MISSING",
            "EVENT_MALFORMED",
            "EVENT_PARTNER_UNKNOWN",
            "EVENT_KEY_INVALID",
            "EVENT_ASSET_UNKNOWN",
        ];
        assert_eq!(codes(first.at("/recordEngagementEvents")), expected);
        assert_eq!(first.at("/recordEngagementEvents/accepted"), 2);
        let before = stored(gateway).await;
        assert_eq!(before, (2, 1), "two events of one day");
        let again = lms(gateway).change("recordEngagementEvents", input, REPORTS).await;
        let counts = again.at("/recordEngagementEvents");
        assert_eq!((&counts["accepted"], &counts["duplicates"]), (&json!(0), &json!(3)));
        assert_eq!(stored(gateway).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_of_its_source_and_another_content_under_it_is_refused_later_too() {
    on_every_store(async |gateway| {
        let own = gateway.given_partner("甲").await;
        let report = async |client: Client<'_>, event: Value| {
            let answer = client.change("recordEngagementEvents", json!({ "events": [event] }), REPORTS).await;
            codes(answer.at("/recordEngagementEvents"))[0].to_owned()
        };
        assert_eq!(report(lms(gateway), login("1", &own)).await, "ACCEPTED");
        let other = with(login("1", &own), json!({ "occurredAt": "2026-05-31T00:00:00Z" }));
        assert_eq!(report(lms(gateway), other.clone()).await, "EVENT_CONTRADICTED");
        let unbound = json!({ "events": [other.clone()] });
        let refused = gateway.as_admin_of(&own).change("recordEngagementEvents", unbound, REPORTS).await;
        refused.assert_refused("ENGAGEMENT_SOURCE_MISSING");
        let portal = portal(gateway, Role::PartnerAdmin, &own);
        assert_eq!(report(portal, other).await, "ACCEPTED", "the partner's own source");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_reports_of_its_own_people_alone() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let colleague = gateway.given_user(&own.id, "colleague").await;
        let events = [
            login("1", &own),
            login("2", &rival),
            with(login("3", &own), json!({ "userId": rival.rep.id })),
            with(login("4", &own), json!({ "userId": colleague.id })),
            with(
                login("5", &rival),
                json!({
                    "kind": "campaign.executed", "userId": null, "payload": { "campaign": "夏" },
                }),
            ),
            with(
                login("6", &own),
                json!({
                    "kind": "campaign.executed", "userId": null, "payload": { "campaign": "夏" },
                }),
            ),
        ];
        let input = json!({ "events": events });
        let admin = portal(gateway, Role::PartnerAdmin, &own);
        let admin = admin.change("recordEngagementEvents", input.clone(), REPORTS).await;
        let expected = [
            "ACCEPTED",
            "EVENT_PARTNER_UNKNOWN",
            "EVENT_USER_UNKNOWN",
            "ACCEPTED",
            "EVENT_PARTNER_UNKNOWN",
            "ACCEPTED",
        ];
        assert_eq!(codes(admin.at("/recordEngagementEvents")), expected);
        let rep = portal(gateway, Role::PartnerRep, &own);
        let rep = rep.change("recordEngagementEvents", input.clone(), REPORTS).await;
        let told = codes(rep.at("/recordEngagementEvents"));
        assert_eq!(told[3], "EVENT_USER_UNKNOWN", "of a colleague");
        assert_eq!(told[5], "EVENT_USER_UNKNOWN", "in the partner's name");
        for role in [Role::ChannelManager, Role::DataSteward] {
            let refused =
                gateway.as_staff(role, "x").change("recordEngagementEvents", input.clone(), REPORTS).await;
            refused.assert_refused("FORBIDDEN");
        }
        let nameless = gateway.as_staff(Role::IntegrationJob, "job");
        let refused = nameless.change("recordEngagementEvents", input, REPORTS).await;
        refused.assert_refused("ENGAGEMENT_SOURCE_MISSING");
        let many = json!({ "events": vec![login("1", &own); 501] });
        let refused = lms(gateway).change("recordEngagementEvents", many, REPORTS).await;
        refused.assert_refused_for("TOO_MANY_EVENTS", &["events"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_is_switched_off_and_on_again() {
    on_every_store(async |gateway| {
        let own = gateway.given_partner("甲").await;
        let switch = async |client: Client<'_>, code: &str, is_on: bool| {
            let input = json!({ "code": code, "isOn": is_on });
            client.change("switchEngagementKind", input, "kind { code isOn label }").await
        };
        let answer = switch(gateway.as_admin(), "portal.login", false).await;
        let expected = json!({ "code": "portal.login", "isOn": false, "label": "ログイン" });
        assert_eq!(answer.at("/switchEngagementKind/kind"), &expected);
        let input =
            json!({ "events": [login("1", &own), with(login("2", &own), json!({ "kind": "news.read" }))] });
        let answer = lms(gateway).change("recordEngagementEvents", input.clone(), REPORTS).await;
        assert_eq!(codes(answer.at("/recordEngagementEvents")), ["EVENT_KIND_OFF", "ACCEPTED"]);
        switch(gateway.as_admin(), "portal.login", true).await.data();
        let answer = lms(gateway).change("recordEngagementEvents", input, REPORTS).await;
        assert_eq!(codes(answer.at("/recordEngagementEvents")), ["ACCEPTED", "DUPLICATE"]);
        switch(gateway.as_admin(), "portal.logout", false).await.assert_refused("ENGAGEMENT_KIND_UNKNOWN");
        switch(gateway.as_channel_manager("m"), "portal.login", false).await.assert_refused("FORBIDDEN");
        let kinds = gateway.as_rep_of(&own).ask("{ engagementKinds { code isOn payload } }").await;
        assert_eq!(kinds.at("/engagementKinds").as_array().unwrap().len(), 16);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_takes_what_is_right_and_names_the_lines_that_are_not() {
    on_every_store(async |gateway| {
        let own = gateway.given_partner("甲").await;
        let large = with(login("2", &own), json!({ "payload": { "note": "x".repeat(2 << 20) } }));
        let off_by_a_year = with(login("3", &own), json!({ "occurredAt": "2022-06-01T00:00:00Z" }));
        let mut body = ndjson(&[login("1", &own), large, off_by_a_year]);
        body.push_str("\n{ broken\n");
        body.push_str(&login("4", &own).to_string());
        let answer = lms(gateway).upload("engagement", body.clone()).await;
        let refusals = answer.body()["refusals"].as_array().unwrap();
        let refused: Vec<_> = refusals.iter().map(|it| (&it["line"], it["code"].as_str().unwrap())).collect();
        let expected =
            [(&json!(2), "EVENT_TOO_LARGE"), (&json!(3), "EVENT_TOO_LATE"), (&json!(5), "EVENT_MALFORMED")];
        assert_eq!(refused, expected, "{}", answer.text);
        let counts =
            |it: &Value| ["received", "accepted", "duplicates", "refused"].map(|name| it[name].clone());
        assert_eq!(counts(answer.body()), [5, 2, 0, 3].map(|it| json!(it)));
        let again = lms(gateway).upload("engagement", body).await;
        assert_eq!(counts(again.body()), [5, 0, 2, 3].map(|it| json!(it)));
        assert_eq!(stored(gateway).await, (2, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_many_batches_is_taken_whole_and_only_once() {
    on_every_store(async |gateway| {
        let own = gateway.given_partner("甲").await;
        let at = |hours: i64| gateway.services.clock.now() - TimeDelta::hours(hours);
        let events: Vec<_> = (0..4_500)
            .map(|it| with(login(&it.to_string(), &own), json!({ "occurredAt": at(it) })))
            .collect();
        let body = ndjson(&events);
        let (one, two) = (lms(gateway), lms(gateway));
        let (one, two) =
            futures::join!(one.upload("engagement", body.clone()), two.upload("engagement", body));
        let sum = |name: &str| one.body()[name].as_u64().unwrap() + two.body()[name].as_u64().unwrap();
        assert_eq!((sum("accepted"), sum("duplicates"), sum("refused")), (4_500, 4_500, 0));
        assert_eq!(
            stored(gateway).await,
            (4_500, 189),
            "ten hours of a day in Tokyo, 187 days, and two hours"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_upload_is_told_so() {
    on_every_store(async |gateway| {
        let status = async |client: Client<'_>, name: &str| {
            let answer = client.upload(name, String::new()).await;
            (answer.status.as_u16(), answer.codes().into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let nobody = gateway.with_authorization(None);
        assert_eq!(status(nobody, "engagement").await, (401, vec!["UNAUTHENTICATED".to_owned()]));
        let steward = gateway.as_staff(Role::DataSteward, "x");
        assert_eq!(status(steward, "engagement").await, (403, vec!["FORBIDDEN".to_owned()]));
        let nameless = gateway.as_admin();
        assert_eq!(status(nameless, "engagement").await, (400, vec!["ENGAGEMENT_SOURCE_MISSING".to_owned()]));
        assert_eq!(status(lms(gateway), "elsewhere").await, (404, vec!["NOT_FOUND".to_owned()]));
        assert_eq!(status(lms(gateway), "engagement").await, (200, vec![]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_shows_each_what_is_theirs_in_order_of_time() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let colleague = gateway.given_user(&own.id, "colleague").await;
        let at = |text: &str| json!({ "occurredAt": text });
        let search = json!({ "kind": "faq.searched", "payload": { "keyword": "提案書" } });
        let events = [
            with(login("late", &own), at("2026-05-01T00:00:00Z")),
            with(login("last", &own), search),
            with(with(login("theirs", &own), json!({ "userId": colleague.id })), at("2026-04-01T00:00:00Z")),
            with(login("rival", &rival), at("2026-05-15T00:00:00Z")),
        ];
        let input = json!({ "events": events });
        lms(gateway).change("recordEngagementEvents", input, REPORTS).await.data();
        let seen = async |client: Client<'_>, arguments: &str| {
            let question = format!(
                "{{ engagementEvents{arguments} {{ totalCount nodes {{ eventId source payload isAccess
                    partner {{ legalName }} partnerUser {{ id }} }} pageInfo {{ endCursor }} }} }}"
            );
            let answer = client.ask(&question).await;
            let events = answer.at("/engagementEvents/nodes").as_array().unwrap().clone();
            let ids: Vec<_> = events.iter().map(|it| it["eventId"].as_str().unwrap().to_owned()).collect();
            (ids, answer)
        };
        let (all, answer) = seen(gateway.as_admin(), "").await;
        assert_eq!(all, ["last", "rival", "late", "theirs"]);
        assert_eq!(answer.at("/engagementEvents/nodes/0/payload"), &json!({ "keyword": "提案書" }));
        assert_eq!(answer.at("/engagementEvents/nodes/0/partnerUser/id"), &json!(own.rep.id));
        assert_eq!(seen(gateway.as_admin_of(&own), "").await.0, ["last", "late", "theirs"]);
        assert_eq!(seen(gateway.as_rep_of(&own), "").await.0, ["last", "late"]);
        assert_eq!(seen(gateway.as_channel_manager("nobody's"), "").await.0, [""; 0]);
        let filter = format!("(filter: {{ partnerId: \"{}\", since: \"{START}\" }})", own.id);
        assert_eq!(seen(gateway.as_admin(), &filter).await.0, ["last"]);
        let (first, answer) = seen(gateway.as_admin(), "(first: 2)").await;
        assert_eq!(first, ["last", "rival"]);
        let after = answer.text_at("/engagementEvents/pageInfo/endCursor");
        assert_eq!(seen(gateway.as_admin(), &format!("(after: \"{after}\")")).await.0, ["late", "theirs"]);
        let job = lms(gateway).ask("{ engagementEvents { totalCount } }").await;
        job.assert_refused("FORBIDDEN");
    })
    .await;
}
