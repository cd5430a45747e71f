//! async-graphql as its manual shows it: an object for each table, a data loader with its default delay for each edge.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, Request,
    Response, Schema, SimpleObject,
};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use chrono::{DateTime, NaiveDate, Utc};
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use tokio_postgres::{Client, NoTls, Row};
use uuid::Uuid;

/// As many as the gateway's pool has.
const CONNECTIONS: usize = 8;

type Api = Schema<Query, EmptyMutation, EmptySubscription>;

struct Pool {
    clients: Vec<Client>,
    next: AtomicUsize,
}

impl Pool {
    async fn query(
        &self,
        sql: &str,
        bound: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Vec<Row>, Arc<tokio_postgres::Error>> {
        let client = &self.clients[self.next.fetch_add(1, Ordering::Relaxed) % self.clients.len()];
        client.query(sql, bound).await.map_err(Arc::new)
    }
}

struct Query;

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Lead {
    id: ID,
    last_name: Option<String>,
    first_name: Option<String>,
    company: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    stage: Option<String>,
    region: Option<String>,
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    account_id: Option<Uuid>,
    #[graphql(skip)]
    partner_id: Option<Uuid>,
}

#[derive(SimpleObject, Clone)]
struct Account {
    id: ID,
    name: Option<String>,
    corporate_number: Option<String>,
}

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Partner {
    id: ID,
    legal_name: String,
    status: String,
    #[graphql(skip)]
    key: Uuid,
}

#[derive(SimpleObject, Clone)]
struct Opportunity {
    id: ID,
    name: Option<String>,
    stage: Option<String>,
    close_date: Option<NaiveDate>,
    is_won: Option<bool>,
}

#[derive(SimpleObject)]
struct Leads {
    nodes: Vec<Lead>,
    page_info: PageInfo,
}

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Stage {
    New,
}

#[derive(InputObject)]
struct Is {
    eq: String,
}

#[derive(InputObject)]
struct Filter {
    stage: Vec<Stage>,
    region: Is,
}

struct AccountById(Arc<Pool>);
struct PartnerById(Arc<Pool>);

impl Loader<Uuid> for AccountById {
    type Value = Account;
    type Error = Arc<tokio_postgres::Error>;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Account>, Self::Error> {
        let sql = "SELECT id, name, corporate_number FROM golden_accounts WHERE id = ANY($1)";
        let rows = self.0.query(sql, &[&keys]).await?;
        Ok(rows.iter().map(|row| (row.get(0), account(row))).collect())
    }
}

impl Loader<Uuid> for PartnerById {
    type Value = Partner;
    type Error = Arc<tokio_postgres::Error>;

