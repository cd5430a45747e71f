//! Reading accounts.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::GoldenId;
use entity::accounts::golden_account::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::types::Account;
use crate::accounts::{access, service};
use crate::error::Result;
use crate::golden::graphql::AsOfInput;
use crate::golden::history::pages::{self, Filter, Wanted};
use crate::golden::history::{loader, past::Past};
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, SortKey, page, page_cost};
use crate::platform::graphql::cursor::SortValue;
use crate::platform::graphql::filter::{TextFilter, all_of};
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::sync::read_through::{MaxAge, fresh};

/// Which accounts; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct AccountFilter {
    /// Registered name.
    name: Option<TextFilter>,
    /// 法人番号.
    corporate_number: Option<String>,
    /// Industry.
    industry: Option<TextFilter>,
    /// 都道府県.
    region: Option<TextFilter>,
    /// A served value changed at or after this instant.
    updated_since: Option<DateTime<Utc>>,
}

impl AccountFilter {
    fn condition(&self) -> Condition {
        all_of([
            self.name.as_ref().map(|it| it.on(Column::Name)),
            self.corporate_number.as_ref().map(|it| Column::CorporateNumber.eq(it).into_condition()),
            self.industry.as_ref().map(|it| it.on(Column::Industry)),
            self.region.as_ref().map(|it| it.on(Column::Region)),
            self.updated_since.map(|it| Column::UpdatedAt.gte(it).into_condition()),
        ])
    }

    /// The filter on accounts of the past.
    fn on_past(self) -> Filter<Model> {
        Box::new(move |past: &Past<Model>| {
            let row = &past.row;
            let is = TextFilter::is_met;
            let number = self.corporate_number.as_ref();
            is(&self.name, &row.name)
                && number.is_none_or(|it| row.corporate_number.as_ref() == Some(it))
                && is(&self.industry, &row.industry)
                && is(&self.region, &row.region)
                && self.updated_since.is_none_or(|it| row.updated_at >= it)
        })
    }
}

/// Orders of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AccountOrder {
    /// By name; by its reading, where there is one.
    NameAsc,
    /// Newest first.
    CreatedDesc,
    /// Last changed first.
    UpdatedDesc,
}

impl SortKey<Model> for AccountOrder {
    fn name(self) -> String {
        format!("accounts/{self:?}")
    }

    fn expression(self) -> SimpleExpr {
        match self {
            Self::NameAsc => Expr::col(Column::NameKana).if_null(Expr::col(Column::Name)).if_null(""),
            Self::CreatedDesc => Expr::col(Column::Id),
            Self::UpdatedDesc => Expr::col(Column::UpdatedAt),
        }
    }

    fn is_ascending(self) -> bool {
        matches!(self, Self::NameAsc)
    }

    fn value(self, row: &Model) -> SortValue {
        match self {
            Self::NameAsc => {
                SortValue::Text(row.name_kana.clone().or_else(|| row.name.clone()).unwrap_or_default())
            }
            Self::CreatedDesc => SortValue::Id(row.id.into()),
            Self::UpdatedDesc => SortValue::Instant(row.updated_at),
        }
    }

    fn sample(self) -> SortValue {
        match self {
            Self::NameAsc => SortValue::Text(String::new()),
            Self::CreatedDesc => SortValue::Id(Uuid::nil()),
            Self::UpdatedDesc => SortValue::Instant(DateTime::UNIX_EPOCH),
        }
    }
}

/// Reading accounts.
#[derive(Default)]
pub struct AccountQueries;

#[Object]
impl AccountQueries {
    /// One account. An id that lost a merge gives the survivor.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
        #[graphql(
            desc = "How old it may be: when its mirror is older, it is fetched from its sources first. However old when left out, and as of another time."
        )]
        max_age: Option<MaxAge>,
    ) -> Option<Result<Account>> {
        one(ctx.data_unchecked(), &id, as_of, max_age).await.transpose()
    }

    /// Accounts, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which accounts; all when left out.")] filter: Option<AccountFilter>,
        #[graphql(
            desc = "In which order: `NAME_ASC` when left out; as of another time, only `CREATED_DESC`."
        )]
        order_by: Option<AccountOrder>,
        #[graphql(desc = "As of when; now when left out. Staff only.")] as_of: Option<AsOfInput>,
    ) -> Result<Page<Account>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadCustomers)?;
        let input = PageInput { first, after, last, before };
        if let Some(as_of) = as_of {
            let filter = filter.map(AccountFilter::on_past);
            let wanted = Wanted { as_of: as_of.understood(ctx)?, input, filter };
            let order = order_by.unwrap_or(AccountOrder::CreatedDesc);
            return pages::page::<Entity, _>(ctx, wanted, order, Account::past).await;
        }
        let order_by = order_by.unwrap_or(AccountOrder::NameAsc);
        let query = access::listed_for(&ctx.caller).filter(filter.unwrap_or_default().condition());
        let node = |row: Model| (row.id.into(), Account::from(row));
        page(ctx, query, Column::Id, order_by, &input, node).await
    }
}

/// The account, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: GoldenId) -> Result<Option<Account>> {
    ctx.caller.require(Permission::ReadCustomers)?;
    Ok(service::find(ctx, id).await?.map(Account::from).map(|it| it.asked_for_by(id)))
}

async fn one(
    ctx: &RequestContext,
    id: &ID,
    as_of: Option<AsOfInput>,
    max_age: Option<MaxAge>,
) -> Result<Option<Account>> {
    let id = NodeId::decode(id, NodeType::Account)?;
    let Some(as_of) = as_of else {
        return fresh(ctx, max_age, || by_id(ctx, id), |it: &Account| &it.id).await;
    };
    let past = loader::find::<Entity>(ctx, as_of.understood(ctx)?, id).await?;
    Ok(past.map(Account::past).map(|it| it.asked_for_by(id)))
}
