//! Hearing of runs as they go on.

use domain::access::Role;
use gateway::sync::run::{self, SyncJob, SyncScope, Unobserved};
use serde_json::{Value, json};

use super::stage::on_every_store;

const LEADS: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listens_hears_each_run_to_its_end() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway().await;
        let admin = gateway.as_admin();
        let fields = "run { id state system recordsRead } object objectRead objectTotal";
        let mut stream = admin.listen(&format!("subscription {{ syncProgress {{ {fields} }} }}")).await;
        let job = SyncJob { cache: gateway.services.cache.clone(), ..stage.job(&stage.config()) };
        let (id, counts) = run::run(&job, &SyncScope::default(), &Unobserved).await.unwrap();
        let mut objects = Vec::new();
        let last = loop {
            let told = stream.next().await.data()["syncProgress"].clone();
            if let Some(object) = told["object"].as_str() {
                objects.push(object.to_owned());
            }
            if told["run"]["state"] != "RUNNING" {
                break told;
            }
        };
        let run = json!({ "id": id, "state": "SUCCEEDED", "system": "CRM", "recordsRead": counts.read });
        assert_eq!(last["run"], run);
        objects.dedup();
        assert_eq!(objects.last().map(String::as_str), Some("Opportunity"));

        let named = format!("subscription {{ syncProgress(runId: \"{id}\") {{ {fields} }} }}");
        let mut named = admin.listen(&named).await;
        assert_eq!(named.next().await.data()["syncProgress"]["run"]["id"], json!(id));
        assert!(named.is_complete().await, "the run has ended");
        let asked = admin.ask(&format!("{{ syncRun(id: \"{id}\") {{ recordsRead }} }}")).await;
        assert_eq!(asked.at("/syncRun/recordsRead"), counts.read);
        assert_eq!(
            Value::Null,
            admin
                .ask(&format!("{{ syncRun(id: \"{}\") {{ id }} }}", uuid::Uuid::nil()))
                .await
                .at("/syncRun")
                .clone()
        );

        let partner = gateway.known(&[Role::PartnerAdmin], "somebody", None);
        let mut refused = partner.listen("subscription { syncProgress { object } }").await;
        assert_eq!(refused.next().await.codes(), ["FORBIDDEN"]);
    })
    .await;
}
