//! What the CRM's people do and plain REST cannot: convert a lead, merge records.
//!
//! Reached only through the admin endpoints and the in-process handle.

use super::Org;
use super::derived::derive;
use super::input::Changes;
use super::journal::Operation;
use super::record_id::RecordId;
use super::schema::{Kind, Object, ObjectSchema, Slot, picklists};
use super::value::{Value, ValueRef};
use crate::rest::error::{ApiError, Code};

/// What a conversion made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Converted {
    pub(crate) account: RecordId,
    pub(crate) contact: RecordId,
    pub(crate) opportunity: RecordId,
}

impl Org {
    /// Makes an account (or takes the given one), a contact and an opportunity of a lead.
    pub(crate) fn convert_lead(
        &mut self,
        lead: RecordId,
        account: Option<RecordId>,
        by: RecordId,
    ) -> Result<Converted, Vec<ApiError>> {
        let one = |error| vec![error];
        let schema = self.schema(Object::Lead);
        let values = self.live(lead).map_err(one)?.row.unpack(schema.slots);
        let is_converted =
            lead.object != Object::Lead || values[schema.slot("IsConverted")] == Value::Bool(true);
        if is_converted {
            return Err(one(ApiError::new(
                Code::CannotUpdateConvertedLead,
                "cannot reference converted lead",
            )));
        }
        let account = match account {
            Some(it) => self.live(it).map(|it| it.id).map_err(one)?,
            None => self.create(Object::Account, self.account_of(&values), by)?,
        };
        let contact = self.create(Object::Contact, self.contact_of(&values, account), by)?;
        let opportunity = self.create(Object::Opportunity, self.opportunity_of(&values, account), by)?;
        let converted = Converted { account, contact, opportunity };
        self.mark_converted(lead, values, converted, by);
        Ok(converted)
    }

    /// Keeps `master`; the others go to the recycle bin pointing at it, their children move over.
    pub(crate) fn merge(
        &mut self,
        master: RecordId,
        losers: &[RecordId],
        by: RecordId,
    ) -> Result<(), ApiError> {
        self.live(master)?;
        let is_allowed = master.object.is_mergeable()
            && (1..=2).contains(&losers.len())
            && losers.iter().all(|it| it.object == master.object && *it != master);
        if !is_allowed {
            let message = "merge one or two other records of one mergeable object into the master";
            return Err(ApiError::new(Code::InvalidField, message));
        }
        for loser in losers {
            self.live(*loser)?;
        }
        for loser in losers {
            self.move_children(*loser, master, by);
            let slot = self.schema(master.object).slot("MasterRecordId");
            if let Some(mut values) =
                self.record(*loser).map(|it| it.row.unpack(self.schema(master.object).slots))
            {
                values[slot] = Value::Id(master);
                self.rewrite(*loser, &values, by, Operation::Delete);
            }
        }
        self.restamp(master, by, Operation::Update);
        Ok(())
    }

    fn account_of(&self, lead: &[Value]) -> Changes {
        self.named(Object::Account, [("Name", of_lead(lead, "Company")), ("Phone", of_lead(lead, "Phone"))])
    }

    fn contact_of(&self, lead: &[Value], account: RecordId) -> Changes {
        let same = |name| (name, of_lead(lead, name));
        let values = [
            ("AccountId", Value::Id(account)),
            same("LastName"),
            same("FirstName"),
            same("Email"),
            same("Phone"),
        ];
        self.named(Object::Contact, values)
    }

    fn opportunity_of(&self, lead: &[Value], account: RecordId) -> Changes {
        let company = match of_lead(lead, "Company") {
            // A company's name may be longer than a deal's.
            Value::Text(text) => Value::Text(text.chars().take(120).collect()),
            other => other,
        };
        let values = [
            ("AccountId", Value::Id(account)),
            ("Name", company),
            ("StageName", Value::text("Prospecting")),
            ("CloseDate", Value::Date((self.clock.seconds() / 86_400) as i32 + 90)),
        ];
        self.named(Object::Opportunity, values)
    }

    fn mark_converted(&mut self, lead: RecordId, mut values: Vec<Value>, converted: Converted, by: RecordId) {
        let schema = self.schema(Object::Lead);
        let before = values.clone();
        let now = self.clock.seconds();
        for (name, value) in [
            ("IsConverted", Value::Bool(true)),
            ("Status", Value::text(picklists::CONVERTED_STATUS)),
            ("ConvertedDate", Value::Date((now / 86_400) as i32)),
            ("ConvertedAccountId", Value::Id(converted.account)),
            ("ConvertedContactId", Value::Id(converted.contact)),
            ("ConvertedOpportunityId", Value::Id(converted.opportunity)),
        ] {
            values[schema.slot(name)] = value;
        }
        derive(Object::Lead, &before, &mut values, now);
        self.rewrite(lead, &values, by, Operation::Update);
    }

    fn named<const N: usize>(&self, object: Object, values: [(&str, Value); N]) -> Changes {
        let index =
            |name: &str| self.schema(object).index_of(name).expect("the schema tables name this field");
        values.into_iter().map(|(name, value)| (index(name), value)).collect()
    }

    /// Re-points every reference; each child gets a new stamp.
    fn move_children(&mut self, from: RecordId, to: RecordId, by: RecordId) {
        for child in Object::ALL {
            let schema = self.schema(child);
            let is_to_parent =
                |kind: Kind| matches!(kind, Kind::Reference { to, .. } if to.contains(&from.object));
            let slots: Vec<usize> = schema
                .fields
                .iter()
                .filter(|it| is_to_parent(it.kind) && it.name != "MasterRecordId")
                .filter_map(|it| if let Slot::Stored(slot) = it.slot { Some(slot as usize) } else { None })
                .collect();
            let points = |slot: &usize, record: &super::table::Record| {
                record.row.get(*slot as u8) == ValueRef::Id(from)
            };
            let records = self.table(child).iter().filter(|it| slots.iter().any(|slot| points(slot, it)));
            let changed: Vec<_> = records.map(|it| (it.id, it.row.unpack(schema.slots))).collect();
            for (id, mut values) in changed {
                for slot in slots.iter().filter(|slot| values[**slot] == Value::Id(from)).collect::<Vec<_>>()
                {
                    values[*slot] = Value::Id(to);
                }
                self.rewrite(id, &values, by, Operation::Update);
            }
        }
    }
}

fn of_lead(values: &[Value], name: &str) -> Value {
    values[ObjectSchema::of(Object::Lead).slot(name)].clone()
}
