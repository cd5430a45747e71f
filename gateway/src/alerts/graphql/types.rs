//! What the API shows of alerts.

use async_graphql::{ComplexObject, Context, ID, Json, SimpleObject};
use chrono::{DateTime, Utc};
use domain::alerts::{AlertStatus, Severity};
use domain::ids::PartnerId;
use entity::alerts::alert;
use serde_json::Value;

use crate::error::Result;
use crate::partners;
use crate::partners::graphql::Partner;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Something about a partner that somebody should look at.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PartnerAlert {
    /// Global id.
    pub id: ID,
    /// The code of the rule that found it.
    rule: String,
    /// How much it matters.
    severity: Severity,
    /// Where it stands; it is resolved by itself when its rule no longer holds.
    status: AlertStatus,
    /// The figures of the partner when it was raised, by name.
    figures: Json<Value>,
    /// When it was raised.
    opened_at: DateTime<Utc>,
    /// When somebody took it on.
    acknowledged_at: Option<DateTime<Utc>>,
    /// Who did.
    acknowledged_by: Option<String>,
    /// When it was over.
    resolved_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    partner_id: PartnerId,
}

impl From<alert::Model> for PartnerAlert {
    fn from(row: alert::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::PartnerAlert, row.id),
            rule: row.rule,
            severity: row.severity,
            status: row.status,
            figures: Json(serde_json::from_str(&row.figures).unwrap_or_default()),
            opened_at: row.opened_at,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by,
            resolved_at: row.resolved_at,
            partner_id: row.partner_id,
        }
    }
}

#[ComplexObject]
impl PartnerAlert {
    /// The partner that it is about.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        partners::graphql::at_edge(ctx.data_unchecked::<RequestContext>(), self.partner_id).await.transpose()
    }
}
