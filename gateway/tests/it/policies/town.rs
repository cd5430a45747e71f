//! A small town whose records agree now and then, and what people do with them: chance decides all of it.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{Field, RecordKind, account, contact, lead, opportunity};
use domain::review::ReviewState;
use entity::golden::settlement;
use entity::review::review_task;
use gateway::golden::loader::RecordRef;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::json;

use crate::grouping::somebody;
use crate::harness::{Chance, Said, TestGateway, instant};

const SYSTEMS: &[&str] = &["CRM", "OWN", "MA", "CSV"];
const COMPANIES: &[&str] = &["株式会社極洋", "㈱極洋", "カネコ種苗", "Acme Inc"];
const NUMBERS: &[&str] = &["7000012050002", "5010401089998", "6000012050003"];
const WEBSITES: &[&str] = &["https://kyokuyo.example", "https://kaneko.example", "https://acme.example"];
const FAMILIES: &[&str] = &["佐藤", "鈴木", "Mitchell"];
const PLACES: usize = 9;

/// Something that a source says of somebody or something in town.
pub fn anything(chance: &mut Chance) -> Said {
    let said = match chance.below(8) {
        0 | 1 => company(chance),
        2 | 3 => employee(chance),
        4 => deal(chance),
        _ => prospect(chance),
    };
    let day = i64::try_from(chance.below(3)).unwrap();
    let said = said.modified(instant("2026-05-01T00:00:00Z") + TimeDelta::days(day));
    if chance.once_in(15) { said.deleted() } else { said }
}

fn company(chance: &mut Chance) -> Said {
    let place = chance.below(PLACES);
    let said = Said::account(&format!("A{place}"), chance.one_of::<&str>(COMPANIES));
    let said = said.by(chance.one_of(SYSTEMS));
    let details: [(Field, String); 4] = [
        (account::corporate_number, chance.one_of(NUMBERS).to_owned()),
        (account::website, WEBSITES[place % 3].to_owned()),
        (account::phone, format!("03-3333-000{}", place % 4)),
        (account::industry, chance.one_of(&["食品", "農業"]).to_owned()),
    ];
    some_of(chance, said, details, 2)
}

fn employee(chance: &mut Chance) -> Said {
    let who = chance.below(8);
    let said = Said::contact(&format!("C{}", chance.below(12)), FAMILIES[who % 3]).by(chance.one_of(SYSTEMS));
    let details: [(Field, String); 4] = [
        (contact::account, format!("A{}", chance.below(PLACES))),
        (contact::email, format!("c{who}@kyokuyo.example")),
        (contact::phone, format!("03-3333-000{}", who % 4)),
        (contact::title, chance.one_of(&["部長", "課長"]).to_owned()),
    ];
    some_of(chance, said, details, 4)
}

fn deal(chance: &mut Chance) -> Said {
    let said = Said::opportunity(&format!("O{}", chance.below(4)), "冷凍庫");
    let said = said.with(opportunity::account, &format!("A{}", chance.below(PLACES)));
    said.with(opportunity::loss_reason, chance.one_of(&["価格", ""]))
}

fn prospect(chance: &mut Chance) -> Said {
    let id = chance.below(40);
    let said = somebody(chance, id);
    let said = if chance.once_in(4) { said.by("OWN") } else { said };
    let details: [(Field, String); 6] = [
        (lead::title, chance.one_of(&["一", "二", ""]).to_owned()),
        (lead::postal_code, chance.one_of(&["100-0001", "100-0002"]).to_owned()),
        (lead::city, chance.one_of(&["千代田区", "港区", ""]).to_owned()),
        (lead::score, chance.one_of(&["10", "20"]).to_owned()),
        (lead::website, chance.one_of(WEBSITES).to_owned()),
        (lead::origin, chance.one_of(&["一", "二"]).to_owned()),
    ];
    some_of(chance, said, details, 3)
}

/// With these details, but for one in so many.
fn some_of<const N: usize>(
    chance: &mut Chance,
    said: Said,
    details: [(Field, String); N],
    but_one_in: usize,
) -> Said {
    details.into_iter().fold(
        said,
        |said, (field, value)| {
            if chance.once_in(but_one_in) { said } else { said.with(field, &value) }
        },
    )
}

/// Somebody does something with the records. What is not allowed as things stand is refused, which is as good.
pub async fn somebody_acts(gateway: &TestGateway, chance: &mut Chance) {
    let steward = gateway.as_staff(Role::DataSteward, "mori");
    let records = records(gateway).await;
    let one = chance.one_of(&records);
    let fields: &[&str] = match one.kind {
        RecordKind::Account => &["phone", "industry"],
        RecordKind::Contact => &["phone", "title"],
        RecordKind::Lead => &["phone", "title", "company"],
        RecordKind::Opportunity => &["lossReason"],
    };
    let id = one.global_id().0;
    let field = chance.one_of(fields);
    let place = json!({ "recordId": id, "field": field, "reason": "本人に確認" });
    match chance.below(6) {
        0 | 1 => {
            let value = if field == "phone" { "03-7777-0001" } else { "三" };
            let value = if chance.once_in(2) { "03-7777-0002" } else { value };
            let mut pin = place;
            pin["value"] = value.into();
            steward.change("pinField", pin, "recordId").await;
        }
        2 => drop(steward.change("lockField", place, "recordId").await),
        3 => drop(steward.change("unpinField", place, "recordId").await),
        4 => {
            let alike: Vec<RecordRef> = records.into_iter().filter(|it| it.kind == one.kind).collect();
            let ids = [id, chance.one_of(&alike).global_id().0];
            let input = json!({ "ids": ids, "reason": "同じ担当者です" });
            let proposed = json!({ "ids": ids, "reason": "同じ担当者です", "deciders": 1 });
            match chance.once_in(2) {
                true => steward.change("mergeRecords", input, "__typename").await,
                false => steward.change("proposeMerge", proposed, "tasks { id }").await,
            };
        }
        _ => decide_something(gateway, chance).await,
    }
}

async fn decide_something(gateway: &TestGateway, chance: &mut Chance) {
    let waiting = review_task::Column::State.is_in(ReviewState::WAITING);
    let tasks = review_task::Entity::find().filter(waiting).order_by_asc(review_task::Column::Id);
    let tasks = tasks.all(gateway.services.database.read()).await.unwrap();
    if tasks.is_empty() {
        return;
    }
    let task = chance.one_of(&tasks);
    let decision = chance.one_of(task.kind.decisions());
    let input =
        json!({ "taskId": task.id.to_string(), "decision": decision.code(), "reason": "名刺で確かめた" });
    gateway.as_staff(Role::DataSteward, "ito").change("decideReviewTask", input, "task { id }").await;
}

/// The golden records that are alive.
async fn records(gateway: &TestGateway) -> Vec<RecordRef> {
    let rows = settlement::Entity::find().order_by_asc(settlement::Column::GoldenId);
    let rows = rows.all(gateway.services.database.read()).await.unwrap();
    rows.into_iter().map(|it| RecordRef { kind: it.kind, id: it.golden_id }).collect()
}
