//! The allowance, asked for by itself.
//!
//! Here: `/limits`. Not here: the header that every answer carries (`client`), who may use what is left
//! (`crate::http::budget`).

use serde::Deserialize;

use super::client::{Call, Client};
use crate::connector::ApiBudget;
use crate::error::ConnectorError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Limits {
    daily_api_requests: Share,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Share {
    max: u64,
    remaining: u64,
}

/// How much is used. Asked even when nothing is left for anything else.
pub(super) async fn read(client: &Client) -> Result<ApiBudget, ConnectorError> {
    let call = Call { is_free: true, ..Call::get(client.path("/limits"), "the limits") };
    let Share { max, remaining } =
        client.call(&call, |answer| answer.json::<Limits>()).await?.daily_api_requests;
    let budget = ApiBudget { used: max.saturating_sub(remaining), limit: max };
    client.note(budget);
    Ok(budget)
}
