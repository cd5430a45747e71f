//! Partners: entering, changing, refusing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Client, GivenPartner, on_every_store};

const PARTNER: &str = "partner { id version legalName status corporateNumber displayNameEn managers }";

async fn create(client: &Client<'_>, input: Value) -> Value {
    client.change("createPartner", input, PARTNER).await.at("/createPartner/partner").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_entered_and_read_back() {
    on_every_store(async |gateway| {
        let input = json!({ "legalName": "株式会社 極洋商事", "corporateNumber": "7000012050002" });
        let created = create(&gateway.as_admin(), input).await;
        assert_eq!(created["version"], 1);
        assert_eq!(created["status"], "PROSPECT");
        let question = "query One($id: ID!) { partner(id: $id) { legalName corporateNumber createdAt } }";
        let read = gateway.as_admin().ask_with(question, json!({ "id": created["id"] })).await;
        let expected = json!({
            "legalName": "株式会社 極洋商事",
            "corporateNumber": "7000012050002",
            "createdAt": "2026-06-01T00:00:00+00:00",
        });
        assert_eq!(read.at("/partner"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_stays_and_an_explicit_null_clears() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let input = json!({
            "legalName": "極洋", "displayNameEn": "Kyokuyo", "corporateNumber": "7000012050002",
            "managers": ["aoki"],
        });
        let created = create(&admin, input).await;
        let change =
            json!({ "id": created["id"], "version": 1, "displayNameEn": null, "legalName": "極洋本社" });
        let changed = admin.change("updatePartner", change, PARTNER).await;
        let expected = json!({
            "id": created["id"], "version": 2, "legalName": "極洋本社", "status": "PROSPECT",
            "corporateNumber": "7000012050002", "displayNameEn": null, "managers": ["aoki"],
        });
        assert_eq!(changed.at("/updatePartner/partner"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_an_old_version_is_refused_and_changes_nothing() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let created = create(&admin, json!({ "legalName": "極洋" })).await;
        let change = |name: &str| json!({ "id": created["id"], "version": 1, "legalName": name });
        admin.change("updatePartner", change("極洋一"), PARTNER).await.data();
        let late = admin.change("updatePartner", change("極洋二"), PARTNER).await;
        late.assert_refused("VERSION_CONFLICT");
        assert!(late.message().contains("version 2"), "{}", late.text);
        let read = admin.ask("{ partners(first: 10) { nodes { legalName version } } }").await;
        assert_eq!(read.at("/partners/nodes"), &json!([{ "legalName": "極洋一", "version": 2 }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_simultaneous_changes_one_is_refused() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let created = create(&admin, json!({ "legalName": "極洋" })).await;
        for version in 1..=10 {
            let change = |name: &str| json!({ "id": created["id"], "version": version, "legalName": name });
            let (one, two) = futures::join!(
                admin.change("updatePartner", change("極洋一"), PARTNER),
                admin.change("updatePartner", change("極洋二"), PARTNER),
            );
            let codes: Vec<&str> = one.codes().into_iter().chain(two.codes()).collect();
            assert_eq!(codes, ["VERSION_CONFLICT"], "round {version}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_partner_per_corporate_number() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let input = |name: &str| json!({ "legalName": name, "corporateNumber": "7000012050002" });
        create(&admin, input("極洋")).await;
        let second = admin.change("createPartner", input("極洋 支店"), PARTNER).await;
        second.assert_refused("PARTNER_EXISTS");
        let other = create(&admin, json!({ "legalName": "別会社" })).await;
        let change = json!({ "id": other["id"], "version": 1, "corporateNumber": "7000012050002" });
        admin.change("updatePartner", change, PARTNER).await.assert_refused("PARTNER_EXISTS");
        assert_eq!(admin.ask("{ partners { totalCount } }").await.at("/partners/totalCount"), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_details_are_refused_with_what_is_wrong() {
    on_every_store(async |gateway| {
        let wrong = [
            (json!({ "legalName": "極".repeat(256) }), "NAME_TOO_LONG"),
            (json!({ "legalName": "　 " }), "NAME_BLANK"),
            (json!({ "legalName": "極\n洋" }), "NAME_INVALID"),
            (json!({ "legalName": "極洋", "corporateNumber": "4011001098983" }), "INVALID_CORPORATE_NUMBER"),
            (
                json!({ "legalName": "極洋", "invoiceRegistrationNo": "7000012050002" }),
                "INVOICE_REGISTRATION_INVALID",
            ),
            (
                json!({
                    "legalName": "極洋", "corporateNumber": "7000012050002",
                    "invoiceRegistrationNo": "T4011001098993",
                }),
                "INVOICE_REGISTRATION_DIFFERS",
            ),
            (json!({ "legalName": "極洋", "status": "TERMINATED" }), "NOT_A_START"),
            (json!({ "legalName": "極洋", "parentId": "nonsense" }), "INVALID_ID"),
            (json!({ "legalName": "極洋", "idempotencyKey": "" }), "IDEMPOTENCY_KEY_INVALID"),
        ];
        let admin = gateway.as_admin();
        for (input, code) in wrong {
            admin.change("createPartner", input, PARTNER).await.assert_refused(code);
        }
        assert_eq!(admin.ask("{ partners { totalCount } }").await.at("/partners/totalCount"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_request_gets_the_first_answer() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let input = json!({ "legalName": "極洋", "idempotencyKey": "k-1" });
        let first = create(&admin, input.clone()).await;
        assert_eq!(create(&admin, input).await, first);
        let change =
            json!({ "id": first["id"], "version": 1, "legalName": "極洋本社", "idempotencyKey": "k-2" });
        let changed = admin.change("updatePartner", change.clone(), PARTNER).await;
        let again = admin.change("updatePartner", change, PARTNER).await;
        assert_eq!(again.data(), changed.data());
        let read = admin.ask("{ partners { totalCount nodes { version } } }").await;
        assert_eq!(read.at("/partners"), &json!({ "totalCount": 1, "nodes": [{ "version": 2 }] }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_request() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let input = |name: &str| json!({ "legalName": name, "idempotencyKey": "k-1" });
        create(&admin, input("極洋")).await;
        let other = admin.change("createPartner", input("別会社"), PARTNER).await;
        other.assert_refused("IDEMPOTENCY_KEY_REUSED");
        let somebody_else = gateway.as_channel_manager("aoki");
        create(&somebody_else, input("別会社")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_cannot_jump_through_its_life() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let created = create(&admin, json!({ "legalName": "極洋", "status": "PROSPECT" })).await;
        let to =
            |version: i32, status: &str| json!({ "id": created["id"], "version": version, "status": status });
        admin.change("updatePartner", to(1, "ACTIVE"), PARTNER).await.assert_refused("IMPOSSIBLE_TRANSITION");
        let partner = gateway.given_employer(&created["id"]).await;
        gateway.given_contract(&partner, json!({})).await;
        for (version, status) in [(1, "APPLICANT"), (2, "ONBOARDING"), (3, "ACTIVE"), (4, "SUSPENDED")] {
            admin.change("updatePartner", to(version, status), PARTNER).await.data();
        }
        admin
            .change("updatePartner", to(5, "PROSPECT"), PARTNER)
            .await
            .assert_refused("IMPOSSIBLE_TRANSITION");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_brought_in_by_a_signature_and_active_by_a_contract_and_a_user() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let created = create(&admin, json!({ "legalName": "極洋", "status": "APPLICANT" })).await;
        let to = async |version: i32, status: &str| {
            let input = json!({ "id": created["id"], "version": version, "status": status });
            admin.change("updatePartner", input, PARTNER).await
        };
        to(1, "ONBOARDING").await.assert_refused("PARTNER_AGREEMENT_MISSING");
        let partner = gateway.given_employer(&created["id"]).await;
        gateway.given_draft(&partner, json!({ "contractType": "NDA" })).await;
        to(1, "ONBOARDING").await.assert_refused("PARTNER_AGREEMENT_MISSING");
        gateway.given_contract(&partner, json!({ "contractType": "NDA" })).await;
        to(1, "ONBOARDING").await.data();
        to(2, "ACTIVE").await.assert_refused("PARTNER_CONTRACT_MISSING");
        gateway.given_contract(&partner, json!({ "startDate": "2026-06-02" })).await;
        to(2, "ACTIVE").await.assert_refused("PARTNER_CONTRACT_MISSING");
        gateway.let_pass(TimeDelta::days(1));
        gateway.services.run_job("contracts.follow_dates").await.unwrap();
        let disable = json!({ "id": partner.rep.id, "version": 1, "status": "DISABLED" });
        admin.change("updatePartnerUser", disable, "partnerUser { id }").await.data();
        to(2, "ACTIVE").await.assert_refused("PARTNER_USER_MISSING");
        let enable = json!({ "id": partner.rep.id, "version": 2, "status": "ENABLED" });
        admin.change("updatePartnerUser", enable, "partnerUser { id }").await.data();
        to(2, "ACTIVE").await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_people_of_a_terminated_partner_lose_their_access() {
    on_every_store(async |gateway| {
        let (partner, other) = (gateway.given_partner("極洋").await, gateway.given_partner("別会社").await);
        let status = async |partner: &GivenPartner| {
            let question = format!("{{ partnerUser(id: \"{}\") {{ status version }} }}", partner.rep.id);
            gateway.as_admin().ask(&question).await.at("/partnerUser").clone()
        };
        let end = json!({ "id": partner.id, "version": 1, "status": "TERMINATED" });
        gateway.as_admin().change("updatePartner", end, PARTNER).await.data();
        assert_eq!(status(&partner).await, json!({ "status": "DISABLED", "version": 2 }));
        assert_eq!(status(&other).await, json!({ "status": "ENABLED", "version": 1 }));
        let user = |status: &str| json!({ "id": partner.rep.id, "version": 2, "status": status });
        let own = gateway.as_admin_of(&partner);
        for status in ["ENABLED", "INVITED"] {
            for client in [&own, &gateway.as_admin()] {
                let back = client.change("updatePartnerUser", user(status), "partnerUser { id }").await;
                back.assert_refused("PARTNER_TERMINATED");
            }
        }
        let person = json!({ "partnerId": partner.id, "familyName": "青木", "givenName": "花子", "email": "a@b.example" });
        own.change("createPartnerUser", person, "partnerUser { id }").await.assert_refused("PARTNER_TERMINATED");
        own.change("updatePartnerUser", user("DISABLED"), "partnerUser { id }").await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_not_above_itself_nor_below_one_that_does_not_exist() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let top = create(&admin, json!({ "legalName": "上" })).await;
        let below = create(&admin, json!({ "legalName": "下", "parentId": top["id"] })).await;
        let change = |parent: &Value| json!({ "id": below["id"], "version": 1, "parentId": parent });
        let own = admin.change("updatePartner", change(&below["id"]), PARTNER).await;
        own.assert_refused("OWN_PARENT");
        let lead = gateway.given(crate::harness::Said::lead("00Q1")).await;
        let other_type = admin.change("updatePartner", change(&json!(lead)), PARTNER).await;
        other_type.assert_refused("INVALID_ID");
        let parent = admin
            .ask("{ partners(filter: { legalName: { eq: \"下\" } }) { nodes { parent { legalName } } } }");
        assert_eq!(parent.await.at("/partners/nodes/0/parent/legalName"), "上");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_changes_only_the_own_set() {
    on_every_store(async |gateway| {
        let (aoki, baba) = (gateway.as_channel_manager("aoki"), gateway.as_channel_manager("baba"));
        let created = create(&aoki, json!({ "legalName": "極洋" })).await;
        assert_eq!(created["managers"], json!(["aoki"]));
        let change = json!({ "id": created["id"], "version": 1, "legalName": "極洋本社" });
        baba.change("updatePartner", change.clone(), PARTNER).await.assert_refused("NOT_YOUR_PARTNER");
        aoki.change("updatePartner", change, PARTNER).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_enter_or_change_partners_is_told_so() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let change = json!({ "id": partner.id, "version": 1, "legalName": "極洋本社" });
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner)] {
            let entered = client.change("createPartner", json!({ "legalName": "別会社" }), PARTNER).await;
            entered.assert_refused("FORBIDDEN");
            client.change("updatePartner", change.clone(), PARTNER).await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_are_found_by_name_number_status_and_type() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let inputs = [
            json!({ "legalName": "ＡＢＣ商事", "types": ["RESELLER", "SERVICE"], "status": "ACTIVE" }),
            json!({ "legalName": "100%子会社", "corporateNumber": "7000012050002", "types": ["AGENCY"] }),
        ];
        for input in inputs {
            create(&admin, input).await;
        }
        let found = async |filter: &str| {
            let question = format!("{{ partners(filter: {{ {filter} }}) {{ nodes {{ legalName }} }} }}");
            let answer = admin.ask(&question).await;
            let nodes = answer.at("/partners/nodes").as_array().unwrap().clone();
            nodes.iter().map(|it| it["legalName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("legalName: { eq: \"ＡＢＣ商事\" }").await, ["ＡＢＣ商事"]);
        assert_eq!(found("legalName: { startsWith: \"ＡＢ\" }").await, ["ＡＢＣ商事"]);
        assert_eq!(found("legalName: { contains: \"0%\" }").await, ["100%子会社"]);
        assert_eq!(found("legalName: { contains: \"1%子\" }").await, Vec::<String>::new());
        assert_eq!(found("corporateNumber: \"7000012050002\"").await, ["100%子会社"]);
        assert_eq!(found("status: [ACTIVE, SUSPENDED]").await, ["ＡＢＣ商事"]);
        assert_eq!(found("partnerType: SERVICE").await, ["ＡＢＣ商事"]);
    })
    .await;
}
