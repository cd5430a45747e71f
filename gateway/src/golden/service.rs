//! Use cases of golden records.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::{MatchAnswer, Reason};
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use entity::golden::{record_link, source_record};
use mastering::golden_record::GoldenRecord;
use mastering::survivorship::field_states::FieldStates;
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect,
};

pub use super::absorb::Absorbed;
pub use super::accounts_ahead::AccountsAhead;
pub use super::accounts_like::{AccountLike, accounts_like};
pub use super::changes::FieldChange;
pub use super::erased::{Person, Words, erase_person, find_person};
pub use super::hand_over::{Span, hand_over};
pub use super::in_system::{behind, ever_in, ids_in};
pub use super::likeness::Likeliest;
use super::links::Occasion;
use super::loader::RecordRef;
pub use super::made::Made;
pub use super::merge::{Merge, Merged, merge};
pub use super::rebuild::Regrouping;
pub use super::resettle::{Resettled, Sweep};
pub use super::touches::{Touches, touches};
pub use super::unmerge::{Ambiguous, Unmerge, Unmerged, foresee_unmerge};
pub use super::written::Written;
use super::{
    absorb, accounts_of_leads, changes, facts, likeness, made, rebuild, relinking, resettle, resolve,
    unmerge, written,
};
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::context::RequestContext;
use crate::policies::{InForce, Policies};
use crate::sync::outbound::Creations;

/// What settling needs besides the facts: the rules in force, and where ids come from. Made for one transaction.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The rules in force.
    pub policies: Arc<InForce>,
    /// Makes ids.
    pub clock: Clock,
    /// Which systems make records that they lack.
    pub creations: Arc<Creations>,
}

/// Makes the engine of each transaction that settles, for the whole life of the process.
#[derive(Debug, Clone)]
pub struct Mastering {
    /// Knows the rules in force.
    pub policies: Arc<Policies>,
    /// Makes ids.
    pub clock: Clock,
    /// Which systems make records that they lack.
    pub creations: Arc<Creations>,
}

impl Mastering {
    /// As a request has it.
    pub fn of(ctx: &RequestContext) -> Self {
        Self {
            policies: ctx.shared::<Policies>(),
            clock: ctx.clock.clone(),
            creations: ctx.shared::<Creations>(),
        }
    }

    /// The engine of a transaction whose turn has come: it goes by the rules that are in force in it.
    pub async fn engine(&self, db: &impl ConnectionTrait) -> Result<Engine> {
        Ok(Engine {
            policies: self.policies.in_force(db).await?,
            clock: self.clock.clone(),
            creations: Arc::clone(&self.creations),
        })
    }
}

/// Notes what a person says of two source records, and groups what hangs together with them anew, in the caller's
/// transaction. Gives the golden records they belong to then, in the order of the pair.
pub async fn decide_match(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    kind: RecordKind,
    keys: [&SourceKey; 2],
    (answer, reason): (MatchAnswer, &Reason),
) -> Result<[GoldenId; 2]> {
    wait_for_turn(txn).await?;
    super::merge::decide(txn, ctx, kind, keys, (answer, reason)).await
}

/// Refuses when a person has declared records of these golden records different, across them.
pub async fn check_never_matched(db: &impl ConnectionTrait, goldens: &[GoldenId]) -> Result<()> {
    super::merge::check_never_matched(db, goldens).await
}

/// The two records by which golden records are most alike, compared as the engine compares all others. `None` when one of the
/// golden records has none that takes part.
pub async fn likeliest(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    goldens: [GoldenId; 2],
) -> Result<Option<Likeliest>> {
    likeness::likeliest(db, engine, kind, goldens).await
}

/// Refuses kinds of records that are never joined.
pub fn check_joinable(kind: RecordKind) -> Result<()> {
    super::merge::check_kind(kind)
}

/// How golden records are served now, as their traces tell; those that redirect are not.
pub async fn served(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: &[GoldenId],
) -> Result<BTreeMap<GoldenId, GoldenRecord>> {
    changes::served(db, kind, ids).await
}

/// Takes source records out of a golden record, in the caller's transaction.
pub async fn unmerge(txn: &DatabaseTransaction, ctx: &RequestContext, wanted: &Unmerge) -> Result<Unmerged> {
    wait_for_turn(txn).await?;
    unmerge::unmerge(txn, ctx, wanted).await
}

