//! The least that answers: a statement for each list, rows written as they come, nothing asked of the caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, NaiveDate, Utc};
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

/// As many as the gateway's pool has.
const CONNECTIONS: usize = 8;

const COLUMNS: &str = "SELECT l.id, l.last_name, l.first_name, l.company, l.email, l.phone, l.stage, l.region, l.updated_at, a.id, a.name, a.corporate_number, p.id, p.legal_name, p.status FROM golden_leads l LEFT JOIN golden_accounts a ON a.id = l.account_id LEFT JOIN partners p ON p.id = l.assigned_partner_id";
const PARTNER: &str = "SELECT legal_name, status FROM partners WHERE id = $1";
const LEADS: &str = "SELECT id, last_name, company, stage, updated_at FROM golden_leads WHERE assigned_partner_id = $1 AND archived_at IS NULL AND redirect_to IS NULL ORDER BY id DESC LIMIT 20";
const OPPORTUNITIES: &str = "SELECT id, name, stage, close_date, is_won FROM golden_opportunities WHERE sourcing_partner_id = $1 AND archived_at IS NULL AND redirect_to IS NULL ORDER BY id DESC LIMIT 20";

/// A connection with what is prepared on it.
struct Connection {
    client: Client,
    lead: Statement,
    page: Statement,
    partner: Statement,
    leads: Statement,
    opportunities: Statement,
}

struct Pool {
    connections: Vec<Connection>,
    next: AtomicUsize,
}

impl Pool {
    fn get(&self) -> &Connection {
        &self.connections[self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len()]
    }
}

#[derive(Deserialize)]
struct Asked {
    id: String,
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

#[derive(Serialize)]
struct OneLead<'a> {
    lead: Option<Lead<'a>>,
}

#[derive(Serialize)]
struct Leads<'a> {
    leads: Page<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    nodes: Vec<Lead<'a>>,
    page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lead<'a> {
    id: String,
    last_name: Option<&'a str>,
    first_name: Option<&'a str>,
    company: Option<&'a str>,
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    stage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    updated_at: DateTime<Utc>,
    account: Option<Account<'a>>,
    assigned_partner: Option<Partner<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    id: String,
    name: Option<&'a str>,
    corporate_number: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Partner<'a> {
    id: String,
    legal_name: &'a str,
    status: &'a str,
}

#[derive(Serialize)]
struct OnePartner<'a> {
    partner: WithLists<'a>,
}

#[derive(Serialize)]
struct WithLists<'a> {
    #[serde(flatten)]
    partner: Partner<'a>,
    leads: Vec<ShortLead<'a>>,
    opportunities: Vec<Opportunity<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShortLead<'a> {
    id: String,
    last_name: Option<&'a str>,
    company: Option<&'a str>,
    stage: Option<&'a str>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opportunity<'a> {
    id: String,
    name: Option<&'a str>,
    stage: Option<&'a str>,
    close_date: Option<NaiveDate>,
    is_won: Option<bool>,
}

/// The three handlers.
pub async fn router(database: &str) -> Result<Router> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        tokio::spawn(connection);
        connections.push(Connection {
            lead: client.prepare(&format!("{COLUMNS} WHERE l.id = $1")).await?,
            page: client
                .prepare(&format!(
                    "{COLUMNS} WHERE l.stage = 'NEW' AND l.region = $1 AND l.archived_at IS NULL AND l.redirect_to IS NULL ORDER BY l.id DESC LIMIT 51"
                ))
                .await?,
            partner: client.prepare(PARTNER).await?,
            leads: client.prepare(LEADS).await?,
            opportunities: client.prepare(OPPORTUNITIES).await?,
            client,
        });
    }
    let pool = Arc::new(Pool { connections, next: AtomicUsize::new(0) });
    let router = Router::new().route("/lead", get(lead)).route("/page", get(page));
    Ok(router.route("/partner", get(partner)).with_state(pool))
}

async fn lead(State(pool): State<Arc<Pool>>, Query(asked): Query<Asked>) -> Result<Response, Failed> {
    let id: Uuid = NodeId::decode(&asked.id.into(), NodeType::Lead)?;
    let on = pool.get();
    let row = on.client.query_opt(&on.lead, &[&id]).await?;
    Ok(Json(Data { data: OneLead { lead: row.as_ref().map(|it| of_row(it, true)) } }).into_response())
}

async fn page(State(pool): State<Arc<Pool>>, Query(asked): Query<Asked>) -> Result<Response, Failed> {
    let on = pool.get();
    let rows = on.client.query(&on.page, &[&asked.id]).await?;
    let nodes = rows.iter().take(50).map(|it| of_row(it, false)).collect();
    let page_info = PageInfo { has_next_page: rows.len() > 50 };
    Ok(Json(Data { data: Leads { leads: Page { nodes, page_info } } }).into_response())
}

async fn partner(State(pool): State<Arc<Pool>>, Query(asked): Query<Asked>) -> Result<Response, Failed> {
    let id: Uuid = NodeId::decode(&asked.id.into(), NodeType::Partner)?;
    let on = pool.get();
    let bound: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[&id];
    let (partner, leads, opportunities) = tokio::try_join!(
        on.client.query_one(&on.partner, bound),
        on.client.query(&on.leads, bound),
        on.client.query(&on.opportunities, bound),
    )?;
    let partner = WithLists {
        partner: Partner {
            id: global(NodeType::Partner, id),
            legal_name: partner.get(0),
            status: partner.get(1),
        },
        leads: leads.iter().map(short).collect(),
        opportunities: opportunities.iter().map(opportunity).collect(),
    };
    Ok(Json(Data { data: OnePartner { partner } }).into_response())
}

fn of_row(row: &Row, is_alone: bool) -> Lead<'_> {
    let alone = |at: usize| if is_alone { row.get(at) } else { None };
    let account = row.get::<_, Option<Uuid>>(9).map(|id| Account {
        id: global(NodeType::Account, id),
        name: row.get(10),
        corporate_number: row.get(11),
    });
    let assigned_partner = row.get::<_, Option<Uuid>>(12).map(|id| Partner {
        id: global(NodeType::Partner, id),
        legal_name: row.get(13),
        status: row.get(14),
    });
    Lead {
        id: global(NodeType::Lead, row.get(0)),
        last_name: row.get(1),
        first_name: row.get(2),
        company: row.get(3),
        email: row.get(4),
        phone: alone(5),
        stage: row.get(6),
        region: alone(7),
        updated_at: row.get(8),
        account,
        assigned_partner,
    }
}

fn short(row: &Row) -> ShortLead<'_> {
    ShortLead {
        id: global(NodeType::Lead, row.get(0)),
        last_name: row.get(1),
        company: row.get(2),
        stage: row.get(3),
        updated_at: row.get(4),
    }
}

fn opportunity(row: &Row) -> Opportunity<'_> {
    Opportunity {
        id: global(NodeType::Opportunity, row.get(0)),
        name: row.get(1),
        stage: row.get(2),
        close_date: row.get(3),
        is_won: row.get(4),
    }
}

fn global(of: NodeType, id: Uuid) -> String {
    NodeId::encode(of, id).0
}

/// Whatever went wrong; the load generator wants none of it.
struct Failed(String);

impl<E: std::fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}
