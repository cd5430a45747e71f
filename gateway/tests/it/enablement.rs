//! Support content: publishing, finding, giving it to partners, and how far they come with it.

use chrono::TimeDelta;
use domain::access::Role;
use gateway::platform::auth::signing::Claims;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, GivenPartner, TestGateway, on_every_store};

const ASSIGNMENT: &str = "id stage isOverdue dueAt cancelReason assetVersion { number title language }";

fn version(title: &str, changes: Value) -> Value {
    let mut version = json!({ "language": "ja", "title": title, "body": "本文" });
    version.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    version
}

impl TestGateway {
    /// An asset of a kind with one version in Japanese; gives the ids of both.
    pub(crate) async fn given_asset(&self, kind: &str, title: &str, changes: Value) -> (String, String) {
        let input =
            json!({ "kind": kind, "ownerDepartment": "MARKETING", "version": version(title, changes) });
        let selection = "enablementAsset { id versions { id } }";
        let answer = self.as_admin().change("createEnablementAsset", input, selection).await;
        let asset = answer.at("/createEnablementAsset/enablementAsset");
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        (text(&asset["id"]), text(&asset["versions"][0]["id"]))
    }

    async fn given_assignments(
        &self,
        partner: &GivenPartner,
        assets: &[&str],
        due_at: Option<&str>,
    ) -> Answer {
        let input = json!({ "partnerId": partner.id, "assetIds": assets, "dueAt": due_at });
        let selection = format!("supportAssignments {{ {ASSIGNMENT} }}");
        self.as_admin().change("assignSupport", input, &selection).await
    }

    async fn given_deed(
        &self,
        partner: &GivenPartner,
        number: u32,
        kind: &str,
        version: &str,
        changes: Value,
    ) {
        let mut event = json!({
            "eventId": number.to_string(), "kind": kind, "partnerId": partner.id, "userId": partner.rep.id,
            "assetVersionId": version, "occurredAt": self.services.clock.now(),
        });
        event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let claims = self.claims(&[Role::IntegrationJob], "portal", None);
        let portal = self.with_claims(&Claims { scopes: vec!["engagement:portal".to_owned()], ..claims });
        let answer = portal.change("recordEngagementEvents", json!({ "events": [event] }), "accepted").await;
        assert_eq!(answer.at("/recordEngagementEvents/accepted"), 1);
        self.services.run_job("enablement.due").await.unwrap();
    }
}

async fn assignments(client: &Client<'_>) -> Vec<Value> {
    let question = format!("{{ supportAssignments(orderBy: CREATED_ASC) {{ nodes {{ {ASSIGNMENT} }} }} }}");
    client.ask(&question).await.at("/supportAssignments/nodes").as_array().unwrap().clone()
}

