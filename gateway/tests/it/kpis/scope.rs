//! Who is told which figure, and what is refused.

use domain::access::Role;
use domain::fields::RecordKind;
use entity::registrations::deal_registration;
use sea_orm::EntityTrait as _;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{JUNE, given_june, kpi_groups};
use crate::harness::{deal, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_told_its_own_figure_and_its_place() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        for (number, value, place) in [(0, "3000000", 1), (2, "800000", 3), (4, "0", 4)] {
            let own = gateway.as_admin_of(&partners[number]);
            let told = own.figure("PARTNER_SOURCED_REVENUE", JUNE, ", groupBy: PARTNER").await;
            assert_eq!(told.at("/kpi/figure/value"), value);
            assert_eq!(told.at("/kpi/standing"), &json!({ "place": place, "among": 5 }));
            let groups = told.at("/kpi/groups").as_array().unwrap();
            assert_eq!(groups.len(), 1);
            assert_eq!(groups[0]["partner"]["id"], partners[number].id);
        }
        let rep = gateway.as_rep_of(&partners[0]).figure("WIN_RATE", JUNE, "").await;
        assert_eq!(rep.at("/kpi/figure/exact"), "1/2");
        assert_eq!(rep.at("/kpi/figure/numerator/records"), &Value::Null);
        let own = gateway.as_admin_of(&partners[0]);
        for code in ["INDIRECT_REVENUE_SHARE", "TOP20_SHARE", "PARTNER_RETENTION", "SILENT_PARTNERS"] {
            own.figure(code, JUNE, "").await.assert_refused("KPI_OF_CHANNEL");
        }
        own.figure("REVIEW_BACKLOG", JUNE, "").await.assert_refused("FORBIDDEN");
        own.figure("SELECTION_SCORE", JUNE, "").await.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rivals_registration_of_the_same_deal_tells_nobody_its_products() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        for (partner, product) in [(&partners[0], "X"), (&partners[1], "SECRET")] {
            let mut says = deal("株式会社共通の顧客");
            says["products"] = json!([product]);
            gateway.given_registration(partner, says).await;
        }
        // Both have become the first one's deal.
        let won = gateway.golden_of(RecordKind::Opportunity, "0061").await;
        let link = deal_registration::Entity::update_many()
            .col_expr(deal_registration::Column::OpportunityId, Expr::value(won));
        link.exec(gateway.services.database.read()).await.unwrap();
        let own = gateway.as_admin_of(&partners[0]);
        let told = own.figure("PARTNER_SOURCED_REVENUE", JUNE, ", groupBy: PRODUCT").await;
        assert!(told.text.contains("\"X\"") && !told.text.contains("SECRET"), "{}", told.text);
        let staff = gateway.as_admin().figure("PARTNER_SOURCED_REVENUE", JUNE, ", groupBy: PRODUCT").await;
        assert!(
            kpi_groups(&staff).as_array().unwrap().contains(&json!(["X", "3000000/1"])),
            "{}",
            staff.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_is_told_of_the_own_set() {
    on_every_store(async |gateway| {
        let partners = given_june(gateway).await;
        let input = json!({ "id": partners[1].id, "version": 1, "managers": ["aoki"] });
        gateway.as_admin().change("updatePartner", input, "partner { id }").await.data();
        let manager = gateway.as_channel_manager("aoki");
        assert_eq!(manager.value_of("PARTNER_SOURCED_REVENUE", JUNE).await, "1200000");
        assert_eq!(manager.value_of("INDIRECT_REVENUE_SHARE", JUNE).await, "0.1364");
        let nobody = gateway.as_channel_manager("baba");
        assert_eq!(nobody.value_of("PARTNER_SOURCED_REVENUE", JUNE).await, "0");
        let by_owner = gateway.as_admin().figure("PARTNER_SOURCED_REVENUE", JUNE, ", groupBy: OWNER").await;
        let keys = by_owner.at("/kpi/groups").as_array().unwrap().iter().map(|it| &it["key"]);
        assert_eq!(keys.collect::<Vec<_>>(), ["NONE", "aoki"]);
        let job = gateway.as_staff(Role::IntegrationJob, "job");
        job.figure("WIN_RATE", JUNE, "").await.assert_refused("FORBIDDEN");
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        steward.figure("WIN_RATE", JUNE, "").await.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_with_a_reason() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        for (code, period, more, refusal) in [
            ("WIN_RATE", ["2026-07-01", "2026-06-01"], "", "EMPTY_PERIOD"),
            ("WIN_RATE", ["2026-07-01", "2026-07-01"], "", "EMPTY_PERIOD"),
            ("WIN_RATE", ["2016-07-01", "2026-07-01"], "", "KPI_PERIOD_TOO_LONG"),
            ("ENGAGEMENT_SCORE", JUNE, ", groupBy: PRODUCT", "GROUP_BY_REFUSED"),
            ("SYNC_LAG", JUNE, ", groupBy: PARTNER", "GROUP_BY_REFUSED"),
        ] {
            admin.figure(code, period, more).await.assert_refused(refusal);
        }
        let unknown = admin.figure("CSAT", JUNE, "").await;
        assert_eq!(unknown.at("/kpi/figure/absence"), "NOT_RECORDED");
        assert_eq!(unknown.at("/kpi/figure/value"), &Value::Null);
        assert_eq!(unknown.at("/kpi/figure/numerator"), &Value::Null, "no invented zero");
        let catalogue =
            admin.ask("{ kpis { code name labelJa unit population groupings formulaVersion } }").await;
        let definitions = catalogue.at("/kpis").as_array().unwrap();
        assert_eq!(definitions.len(), domain::kpis::catalogue::Kpi::ALL.len());
        let win_rate = json!({
            "code": "WIN_RATE", "name": "winRate", "labelJa": "成約率", "unit": "RATIO",
            "population": "EVERY_PARTNER", "formulaVersion": 1,
            "groupings": ["PARTNER", "TIER", "TYPE", "TERRITORY", "PRODUCT", "OWNER"],
        });
        assert!(definitions.contains(&win_rate), "{}", catalogue.text);
    })
    .await;
}
