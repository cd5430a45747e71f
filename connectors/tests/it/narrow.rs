//! Reading what is too much at once, what moves no stamp, and what the CRM changed about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connectors::mapping::Mapping;
use connectors::salesforce::Config;
use connectors::{Connector, ConnectorError, Position, SchemaDescription, SchemaDrift, SchemaEffect};
use domain::fields::RecordKind::{Lead, Opportunity};
use domain::fields::{lead, opportunity};
use domain::sources::ValueState;
use sandbox::{Fault, FaultKind, When};

use crate::contract::{ConnectorUnderTest, all_pages, ids, records};
use crate::salesforce::SandboxedSalesforce;

#[tokio::test]
async fn what_times_out_is_read_in_slices_and_in_the_same_order() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let expected = ids(&crm.leads().await);
    let slow = Fault::new(FaultKind::SlowQuery { most: 90 }).on("/services/data/*/queryAll");
    crm.sandbox.faults().inject(slow.when(When::Always));
    let pages = all_pages(&*connector, Lead, Position::Start).await;
    assert!(pages.len() > 7, "{}", pages.len());
    assert_eq!(ids(&records(&pages)), expected);
    let first = pages.iter().find_map(|it| it.last.clone()).unwrap();
    let behind = ids(&records(&all_pages(&*connector, Lead, Position::After(first.clone())).await));
    let place = expected.iter().position(|it| *it == first.external_id).unwrap();
    assert_eq!(behind, expected[place + 1..]);
}

#[tokio::test]
async fn a_change_during_a_sliced_reading_comes_in_a_later_slice() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let expected: BTreeSet<_> = ids(&crm.leads().await).into_iter().collect();
    let slow = Fault::new(FaultKind::SlowQuery { most: 250 }).on("/services/data/*/queryAll");
    crm.sandbox.faults().inject(slow.when(When::Always));
    let first = connector.read_page(Lead, &Position::Start).await.unwrap();
    crm.let_pass(30).await;
    let unread =
        expected.iter().find(|it| !ids(&records(std::slice::from_ref(&first))).contains(it)).unwrap();
    crm.edit(unread).await;
    let rest = all_pages(&*connector, Lead, Position::Next(first.next.clone().unwrap())).await;
    let mut read = ids(&records(&rest));
    read.extend(ids(&records(&[first])));
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), expected);
    let changed = records(&rest).into_iter().rfind(|it| it.key.external_id == *unread).unwrap();
    assert_eq!(changed.values.text(lead::title), Some("changed by somebody else"));
}

/// Every id, as pages of ids tell them, and how many there are said to be.
async fn all_ids(connector: &dyn Connector) -> (Vec<String>, BTreeSet<Option<u64>>) {
    let (mut ids, mut totals, mut next) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let page = connector.ids(Lead, next.as_deref()).await.unwrap();
        ids.extend(page.ids.into_iter().map(|it| it.external_id));
        totals.insert(page.total);
        next = page.next;
        if next.is_none() {
            return (ids, totals);
        }
    }
}

#[tokio::test]
async fn ids_that_cannot_be_listed_at_once_are_listed_behind_one_another() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let expected = all_ids(&*connector).await;
    assert!(expected.0.is_sorted() && expected.1 == [Some(expected.0.len() as u64)].into());
    let query = "/services/data/*/query";
    let lost = FaultKind::Refusal { code: "INVALID_QUERY_LOCATOR".to_owned() };
    crm.sandbox.faults().inject(Fault::new(lost).on(query));
    assert_eq!(all_ids(&*connector).await, expected, "the cursor was lost in the middle");
    assert!(crm.sandbox.faults().pending().is_empty());
    let slow = Fault::new(FaultKind::SlowQuery { most: 250 }).on("/services/data/*/queryAll");
    crm.sandbox.faults().inject(slow.when(When::Always));
    assert_eq!(all_ids(&*connector).await, expected, "all at once was too much");
}

#[tokio::test]
async fn each_slice_tells_its_own_size() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let slow = Fault::new(FaultKind::SlowQuery { most: 90 }).on("/services/data/*/queryAll");
    crm.sandbox.faults().inject(slow.when(When::Always));
    let pages = all_pages(&*connector, Lead, Position::Start).await;
    let mut sizes: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for page in &pages {
        let size = sizes.entry(page.part).or_insert((page.total.unwrap(), 0));
        size.1 += page.records.len() as u64;
    }
    assert!(sizes.len() > 7 && sizes.values().all(|(told, came)| told == came), "{sizes:?}");
}

