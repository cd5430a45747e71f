//! The promise of a synchronisation at rest: every record of the CRM equals its mirror, or an open error says why not.

use std::collections::{BTreeMap, BTreeSet};

use connectors::Position;
use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use domain::sources::{SourceRecord, Values};
use domain::sync::LinkState;
use entity::golden::{record_link, source_record};
use mastering::survivorship::field_states::FieldStates;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::stage::Stage;

/// Asserts that nothing is lost, doubled or different without an open error that explains it.
pub async fn assert_quiescent(stage: &Stage) {
    let pending = stage.crm.admin().faults().pending();
    assert!(pending.is_empty(), "a fault would disturb the comparison: {pending:?}");
    let explained: BTreeSet<String> =
        stage.store.open_errors().await.into_iter().map(|it| it.external_id).collect();
    for kind in RecordKind::ALL.iter().copied() {
        let theirs = theirs(stage, kind).await;
        let ours = ours(stage, kind).await;
        let mut unexplained = Vec::new();
        for (id, record) in &theirs {
            match ours.get(id) {
                Some((state, values)) if *state == LinkState::Live && *values == record.values => {}
                _ if explained.contains(id) => {}
                found => unexplained.push(format!("{kind} {id}: {record:?}\nbut {found:?}")),
            }
        }
        let living = ours.iter().filter(|(_, (state, _))| *state == LinkState::Live);
        unexplained.extend(
            living
                .filter(|(id, _)| !theirs.contains_key(*id))
                .map(|(id, _)| format!("{kind} {id} is gone there")),
        );
        assert!(unexplained.is_empty(), "{} differences: {}", unexplained.len(), unexplained[0]);
    }
    each_belongs_somewhere(stage).await;
}

/// What the CRM has, asked page by page, undisturbed.
async fn theirs(stage: &Stage, kind: RecordKind) -> BTreeMap<String, SourceRecord> {
    let connector = stage.job(&stage.config()).connector;
    let mut records = BTreeMap::new();
    let mut at = Position::Start;
    loop {
        let page = connector.read_page(kind, &at).await.unwrap();
        let read = page.records.into_iter().flatten().filter(|it| !it.is_deleted);
        records.extend(read.map(|it| (it.key.external_id.clone(), it)));
        match page.next {
            Some(token) => at = Position::Next(token),
            None => return records,
        }
    }
}

async fn ours(stage: &Stage, kind: RecordKind) -> BTreeMap<String, (LinkState, Values)> {
    let rows = source_record::Entity::find().filter(source_record::Column::Kind.eq(kind));
    let rows = rows.all(stage.store.database.read()).await.unwrap();
    let count = rows.len();
    let said = |row: source_record::Model| {
        (row.external_id, (row.state, FieldStates::from_json(kind, &row.facts).unwrap().values()))
    };
    let ours: BTreeMap<_, _> = rows.into_iter().map(said).collect();
    assert_eq!(ours.len(), count, "a {kind} is here twice");
    ours
}

/// Every source record belongs to exactly one golden record.
async fn each_belongs_somewhere(stage: &Stage) {
    let db = stage.store.database.read();
    let links = record_link::Entity::find().filter(record_link::Column::EndedAt.is_null());
    let links: Vec<SourceRecordId> =
        links.all(db).await.unwrap().into_iter().map(|it| it.source_record_id).collect();
    let linked: BTreeSet<SourceRecordId> = links.iter().copied().collect();
    assert_eq!(linked.len(), links.len(), "a record belongs to two golden records");
    let records = source_record::Entity::find().all(db).await.unwrap();
    let loose = records.iter().filter(|it| it.state == LinkState::Live && !linked.contains(&it.id)).count();
    assert_eq!(loose, 0, "records belong nowhere");
}
