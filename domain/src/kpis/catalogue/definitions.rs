//! The table of KPIs: formula version, unit, population, group-bys.
//!
//! A formula that changes gets a new version, so that figures of two versions are never compared unnoticed.

use super::GroupBy::{Owner, Partner, Product, Territory, Tier, Type};
use super::Kpi::*;
use super::Population::*;
use super::{GroupBy, Kpi, Population, Unit};

/// What a KPI is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Which formula; rises with every change of meaning.
    pub formula_version: u32,
    /// What the value is.
    pub unit: Unit,
    /// Which partners it is about.
    pub population: Population,
    /// By what it may be grouped.
    pub group_bys: &'static [GroupBy],
}

/// Traits of a partner: what every KPI about partners may be grouped by.
const BY_PARTNER: &[GroupBy] = &[Partner, Tier, Type, Territory, Owner];
/// A deal has a partner and a product.
const BY_DEAL: &[GroupBy] = &[Partner, Tier, Type, Territory, Product, Owner];
/// A share of all revenue: a partner's own share would have no direct sales below the line.
const BY_PRODUCT: &[GroupBy] = &[Product];
/// About the whole channel only.
const NEVER: &[GroupBy] = &[];

impl Kpi {
    /// What this KPI is.
    pub fn definition(self) -> Definition {
        let (unit, population, group_bys) = match self {
            SupportConsumptionRate => (Unit::Ratio, ActiveOnAnyDay, BY_PARTNER),
            TrainingCompletionRate => (Unit::Ratio, EveryPartner, BY_PARTNER),
            TrainingParticipationRate | ProposalToolUtilizationRate => (Unit::Ratio, ActiveAtEnd, BY_PARTNER),
            ZeroViewPartners => (Unit::Count, ActiveThroughout, &[Tier, Type, Territory, Owner][..]),
            UsageCounts | LoginFrequency => (Unit::PerUser, ActiveAtEnd, BY_PARTNER),
            FaqUnresolvedRate => (Unit::Ratio, EveryPartner, BY_PARTNER),
            EngagementScore => (Unit::Points, ActiveAtEnd, &[Partner][..]),
            LowScorePartners => (Unit::Count, ActiveAtEnd, &[Tier, Type, Territory, Owner][..]),
            SilentPartners => (Unit::Count, ActiveWithAccess, &[Tier, Type, Territory, Owner][..]),
            ActivePartners => (Unit::Count, ContractedAtEnd, &[Tier, Type, Territory, Owner][..]),
            PartnerSourcedRevenue | PartnerInfluencedRevenue => (Unit::Money, EveryPartner, BY_DEAL),
            IndirectRevenueShare => (Unit::Ratio, EveryPartner, BY_PRODUCT),
            DealCounts => (Unit::Count, EveryPartner, BY_DEAL),
            InitiativeExecutionRate | InitiativeSuccessRate => (Unit::Ratio, EveryPartner, BY_PARTNER),
            Csat => (Unit::Ratio, EveryPartner, BY_PARTNER),
            PartnerRetention => (Unit::Ratio, ContractedAtStart, &[Tier, Type, Territory, Owner][..]),
            LeadConversionRate | WinRate => (Unit::Ratio, EveryPartner, BY_DEAL),
            ViewsByDealSize => {
                (Unit::Distribution, EveryPartner, &[Tier, Type, Territory, Product, Owner][..])
            }
            AverageLeadTime => (Unit::Days, EveryPartner, BY_DEAL),
            LossReasons => (Unit::Distribution, EveryPartner, BY_DEAL),
            SeasonalIndex => (Unit::Distribution, EveryPartner, BY_DEAL),
            PlanAttainment | YoyRatio => (Unit::Ratio, EveryPartner, BY_DEAL),
            Top20Share => (Unit::Ratio, ContractedAtEnd, &[Tier, Type, Territory, Product, Owner][..]),
            SelectionScore => (Unit::Points, EveryPartner, &[Partner][..]),
            LeadAcceptanceRate | RegistrationApprovalRate => (Unit::Ratio, EveryPartner, BY_DEAL),
            RegistrationConflictRate | SlaBreachRate => (Unit::Ratio, EveryPartner, BY_DEAL),
            MdfUtilization => (Unit::Ratio, EveryPartner, BY_PARTNER),
            DuplicateRate | FieldFillRate => (Unit::Ratio, EveryRecord, NEVER),
            ReviewBacklog | UnexplainedDifferences => (Unit::Count, EveryRecord, NEVER),
            SyncLag => (Unit::Seconds, EveryRecord, NEVER),
        };
        Definition { formula_version: 1, unit, population, group_bys }
    }
}
