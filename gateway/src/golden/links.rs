//! Which source records belong to which golden record: linking new ones, merging, asking people about the doubtful.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::ReviewKind;
use domain::sync::LinkState;
use entity::golden::{match_candidate, merge_operation, record_link, settlement};
use mastering::matching::clusters::{Given, Groups, cluster, veto_in_group};
use mastering::matching::verdict::Band;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::facts::{self, News};
use super::matching::{self, Found};
use super::service::Engine;
use super::{references, served};
use crate::error::Result;
use crate::platform::database::{chunk_size, insert_rows};
use crate::review;
use crate::review::service::{MatchQuestion, Question};

/// Where the new records ended up.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// The golden record of each source record that was placed.
    pub(super) goldens: BTreeMap<SourceRecordId, GoldenId>,
    /// Golden records that did not exist before.
    pub(super) created: BTreeSet<GoldenId>,
    /// Golden records that must be settled anew.
    pub(super) affected: BTreeSet<GoldenId>,
    /// Losers of merges, with their survivors.
    merged: Vec<(GoldenId, GoldenId)>,
    rows: Vec<record_link::Model>,
}

/// When and of what kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    pub(super) kind: RecordKind,
    pub(super) now: DateTime<Utc>,
}

/// Links new records to golden records, by what was found about them.
pub(super) async fn link(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    mut found: Found,
) -> Result<Linked> {
    let members = members_of_joined(db, occasion.kind, &mut found).await?;
    let groups = group(engine, news, &found, &members);
    let golden_of = goldens(news, &found, &members);
    let mut linked = Linked::default();
    for group in &groups.groups {
        linked.place(engine, occasion, group, &golden_of, &found);
    }
    for &(loser, survivor) in &linked.merged {
        merge(db, engine, occasion, loser, survivor).await?;
    }
    insert(db, std::mem::take(&mut linked.rows)).await?;
    follow_states(db, news).await?;
    linked.affected.extend(news.iter().filter_map(|it| linked.goldens.get(&it.fact.row.id)));
    linked.affected.extend(linked.merged.iter().map(|(_, survivor)| *survivor));
    let refused: BTreeSet<_> = groups.refused.iter().map(|it| (it.a, it.b)).collect();
    ask(db, engine, occasion, &found, &linked, &refused).await?;
    tell_of_source_merges(db, engine, occasion, news).await?;
    Ok(linked)
}

/// Links records that say themselves to which golden record they belong.
pub(super) async fn link_own(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
    golden: GoldenId,
) -> Result<Linked> {
    let mut linked = Linked::default();
    for it in news {
        linked.goldens.insert(it.fact.row.id, golden);
        if it.fact.golden.is_none() {
            linked.rows.push(row(engine, occasion, it.fact.row.id, golden, json!({ "rule": "OWN" })));
        }
    }
    linked.affected.insert(golden);
    insert(db, std::mem::take(&mut linked.rows)).await?;
    Ok(linked)
}

/// The members of the golden records that a join touches, so that a veto inside the resulting set is seen.
async fn members_of_joined(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    found: &mut Found,
) -> Result<Vec<(GoldenId, SourceRecordId)>> {
    let joined = found.joins.iter().flat_map(|it| [it.a, it.b]);
    let goldens: BTreeSet<GoldenId> =
        joined.filter_map(|it| found.compared.get(&it).and_then(|it| it.fact.golden)).collect();
    let members = facts::members(db, &goldens.into_iter().collect::<Vec<_>>()).await?;
    let missing: Vec<_> =
        members.iter().map(|it| it.1).filter(|it| !found.compared.contains_key(it)).collect();
    let stored = facts::by_ids(db, &missing).await?;
    found.compared.extend(matching::prepare(db, kind, stored).await?);
    Ok(members)
}

/// The golden record that each record has already.
fn goldens(
    news: &[News],
    found: &Found,
    members: &[(GoldenId, SourceRecordId)],
) -> BTreeMap<SourceRecordId, GoldenId> {
    let of_news = news.iter().filter_map(|it| Some((it.fact.row.id, it.fact.golden?)));
    let of_compared = found.compared.iter().filter_map(|(id, it)| Some((*id, it.fact.golden?)));
    let of_members = members.iter().map(|&(golden, id)| (id, golden));
    of_news.chain(of_compared).chain(of_members).collect()
}

