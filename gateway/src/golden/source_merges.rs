//! Records that their source has merged into others of its own: what hangs on them here may have to follow.
//!
//! Nothing is to be done where both are one golden record already. Where the rules alone find both to be one beyond doubt, the
//! source's word settles it; a person is asked about all others.

use std::collections::BTreeMap;

use domain::ids::SourceRecordId;
use domain::review::{MatchAnswer, ReviewKind};
use domain::sources::SourceKey;
use mastering::matching::verdict::Band;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::absorb;
use super::decisions::{self, Word};
use super::facts::{self, Fact, News};
use super::likeness::Likeness;
use super::links::{AUTO, Linked, Occasion};
use super::matching::pair;
use super::merge;
use super::service::Engine;
use crate::error::{Error, Result};
use crate::review;
use crate::review::service::Question;

/// Why two records are one that nobody was asked about.
const REASON: &str = "merged by their source, and alike beyond doubt";

/// A record that is gone, and the one that its source goes on with.
struct SourceMerge {
    gone: Fact,
    survivor: SourceKey,
    /// The survivor, once we know it.
    kept: Option<Fact>,
}

/// Lets golden records follow what their sources have merged, or asks people whether they should.
pub(super) async fn follow(
    db: &impl ConnectionTrait,
    engine: &Engine,
    occasion: Occasion,
    news: &[News],
) -> Result<()> {
    let (mut questions, mut moot) = (Vec::new(), Vec::new());
    for it in SourceMerge::among(db, news).await? {
        match it.is_one() {
            true => moot.push(it.fingerprint()),
            false if it.is_clear(db, engine, occasion).await? => it.join(db, engine, occasion).await?,
            false => questions.push(it.question(occasion)),
        }
    }
    review::service::withdraw(db, &engine.clock, occasion.now, &moot).await?;
    review::service::ask_all(db, &engine.clock, occasion.now, questions).await?;
    Ok(())
}

/// Takes back what was asked about records that have become one some other way.
pub(super) async fn withdraw_moot(
    db: &impl ConnectionTrait,
    engine: &Engine,
    Occasion { now, .. }: Occasion,
    linked: &Linked,
) -> Result<()> {
    let goldens: Vec<_> = linked.moved.iter().flat_map(|it| [it.from, it.to]).collect();
    review::service::supersede_source_merges(db, &engine.clock, now, &goldens).await
}

impl SourceMerge {
    async fn among(db: &impl ConnectionTrait, news: &[News]) -> Result<Vec<Self>> {
        let merged = news.iter().filter(|it| !it.fact.is_live());
        let merged: Vec<(SourceRecordId, SourceKey)> = merged
            .filter_map(|it| {
                let external_id = it.fact.row.merged_into.clone()?;
                Some((it.fact.row.id, SourceKey { external_id, ..(*it.fact.key).clone() }))
            })
            .collect();
        let survivors: Vec<&SourceKey> = merged.iter().map(|it| &it.1).collect();
        let kept: BTreeMap<SourceKey, Fact> =
            facts::by_keys(db, &survivors).await?.into_iter().map(|it| ((*it.key).clone(), it)).collect();
        // Read again: they have been linked since.
        let gone = facts::by_ids(db, &merged.iter().map(|it| it.0).collect::<Vec<_>>()).await?;
        let mut gone: BTreeMap<SourceRecordId, Fact> = gone.into_iter().map(|it| (it.row.id, it)).collect();
        let found = merged.into_iter().filter_map(|(id, survivor)| {
            let kept = kept.get(&survivor).cloned();
            Some(Self { gone: gone.remove(&id)?, kept, survivor })
        });
        Ok(found.collect())
    }

    fn is_one(&self) -> bool {
        self.kept.as_ref().is_some_and(|it| it.golden.is_some() && it.golden == self.gone.golden)
    }

    /// Whether the rules find the two records to be one beyond doubt, and whatever else lives in the golden record of the one
    /// that is gone. Two live records of one system would be for a person; here the system itself has said it.
    async fn is_clear(&self, db: &impl ConnectionTrait, engine: &Engine, occasion: Occasion) -> Result<bool> {
        let Some(kept) = self.kept.as_ref().filter(|it| it.is_matchable()) else { return Ok(false) };
        let (Some(from), Some(to)) = (self.gone.golden, kept.golden) else { return Ok(false) };
        match merge::check_never_matched(db, &[from, to]).await {
            Err(Error::Refused { .. }) => return Ok(false),
            other => other?,
        }
        let living: Vec<SourceRecordId> =
            facts::members(db, &[from]).await?.into_iter().map(|it| it.1).collect();
        let mut living = facts::by_ids(db, &living).await?;
        living.retain(Fact::is_matchable);
        let ids: Vec<SourceRecordId> = living.iter().map(|it| it.row.id).chain([self.gone.row.id]).collect();
        living.extend([self.gone.clone(), kept.clone()]);
        let likeness = Likeness::of(db, engine, occasion.kind, living).await?;
        let is_alike =
            |id: &SourceRecordId| likeness.by_word(*id, kept.row.id).is_some_and(|it| it.band == Band::Auto);
        Ok(ids.iter().all(is_alike))
    }

    /// What the source says counts like a person's word: every replay honours it, and a person may take it back.
    async fn join(&self, db: &impl ConnectionTrait, engine: &Engine, occasion: Occasion) -> Result<()> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let mut pairs = vec![pair(self.gone.row.id, kept.row.id)];
        pairs.extend(merge::heads_of_deleted(db, [&self.gone, kept]).await?);
        let word = Word { answer: MatchAnswer::Same, reason: REASON, by: AUTO, at: occasion.now };
        decisions::decide(db, &engine.clock, occasion.kind, &pairs, word).await?;
        let records: Vec<SourceRecordId> = pairs.iter().flat_map(|it| [it.0, it.1]).collect();
        absorb::regroup(db, engine, occasion, &records, AUTO).await?;
        Ok(())
    }

    fn fingerprint(&self) -> String {
        format!("{}|{}|{}", ReviewKind::SourceMerge, self.gone.key, self.survivor.external_id)
    }

    fn question(&self, Occasion { kind, .. }: Occasion) -> Question {
        let subject = json!({ "left": &*self.gone.key, "right": self.survivor });
        let question = Question::new(ReviewKind::SourceMerge, kind, self.fingerprint(), subject);
        question.about([self.gone.golden, self.kept.as_ref().and_then(|it| it.golden)])
    }
}