/// Takes in what a source says of some records of one kind, in the caller's transaction.
///
/// Which records end up together depends neither on their order nor on how they are spread over calls.
pub async fn absorb(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    records: Vec<SourceRecord>,
    now: DateTime<Utc>,
) -> Result<Absorbed> {
    absorb::absorb(db, engine, kind, records, now).await
}

/// Notes what records of a kind say because we wrote it there, in the caller's transaction, which has its turn.
pub async fn note_written(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    written: &[Written],
    now: DateTime<Utc>,
) -> Result<()> {
    written::note(db, engine, Occasion { kind, now }, written).await
}

/// A source record as we last read it.
pub struct Known {
    /// When it was last modified there.
    pub modified_at: DateTime<Utc>,
    /// What it says.
    pub states: Arc<FieldStates>,
}

/// Those of these records that we know.
pub async fn known(db: &impl ConnectionTrait, keys: &[SourceKey]) -> Result<BTreeMap<SourceKey, Known>> {
    let facts = facts::by_keys(db, &keys.iter().collect::<Vec<_>>()).await?.into_iter();
    let known = |it: facts::Fact| Known { modified_at: it.row.modified_at, states: it.states };
    Ok(facts.map(|it| ((*it.key).clone(), known(it))).collect())
}

/// Notes records of a kind that were made for us, in the caller's transaction, which has its turn.
pub async fn note_made(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<()> {
    made::note(db, engine, Occasion { kind, now }, made).await
}

/// Tells the outbox once more how these golden records stand, in the caller's transaction, which has its turn: what systems
/// are to be told of them may be something else by now.
pub async fn tell_again(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    goldens: &[GoldenId],
    now: DateTime<Utc>,
) -> Result<()> {
    resolve::tell_again(db, engine, Occasion { kind, now }, goldens).await
}

/// Ids of the golden records of a kind that several records of other systems belong to.
pub fn merged(kind: RecordKind) -> SelectStatement {
    let own = Query::select()
        .column(source_record::Column::Id)
        .from(source_record::Entity)
        .and_where(source_record::Column::System.eq(SourceSystem::own()))
        .take();
    Query::select()
        .column(record_link::Column::GoldenId)
        .from(record_link::Entity)
        .and_where(record_link::Column::Kind.eq(kind))
        .and_where(record_link::Column::EndedAt.is_null())
        .and_where(record_link::Column::SourceRecordId.not_in_subquery(own))
        .group_by_col(record_link::Column::GoldenId)
        .and_having(record_link::Column::SourceRecordId.count().gt(1))
        .take()
}

/// Waits until no other transaction settles golden records, and keeps others waiting until this one ends. Whoever
/// decides by what a golden record says now waits first, or two deciders would both be right.
pub async fn wait_for_turn(db: &impl ConnectionTrait) -> Result<()> {
    facts::take_sequence(db, 0).await?;
    Ok(())
}

/// The same for a transaction that settles much: its statements are planned for the tables as they are then.
///
/// PostgreSQL keeps plans. One that was made when a table was empty reads all of it, and goes on to when it has become large.
/// What settles a few records only uses the plans kept, which is cheaper than planning each time.
pub async fn wait_for_long_turn(db: &impl ConnectionTrait) -> Result<()> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await?;
    }
    wait_for_turn(db).await
}

/// Notes what our own system says of a golden record, and settles it anew.
///
/// A record that was merged may have several notes of ours; all of them say the same from now on, so that none of the
/// old ones speaks against it. It always gets one of its own: the others go back with their records, and what was said
/// meanwhile stays here.
pub async fn note_own(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    record: RecordRef,
    values: Values,
) -> Result<()> {
    let engine = Mastering::of(ctx).engine(db).await?;
    let members: Vec<_> = facts::members(db, &[record.id]).await?.into_iter().map(|it| it.1).collect();
    let members = facts::by_ids(db, &members).await?.into_iter().map(|it| (*it.key).clone());
    let mut keys: Vec<SourceKey> = members.filter(|it| it.system == SourceSystem::own()).collect();
    let object = <&str>::from(record.kind).to_owned();
    let native = SourceKey { system: SourceSystem::own(), object, external_id: record.id.to_string() };
    if !keys.contains(&native) {
        keys.push(native);
    }
    let own = |key| SourceRecord {
        key,
        kind: record.kind,
        stamp: ctx.now,
        modified_at: ctx.now,
        created_at: ctx.now,
        is_deleted: false,
        merged_into: None,
        our_key: None,
        values: values.clone(),
    };
    let records = keys.into_iter().map(own).collect();
    let supplier = ctx.caller.partner.filter(|_| !ctx.caller.is_staff());
    absorb::absorb_own(db, &engine, record, (records, supplier), ctx.now).await
}

