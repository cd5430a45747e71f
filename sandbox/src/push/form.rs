//! What a delivery says: change events as JSON, outbound messages as SOAP.
//!
//! Values are left out: whoever is told reads the record. Not here: sending it (`courier`).

use serde_json::{Value as Json, json};

use super::feed::ChangeEvent;
use crate::org::journal::Operation;
use crate::state::{State, organization_id};

/// An array of change events.
pub(super) fn change_events(events: &[ChangeEvent]) -> String {
    Json::Array(events.iter().map(change_event).collect()).to_string()
}

fn change_event(event: &ChangeEvent) -> Json {
    let kind = match event.operation {
        Operation::Create => "CREATE",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Undelete => "UNDELETE",
    };
    let header = json!({
        "entityName": event.id.object.name(),
        "recordIds": [event.id.to_string()],
        "changeType": kind,
        "changeOrigin": "com/salesforce/api/rest/62.0",
        "transactionKey": format!("{:08x}-{:012x}", event.at, event.replay_id),
        "sequenceNumber": 1,
        "commitTimestamp": event.at * 1000,
        "commitNumber": event.replay_id,
        "commitUser": event.by.to_string(),
        "nulledFields": [],
        "diffFields": [],
        "changedFields": if event.operation == Operation::Update { json!(event.changed) } else { json!([]) },
    });
    json!({
        "schema": "IeRuaY6cbI_HsV8Rv1Mc5g",
        "payload": {"ChangeEventHeader": header},
        "event": {"replayId": event.replay_id},
    })
}

/// The notifications of one object in one envelope.
pub(super) fn outbound_message(state: &State, subscription: usize, events: &[ChangeEvent]) -> String {
    let notifications: String = events.iter().map(notification).collect();
    let (organization, base) = (organization_id(), state.base_url());
    let action = crate::org::record_id::foreign("04k", subscription as u32 + 1);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{organization}</OrganizationId>
   <ActionId>{action}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>{base}/services/Soap/c/62.0</EnterpriseUrl>
   <PartnerUrl>{base}/services/Soap/u/62.0</PartnerUrl>
{notifications}  </notifications>
 </soapenv:Body>
</soapenv:Envelope>"#
    )
}

fn notification(event: &ChangeEvent) -> String {
    let (object, id) = (event.id.object.name(), event.id);
    let number = crate::org::record_id::foreign("04l", event.replay_id as u32);
    format!(
        r#"   <Notification>
    <Id>{number}</Id>
    <sObject xsi:type="sf:{object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>{id}</sf:Id>
    </sObject>
   </Notification>
"#
    )
}
