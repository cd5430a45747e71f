//! Batched reads of golden records as of then.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use domain::ids::GoldenId;
use mastering::history::AsOf;

use super::members;
use super::past::{Past, past};
use crate::error::Result;
use crate::golden::served::Served;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};

/// Golden records of a table as of then, by id.
pub struct PastOf<E>(PhantomData<fn() -> E>);

impl<E> Default for PastOf<E> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E> BatchLoad for PastOf<E>
where
    E: Served,
    E::Model: Clone + Sync,
{
    type Key = (AsOf, GoldenId);
    type Value = Past<E::Model>;

    async fn load(ctx: &RequestContext, keys: &[Self::Key]) -> Loaded<Self> {
        let mut found = HashMap::with_capacity(keys.len());
        let mut by_instant: BTreeMap<_, Vec<GoldenId>> = BTreeMap::new();
        for (as_of, id) in keys {
            by_instant.entry((as_of.recorded_at, as_of.effective_at)).or_default().push(*id);
        }
        for ((recorded_at, effective_at), ids) in by_instant {
            let as_of = AsOf { recorded_at, effective_at };
            let records = past::<E>(ctx, as_of, &ids).await?;
            found.extend(records.into_iter().map(|(id, it)| ((as_of, id), it)));
        }
        Ok(found)
    }
}

/// The record that an id meant as of then, if the caller sees it; an id that had lost a merge by then gives what it had
/// become part of.
pub async fn find<E>(ctx: &RequestContext, as_of: AsOf, id: GoldenId) -> Result<Option<Past<E::Model>>>
where
    E: Served,
    E::Model: Clone + Sync,
{
    match members::meant(ctx.read(), id, as_of.recorded_at).await? {
        Some(id) => ctx.batch::<PastOf<E>>().get(ctx, (as_of, id)).await,
        None => Ok(None),
    }
}