fn group(
    engine: &Engine,
    news: &[News],
    found: &Found,
    members: &[(GoldenId, SourceRecordId)],
) -> Groups<SourceRecordId> {
    let ids = news.iter().map(|it| it.fact.row.id).chain(found.joins.iter().flat_map(|it| [it.a, it.b]));
    let records: BTreeSet<SourceRecordId> = ids.chain(members.iter().map(|it| it.1)).collect();
    let records: Vec<SourceRecordId> = records.into_iter().collect();
    let known = news.iter().filter_map(|it| Some((it.fact.golden?, it.fact.row.id)));
    let mut first_of: BTreeMap<GoldenId, SourceRecordId> = BTreeMap::new();
    let mut together = Vec::new();
    for (golden, id) in members.iter().copied().chain(known) {
        let first = *first_of.entry(golden).or_insert(id);
        if first != id {
            together.push((first, id));
        }
    }
    let policy = &engine.policies.matching;
    let given =
        Given { records: &records, together: &together, never: &[], largest_group: policy.largest_group };
    cluster(given, &found.joins, |one, other| {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
        pairs
            .filter_map(|(a, b)| Some((found.compared.get(a)?, found.compared.get(b)?)))
            .find_map(|(a, b)| veto_in_group(policy, &a.features, &b.features))
    })
}

impl Linked {
    /// Gives one group its golden record: the oldest that a member has, or a new one.
    fn place(
        &mut self,
        engine: &Engine,
        occasion: Occasion,
        group: &[SourceRecordId],
        golden_of: &BTreeMap<SourceRecordId, GoldenId>,
        found: &Found,
    ) {
        let existing: BTreeSet<GoldenId> = group.iter().filter_map(|it| golden_of.get(it).copied()).collect();
        let golden = existing.first().copied().unwrap_or_else(|| {
            let id = engine.clock.new_id();
            self.created.insert(id);
            id
        });
        for id in group {
            self.goldens.insert(*id, golden);
            if !golden_of.contains_key(id) {
                self.rows.push(row(engine, occasion, *id, golden, evidence(found, *id, group)));
            }
        }
        self.merged.extend(existing.into_iter().skip(1).map(|loser| (loser, golden)));
    }
}

fn row(
    engine: &Engine,
    occasion: Occasion,
    source_record_id: SourceRecordId,
    golden_id: GoldenId,
    evidence: Value,
) -> record_link::Model {
    record_link::Model {
        id: engine.clock.new_id(),
        source_record_id,
        golden_id,
        kind: occasion.kind,
        state: LinkState::Live,
        linked_at: occasion.now,
        ended_at: None,
        evidence: evidence.to_string(),
    }
}

/// The verdicts that put a record into its group; the first of a group needs none.
fn evidence(found: &Found, id: SourceRecordId, group: &[SourceRecordId]) -> Value {
    let others = group.iter().filter(|other| **other != id);
    let verdicts: Vec<Value> = others
        .filter_map(|other| Some((other, found.verdicts.get(&(id.min(*other), id.max(*other)))?)))
        .map(|(other, verdict)| json!({ "with": other, "verdict": verdict }))
        .collect();
    if verdicts.is_empty() {
        json!({ "rule": "FIRST" })
    } else {
        json!({ "rule": "MATCH", "verdicts": verdicts })
    }
}

async fn insert(db: &impl ConnectionTrait, rows: Vec<record_link::Model>) -> Result<()> {
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<record_link::Entity, _>(db, rows, None).await?)
}

