//! Products that customers run: who sold them is the incumbent until their contract ends.

use serde_json::json;

use super::sample_with;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_runs_a_product_until_its_contract_ends() {
    on_every_store(async |gateway| {
        let customer = gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let admin = gateway.as_admin();
        let installed = |product: &str| {
            json!({ "accountId": customer, "partnerId": p2.id, "product": product, "validFrom": "2025-10-01" })
        };
        for wrong in ["", "X,Y", "\u{7}"] {
            let refused = admin.change("recordInstalledProduct", installed(wrong), "__typename").await;
            refused.assert_refused("INVALID_PRODUCT");
        }
        let noted = admin.change("recordInstalledProduct", installed(" X "), "installedProduct { id }").await;
        let id = noted.text_at("/recordInstalledProduct/installedProduct/id").to_owned();
        let end = |on: &str| json!({ "installedProductId": id, "validUntil": on });
        admin.change("endInstalledProduct", end("2025-10-01"), "__typename").await.assert_refused("INSTALLED_ENDS_FIRST");
        admin.change("endInstalledProduct", end("2026-04-01"), "__typename").await.data();
        let question = format!(
            "{{ account(id: \"{customer}\") {{ installedProducts {{ product validFrom validUntil partner {{ id }} }} }} }}"
        );
        let expected = json!([{ "product": "X", "validFrom": "2025-10-01", "validUntil": "2026-04-01",
            "partner": { "id": p2.id } }]);
        assert_eq!(admin.ask(&question).await.at("/account/installedProducts"), &expected);
        let renewal = gateway.given_registration(&p1, sample_with("dealType", json!("RENEWAL"))).await;
        gateway.assert_standing(&p1, &renewal, ["CLEAR", "", ""]).await;
        for partner in [&p1, &p2] {
            let client = gateway.as_admin_of(partner);
            client.change("endInstalledProduct", end("2026-05-01"), "__typename").await.assert_refused("FORBIDDEN");
        }
        let seen = gateway.as_admin_of(&p1).ask(&question).await;
        assert_eq!(seen.at("/account"), &json!(null), "not its customer yet");
    })
    .await;
}
