//! Queries to start with: those that the README explains.

use domain::access::Role;

/// A query, and who may ask it.
pub(super) struct Example {
    /// What it shows.
    pub(super) title: &'static str,
    /// The document.
    pub(super) query: &'static str,
    /// Whose tokens it works with.
    pub(super) roles: &'static [Role],
}

const STAFF: &[Role] = &[Role::Admin, Role::ChannelManager, Role::DataSteward];
const PARTNERS: &[Role] = &[Role::PartnerAdmin, Role::PartnerRep];

/// The queries that the README explains.
pub(super) const EXAMPLES: &[Example] = &[
    Example {
        title: "Leads from the CRM, the partners of our store that work them, and why each value is served",
        query: r#"{
  leads(first: 3, orderBy: CREATED_ASC, filter: { isAssigned: true }) {
    nodes {
      lastName firstName company phone stage
      account { name corporateNumber }
      assignedPartner { displayName }
      sourceRecords { system externalId }
      provenance(fields: ["company", "phone", "assignedPartner"]) {
        label value source ruleLabel
        losers { value sourceRecord { externalId } lostAtLabel }
      }
    }
  }
}"#,
        roles: Role::ALL,
    },
    Example {
        title: "An account with everything that is known of it; a partner sees only its own part",
        query: r#"{
  accounts(first: 2, filter: { industry: { contains: "情報" } }) {
    totalCount
    nodes {
      name nameKana corporateNumber region
      leads(first: 3) { lastName stage assignedPartner { displayName } }
      opportunities(first: 3) { name stage amount { amount currency } closeDate }
    }
  }
}"#,
        roles: Role::ALL,
    },
    Example {
        title: "Partners, their people and their newest leads",
        query: r#"{
  partners(first: 5) {
    nodes { displayName status users { familyName role } leads(first: 2) { company stage account { name } } }
  }
}"#,
        roles: Role::ALL,
    },
    Example {
        title: "Who sells for us: partners with their tiers",
        query: r#"{
  partners(first: 40) {
    totalCount
    nodes { displayName types status tier { code rank since } }
  }
}"#,
        roles: Role::ALL,
    },
    Example {
        title: "My deal registrations: what was decided, why, and how long the deal is mine (as a partner)",
        query: r#"{
  dealRegistrations(first: 20) {
    nodes {
      companyName dealType status priorityTime expiresAt
      standing { finding code ruleName reason conflictStatus appealUntil }
    }
  }
}"#,
        roles: Role::ALL,
    },
    Example {
        title: "Channel conflicts, and the rule that decided each (as staff)",
        query: r#"{
  channelConflicts(first: 10) {
    totalCount
    nodes {
      types status outcome
      parties { kind partner { displayName } }
      verdict {
        decidedBy policy
        trace { rule answer reason removed { claim { kind } code } }
        sources { system watermark }
      }
    }
  }
}"#,
        roles: STAFF,
    },
    Example {
        title: "May I? Asked before a deal is registered; it reserves nothing (as a partner)",
        query: r#"{
  checkDealRegistration(input: { companyName: "株式会社 極洋", products: ["CLOUD"], dealType: NEW }) { answer message }
}"#,
        roles: PARTNERS,
    },
];
