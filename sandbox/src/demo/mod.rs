//! Seeded demo data: the same seed gives the same org, byte for byte.
//!
//! Real companies from a public list (`companies`), invented people at them (`people`), and leads
//! with the duplicates people make (`leads`, `duplicates`). All stamps are fixed instants, never
//! relative to now.

mod activities;
mod companies;
mod companies_text;
mod crm;
mod dice;
mod duplicates;
mod lead_rows;
mod leads;
mod names;
mod people;
mod rows;
mod users;

use crate::org::Org;
use dice::{Dice, Stream};
use lead_rows::LeadRows;

/// What the generator knows of a lead and the CRM does not: who it really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// `Lead.External_Id__c`.
    pub external_id: String,
    /// Equal for leads that are the same person at the same company; unequal for all others.
    pub person: u32,
    /// 法人番号 of the person's company; `None` for a subsidiary or branch that has none in our list.
    pub corporate_number: Option<String>,
}

/// Who the leads of a demo org of this size and seed really are, in the order of their external ids.
pub fn truth(leads: usize, seed: u64) -> Vec<Truth> {
    let companies = companies::all();
    let contacts = people::contacts(&companies, seed);
    let opportunities = crm::opportunities(&companies, &contacts, leads, seed);
    let mut truth: Vec<Option<Truth>> = vec![None; leads];
    leads::each(&companies, &contacts, &opportunities, leads, seed, |place, lead| {
        truth[place] = Some(Truth {
            external_id: leads::external_id(place),
            person: lead.person,
            corporate_number: lead.home.map(|it| companies[it].corporate_number.clone()),
        });
    });
    truth.into_iter().flatten().collect()
}

/// Fills an org: its users always, everything else when `leads` says how many.
pub(crate) fn seed(org: &mut Org, leads: Option<usize>, seed: u64) {
    users::seed(org);
    let Some(count) = leads else { return };
    let companies = companies::all();
    let contacts = people::contacts(&companies, seed);
    let opportunities = crm::opportunities(&companies, &contacts, count, seed);
    crm::seed_campaigns(org, seed);
    crm::seed_accounts(org, &companies, seed);
    crm::seed_contacts(org, &companies, &contacts, seed);
    crm::seed_opportunities(org, &opportunities);
    let rows = LeadRows::new();
    leads::each(&companies, &contacts, &opportunities, count, seed, |place, lead| {
        rows.put(org, place, &lead)
    });
    activities::seed(org, contacts.len(), opportunities.len(), count, seed);
}

/// Dice for one kind of record, independent of how many of another kind were thrown.
fn dice(seed: u64, stream: Stream) -> Dice {
    Dice::new(seed, stream)
}

/// The company's place in the list stands for its account.
fn account_number(place: usize) -> u32 {
    place as u32 + 1
}
