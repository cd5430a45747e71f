//! What a partner reached in a quarter by the metrics that criteria ask for: measured here where that is possible, or else
//! as a person entered it. What nobody knows is left out, and meets no criterion.

use std::collections::BTreeMap;

use domain::calendar::Quarter;
use domain::ids::PartnerId;
use domain::kpis::catalogue::Kpi;
use domain::kpis::frame::{Frame, PartnerFacts};
use domain::kpis::revenue::deals::{Rates, WonDeal};
use domain::kpis::revenue::shares::partner_sourced_revenue;
use domain::kpis::settings::KpiSettings;
use domain::kpis::window::{Span, Window};
use domain::programs::Metric;
use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;

use super::store;
use crate::error::{Error, Result};
use crate::opportunities::won;

/// The currency of criteria about money.
const CURRENCY: &str = "JPY";

/// Whether the gateway measures it itself.
pub(super) fn is_measured_here(metric: Metric) -> bool {
    metric == Metric::Kpi(Kpi::PartnerSourcedRevenue)
}

/// What the partner reached in a quarter.
pub(super) async fn of_quarter(
    db: &impl ConnectionTrait,
    partner: PartnerId,
    quarter: Quarter,
) -> Result<BTreeMap<Metric, Decimal>> {
    let mut measured = BTreeMap::new();
    for row in store::measurements(db, partner, quarter).await? {
        measured.insert(row.metric.parse().map_err(stored)?, row.value.parse().map_err(stored)?);
    }
    let window = Window::try_from(quarter.period()).map_err(Error::internal)?;
    let deals = won::won_during(db, Some(&[partner]), &window).await?;
    if let Some(revenue) = sourced_revenue(partner, window, &deals) {
        measured.insert(Metric::Kpi(Kpi::PartnerSourcedRevenue), revenue);
    }
    Ok(measured)
}

/// Only partners that are active at the time are evaluated, so the whole quarter counts for them.
fn sourced_revenue(partner: PartnerId, quarter: Window, deals: &[WonDeal]) -> Option<Decimal> {
    let whole = Span::since(quarter.from());
    let facts = PartnerFacts {
        id: partner,
        is_test: false,
        active: vec![whole],
        contracts: vec![whole],
        access_granted_at: Some(whole.from),
    };
    let settings = KpiSettings::default();
    let partners = [facts];
    let frame = Frame::at_end(quarter, &partners, &settings);
    let revenue = partner_sourced_revenue(&frame, deals, &Rates::only(CURRENCY));
    revenue.value.ok().map(|it| it.rounded(4).normalize())
}

fn stored(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal(error)
}
