//! Taking alerts on.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::types::PartnerAlert;
use crate::alerts::service;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// An alert that the caller takes on.
#[derive(Debug, InputObject)]
pub struct AcknowledgeAlertInput {
    /// The alert.
    pub alert_id: ID,
}

/// What a change of an alert gives back.
#[derive(SimpleObject)]
pub struct AlertPayload {
    /// The alert as it is now.
    alert: PartnerAlert,
}

/// Taking alerts on.
#[derive(Default)]
pub struct AlertMutations;

#[Object]
impl AlertMutations {
    /// Takes an alert on: others see who has it. Doing it again changes nothing.
    async fn acknowledge_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which alert.")] input: AcknowledgeAlertInput,
    ) -> Result<Payload<AlertPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.alert_id, NodeType::PartnerAlert).of_field("alertId")?;
            Ok(AlertPayload { alert: service::acknowledge(ctx, id).await?.into() })
        })
        .await
    }
}
