//! Asking people about what the rules do not decide, and withdrawing what has become moot.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::match_decision;
use mastering::matching::verdict::{Band, Verdict};
use sea_orm::ConnectionTrait;

use super::facts::{self, Fact};
use super::links::{Linked, Occasion};
use super::matching::{self, Found, Pair};
use super::neighbourhood::Neighbourhood;
use super::service::Engine;
use crate::error::Result;
use crate::review;
use crate::review::service::MatchQuestion;

/// Which pairs people are asked about: the same when records change and when rules do.
pub(super) struct Doubt<'a> {
    refused: &'a BTreeSet<Pair>,
    answered: BTreeSet<Pair>,
}

impl<'a> Doubt<'a> {
    /// Given the joins that something stands against, and what people have answered.
    pub(super) fn of(refused: &'a BTreeSet<Pair>, decisions: &[match_decision::Model]) -> Self {
        let answered = decisions.iter().map(|it| (it.left_record_id, it.right_record_id)).collect();
        Self { refused, answered }
    }

    /// Whether a person should look at two records of these golden records.
    pub(super) fn is_about(&self, pair: &Pair, band: Band, goldens: [Option<GoldenId>; 2]) -> bool {
        let is_doubtful = band == Band::Review || self.refused.contains(pair);
        is_doubtful && goldens[0] != goldens[1] && !self.answered.contains(pair)
    }
}

/// Asks about pairs that look alike and are not one, unless a person has answered already.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    found: &Found,
    neighbourhood: &Neighbourhood,
    (linked, refused): (&Linked, &BTreeSet<Pair>),
) -> Result<()> {
    let verdicts = verdicts(db, found, neighbourhood, linked).await?;
    let facts = facts_of(db, found, neighbourhood, &verdicts).await?;
    let golden_of = |id: &SourceRecordId| linked.goldens.get(id).copied().or(facts.get(id)?.golden);
    let doubt = Doubt::of(refused, &neighbourhood.decisions);
    let (mut open, mut moot) = (Vec::new(), Vec::new());
    for (pair, verdict) in &verdicts {
        let Some((left, right)) = facts.get(&pair.0).zip(facts.get(&pair.1)) else { continue };
        let goldens = [golden_of(&pair.0), golden_of(&pair.1)];
        let keys = [left.key.clone(), right.key.clone()];
        match doubt.is_about(pair, verdict.band, goldens) {
            true => open.push(MatchQuestion { kind, goldens, pair: keys, verdict }),
            false => moot.push(keys),
        }
    }
    for (left, right) in &found.withdrawn {
        let Some((left, right)) = facts.get(left).zip(facts.get(right)) else { continue };
        moot.push([left.key.clone(), right.key.clone()]);
    }
    review::service::supersede_matches(db, &engine.clock, now, kind, &moot).await?;
    review::service::ask_about_matches(db, &engine.clock, now, &open).await
}

/// Doubts with all that is said of them in memory at once.
const AT_ONCE: usize = 1_500;

/// Asks about pairs that are known to be doubtful. What was asked before is not asked again.
pub(super) async fn ask_about<'a>(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { kind, now }: Occasion,
    doubts: &[(Pair, &'a Verdict)],
) -> Result<()> {
    for chunk in doubts.chunks(AT_ONCE) {
        let ids: BTreeSet<SourceRecordId> = chunk.iter().flat_map(|(pair, _)| [pair.0, pair.1]).collect();
        let facts = facts::by_ids(db, &ids.into_iter().collect::<Vec<_>>()).await?;
        let facts: BTreeMap<SourceRecordId, Fact> = facts.into_iter().map(|it| (it.row.id, it)).collect();
        let question = |&(pair, verdict): &(Pair, &'a Verdict)| {
            let (left, right) = facts.get(&pair.0).zip(facts.get(&pair.1))?;
            let pair = [left.key.clone(), right.key.clone()];
            Some(MatchQuestion { kind, goldens: [left.golden, right.golden], pair, verdict })
        };
        let questions: Vec<MatchQuestion<'a>> = chunk.iter().filter_map(question).collect();
        review::service::ask_about_matches(db, &engine.clock, now, &questions).await?;
    }
    Ok(())
}

/// Verdicts on which something may have changed: of pairs compared just now, and of records that moved.
async fn verdicts(
    db: &impl ConnectionTrait,
    found: &Found,
    neighbourhood: &Neighbourhood,
    linked: &Linked,
) -> Result<BTreeMap<Pair, Verdict>> {
    let mut verdicts: BTreeMap<Pair, Verdict> =
        found.verdicts.iter().map(|(pair, verdict)| (*pair, verdict.clone())).collect();
    let moved: BTreeSet<SourceRecordId> = linked.moved.iter().map(|it| it.fact.row.id).collect();
    let has_moved = |pair: &Pair| moved.contains(&pair.0) || moved.contains(&pair.1);
    let of_moved = neighbourhood.verdicts.iter().filter(|(pair, _)| has_moved(pair));
    verdicts.extend(of_moved.map(|(pair, verdict)| (*pair, verdict.clone())));
    for (pair, row) in matching::candidates_of(db, &moved.into_iter().collect::<Vec<_>>()).await? {
        verdicts.insert(pair, matching::verdict(&row)?);
    }
    Ok(verdicts)
}

/// The records of these pairs.
async fn facts_of(
    db: &impl ConnectionTrait,
    found: &Found,
    neighbourhood: &Neighbourhood,
    verdicts: &BTreeMap<Pair, Verdict>,
) -> Result<BTreeMap<SourceRecordId, Fact>> {
    let pairs = verdicts.keys().chain(&found.withdrawn);
    let ids: BTreeSet<SourceRecordId> = pairs.flat_map(|it| [it.0, it.1]).collect();
    let at_hand = |id: &SourceRecordId| {
        neighbourhood.facts.get(id).or_else(|| found.compared.get(id).map(|it| &it.fact)).cloned()
    };
    let mut facts: BTreeMap<_, _> = ids.iter().filter_map(|id| Some((*id, at_hand(id)?))).collect();
    let missing: Vec<_> = ids.into_iter().filter(|it| !facts.contains_key(it)).collect();
    facts.extend(facts::by_ids(db, &missing).await?.into_iter().map(|it| (it.row.id, it)));
    Ok(facts)
}
