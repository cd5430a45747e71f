//! Batched reads of pins and locks by what they are known as: the row that a person made.

use std::sync::Arc;

use domain::ids::HoldId;
use entity::golden::hold::Model;

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};

/// Pins and locks by id, ended ones too. Whoever asks has shown the caller a settlement that names them.
#[derive(Default)]
pub struct HoldById;

impl BatchLoad for HoldById {
    type Key = HoldId;
    type Value = Arc<Model>;

    async fn load(ctx: &RequestContext, ids: &[HoldId]) -> Loaded<Self> {
        let rows = store::by_ids(ctx.read(), ids).await?;
        Ok(rows.into_iter().map(|it| (it.id, Arc::new(it))).collect())
    }
}
