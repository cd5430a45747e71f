//! What changes in the CRM's schema is noticed, told, and clears nothing.

use super::stage::on_every_store;
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_hidden_says_nothing_any_more_and_people_learn_of_it() {
    on_every_store(200, async |stage| {
        let lead = stage.new_lead().await;
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        stage.crm.admin().hide_field("Lead", "Title").unwrap();
        stage.crm.admin().touch(&lead).unwrap();
        stage.sync().await.unwrap();
        assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some("係長"), "hidden is not empty");
        let gateway = stage.gateway().await;
        let question = "{ schemaChanges { system object field mappedAs change effect } }";
        let answer = gateway.as_admin().ask(question).await;
        let expected = json!([{
            "system": "CRM", "object": "Lead", "field": "Title", "mappedAs": ["lead.title"],
            "change": "VANISHED", "effect": "BECOMES_ABSENT",
        }]);
        assert_eq!(answer.at("/schemaChanges"), &expected);
        stage.crm.admin().show_field("Lead", "Title").unwrap();
        stage.sync().await.unwrap();
        let answer = gateway.as_admin().ask(question).await;
        assert_eq!(answer.at("/schemaChanges/0/change"), "APPEARED");
    })
    .await;
}
