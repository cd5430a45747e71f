//! Territories: assigning, ending, who covers what, and what rules ask of them.

use domain::access::Role;
use domain::fields::RecordKind;
use gateway::territories::service::relevant_on;
use serde_json::{Value, json};

use crate::harness::{Client, GivenPartner, Said, TestGateway, on_every_store};

const TERRITORY: &str = "territory { id version isExclusive validFrom validUntil products
    prefectures { code label } industries { code } namedAccountIds }";

fn wanted(partner: &GivenPartner, prefecture: &str, changes: Value) -> Value {
    let mut input = json!({
        "partnerId": partner.id, "prefectures": [prefecture], "industries": ["E"], "products": ["X"],
        "isExclusive": true, "validFrom": "2026-04-01",
    });
    input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    input
}

async fn total(client: &Client<'_>, filter: &str) -> Value {
    let question = format!("{{ territories(filter: {{ {filter} }}) {{ totalCount }} }}");
    client.ask(&question).await.at("/territories/totalCount").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_territory_is_assigned_and_read_back() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let answer = gateway
            .as_admin()
            .change("assignTerritory", wanted(&partner, "JP-13", json!({})), TERRITORY)
            .await;
        let territory = answer.at("/assignTerritory/territory");
        let expected = json!({
            "id": territory["id"], "version": 1, "isExclusive": true,
            "validFrom": "2026-04-01", "validUntil": null, "products": ["X"],
            "prefectures": [{ "code": "JP-13", "label": "東京都" }], "industries": [{ "code": "E" }],
            "namedAccountIds": [],
        });
        assert_eq!(territory, &expected);
        let question = "query One($id: ID!) { territory(id: $id) { partner { legalName } }
            node(id: $id) { id } partners { nodes { territories { isExclusive } } } }";
        let read = gateway.as_admin().ask_with(question, json!({ "id": territory["id"] })).await;
        assert_eq!(read.at("/territory/partner/legalName"), "極洋");
        assert_eq!(read.at("/node/id"), &territory["id"]);
        assert_eq!(read.at("/partners/nodes/0/territories/0/isExclusive"), true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_exclusive_territories_are_refused() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        gateway.given_territory(&own, wanted(&own, "JP-13", json!({ "validUntil": "2026-10-01" }))).await;
        let overlapping = [
            wanted(&rival, "JP-13", json!({})),
            wanted(&rival, "JP-13", json!({ "industries": [], "products": [] })),
            wanted(&rival, "JP-13", json!({ "validFrom": "2026-09-30" })),
            wanted(&rival, "JP-13", json!({ "prefectures": ["JP-27", "JP-13"], "validUntil": "2026-04-02" })),
        ];
        for input in overlapping {
            let answer = gateway.as_admin().change("assignTerritory", input, TERRITORY).await;
            answer.assert_refused("TERRITORY_EXCLUSIVE_OVERLAP");
        }
        assert_eq!(total(&gateway.as_admin(), "").await, 1, "nothing was changed");
        let beside = [
            wanted(&rival, "JP-27", json!({})),
            wanted(&rival, "JP-13", json!({ "industries": ["F"] })),
            wanted(&rival, "JP-13", json!({ "products": ["Y"] })),
            wanted(&rival, "JP-13", json!({ "isExclusive": false })),
            wanted(&rival, "JP-13", json!({ "validFrom": "2026-10-01" })),
        ];
        for input in beside {
            gateway.as_admin().change("assignTerritory", input, TERRITORY).await.data();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_exclusive_territories_at_once_one_is_refused() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        for prefecture in ["JP-01", "JP-02", "JP-03", "JP-04", "JP-05"] {
            let admin = gateway.as_admin();
            let (first, second) = futures::join!(
                admin.change("assignTerritory", wanted(&one, prefecture, json!({})), TERRITORY),
                admin.change("assignTerritory", wanted(&two, prefecture, json!({})), TERRITORY),
            );
            let codes: Vec<&str> = first.codes().into_iter().chain(second.codes()).collect();
            assert_eq!(codes, ["TERRITORY_EXCLUSIVE_OVERLAP"], "{prefecture}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_territory_makes_room() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let id = gateway.given_territory(&own, wanted(&own, "JP-13", json!({}))).await;
        let end =
            |version: i32, on: &str| json!({ "id": id, "version": version, "on": on, "reason": "組織変更" });
        let admin = gateway.as_admin();
        // Today is the first of June.
        let yesterday = admin.change("endTerritory", end(1, "2026-05-31"), TERRITORY).await;
        yesterday.assert_refused("TERRITORY_END_IMPOSSIBLE");
        let ended = admin.change("endTerritory", end(1, "2026-07-01"), TERRITORY).await;
        assert_eq!(ended.at("/endTerritory/territory/validUntil"), "2026-07-01");
        admin
            .change("endTerritory", end(1, "2026-06-15"), TERRITORY)
            .await
            .assert_refused("VERSION_CONFLICT");
        let later = admin.change("endTerritory", end(2, "2026-08-01"), TERRITORY).await;
        later.assert_refused("TERRITORY_END_IMPOSSIBLE");
        let next = wanted(&rival, "JP-13", json!({ "validFrom": "2026-07-01" }));
        admin.change("assignTerritory", next, TERRITORY).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_territory_that_was_ended_before_it_began_keeps_nobody_out() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let future = wanted(&own, "JP-13", json!({ "validFrom": "2026-09-01" }));
        let id = gateway.given_territory(&own, future).await;
        let end = json!({ "id": id, "version": 1, "on": "2026-09-01" });
        gateway.as_admin().change("endTerritory", end, TERRITORY).await.data();
        let same = wanted(&rival, "JP-13", json!({ "validFrom": "2026-08-01" }));
        gateway.as_admin().change("assignTerritory", same, TERRITORY).await.data();
        assert_eq!(total(&gateway.as_admin(), "validOn: \"2026-09-01\"").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_territory_is_refused_with_what_is_wrong() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let wrong = [
            (json!({ "prefectures": ["JP-48"] }), "PREFECTURE_UNKNOWN"),
            (json!({ "industries": ["U"] }), "INDUSTRY_UNKNOWN"),
            (json!({ "products": [""] }), "INVALID_PRODUCT"),
            (json!({ "products": ["a,b"] }), "INVALID_PRODUCT"),
            (json!({ "validUntil": "2026-04-01" }), "TERRITORY_ENDS_FIRST"),
            (json!({ "partnerId": "nonsense" }), "INVALID_ID"),
            (json!({ "namedAccountIds": [partner.id] }), "INVALID_ID"),
        ];
        for (changes, code) in wrong {
            let input = wanted(&partner, "JP-13", changes);
            gateway.as_admin().change("assignTerritory", input, TERRITORY).await.assert_refused(code);
        }
        assert_eq!(total(&gateway.as_admin(), "").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_request_gets_the_first_answer() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let input = wanted(&partner, "JP-13", json!({ "idempotencyKey": "k-1" }));
        let first = gateway.as_admin().change("assignTerritory", input.clone(), TERRITORY).await;
        let again = gateway.as_admin().change("assignTerritory", input, TERRITORY).await;
        assert_eq!(first.data(), again.data());
        assert_eq!(total(&gateway.as_admin(), "").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn territories_are_found_by_partner_place_and_date() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        gateway.given_territory(&one, wanted(&one, "JP-13", json!({ "validUntil": "2026-10-01" }))).await;
        gateway.given_territory(&two, json!({})).await;
        let admin = gateway.as_admin();
        assert_eq!(total(&admin, &format!("partnerId: \"{}\"", one.id)).await, 1);
        assert_eq!(total(&admin, "prefecture: \"JP-13\"").await, 2, "one names it, one names none");
        assert_eq!(total(&admin, "prefecture: \"JP-27\"").await, 1);
        assert_eq!(total(&admin, "industry: \"E\", isExclusive: true").await, 1);
        assert_eq!(total(&admin, "validOn: \"2026-03-31\"").await, 0);
        assert_eq!(total(&admin, "validOn: \"2026-09-30\"").await, 2);
        assert_eq!(total(&admin, "validOn: \"2026-10-01\"").await, 1);
        let wrong = admin.ask("{ territories(filter: { prefecture: \"Tokyo\" }) { totalCount } }").await;
        wrong.assert_refused("PREFECTURE_UNKNOWN");
    })
    .await;
}

const COVERAGE: &str = "query Cover($on: NaiveDate) { territoryCoverage(product: \"X\", on: $on) { on holeCount
    cells(prefectures: [\"JP-13\"], industries: [\"E\", \"F\"]) { industry { code } isHole partners { legalName } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn coverage_tells_who_covers_what_and_where_nobody_does() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        gateway.given_territory(&one, wanted(&one, "JP-13", json!({}))).await;
        let all_industries = json!({ "industries": [], "isExclusive": false, "validFrom": "2026-07-01" });
        gateway.given_territory(&two, wanted(&two, "JP-13", all_industries)).await;
        let today = gateway.as_admin().ask(COVERAGE).await;
        let expected = json!({
            "on": "2026-06-01", "holeCount": 939, "cells": [
                { "industry": { "code": "E" }, "isHole": false, "partners": [{ "legalName": "甲" }] },
                { "industry": { "code": "F" }, "isHole": true, "partners": [] },
            ],
        });
        assert_eq!(today.at("/territoryCoverage"), &expected);
        let later = gateway.as_admin().ask_with(COVERAGE, json!({ "on": "2026-07-01" })).await;
        assert_eq!(later.at("/territoryCoverage/holeCount"), 920);
        let both = json!([{ "legalName": "甲" }, { "legalName": "乙" }]);
        assert_eq!(later.at("/territoryCoverage/cells/0/partners"), &both);
        assert!(later.statements <= 5, "{} statements", later.statements);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_see_their_own_territories_and_nothing_of_the_map() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let id = gateway.given_territory(&own, wanted(&own, "JP-13", json!({}))).await;
        for client in [gateway.as_admin_of(&own), gateway.as_rep_of(&own)] {
            assert_eq!(total(&client, "").await, 1);
            client.ask(COVERAGE).await.assert_refused("FORBIDDEN");
        }
        let stranger = gateway.as_admin_of(&rival);
        assert_eq!(total(&stranger, "").await, 0);
        let question = format!("{{ territory(id: \"{id}\") {{ id }} }}");
        assert_eq!(stranger.ask(&question).await.data(), &json!({ "territory": null }));
        let input = wanted(&own, "JP-27", json!({}));
        gateway
            .as_admin_of(&own)
            .change("assignTerritory", input.clone(), TERRITORY)
            .await
            .assert_refused("FORBIDDEN");
        let other_manager = gateway.as_channel_manager("baba");
        other_manager.change("assignTerritory", input, TERRITORY).await.assert_refused("NOT_YOUR_PARTNER");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_given_the_territories_of_the_partners_and_every_exclusive_one() {
    on_every_store(async |gateway| {
        let partners = [given(gateway, "甲").await, given(gateway, "乙").await, given(gateway, "丙").await];
        let [one, two, three] = &partners;
        let survivor = gateway.given(Said::account("0010", "甲商店")).await;
        let account = gateway.given(Said::account("0011", "乙商店")).await;
        let named = json!({ "namedAccountIds": [account], "validFrom": "2026-04-01" });
        gateway.given_territory(one, named).await;
        gateway.given_territory(two, json!({})).await;
        gateway.given_territory(three, wanted(three, "JP-27", json!({}))).await;
        let ask = async |date: &str| {
            let db = gateway.services.database.read();
            relevant_on(db, &[one.key], date.parse().unwrap()).await.unwrap()
        };
        assert!(ask("2026-03-31").await.is_empty());
        let found = ask("2026-04-01").await;
        let of: Vec<_> = found.iter().map(|it| it.partner).collect();
        assert!(of.len() == 2 && of.contains(&one.key) && of.contains(&three.key), "{of:?}");
        let merge = json!({ "ids": [survivor, account], "reason": "同一会社" });
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        steward.change("mergeRecords", merge, "__typename").await.data();
        let survived = gateway.golden_of(RecordKind::Account, "0010").await;
        let found = ask("2026-04-01").await;
        let own = found.iter().find(|it| it.partner == one.key).unwrap();
        assert_eq!(own.named_accounts, [survived].into(), "by what the account is called now");
    })
    .await;
}

async fn given(gateway: &TestGateway, name: &str) -> GivenPartner {
    gateway.given_partner(name).await
}