async fn found(client: &Client<'_>, text: &str) -> Vec<String> {
    let question = "query Find($text: String!) { searchAssets(text: $text) { title } }";
    let answer = client.ask_with(question, json!({ "text": text })).await;
    let found = answer.at("/searchAssets").as_array().unwrap();
    found.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_found_by_words_inside_sentences_in_both_languages() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let body = json!({ "body": "お客様向けの提案書をまとめました。100%無料" });
        gateway.given_asset("DOCUMENT", "営業キット", body).await;
        gateway.given_asset("TEMPLATE", "提案書テンプレート", json!({ "tags": ["Sales", "秋"] })).await;
        gateway.given_asset("DOCUMENT", "提案の心得", json!({ "body": "議案書とは違います" })).await;
        let clients = [gateway.as_admin(), gateway.as_rep_of(&partner)];
        for client in &clients {
            assert_eq!(
                found(client, "提案書").await,
                ["提案書テンプレート", "営業キット"],
                "the title first"
            );
            assert_eq!(found(client, "提案").await.len(), 3);
            assert_eq!(found(client, "ﾃﾝﾌﾟﾚｰﾄ").await, ["提案書テンプレート"]);
            assert_eq!(found(client, "SALES 秋").await, ["提案書テンプレート"]);
            assert_eq!(found(client, "100%").await, ["営業キット"]);
            assert_eq!(found(client, "1_0").await, [""; 0]);
            assert_eq!(found(client, "契約書").await, [""; 0]);
        }
        let blank = gateway.as_admin().ask("{ searchAssets(text: \" \") { id } }").await;
        blank.assert_refused("INVALID_SEARCH");
        gateway
            .as_staff(Role::IntegrationJob, "x")
            .ask("{ searchAssets(text: \"a\") { id } }")
            .await
            .assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_and_an_end_keep_assets_from_partners() {
    on_every_store(async |gateway| {
        let program = "name = \"P\"\nfiscal_year = 2026\n[[tiers]]\ncode = \"GOLD\"\nrank = 1\n[[tiers]]\ncode = \"SILVER\"\nrank = 2\n";
        gateway.given_program(program).await;
        let (gold, silver) = (gateway.given_partner("金").await, gateway.given_partner("銀").await);
        for (partner, tier) in [(&gold, "GOLD"), (&silver, "SILVER")] {
            let input = json!({ "partnerId": partner.id, "tier": tier, "reason": "x" });
            gateway.as_admin().change("assignTier", input, "partner { id }").await.data();
        }
        let (asset, version) =
            gateway.given_asset("PRICE_LIST", "特別価格表", json!({ "lowestTierRank": 1 })).await;
        gateway.given_asset("DOCUMENT", "期間限定", json!({ "validUntil": "2026-06-02T00:00:00Z" })).await;
        assert_eq!(found(&gateway.as_rep_of(&gold), "価格表").await, ["特別価格表"]);
        assert_eq!(found(&gateway.as_rep_of(&silver), "価格表").await, [""; 0]);
        let question = "query Node($id: ID!) { node(id: $id) { id } enablementAssets { totalCount } }";
        let seen = gateway.as_rep_of(&silver).ask_with(question, json!({ "id": version })).await;
        assert_eq!(seen.data(), &json!({ "node": null, "enablementAssets": { "totalCount": 1 } }));
        let refused = gateway.given_assignments(&silver, &[&asset], None).await;
        refused.assert_refused("TIER_TOO_LOW");
        gateway.given_assignments(&gold, &[&asset], None).await.data();
        gateway.let_pass(TimeDelta::days(1));
        assert_eq!(found(&gateway.as_rep_of(&gold), "期間限定").await, [""; 0]);
        assert_eq!(found(&gateway.as_admin(), "期間限定").await, ["期間限定"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_is_delivered_opened_and_consumed() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let (document, viewed) = gateway.given_asset("DOCUMENT", "資料", json!({})).await;
        let (video, watched) = gateway.given_asset("VIDEO", "動画", json!({})).await;
        gateway.given_assignments(&partner, &[&document, &video], Some("2026-06-03T00:00:00Z")).await.data();
        let stages = async || {
            let rows = assignments(&gateway.as_rep_of(&partner)).await;
            rows.iter().map(|it| it["stage"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(stages().await, ["ASSIGNED", "ASSIGNED"]);
        gateway.services.run_job("enablement.due").await.unwrap();
        assert_eq!(stages().await, ["DELIVERED", "DELIVERED"]);
        gateway.let_pass(TimeDelta::days(1));
        let seconds = |it: u32| json!({ "payload": { "seconds": it } });
        gateway.given_deed(&partner, 1, "document.viewed", &viewed, seconds(9)).await;
        assert_eq!(stages().await, ["OPENED", "DELIVERED"]);
        gateway.given_deed(&partner, 2, "document.viewed", &viewed, seconds(10)).await;
        let part = |from: u32, until: u32| {
            json!({ "payload": { "from_second": from, "until_second": until, "length_seconds": 100 } })
        };
        gateway.given_deed(&partner, 3, "video.played", &watched, part(0, 50)).await;
        gateway.given_deed(&partner, 4, "video.completed", &watched, json!({})).await;
        assert_eq!(stages().await, ["CONSUMED", "OPENED"], "skipping through is not watching");
        let late = json!({ "occurredAt": "2026-06-01T12:00:00Z", "payload": part(45, 90)["payload"] });
        gateway.given_deed(&partner, 5, "video.played", &watched, late).await;
        assert_eq!(stages().await, ["CONSUMED", "CONSUMED"]);
        let before = json!({ "occurredAt": "2026-05-31T00:00:00Z", "payload": { "seconds": 60 } });
        let (other, seen) = gateway.given_asset("FAQ", "記事", json!({})).await;
        gateway.given_assignments(&partner, &[&other], Some("2026-06-03T00:00:00Z")).await.data();
        gateway.given_deed(&partner, 6, "faq.viewed", &seen, before).await;
        assert_eq!(stages().await[2], "DELIVERED", "what came before it was given");
        gateway.let_pass(TimeDelta::days(2));
        let overdue = "{ supportAssignments(filter: { isOverdue: true }) { nodes { isOverdue assetVersion { title } } } }";
        let overdue = gateway.as_admin_of(&partner).ask(overdue).await;
        let expected = json!([{ "isOverdue": true, "assetVersion": { "title": "記事" } }]);
        assert_eq!(overdue.at("/supportAssignments/nodes"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_takes_the_place_of_what_was_not_consumed() {
    on_every_store(async |gateway| {
        let (done, open) = (gateway.given_partner("済").await, gateway.given_partner("未").await);
        let (asset, first) = gateway.given_asset("DOCUMENT", "資料 第1版", json!({})).await;
        for partner in [&done, &open] {
            gateway.given_assignments(partner, &[&asset], Some("2026-07-01T00:00:00Z")).await.data();
        }
        gateway.given_deed(&done, 1, "document.downloaded", &first, json!({})).await;
        gateway.let_pass(TimeDelta::hours(1));
        let input =
            json!({ "assetId": asset, "version": version("資料 第2版", json!({})), "idempotencyKey": "k" });
        let selection = "enablementAsset { versions { number validUntil } }";
        let answer = gateway.as_admin().change("publishAssetVersion", input.clone(), selection).await;
        let expected = json!([
            { "number": 2, "validUntil": null }, { "number": 1, "validUntil": "2026-06-01T01:00:00+00:00" },
        ]);
        assert_eq!(answer.at("/publishAssetVersion/enablementAsset/versions"), &expected);
        gateway.as_admin().change("publishAssetVersion", input, selection).await.data();
        let shown = |rows: Vec<Value>| -> Vec<String> {
            let one =
                |it: &Value| format!("{} {} {}", it["assetVersion"]["number"], it["stage"], it["dueAt"]);
            rows.iter().map(|it| one(it).replace('"', "")).collect()
        };
        let due = "2026-07-01T00:00:00+00:00";
        assert_eq!(shown(assignments(&gateway.as_rep_of(&done)).await), [format!("1 CONSUMED {due}")]);
        let expected = [format!("1 CANCELLED {due}"), format!("2 ASSIGNED {due}")];
        // The ended version is no longer shown, only that it was given.
        let rows = assignments(&gateway.as_admin()).await;
        assert_eq!(shown(rows)[1..], expected);
        assert_eq!(found(&gateway.as_rep_of(&open), "資料").await, ["資料 第2版"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_gives_a_package_to_whom_it_means_and_nothing_twice() {
    on_every_store(async |gateway| {
        let (tokyo, osaka) = (gateway.given_partner("東").await, gateway.given_partner("西").await);
        for (partner, prefecture) in [(&tokyo, "JP-13"), (&osaka, "JP-27")] {
            let territory = json!({ "prefectures": [prefecture], "industries": [], "isExclusive": false });
            gateway.given_territory(partner, territory).await;
        }
        let (one, _) = gateway.given_asset("DOCUMENT", "一", json!({})).await;
        let (two, _) = gateway.given_asset("VIDEO", "二", json!({})).await;
        let input = json!({ "nameJa": "はじめに", "assetIds": [one, two] });
        let selection = "supportPackage { id assets { id } }";
        let package = gateway.as_admin().change("createSupportPackage", input, selection).await;
        assert_eq!(package.at("/createSupportPackage/supportPackage/assets/1/id"), &json!(two));
        let id = package.at("/createSupportPackage/supportPackage/id").clone();
        let give = async |client: Client<'_>, rule: Value| {
            let input = json!({ "packageId": id, "rule": rule });
            client
                .change("assignSupportByRule", input, "assigned")
                .await
                .at("/assignSupportByRule/assigned")
                .clone()
        };
        let rule = json!({ "types": ["RESELLER"], "prefectures": ["JP-13"], "dueInDays": 14 });
        assert_eq!(give(gateway.as_channel_manager("somebody's"), rule.clone()).await, 0);
        assert_eq!(give(gateway.as_admin(), rule.clone()).await, 2);
        assert_eq!(give(gateway.as_admin(), rule).await, 0);
        assert_eq!(give(gateway.as_admin(), json!({ "types": ["OEM"] })).await, 0);
        assert_eq!(give(gateway.as_admin(), json!({ "scoreBelow": 40 })).await, 0, "nobody has a score");
        assert_eq!(give(gateway.as_admin(), json!({})).await, 2, "what the other one lacks");
        let rows = assignments(&gateway.as_rep_of(&tokyo)).await;
        assert_eq!(rows[0]["dueAt"], "2026-06-15T00:00:00+00:00");
        let packages = gateway.as_rep_of(&tokyo).ask("{ supportPackages { nodes { nameJa } } }").await;
        assert_eq!(packages.at("/supportPackages/nodes"), &json!([{ "nameJa": "はじめに" }]));
        let far = json!({ "packageId": id, "rule": { "dueInDays": 4_000_000_000_u32 } });
        gateway
            .as_admin()
            .change("assignSupportByRule", far, "assigned")
            .await
            .assert_refused("SUPPORT_DUE_TOO_FAR");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_is_taken_back_unless_it_was_consumed() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let (asset, viewed) = gateway.given_asset("DOCUMENT", "資料", json!({})).await;
        let given = gateway.given_assignments(&partner, &[&asset], None).await;
        let id = given.at("/assignSupport/supportAssignments/0/id").clone();
        let cancel = async |client: Client<'_>, id: &Value| {
            let input = json!({ "assignmentId": id, "reason": "誤り" });
            client
                .change("cancelSupportAssignment", input, &format!("supportAssignment {{ {ASSIGNMENT} }}"))
                .await
        };
        cancel(gateway.as_admin_of(&partner), &id).await.assert_refused("FORBIDDEN");
        cancel(gateway.as_channel_manager("other"), &id).await.assert_refused("NOT_FOUND");
        let answer = cancel(gateway.as_admin(), &id).await;
        assert_eq!(answer.at("/cancelSupportAssignment/supportAssignment/stage"), "CANCELLED");
        assert_eq!(answer.at("/cancelSupportAssignment/supportAssignment/cancelReason"), "誤り");
        let again = gateway.given_assignments(&partner, &[&asset], None).await;
        let id = again.at("/assignSupport/supportAssignments/0/id").clone();
        let twice = gateway.given_assignments(&partner, &[&asset], None).await;
        assert_eq!(twice.at("/assignSupport/supportAssignments/0/id"), &id, "what it has stays as it is");
        gateway.given_deed(&partner, 1, "document.downloaded", &viewed, json!({})).await;
        cancel(gateway.as_admin(), &id).await.assert_refused("ASSIGNMENT_CONSUMED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_content_is_refused_with_what_is_wrong() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let create = async |changes: Value| {
            let input =
                json!({ "kind": "DOCUMENT", "ownerDepartment": "SALES", "version": version("題", changes) });
            gateway.as_admin().change("createEnablementAsset", input, "enablementAsset { id }").await
        };
        for (changes, code) in [
            (json!({ "language": "日本語" }), "ASSET_LANGUAGE_INVALID"),
            (json!({ "tags": ["a,b"] }), "ASSET_TAG_INVALID"),
            (json!({ "body": null }), "ASSET_EMPTY"),
            (json!({ "validUntil": "2026-06-01T00:00:00Z" }), "ASSET_ENDS_FIRST"),
            (json!({ "lowestTierRank": 0 }), "TIER_RANK_INVALID"),
            (json!({ "title": " " }), "NAME_BLANK"),
        ] {
            create(changes).await.assert_refused(code);
        }
        let (asset, _) = gateway.given_asset("DOCUMENT", "中文", json!({ "language": "zh" })).await;
        let refused = gateway.given_assignments(&partner, &[&asset], None).await;
        refused.assert_refused("ASSET_WITHOUT_VERSION");
        let both = json!({ "partnerId": partner.id });
        gateway
            .as_admin()
            .change("assignSupport", both, "__typename")
            .await
            .assert_refused("SUPPORT_CONTENT_UNCLEAR");
        let retire = json!({ "assetId": asset });
        gateway.as_admin().change("retireEnablementAsset", retire, "__typename").await.data();
        let input = json!({ "assetId": asset, "version": version("題", json!({})) });
        gateway
            .as_admin()
            .change("publishAssetVersion", input, "__typename")
            .await
            .assert_refused("ASSET_RETIRED");
        for count in [0, 51] {
            let input = json!({ "nameJa": "多", "assetIds": vec![asset.clone(); count] });
            gateway
                .as_admin()
                .change("createSupportPackage", input, "__typename")
                .await
                .assert_refused("PACKAGE_SIZE");
        }
        let create =
            json!({ "kind": "FAQ", "ownerDepartment": "SALES", "version": version("題", json!({})) });
        gateway
            .as_staff(Role::DataSteward, "x")
            .change("createEnablementAsset", create, "__typename")
            .await
            .assert_refused("FORBIDDEN");
    })
    .await;
}
