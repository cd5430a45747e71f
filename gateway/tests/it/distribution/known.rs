//! Offering and answering: who is asked, who sees what, and who may do what.

use domain::fields::{account, lead, opportunity};
use futures::future::join_all;
use serde_json::{Value, json};

use super::{OFFER, shareable};
use crate::harness::{GivenPartner, Said, TestGateway, deal, on_every_shared_store, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_goes_to_the_best_partner_and_everybody_else_has_a_reason() {
    on_every_store(async |gateway| {
        let [general, local] = [gateway.given_seller("全国").await, gateway.given_partner("東京").await];
        gateway.given_contract(&local, json!({})).await;
        gateway.given_territory(&local, json!({ "prefectures": ["JP-13"] })).await;
        let outside = gateway.given_partner("大阪").await;
        gateway.given_territory(&outside, json!({ "prefectures": ["JP-27"] })).await;
        let lead = gateway.given(shareable("00Q1")).await;
        let answer = gateway.offers(&lead).await;
        let offer = answer.at("/offerLead/leadOffer");
        assert_eq!(offer["partner"]["id"], json!(local.id));
        assert_eq!((&offer["rank"], &offer["basis"]), (&json!(1), &json!("CONSENT")));
        assert_eq!(offer["acceptBy"], "2026-06-03T09:00:00+00:00", "two business days, 18:00 in Tokyo");
        let ranked = json!([
            { "rank": 1, "behindBy": null, "partner": { "id": local.id } },
            { "rank": 2, "behindBy": "TERRITORY_SPECIFICITY", "partner": { "id": general.id } },
        ]);
        assert_eq!(offer["ranking"]["ranked"], ranked);
        let reasons = json!(["PRODUCT_NOT_CONTRACTED", "TERRITORY_NOT_COVERED"]);
        let excluded = json!([{ "reasons": reasons, "partner": { "id": outside.id } }]);
        assert_eq!(offer["ranking"]["excluded"], excluded);
        assert!(offer["ranking"]["policy"].as_str().unwrap().starts_with("2026-04+"), "{offer}");
        assert_eq!(gateway.stands(&lead).await, ("OFFERED".to_owned(), Value::Null));
        gateway.offers(&lead).await.assert_refused("LEAD_OFFERED");
        let assign = json!({ "leadId": lead, "partnerId": general.id });
        gateway.as_admin().change("assignLead", assign, "lead { id }").await.assert_refused("LEAD_OFFERED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sees_the_company_first_and_the_person_once_it_has_accepted() {
    on_every_store(async |gateway| {
        let [own, rival] = [gateway.given_seller("自社").await, gateway.given_seller("他社").await];
        let (lead, offer) = gateway.given_offer(shareable("00Q1")).await;
        let question = format!(
            "{{ leadOffer(id: \"{offer}\") {{ {} }} lead(id: \"{lead}\") {{ lastName }}
                leadOffers {{ totalCount nodes {{ company offeredBy offerReason }} }} }}",
            "company region outcome rank basis lead { lastName } ranking { policy }"
        );
        for client in [gateway.as_rep_of(&own), gateway.as_admin_of(&own)] {
            let seen = client.ask(&question).await;
            let expected = json!({
                "company": "サンプル商事00Q1", "region": "東京都", "outcome": "OPEN", "rank": null,
                "basis": null, "lead": null, "ranking": null,
            });
            assert_eq!(seen.at("/leadOffer"), &expected);
            assert_eq!(seen.at("/lead"), &Value::Null);
            let listed = json!([{ "company": "サンプル商事00Q1", "offeredBy": null, "offerReason": null }]);
            assert_eq!(seen.at("/leadOffers/nodes"), &listed);
            assert!(!seen.text.contains("佐藤"), "{}", seen.text);
        }
        for client in [gateway.as_rep_of(&rival), gateway.as_admin_of(&rival)] {
            let seen = client.ask(&question).await;
            assert_eq!((seen.at("/leadOffer"), seen.at("/leadOffers/totalCount")), (&Value::Null, &json!(0)));
            for mutation in ["acceptLeadOffer", "declineLeadOffer"] {
                let input = json!({ "leadOfferId": offer });
                client.change(mutation, input, OFFER).await.assert_refused("NOT_FOUND");
            }
        }
        let accepted = gateway.answers(&own, "acceptLeadOffer", &offer).await;
        let accepted = accepted.at("/acceptLeadOffer/leadOffer");
        assert_eq!((&accepted["outcome"], &accepted["lead"]["lastName"]), (&json!("ACCEPTED"), &json!("佐藤00Q1")));
        assert_eq!(gateway.stands(&lead).await, ("ACCEPTED".to_owned(), json!(own.id)));
        let why = format!(
            "{{ lead(id: \"{lead}\") {{ assignedUser {{ id }} provenance(fields: [\"stage\"]) {{ value source }} }} }}"
        );
        let why = gateway.as_admin().ask(&why).await;
        assert_eq!(why.at("/lead/assignedUser/id"), &json!(own.rep.id), "who accepts works it");
        assert_eq!(why.at("/lead/provenance"), &json!([{ "value": "ACCEPTED", "source": "OWN" }]));
        gateway.answers(&own, "acceptLeadOffer", &offer).await.assert_refused("OFFER_ANSWERED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_refusals_a_person_decides_and_nobody_is_asked_twice() {
    on_every_store(async |gateway| {
        let mut partners = Vec::new();
        for name in ["甲", "乙", "丙", "丁"] {
            partners.push(gateway.given_seller(name).await);
        }
        let (lead, mut offer) = gateway.given_offer(shareable("00Q1")).await;
        for (asked, partner) in partners[..3].iter().enumerate() {
            let input = json!({ "leadOfferId": offer, "reason": "手一杯です" });
            let declined = gateway.as_rep_of(partner).change("declineLeadOffer", input, OFFER).await;
            assert_eq!(declined.at("/declineLeadOffer/leadOffer/endReason"), "手一杯です");
            let offers = gateway.offers_of(&lead).await;
            if asked < 2 {
                assert_eq!(offers.last().unwrap(), &(partners[asked + 1].id.clone(), "OPEN".to_owned()));
                let open =
                    gateway.as_rep_of(&partners[asked + 1]).ask("{ leadOffers { nodes { id } } }").await;
                offer = open.text_at("/leadOffers/nodes/0/id").to_owned();
            } else {
                assert_eq!(offers.len(), 3);
            }
        }
        assert_eq!(gateway.stands(&lead).await, ("NEW".to_owned(), Value::Null));
        assert_eq!(gateway.asked("ASSIGNMENT_FAILED").await.len(), 1);
        let named = json!({ "leadId": lead, "partnerId": partners[3].id });
        gateway
            .as_admin()
            .change("offerLead", named.clone(), OFFER)
            .await
            .assert_refused("OFFER_REASON_MISSING");
        let mut named = named;
        named["reason"] = json!("先方の希望");
        let answer = gateway.as_admin().change("offerLead", named, OFFER).await;
        let excluded = answer.at("/offerLead/leadOffer/ranking/excluded").to_string();
        assert_eq!(excluded.matches("ALREADY_ASKED").count(), 3, "{excluded}");
        assert_eq!(gateway.asked("ASSIGNMENT_FAILED").await.len(), 0, "somebody has decided");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_passed_on_without_a_basis() {
    on_every_store(async |gateway| {
        let [partner, other] = [gateway.given_seller("受託").await, gateway.given_seller("他社").await];
        let entrusted = gateway.given_contract(&partner, json!({ "contractType": "SERVICE" })).await;
        let lead = gateway.given(shareable("00Q1").with(lead::consent_to_share, "false")).await;
        gateway.offers(&lead).await.assert_refused("LEAD_NOT_SHAREABLE");
        let admin = gateway.as_admin();
        let mut input = json!({ "leadId": lead, "entrustmentContractId": entrusted });
        admin.change("offerLead", input.clone(), OFFER).await.assert_refused("ENTRUSTED_TO_NOBODY");
        (input["partnerId"], input["reason"]) = (json!(other.id), json!("委託先"));
        admin.change("offerLead", input.clone(), OFFER).await.assert_refused("NOT_FOUND");
        input["partnerId"] = json!(partner.id);
        let offered = admin.change("offerLead", input, OFFER).await;
        assert_eq!(offered.at("/offerLead/leadOffer/basis"), "ENTRUSTMENT");
        let offer = offered.text_at("/offerLead/leadOffer/id");
        gateway.answers(&partner, "declineLeadOffer", offer).await.data();
        assert_eq!(gateway.stands(&lead).await.0, "NEW", "nobody else is entrusted with it");
        assert_eq!(gateway.asked("ASSIGNMENT_FAILED").await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_taken_back_and_a_lead_is_recalled() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let (lead, offer) = gateway.given_offer(shareable("00Q1")).await;
        let admin = gateway.as_admin();
        let close = |reason: &str| json!({ "leadOfferId": offer, "reason": reason });
        gateway
            .as_rep_of(&partner)
            .change("closeLeadOffer", close("x"), OFFER)
            .await
            .assert_refused("FORBIDDEN");
        admin.change("closeLeadOffer", close(" "), OFFER).await.assert_refused("CLOSE_REASON_MISSING");
        admin.change("closeLeadOffer", close("誤り"), OFFER).await.data();
        assert_eq!(gateway.stands(&lead).await.0, "NEW");
        gateway.answers(&partner, "acceptLeadOffer", &offer).await.assert_refused("OFFER_ANSWERED");

        let again = gateway.offers(&lead).await.text_at("/offerLead/leadOffer/id").to_owned();
        gateway.answers(&partner, "acceptLeadOffer", &again).await.data();
        let recall = json!({ "leadId": lead, "reason": "顧客の希望", "idempotencyKey": "k1" });
        gateway
            .as_rep_of(&partner)
            .change("recallLead", recall.clone(), "lead { id }")
            .await
            .assert_refused("FORBIDDEN");
        for _ in 0..2 {
            let recalled = admin.change("recallLead", recall.clone(), "lead { stage }").await;
            assert_eq!(recalled.at("/recallLead/lead/stage"), "RECYCLED");
        }
        assert_eq!(gateway.stands(&lead).await, ("RECYCLED".to_owned(), Value::Null));
        let told =
            gateway.as_rep_of(&partner).ask("{ leadOffers { nodes { recallReason lead { id } } } }").await;
        assert_eq!(told.at("/leadOffers/nodes/0"), &json!({ "recallReason": "顧客の希望", "lead": null }));
        gateway.offers(&lead).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channel_managers_distribute_to_the_own_set() {
    on_every_store(async |gateway| {
        let aoki = gateway.as_channel_manager("aoki");
        let other = gateway.given_seller("他の担当").await;
        let lead = gateway.given(shareable("00Q1")).await;
        let named = json!({ "leadId": lead, "partnerId": other.id, "reason": "希望" });
        aoki.change("offerLead", named, OFFER).await.assert_refused("NOT_YOUR_PARTNER");
        let offered = aoki.change("offerLead", json!({ "leadId": lead }), OFFER).await;
        let offer = offered.text_at("/offerLead/leadOffer/id").to_owned();
        let question = format!("{{ leadOffer(id: \"{offer}\") {{ outcome }} }}");
        assert_eq!(aoki.ask(&question).await.at("/leadOffer/outcome"), "OPEN", "who made it sees it");
        assert_eq!(gateway.as_channel_manager("baba").ask(&question).await.at("/leadOffer"), &Value::Null);
        aoki.change("acceptLeadOffer", json!({ "leadOfferId": offer }), OFFER)
            .await
            .assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_answers_and_offers_at_once_one_counts() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let partner = gateway.given_seller("甲").await;
        let lead = gateway.given(shareable("00Q1")).await;
        let made = join_all((0..8).map(|_| gateway.offers(&lead))).await;
        let made: Vec<_> = made.iter().filter(|it| it.codes().is_empty()).collect();
        assert_eq!(made.len(), 1);
        let offer = made[0].text_at("/offerLead/leadOffer/id").to_owned();
        let answers = ["acceptLeadOffer", "declineLeadOffer"].repeat(4);
        let answers = answers.iter().map(|it| gateway.answers(&partner, it, &offer));
        let answered = join_all(answers).await;
        assert_eq!(answered.iter().filter(|it| it.codes().is_empty()).count(), 1);
        assert_eq!(gateway.offers_of(&lead).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_an_offer_do_not_depend_on_the_number_of_partners() {
    on_every_store(async |gateway| {
        let mut counts = Vec::new();
        for round in 0..2 {
            for place in 0..3 {
                gateway.given_seller(&format!("販売店{round}{place}")).await;
            }
            let lead = gateway.given(shareable(&format!("00Q{round}"))).await;
            let input = json!({ "leadId": lead });
            let answer = gateway.as_admin().change("offerLead", input, "leadOffer { id }").await;
            answer.data();
            counts.push(answer.statements);
        }
        assert_eq!(counts[0], counts[1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_offers_of_leads_that_become_one_the_earlier_one_stays() {
    on_every_store(async |gateway| {
        let [one, two] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let (first, kept) = gateway.given_offer(shareable("00Q1")).await;
        gateway.let_pass(chrono::TimeDelta::minutes(1));
        let (second, _) = gateway.given_offer(shareable("00Q2")).await;
        assert_eq!(gateway.offers_of(&second).await[0].0, two.id, "who was asked last comes last");
        let merge = json!({ "ids": [first, second], "reason": "同一人物" });
        gateway.as_admin().change("mergeRecords", merge, "survivorId").await.data();
        gateway.let_job_run(super::JOB).await;
        let outcomes = gateway.offers_of(&first).await;
        let expected = [(one.id.clone(), "OPEN"), (two.id.clone(), "CLOSED")];
        assert_eq!(outcomes, expected.map(|(id, it)| (id, it.to_owned())));
        gateway.answers(&one, "acceptLeadOffer", &kept).await.data();
        assert_eq!(gateway.stands(&second).await, ("ACCEPTED".to_owned(), json!(one.id)));
    })
    .await;
}

async fn given_accepted(gateway: &TestGateway, partner: &GivenPartner, said: Said) -> String {
    let lead = gateway.given(said).await;
    let input = json!({ "leadId": lead, "partnerId": partner.id, "reason": "希望" });
    let offer = gateway.as_admin().change("offerLead", input, OFFER).await;
    gateway.answers(partner, "acceptLeadOffer", offer.text_at("/offerLead/leadOffer/id")).await.data();
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_lead_is_a_claim_that_others_meet_and_a_recalled_one_is_none() {
    on_every_store(async |gateway| {
        let said =
            Said::account("A1", "株式会社サンプル商事").with(account::corporate_number, "7000012050002");
        gateway.given(said.with(account::region, "東京都")).await;
        let [claims, takes] = [gateway.given_seller("登録").await, gateway.given_seller("受諾").await];
        let mut says = deal("株式会社サンプル商事");
        says["corporateNumber"] = json!("7000012050002");
        let id = gateway.given_registration(&claims, says).await;
        let conflict = async |gateway: &TestGateway| {
            gateway.let_job_run("conflicts.checks").await;
            let field = "conflict { types status parties { kind } }";
            gateway.of_registration(&id, field).await["conflict"].clone()
        };
        assert_eq!(conflict(gateway).await, Value::Null);
        let at_the_customer = |it: &str| {
            let said = shareable(it).with(lead::corporate_number, "7000012050002");
            said.with(lead::company, "株式会社サンプル商事")
        };
        gateway.let_pass(chrono::TimeDelta::hours(1));
        let lead = given_accepted(gateway, &takes, at_the_customer("00Q1")).await;
        let raised = conflict(gateway).await;
        assert_eq!(raised["types"], json!(["DUPLICATE_REGISTRATION"]), "the lead is a claim");
        assert_eq!(raised["parties"].as_array().unwrap().len(), 2);

        // Another partner was given what turns out to be the same lead.
        let third = gateway.given_seller("二重").await;
        let other = given_accepted(gateway, &third, at_the_customer("00Q2")).await;
        let merge = json!({ "ids": [lead, other], "reason": "同一人物" });
        gateway.as_admin().change("mergeRecords", merge, "survivorId").await.data();
        let parties = conflict(gateway).await["parties"].as_array().unwrap().len();
        assert_eq!(parties, 3, "both have accepted what is one lead now");
        gateway.let_job_run(super::JOB).await;
        gateway.let_job_run(super::JOB).await;
        let asked = gateway.asked("CHANNEL_CONFLICT").await;
        assert_eq!(asked.len(), 1);
        assert!(asked[0].contains("LEAD_DOUBLE_ASSIGNMENT"), "{asked:?}");

        let recall = json!({ "leadId": lead, "reason": "重複のため" });
        gateway.as_admin().change("recallLead", recall, "lead { id }").await.data();
        assert_eq!(conflict(gateway).await["status"], "DISMISSED");
        assert!(gateway.asked("CHANNEL_CONFLICT").await.is_empty(), "nobody works it any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_when_a_partner_accepts_a_lead_where_direct_sales_works() {
    on_every_store(async |gateway| {
        let said =
            Said::account("A1", "株式会社サンプル商事").with(account::corporate_number, "7000012050002");
        gateway.given(said).await;
        let deal = Said::opportunity("O1", "直販商談").with(opportunity::account, "A1");
        gateway.given(deal.with(opportunity::is_closed, "false")).await;
        let partner = gateway.given_seller("受諾").await;
        given_accepted(gateway, &partner, shareable("00Q1")).await;
        assert!(gateway.asked("CHANNEL_CONFLICT").await.is_empty(), "another customer");
        let lead = shareable("00Q2").with(lead::corporate_number, "7000012050002");
        given_accepted(gateway, &partner, lead.with(lead::company, "株式会社サンプル商事")).await;
        let asked = gateway.asked("CHANNEL_CONFLICT").await;
        assert_eq!(asked.len(), 1);
        assert!(asked[0].contains("PARTNER_VS_DIRECT"), "{asked:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_that_is_erased_is_in_no_reason_of_an_offer() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let lead = gateway.given(shareable("00Q1")).await;
        let input = json!({ "leadId": lead, "partnerId": partner.id, "reason": "佐藤00Q1様の希望" });
        let offer = gateway.as_admin().change("offerLead", input, OFFER).await;
        let offer = offer.text_at("/offerLead/leadOffer/id");
        let input = json!({ "leadOfferId": offer, "reason": "佐藤00Q1様と面識がない" });
        gateway.as_rep_of(&partner).change("declineLeadOffer", input, OFFER).await.data();
        let erase = json!({ "recordId": lead, "reason": "本人の請求" });
        gateway.as_admin().change("eraseRecord", erase, "recordId").await.data();
        let told = gateway.as_admin().ask("{ leadOffers { nodes { offerReason endReason company } } }").await;
        assert!(!told.text.contains("佐藤") && told.text.contains("様の希望"), "{}", told.text);
    })
    .await;
}