    async fn load(&self, keys: &[Uuid]) -> Result<HashMap<Uuid, Partner>, Self::Error> {
        let sql = "SELECT id, legal_name, status FROM partners WHERE id = ANY($1)";
        let rows = self.0.query(sql, &[&keys]).await?;
        Ok(rows.iter().map(|row| (row.get(0), partner(row))).collect())
    }
}

const LEAD: &str = "SELECT id, last_name, first_name, company, email, phone, stage, region, updated_at, account_id, assigned_partner_id FROM golden_leads";

#[Object]
impl Query {
    async fn lead(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Lead>> {
        let id: Uuid = NodeId::decode(&id, NodeType::Lead).map_err(|it| it.to_string())?;
        let rows = ctx.data::<Arc<Pool>>()?.query(&format!("{LEAD} WHERE id = $1"), &[&id]).await?;
        Ok(rows.first().map(lead))
    }

    async fn leads(&self, ctx: &Context<'_>, first: i64, filter: Filter) -> async_graphql::Result<Leads> {
        let stages = vec!["NEW"; filter.stage.len()];
        let sql = format!(
            "{LEAD} WHERE stage = ANY($1) AND region = $2 AND archived_at IS NULL AND redirect_to IS NULL ORDER BY id DESC LIMIT $3"
        );
        let limit = first + 1;
        let rows = ctx.data::<Arc<Pool>>()?.query(&sql, &[&stages, &filter.region.eq, &limit]).await?;
        let has_next_page = rows.len() as i64 > first;
        let nodes = rows.iter().take(usize::try_from(first)?).map(lead).collect();
        Ok(Leads { nodes, page_info: PageInfo { has_next_page } })
    }

    async fn partner(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Partner>> {
        let id: Uuid = NodeId::decode(&id, NodeType::Partner).map_err(|it| it.to_string())?;
        let sql = "SELECT id, legal_name, status FROM partners WHERE id = $1";
        let rows = ctx.data::<Arc<Pool>>()?.query(sql, &[&id]).await?;
        Ok(rows.first().map(partner))
    }
}

#[ComplexObject]
impl Lead {
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Account>> {
        let Some(id) = self.account_id else { return Ok(None) };
        Ok(ctx.data::<DataLoader<AccountById>>()?.load_one(id).await?)
    }

    async fn assigned_partner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Partner>> {
        let Some(id) = self.partner_id else { return Ok(None) };
        Ok(ctx.data::<DataLoader<PartnerById>>()?.load_one(id).await?)
    }
}

#[ComplexObject]
impl Partner {
    async fn leads(&self, ctx: &Context<'_>, first: i64) -> async_graphql::Result<Vec<Lead>> {
        let sql = format!(
            "{LEAD} WHERE assigned_partner_id = $1 AND archived_at IS NULL AND redirect_to IS NULL ORDER BY id DESC LIMIT $2"
        );
        let rows = ctx.data::<Arc<Pool>>()?.query(&sql, &[&self.key, &first]).await?;
        Ok(rows.iter().map(lead).collect())
    }

    async fn opportunities(&self, ctx: &Context<'_>, first: i64) -> async_graphql::Result<Vec<Opportunity>> {
        let sql = "SELECT id, name, stage, close_date, is_won FROM golden_opportunities WHERE sourcing_partner_id = $1 AND archived_at IS NULL AND redirect_to IS NULL ORDER BY id DESC LIMIT $2";
        let rows = ctx.data::<Arc<Pool>>()?.query(sql, &[&self.key, &first]).await?;
        Ok(rows.iter().map(opportunity).collect())
    }
}

fn lead(row: &Row) -> Lead {
    Lead {
        id: NodeId::encode(NodeType::Lead, row.get::<_, Uuid>(0)),
        last_name: row.get(1),
        first_name: row.get(2),
        company: row.get(3),
        email: row.get(4),
        phone: row.get(5),
        stage: row.get(6),
        region: row.get(7),
        updated_at: row.get(8),
        account_id: row.get(9),
        partner_id: row.get(10),
    }
}

fn account(row: &Row) -> Account {
    let id = NodeId::encode(NodeType::Account, row.get::<_, Uuid>(0));
    Account { id, name: row.get(1), corporate_number: row.get(2) }
}

fn partner(row: &Row) -> Partner {
    let key: Uuid = row.get(0);
    Partner { id: NodeId::encode(NodeType::Partner, key), legal_name: row.get(1), status: row.get(2), key }
}

fn opportunity(row: &Row) -> Opportunity {
    Opportunity {
        id: NodeId::encode(NodeType::Opportunity, row.get::<_, Uuid>(0)),
        name: row.get(1),
        stage: row.get(2),
        close_date: row.get(3),
        is_won: row.get(4),
    }
}

/// The schema at `/graphql`. Loaders live as long as a request, so that nothing is remembered between them.
pub async fn router(database: &str) -> Result<Router> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        tokio::spawn(connection);
        clients.push(client);
    }
    let pool = Arc::new(Pool { clients, next: AtomicUsize::new(0) });
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
    Ok(Router::new().route("/graphql", post(answer)).with_state((schema, pool)))
}

async fn answer(
    State((schema, pool)): State<(Api, Arc<Pool>)>,
    Json(request): Json<Request>,
) -> Json<Response> {
    let accounts =
        DataLoader::new(AccountById(Arc::clone(&pool)), TokioSpawner::current(), TokioTimer::default());
    let partners =
        DataLoader::new(PartnerById(Arc::clone(&pool)), TokioSpawner::current(), TokioTimer::default());
    Json(schema.execute(request.data(accounts).data(partners).data(pool)).await)
}
