//! Batched reads of contracts for nested fields.

use domain::ids::{ContractId, PartnerId};
use entity::contracts::contract::{Column, Model};
use entity::contracts::{contract_document, contract_reminder, contract_version, negotiation_entry};
use sea_orm::{QueryFilter, QueryOrder};

use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Contracts by id.
#[derive(Default)]
pub struct ContractById;

impl BatchLoad for ContractById {
    type Key = ContractId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[ContractId]) -> Loaded<Self> {
        let query = store::visible_to(&ctx.caller).filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(each_by(query.all(ctx.read()).await?, |it| it.id))
    }
}

/// Contracts by what they renew.
#[derive(Default)]
pub struct SuccessorOf;

impl BatchLoad for SuccessorOf {
    type Key = ContractId;
    type Value = Model;

    async fn load(ctx: &RequestContext, ids: &[ContractId]) -> Loaded<Self> {
        let query = store::visible_to(&ctx.caller).filter(among(
            ctx.read(),
            Column::PredecessorId,
            ids.iter().copied(),
        ));
        let rows = query.all(ctx.read()).await?.into_iter();
        Ok(rows.filter_map(|it| Some((it.predecessor_id?, it))).collect())
    }
}

/// The contracts of a partner, newest first.
#[derive(Default)]
pub struct ContractsOfPartner;

impl BatchLoad for ContractsOfPartner {
    type Key = PartnerId;
    type Value = Vec<Model>;

    async fn load(ctx: &RequestContext, ids: &[PartnerId]) -> Loaded<Self> {
        let query =
            store::visible_to(&ctx.caller).filter(among(ctx.read(), Column::PartnerId, ids.iter().copied()));
        Ok(groups_by(query.order_by_desc(Column::Id).all(ctx.read()).await?, |it| it.partner_id))
    }
}

/// What belongs to each of several contracts that the caller sees already.
macro_rules! of_contract {
    ($($(#[$doc:meta])* $name:ident => $row:ty, $read:path;)+) => {$(
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name;

                impl BatchLoad for $name {
            type Key = ContractId;
            type Value = Vec<$row>;

            async fn load(ctx: &RequestContext, ids: &[ContractId]) -> Loaded<Self> {
                Ok($read(ctx.read(), ids).await?.into_iter().collect())
            }
        }
    )+};
}

of_contract! {
    /// The versions of a contract, in the order of their numbers.
    VersionsOf => contract_version::Model, store::versions;
    /// The documents of a contract, oldest first.
    DocumentsOf => contract_document::Model, store::documents;
    /// What was said about a contract, by date.
    NegotiationsOf => negotiation_entry::Model, store::negotiations;
    /// The reminders of a contract, by date.
    RemindersOf => contract_reminder::Model, store::reminders;
}