/// The systems that have supplied records.
pub async fn systems(db: &impl ConnectionTrait) -> Result<Vec<SourceSystem>> {
    let mut systems: Vec<SourceSystem> = Vec::new();
    loop {
        // From one system to the next along the index, which is read at a few places instead of as a whole.
        let mut next = source_record::Entity::find()
            .select_only()
            .column_as(source_record::Column::System.min(), "system");
        if let Some(last) = systems.last() {
            next = next.filter(source_record::Column::System.gt(last.clone()));
        }
        match next.into_tuple::<Option<SourceSystem>>().one(db).await?.flatten() {
            Some(system) => systems.push(system),
            None => return Ok(systems),
        }
    }
}

/// How many golden records there are to settle anew.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    resettle::count(db).await
}

/// What an engine's rules would make of all records of a kind, when accounts are as they will be: which of them are one.
/// Writes nothing.
pub async fn regrouped(
    db: &impl ConnectionTrait,
    engine: &Engine,
    kind: RecordKind,
    ahead: &AccountsAhead,
) -> Result<Regrouping> {
    rebuild::foresee(db, engine, kind, ahead).await
}

/// Accounts as they will be when they have been grouped so by the rules of the second engine, where those of the first were
/// in force.
pub async fn accounts_ahead(
    db: &impl ConnectionTrait,
    engines: [&Engine; 2],
    accounts: &Regrouping,
) -> Result<AccountsAhead> {
    AccountsAhead::of(db, engines, accounts).await
}

/// The golden records that these source records will belong to when records have been grouped so.
pub async fn goldens_after(
    db: &impl ConnectionTrait,
    regrouping: &Regrouping,
    keys: &[SourceKey],
) -> Result<HashMap<SourceKey, GoldenId>> {
    rebuild::goldens_after(db, regrouping, keys).await
}

/// Golden records whose members change by a regrouping, as they would be settled; `changed` is one of its pages.
pub async fn resettled_by(
    db: &impl ConnectionTrait,
    engine: &Engine,
    regrouping: &Regrouping,
    changed: &[(GoldenId, Vec<SourceRecordId>)],
) -> Result<Vec<Resettled>> {
    resettle::with_members(db, engine, regrouping, changed).await
}

/// How many of these records are leads that would belong to another account, served as they are settled.
pub async fn relinked<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    settled: impl Iterator<Item = &'a Resettled>,
    ahead: &AccountsAhead,
) -> Result<usize> {
    relinking::of_settled(db, engine, settled, ahead).await
}

/// How many other leads would belong to another account because accounts or the rules are others, apart from those that were
/// looked at.
pub async fn relinked_beside(
    db: &impl ConnectionTrait,
    engine: &Engine,
    leads: &Regrouping,
    seen: &BTreeSet<GoldenId>,
    ahead: &AccountsAhead,
) -> Result<usize> {
    relinking::of_concerned(db, engine, leads, seen, ahead).await
}

/// The kinds whose records may be duplicates of each other.
pub fn matched_kinds() -> impl Iterator<Item = RecordKind> {
    RecordKind::ALL.iter().copied().filter(|it| facts::is_matched(*it))
}

/// Joins and parts what a regrouping foresaw, in the transaction in which it was foreseen, and asks about what is doubtful.
pub async fn regroup(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    regrouping: &Regrouping,
    by: &str,
) -> Result<()> {
    rebuild::apply(db, engine, now, regrouping, by).await
}

/// Looks again for the accounts of leads that this concerns, after all kinds have been grouped anew.
pub async fn link_leads_again(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    ahead: &AccountsAhead,
) -> Result<()> {
    accounts_of_leads::link_again(db, engine, ahead.concerned(), now).await
}

/// Serves golden records as they were settled anew.
pub async fn serve_resettled(
    db: &impl ConnectionTrait,
    engine: &Engine,
    now: DateTime<Utc>,
    page: Vec<Resettled>,
) -> Result<()> {
    resettle::write(db, engine, now, page).await
}
