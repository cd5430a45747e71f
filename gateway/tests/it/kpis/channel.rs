//! Figures of the channel: revenue, closing, offers and registrations, who stays.

use domain::fields::{lead, opportunity};
use serde_json::{Value, json};

use super::{JUNE, ended, given_june, kpi_groups};
use crate::harness::{Said, deal, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn revenue_is_what_partners_brought_and_its_share_of_all() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        let admin = gateway.as_admin();
        for (code, value) in [
            ("PARTNER_SOURCED_REVENUE", json!("5000000")),
            ("INDIRECT_REVENUE_SHARE", json!("0.5682")),
            ("TOP20_SHARE", json!("0.6000")),
            ("WIN_RATE", json!("0.6000")),
            ("DEAL_COUNTS", json!("3")),
            ("ACTIVE_PARTNERS", json!("3")),
            ("YOY_RATIO", Value::Null),
        ] {
            assert_eq!(admin.value_of(code, JUNE).await, value, "{code}");
        }
        let revenue = admin.figure("PARTNER_SOURCED_REVENUE", JUNE, ", groupBy: PARTNER").await;
        assert_eq!(revenue.at("/kpi/figure/currency"), "JPY");
        assert_eq!(revenue.at("/kpi/figure/numerator/records/totalCount"), 3);
        let expected: Vec<Value> =
            ["3000000/1", "1200000/1", "800000/1", "0/1", "0/1"].into_iter().map(Value::from).collect();
        let groups = partners.iter().map(|it| {
            let groups = revenue.at("/kpi/groups").as_array().unwrap().iter();
            groups.clone().find(|group| group["partner"]["id"] == it.id).unwrap()["figure"]["exact"].clone()
        });
        assert_eq!(groups.collect::<Vec<_>>(), expected);
        let active = admin.figure("ACTIVE_PARTNERS", JUNE, "").await;
        assert_eq!(active.at("/kpi/figure/beside"), &json!([{ "aspect": "RATE", "value": "0.6000" }]));
        let counts = admin.figure("DEAL_COUNTS", JUNE, "").await;
        let beside = json!([
            { "aspect": "INSTALLS", "value": "3" }, { "aspect": "GROWTH", "value": null },
        ]);
        assert_eq!(counts.at("/kpi/figure/beside"), &beside);
        let closed = admin.figure("WIN_RATE", JUNE, "").await;
        let left = json!([{ "reason": "DUPLICATE", "subject": "DEAL", "count": 1 }]);
        assert_eq!(closed.at("/kpi/figure/exclusions"), &left);
        let reasons = admin.figure("LOSS_REASONS", JUNE, "").await;
        let bars = json!([
            { "key": "PRICE", "size": 1, "value": "0.5000" }, { "key": "UNKNOWN", "size": 1, "value": "0.5000" },
        ]);
        assert_eq!(reasons.at("/kpi/figure/bars"), &bars);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_missing_at_the_end_and_who_was_never_there_is_not() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        gateway.let_pass_until("2026-07-10T00:00:00Z");
        let input = json!({ "id": partners[4].id, "version": 1, "status": "TERMINATED" });
        gateway.as_admin().change("updatePartner", input, "partner { id }").await.data();
        gateway.given_seller("新").await;
        let july = ["2026-07-01", "2026-08-01"];
        let retention = gateway.as_admin().figure("PARTNER_RETENTION", july, "").await;
        assert_eq!(retention.at("/kpi/figure/exact"), "4/5");
        assert_eq!(retention.at("/kpi/figure/beside"), &json!([{ "aspect": "CHURN", "value": "0.2000" }]));
        let left = json!([{ "reason": "NOT_CONTRACTED", "subject": "PARTNER", "count": 1 }]);
        assert_eq!(retention.at("/kpi/figure/exclusions"), &left);
        let before = gateway.as_admin().figure("PARTNER_RETENTION", ["2026-06-08", "2026-06-15"], "").await;
        assert_eq!(before.at("/kpi/figure/exact"), "1/1", "what happened later changes nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_and_registrations_are_counted_when_they_were_answered() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let mut offers = Vec::new();
        for (number, mutation) in [(1, "acceptLeadOffer"), (2, "acceptLeadOffer"), (3, "declineLeadOffer")] {
            let said = Said::lead(&format!("00Q{number}")).with(lead::last_name, &format!("佐藤{number}"));
            let lead = gateway.given(said.with(lead::consent_to_share, "true")).await;
            let admin = gateway.as_admin();
            let input = json!({ "leadId": lead, "partnerId": partner.id, "reason": "地元" });
            let offered = admin.change("offerLead", input, "leadOffer { id }").await;
            let id = offered.at("/offerLead/leadOffer/id").clone();
            let input = json!({ "leadOfferId": id });
            gateway.as_rep_of(&partner).change(mutation, input, "leadOffer { id }").await.data();
            offers.push(id);
        }
        let admin = gateway.as_admin();
        let rate = admin.figure("LEAD_ACCEPTANCE_RATE", JUNE, "").await;
        assert_eq!(rate.at("/kpi/figure/exact"), "2/3");
        assert_eq!(rate.at("/kpi/figure/numerator/records/ids"), &json!(offers[..2]));
        let converted =
            Said::lead("00Q1").with(lead::last_name, "佐藤1").with(lead::consent_to_share, "true");
        let converted = converted.with(lead::converted_opportunity, "0061");
        gateway.hears([Said::opportunity("0061", "商談").with(opportunity::stage, "提案")]).await;
        gateway.hears([converted.at("2026-06-20T00:00:00Z")]).await;
        let cohort = admin.figure("LEAD_CONVERSION_RATE", JUNE, "").await;
        assert_eq!(cohort.at("/kpi/figure/exact"), "1/2");
        assert_eq!(cohort.at("/kpi/figure/flags"), &json!(["IMMATURE"]));
        gateway.given_registration(&partner, deal("顧客")).await;
        let rival = gateway.given_seller("乙").await;
        gateway.given_registration(&rival, deal("顧客")).await;
        let conflicts = admin.figure("REGISTRATION_CONFLICT_RATE", JUNE, ", groupBy: PRODUCT").await;
        assert_eq!(conflicts.at("/kpi/figure/denominator/total"), "2");
        assert_eq!(kpi_groups(&conflicts)[0][0], "X");
        assert_eq!(
            admin.value_of("REGISTRATION_APPROVAL_RATE", ["2026-01-01", "2026-02-01"]).await,
            Value::Null
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_cannot_be_valued_counts_and_is_said_to_be_left_out() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        let won = |number| ended(number, Some(&partners[0]), None).with(opportunity::is_won, "true");
        let dollars = won(11).with(opportunity::amount, "100").with(opportunity::currency, "USD");
        let earlier = ["2023-05-10", "2024-05-10", "2025-05-10"].into_iter().zip(12..);
        let earlier = earlier.map(|(date, number)| {
            let in_yen = ended(number, Some(&partners[0]), Some("1000"));
            in_yen.with(opportunity::close_date, date)
        });
        let foreign = ended(15, Some(&partners[0]), Some("500")).with(opportunity::currency, "USD");
        let foreign = foreign.with(opportunity::close_date, "2024-08-10");
        gateway.hears([won(10), dollars, foreign].into_iter().chain(earlier)).await;
        let admin = gateway.as_admin();
        assert_eq!(admin.value_of("DEAL_COUNTS", JUNE).await, "5");
        let revenue = admin.figure("PARTNER_SOURCED_REVENUE", JUNE, "").await;
        assert_eq!(revenue.at("/kpi/figure/value"), "5000000");
        let left = json!([
            { "reason": "NO_AMOUNT", "subject": "DEAL", "count": 1 },
            { "reason": "NO_RATE", "subject": "DEAL", "count": 1 },
        ]);
        assert_eq!(revenue.at("/kpi/figure/exclusions"), &left);
        let seasons = admin.figure("SEASONAL_INDEX", JUNE, "").await;
        let left = json!([{ "reason": "NO_RATE", "subject": "DEAL", "count": 1 }]);
        assert_eq!(seasons.at("/kpi/figure/exclusions"), &left);
        assert_eq!(seasons.at("/kpi/figure/bars/0/value"), "4.0000");
    })
    .await;
}
