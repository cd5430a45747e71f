//! Ids resolve for ever, however often records are joined and parted.

use super::*;

/// Takes back that these records are different, so that they may be joined again.
async fn withdraw_answers(gateway: &TestGateway, id: &str) {
    let question = "query Of($id: ID!) { matchDecisions(id: $id, first: 200) { nodes { id answer } } }";
    let said = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
    let different = said.at("/matchDecisions/nodes").as_array().unwrap().iter();
    let ids: Vec<&Value> = different.filter(|it| it["answer"] == "DIFFERENT").map(|it| &it["id"]).collect();
    if !ids.is_empty() {
        let input = json!({ "ids": ids, "reason": "取り違え" });
        steward(gateway).change("withdrawMatchDecisions", input, "__typename").await.data();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_ever_issued_resolves_after_a_thousand_merges_and_unmerges() {
    on_every_store(async |gateway| {
        let mut chance = Chance::seeded(3);
        let names: Vec<String> = (0..24).map(|it| format!("00Q{it:02}")).collect();
        let mut issued = BTreeSet::new();
        for name in &names {
            issued.insert(gateway.given(person(name, name)).await);
        }
        let (mut merges, mut splits) = (0, 0);
        while merges + splits < 1_000 {
            gateway.let_pass(TimeDelta::seconds(1));
            let (a, b) = (chance.one_of(&names), chance.one_of(&names));
            let [one, other] =
                [gateway.id_of(RecordKind::Lead, &a).await, gateway.id_of(RecordKind::Lead, &b).await];
            let alone = [b.clone()].into();
            if one != other {
                steward(gateway).change("mergeRecords", merge(&[&one, &other]), CHANGES).await.data();
                merges += 1;
            } else if a != b && identity::apart(gateway, &one, "Lead", &alone).await.is_ok() {
                let parted = gateway.id_of(RecordKind::Lead, &b).await;
                withdraw_answers(gateway, &parted).await;
                issued.insert(parted);
                splits += 1;
            }
        }
        assert!(merges > 300 && splits > 300, "{merges} merges, {splits} splits");
        let question = "query One($id: ID!) { lead(id: $id) { id } }";
        for id in issued {
            let found = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
            assert!(found.at("/lead/id").is_string(), "{id}: {}", found.text);
        }
    })
    .await;
}
