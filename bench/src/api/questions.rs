//! What is asked: the same of every server.

use anyhow::Result;
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use serde_json::{Value, json};
use tokio_postgres::NoTls;
use uuid::Uuid;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// One lead with its account and partner.
    Lead,
    /// A filtered page of 50 leads, each with its account and partner.
    Page,
    /// A partner with its 20 newest leads and opportunities.
    Partner,
}

const LEAD: &str = "query Lead($id: ID!) { lead(id: $id) { id lastName firstName company email phone stage region updatedAt account { id name corporateNumber } assignedPartner { id legalName status } } }";
const PAGE: &str = "query Page($id: String!) { leads(first: 50, filter: { stage: [NEW], region: { eq: $id } }) { nodes { id lastName firstName company email stage updatedAt account { id name corporateNumber } assignedPartner { id legalName status } } pageInfo { hasNextPage } } }";
const PARTNER: &str = "query Partner($id: ID!) { partner(id: $id) { id legalName status leads(first: 20) { id lastName company stage updatedAt } opportunities(first: 20) { id name stage closeDate isWon } } }";

impl Question {
    pub const ALL: [Self; 3] = [Self::Lead, Self::Page, Self::Partner];

    /// The path of the handler that was written for it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Lead => "/lead",
            Self::Page => "/page",
            Self::Partner => "/partner",
        }
    }

    /// As GraphQL over HTTP.
    pub fn body(self, id: &str) -> Value {
        let query = match self {
            Self::Lead => LEAD,
            Self::Page => PAGE,
            Self::Partner => PARTNER,
        };
        json!({ "query": query, "variables": { "id": id } })
    }

    /// What may be asked for: global ids of records, or regions.
    pub async fn ids(self, database: &str) -> Result<Vec<String>> {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        let connection = tokio::spawn(connection);
        let ids = match self {
            Self::Lead => global(&client, "golden_leads", NodeType::Lead).await?,
            Self::Partner => global(&client, "partners", NodeType::Partner).await?,
            Self::Page => (1..=47).map(|it| format!("region {it}")).collect(),
        };
        connection.abort();
        Ok(ids)
    }
}

async fn global(client: &tokio_postgres::Client, table: &str, of: NodeType) -> Result<Vec<String>> {
    let rows =
        client.query(&format!("SELECT id FROM {table} ORDER BY md5(id::text) LIMIT 5000"), &[]).await?;
    Ok(rows.iter().map(|row| NodeId::encode(of, row.get::<_, Uuid>(0)).to_string()).collect())
}
