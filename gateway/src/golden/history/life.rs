//! The life of one golden record, read for its timeline.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use mastering::history::timeline::{DatedPolicy, Life, Membership, Witness};
use mastering::policy::PrecedencePolicy;
use sea_orm::ConnectionTrait;

use super::{members, told};
use crate::error::Result;
use crate::golden::pins::holds_over_time;
use crate::policies::Policies;
use crate::policies::service::precedence_over_time;

/// Reads all that decided about a golden record by an instant.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    policies: &Policies,
    (kind, id): (RecordKind, GoldenId),
    by: DateTime<Utc>,
) -> Result<Life> {
    let links = members::begun(db, &[id], by).await?;
    let places: BTreeMap<SourceRecordId, usize> = {
        let mut ids: Vec<SourceRecordId> = links.iter().map(|it| it.source_record_id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().zip(0..).collect()
    };
    let ids: Vec<SourceRecordId> = places.keys().copied().collect();
    let mut told = told::read(db, kind, &ids, by).await?;
    let first_linked = members::first_linked(db, &ids).await?;
    let membership = |it: &members::Membership| Membership {
        record: places[&it.source_record_id],
        since: it.linked_at,
        until: it.ended_at,
        is_first: first_linked.get(&it.source_record_id) == Some(&it.linked_at),
    };
    let witness =
        |id| told.remove(id).map(|it: told::Told| Witness { key: it.key, observations: it.observations });
    Ok(Life {
        records: ids.iter().filter_map(witness).collect(),
        memberships: links.iter().map(membership).collect(),
        holds: holds_over_time(db, id).await?,
        policies: precedence_over_time(db, policies).await?.into_iter().map(dated).collect(),
    })
}

fn dated((since, policy): (DateTime<Utc>, Arc<PrecedencePolicy>)) -> DatedPolicy {
    DatedPolicy { since, policy }
}
