//! Whose facts a caller's figures rest on.

use domain::access::{Permission, RowScope, kpi_scope};
use domain::ids::PartnerId;
use domain::kpis::catalogue::{Kpi, Population};

use super::service::KpiRefusal;
use crate::error::Result;
use crate::partners;
use crate::platform::context::RequestContext;

/// The partners whose facts count.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    Everybody,
    These(Vec<PartnerId>),
}

impl Scope {
    /// What the caller's figures of a KPI rest on.
    pub(super) async fn of(ctx: &RequestContext, kpi: Kpi) -> Result<Self> {
        if kpi.definition().population == Population::EveryRecord {
            ctx.caller.require(Permission::ReadDataQuality)?;
            return Ok(Self::Everybody);
        }
        ctx.caller.require(Permission::ReadKpis)?;
        if kpi == Kpi::SelectionScore {
            ctx.caller.require(Permission::ReadProspectRatings)?;
        }
        Ok(match kpi_scope(ctx.caller.identity()) {
            RowScope::Everything => Self::Everybody,
            RowScope::ManagedBy(subject) => {
                Self::These(partners::measured::managed_by(ctx.read(), &subject).await?)
            }
            RowScope::OfPartner(own) if kpi.is_of_each_partner() => Self::These(vec![own]),
            RowScope::OfPartner(_) => return Err(KpiRefusal::KpiOfChannel(kpi).into()),
            _ => Self::These(Vec::new()),
        })
    }

    /// The list of partners; none when everybody counts.
    pub(super) fn partners(&self) -> Option<&[PartnerId]> {
        match self {
            Self::Everybody => None,
            Self::These(partners) => Some(partners),
        }
    }
}
