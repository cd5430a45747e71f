//! Who covers what, and where nobody does, as the API shows it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use domain::ids::PartnerId;
use domain::territories::{self, Cell};

use super::regions::{Industry, Prefecture, parse};
use crate::error::Result;
use crate::partners::graphql::{Partner, at_edge};
use crate::platform::context::RequestContext;

/// Who covers what for a product on a date.
pub struct TerritoryCoverage {
    pub(super) product: String,
    pub(super) on: NaiveDate,
    pub(super) map: BTreeMap<Cell, BTreeSet<PartnerId>>,
}

/// One prefecture and one industry.
pub struct CoverageCell {
    cell: Cell,
    partners: BTreeSet<PartnerId>,
}

/// Who covers what for a product on a date. Territories that name accounts cover no cell: they are about these accounts
/// alone. Only active partners count.
#[Object]
impl TerritoryCoverage {
    /// For which product.
    async fn product(&self) -> &str {
        &self.product
    }

    /// On which date.
    async fn on(&self) -> NaiveDate {
        self.on
    }

    /// How many pairs of prefecture and industry nobody covers, of all 940.
    async fn hole_count(&self) -> usize {
        self.map.values().filter(|it| it.is_empty()).count()
    }

    /// The pairs of prefecture and industry, in the order of their codes.
    #[graphql(complexity = "200 * child_complexity")]
    async fn cells(
        &self,
        #[graphql(default, desc = "In these prefectures, such as `JP-13`; in all when left out.")]
        prefectures: Vec<String>,
        #[graphql(default, desc = "For these industries, such as `E`; for all when left out.")]
        industries: Vec<String>,
        #[graphql(default, desc = "Only those that nobody covers.")] holes_only: bool,
    ) -> Result<Vec<CoverageCell>> {
        let prefectures: BTreeSet<territories::Prefecture> = parse(&prefectures)?;
        let industries: BTreeSet<territories::Industry> = parse(&industries)?;
        let is_wanted = |(prefecture, industry): &Cell, partners: &BTreeSet<PartnerId>| {
            (prefectures.is_empty() || prefectures.contains(prefecture))
                && (industries.is_empty() || industries.contains(industry))
                && (!holes_only || partners.is_empty())
        };
        let wanted = self.map.iter().filter(|(cell, partners)| is_wanted(cell, partners));
        Ok(wanted.map(|(cell, partners)| CoverageCell { cell: *cell, partners: partners.clone() }).collect())
    }
}

/// One prefecture and one industry.
#[Object]
impl CoverageCell {
    /// Where.
    async fn prefecture(&self) -> Prefecture {
        Prefecture(self.cell.0)
    }

    /// For which industry.
    async fn industry(&self) -> Industry {
        Industry(self.cell.1)
    }

    /// Whether nobody covers it.
    async fn is_hole(&self) -> bool {
        self.partners.is_empty()
    }

    /// Who covers it.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let partners = self.partners.iter().map(|it| at_edge(ctx, *it));
        Ok(futures::future::try_join_all(partners).await?.into_iter().flatten().collect())
    }
}