/// Notes on the links which records their source has deleted, or brought back.
async fn follow_states(db: &impl ConnectionTrait, news: &[News]) -> Result<()> {
    for state in [LinkState::Live, LinkState::Deleted] {
        let of_state =
            news.iter().filter(|it| it.fact.row.state == state && !(it.is_first && state == LinkState::Live));
        let ids: Vec<_> = of_state.map(|it| it.fact.row.id).collect();
        for chunk in ids.chunks(chunk_size(1)) {
            record_link::Entity::update_many()
                .col_expr(record_link::Column::State, Expr::value(state))
                .filter(record_link::Column::SourceRecordId.is_in(chunk.iter().copied()))
                .filter(record_link::Column::EndedAt.is_null())
                .filter(record_link::Column::State.ne(state))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

/// Moves the members of the loser to the survivor; the loser's id resolves to it for ever.
async fn merge(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    loser: GoldenId,
    survivor: GoldenId,
) -> Result<()> {
    let moved: Vec<SourceRecordId> = facts::members(db, &[loser]).await?.into_iter().map(|it| it.1).collect();
    record_link::Entity::update_many()
        .col_expr(record_link::Column::EndedAt, Expr::value(now))
        .filter(record_link::Column::GoldenId.eq(loser))
        .filter(record_link::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    let operation = merge_operation::Model {
        id: engine.clock.new_id(),
        kind,
        survivor_id: survivor,
        loser_id: loser,
        moved_records: json!(moved).to_string(),
        evidence: json!({ "rule": "MATCH", "policy": engine.policies.matching.version() }).to_string(),
        merged_at: now,
        merged_by: "AUTO".to_owned(),
    };
    let links = moved.iter().map(|id| {
        row(
            engine,
            Occasion { kind, now },
            *id,
            survivor,
            json!({ "rule": "MERGE", "operation": operation.id }),
        )
    });
    insert(db, links.collect()).await?;
    operation.into_active_model().insert(db).await?;
    settlement::Entity::delete_by_id(loser).exec(db).await?;
    served::redirect_kind(db, kind, loser, survivor, now).await?;
    Ok(references::follow_merge(db, kind, loser, survivor).await?)
}

/// Asks people about pairs that look alike but were not joined.
async fn ask(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    found: &Found,
    linked: &Linked,
    refused: &BTreeSet<(SourceRecordId, SourceRecordId)>,
) -> Result<()> {
    let golden_of = |id: &SourceRecordId| {
        let placed = linked.goldens.get(id).copied();
        placed.or_else(|| found.compared.get(id).and_then(|it| it.fact.golden))
    };
    let mut candidates = Vec::new();
    let mut tasks = Vec::new();
    let mut moot = Vec::new();
    for (&(left, right), verdict) in &found.verdicts {
        let Some((a, b)) = found.compared.get(&left).zip(found.compared.get(&right)) else { continue };
        let pair = [a.fact.key.clone(), b.fact.key.clone()];
        if golden_of(&left) == golden_of(&right) {
            moot.push(pair);
            continue;
        }
        let is_open = verdict.band == Band::Review || refused.contains(&(left, right));
        if !is_open {
            continue;
        }
        candidates.push(match_candidate::Model {
            id: engine.clock.new_id(),
            kind,
            left_record_id: left,
            right_record_id: right,
            score: i32::from(verdict.score),
            band: verdict.band.code().to_owned(),
            evidence: json!(verdict).to_string(),
            policy_version: engine.policies.matching.version().to_owned(),
            found_at: now,
        });
        tasks.push(MatchQuestion { kind, golden: golden_of(&left), pair, verdict });
    }
    let known = [match_candidate::Column::LeftRecordId, match_candidate::Column::RightRecordId];
    let keep = OnConflict::columns(known).do_nothing().to_owned();
    let candidates = candidates.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_rows::<match_candidate::Entity, _>(db, candidates, Some(keep)).await?;
    review::service::supersede_matches(db, now, kind, &moot).await?;
    review::service::ask_about_matches(db, &engine.clock, now, &tasks).await
}

/// Tells people of records that their source has merged into others: what hangs on them here may have to follow.
async fn tell_of_source_merges(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    news: &[News],
) -> Result<()> {
    for it in news.iter().filter(|it| !it.fact.is_live()) {
        let Some(into) = &it.fact.row.merged_into else { continue };
        let question = Question {
            kind: ReviewKind::SourceMerge,
            record_kind: kind,
            fingerprint: format!("{}|{}|{into}", ReviewKind::SourceMerge, it.fact.key),
            subject: json!({ "left": &*it.fact.key, "mergedInto": into }),
        };
        review::service::ask(db, &engine.clock, now, question).await?;
    }
    Ok(())
}
