//! An event as senders write it: the same in the graph and in a line of an upload.

use async_graphql::{ID, InputObject, Json};
use chrono::{DateTime, Utc};
use domain::engagement::{Channel, EventRefusal, ReportedEvent};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::intake::Incoming;
use crate::platform::graphql::node_id::{InvalidNodeId, NodeId, NodeType};

/// Something that somebody at a partner did with our support.
#[derive(Debug, InputObject, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EngagementEventInput {
    /// The id that your system gave the event, by which it is taken once: up to 128 visible ASCII characters.
    pub event_id: String,
    /// The code of its kind, such as `document.viewed`; see `engagementKinds`.
    pub kind: String,
    /// Whose user did it.
    pub partner_id: ID,
    /// Who did it.
    #[serde(default)]
    pub user_id: Option<ID>,
    /// With which version of which asset.
    #[serde(default)]
    pub asset_version_id: Option<ID>,
    /// By what way; the portal when left out.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What more there is to say, by the schema of the kind.
    #[serde(default)]
    pub payload: Option<Json<Map<String, Value>>>,
}

impl From<EngagementEventInput> for Incoming {
    fn from(it: EngagementEventInput) -> Self {
        let user = it.user_id.as_ref().map(|it| NodeId::plain_or_global(it, NodeType::PartnerUser));
        let version = it.asset_version_id.as_ref();
        let version = version.map(|it| NodeId::plain_or_global(it, NodeType::AssetVersion));
        Ok(ReportedEvent {
            partner_id: NodeId::plain_or_global(&it.partner_id, NodeType::Partner).map_err(malformed)?.into(),
            user_id: user.transpose().map_err(malformed)?.map(Into::into),
            asset_version_id: version.transpose().map_err(malformed)?.map(Into::into),
            channel: it.channel.unwrap_or_default(),
            occurred_at: it.occurred_at,
            payload: it.payload.map(|it| it.0).unwrap_or_default(),
            event_id: it.event_id,
            kind: it.kind,
        })
    }
}

fn malformed(id: InvalidNodeId) -> EventRefusal {
    EventRefusal::EventMalformed(id.to_string())
}
