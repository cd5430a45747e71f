//! Products that accounts run, in the API.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::NaiveDate;
use domain::access::Permission;
use domain::ids::GoldenId;
use entity::conflicts::installed_product;

use crate::conflicts::loader::InstalledOnAccount;
use crate::error::Result;
use crate::partners::graphql::Partner;
use crate::partners::loader::PartnerById;
use crate::platform::context::RequestContext;

/// A product that an account runs, bought through a partner: the incumbent of its next contract.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct InstalledProduct {
    /// Id of the note.
    id: ID,
    /// Code of the product.
    product: String,
    /// The first date of its contract.
    valid_from: NaiveDate,
    /// The first date after its contract; open-ended when there is none.
    valid_until: Option<NaiveDate>,
    #[graphql(skip)]
    row: installed_product::Model,
}

impl From<installed_product::Model> for InstalledProduct {
    fn from(row: installed_product::Model) -> Self {
        Self {
            id: ID(row.id.to_string()),
            product: row.product.clone(),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            row,
        }
    }
}

#[ComplexObject]
impl InstalledProduct {
    /// Through whom it was bought.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.row.partner_id).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }
}

/// The products that an account runs; none for callers who see no conflicts.
pub async fn installed_on(ctx: &RequestContext, account: GoldenId) -> Result<Vec<InstalledProduct>> {
    if !ctx.caller.may(Permission::ReadConflicts) {
        return Ok(Vec::new());
    }
    let rows = ctx.batch::<InstalledOnAccount>().get(ctx, account).await?.unwrap_or_default();
    Ok(rows.into_iter().map(InstalledProduct::from).collect())
}