#[tokio::test]
async fn a_mapping_to_a_field_of_another_type_is_refused() {
    let crm = SandboxedSalesforce::start().await;
    let mapping = "[opportunity]\nobject = \"Opportunity\"\nfields = { close_date = \"Name\" }";
    let config = Config { mapping: Arc::new(Mapping::parse(mapping).unwrap()), ..crm.config() };
    let error = crm.connecting(config).check().await.unwrap_err();
    assert!(
        matches!(&error, ConnectorError::WrongCrmFieldType { key, .. } if key == "opportunity.close_date"),
        "{error}"
    );
}

#[tokio::test]
async fn what_moves_no_stamp_is_read_by_itself() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    let computed = connector.computed_fields(Opportunity).await.unwrap();
    assert!(computed.contains(&opportunity::owner), "the owner's name changes without the opportunity");
    let whole = records(&all_pages(&*connector, Opportunity, Position::Start).await);
    let live: Vec<_> = whole.iter().filter(|it| !it.is_deleted).collect();
    let (mut read, mut totals) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        let page = connector.read_fields(Opportunity, &computed, after.as_deref()).await.unwrap();
        read.extend(records(std::slice::from_ref(&page)));
        totals.push(page.total);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((read.len(), totals[0]), (live.len(), Some(live.len() as u64)));
    assert!(ids(&read).is_sorted());
    for record in &read {
        let known = live.iter().find(|it| it.key == record.key).unwrap();
        assert_eq!(record.values.get(opportunity::owner), known.values.get(opportunity::owner));
        assert_eq!(record.values.get(opportunity::name), ValueState::Absent);
    }
}

#[tokio::test]
async fn a_field_that_vanishes_is_told_with_what_it_means() {
    let crm = SandboxedSalesforce::start().await;
    let connector = crm.connector();
    crm.sandbox.admin().reset_requests();
    let before = connector.refresh_schema(&SchemaDescription::default()).await.unwrap().description;
    let data_calls: u64 =
        crm.sandbox.admin().requests().iter().filter(|(it, _)| !it.contains("token")).map(|(_, n)| n).sum();
    assert_eq!((data_calls, before.objects.len()), (1, 4), "all objects with one request");
    let kept = serde_json::to_string(&before).unwrap();
    crm.sandbox.admin().hide_field("Lead", "Email").unwrap();
    crm.sandbox.admin().hide_field("Lead", "Fax").unwrap();
    let before: SchemaDescription = serde_json::from_str(&kept).unwrap();
    let now = connector.refresh_schema(&before).await.unwrap();
    let told: Vec<_> = now.changes.iter().map(|it| (&*it.field, &it.drift, it.effect)).collect();
    let vanished = SchemaDrift::Vanished;
    assert_eq!(
        told,
        [("Email", &vanished, SchemaEffect::BecomesAbsent), ("Fax", &vanished, SchemaEffect::Harmless)]
    );
    assert_eq!(now.changes[0].mapped_as, ["lead.email"]);
    let page = connector.read_page(Lead, &Position::Start).await.unwrap();
    assert!(records(&[page]).iter().all(|it| it.values.get(lead::email) == ValueState::Absent));
    crm.sandbox.admin().show_field("Lead", "Email").unwrap();
    let again = connector.refresh_schema(&now.description).await.unwrap();
    assert_eq!((again.changes.len(), again.changes[0].effect), (1, SchemaEffect::MayBeRead));
}

#[tokio::test]
async fn a_converted_lead_names_what_it_became() {
    let crm = SandboxedSalesforce::start().await;
    let open = crm.open_lead().await;
    assert_eq!(open.conversion(), None);
    let [account, contact, opportunity] =
        crm.sandbox.admin().convert_lead(&open.key.external_id, None).unwrap();
    let converted = crm.lead(&open.key.external_id).await;
    let became = converted.conversion().unwrap();
    assert_eq!(
        (became.account, became.contact, became.opportunity),
        (Some(&*account), Some(&*contact), Some(&*opportunity))
    );
}
