//! A KPI as it is answered: the value with everything rule 8 of the glossary asks for.
//!
//! Here: the receipt and how its figures are shown. Not here: storing it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::catalogue::{Population, Unit};
use super::value::{Aspect, Figure, KpiValue};
use super::window::Window;

/// One answered KPI.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// The value with its numerator, denominator and exclusions.
    pub measured: KpiValue,
    /// What the value is.
    pub unit: Unit,
    /// Over what time.
    pub period: Window,
    /// Which partners it is about.
    pub population: Population,
    /// Which formula.
    pub formula_version: u32,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
    /// Until when everything that arrived was counted.
    pub watermark: DateTime<Utc>,
}

impl Receipt {
    /// Completes a value with what its definition says.
    pub fn of(
        measured: KpiValue,
        period: Window,
        computed_at: DateTime<Utc>,
        watermark: DateTime<Utc>,
    ) -> Self {
        let definition = measured.kpi.definition();
        Self {
            measured,
            unit: definition.unit,
            period,
            population: definition.population,
            formula_version: definition.formula_version,
            computed_at,
            watermark,
        }
    }

    /// The value as it is shown: rounded half-up to the decimals of its unit.
    pub fn shown(&self) -> Option<Decimal> {
        self.measured.value.ok().map(|it| it.rounded(self.unit.decimals()))
    }

    /// A figure beside the value as it is shown.
    pub fn shown_beside(&self, aspect: Aspect) -> Option<Decimal> {
        self.measured.beside(aspect).and_then(Figure::ok).map(|it| it.rounded(aspect.decimals()))
    }
}

impl Aspect {
    /// Decimals shown.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Installs | Self::Transactions | Self::Downloads | Self::FaqViews | Self::ChatSessions => 0,
            Self::Cancelled | Self::Available | Self::OldestAge => 0,
            Self::OnTime | Self::Rate | Self::Mean | Self::Median | Self::ResponseRate => 4,
            Self::Churn | Self::Growth | Self::Attached | Self::Correlation => 4,
        }
    }
}
