//! Queries to start with: those that the README explains.

use chrono::{Months, NaiveDate};
use domain::access::Role;

/// What stands for dates in queries over a period.
const A_YEAR_AGO: &str = "A-YEAR-AGO";
const TODAY: &str = "TODAY";

/// A query, and who may ask it.
pub(super) struct Example {
    /// What it shows.
    pub(super) title: &'static str,
    /// The document.
    pub(super) query: &'static str,
    /// Whose tokens it works with.
    pub(super) roles: &'static [Role],
}

impl Example {
    /// The document for a day.
    pub(super) fn on(&self, today: NaiveDate) -> String {
        let year = self.query.replace(A_YEAR_AGO, &(today - Months::new(12)).to_string());
        year.replace(TODAY, &today.to_string())
    }
}

const STAFF: &[Role] = &[Role::Admin, Role::ChannelManager, Role::DataSteward];
const MANAGERS: &[Role] = &[Role::Admin, Role::ChannelManager];
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
    Example {
        title: "A channel manager's morning: what is wrong at which partner, and what shows it (as staff)",
        query: r#"{
  alerts(first: 20, filter: { status: [OPEN] }) {
    totalCount
    nodes { rule severity openedAt figures partner { displayName tier { code } } }
  }
}"#,
        roles: MANAGERS,
    },
    Example {
        title: "The year in figures, each with what it was counted from (as staff)",
        query: r#"{
  silent: kpi(code: SILENT_PARTNERS, period: { from: "A-YEAR-AGO", until: "TODAY" }) { ...receipt }
  tools: kpi(code: PROPOSAL_TOOL_UTILIZATION_RATE, period: { from: "A-YEAR-AGO", until: "TODAY" }) { ...receipt }
  training: kpi(code: TRAINING_PARTICIPATION_RATE, period: { from: "A-YEAR-AGO", until: "TODAY" }) { ...receipt }
  unresolved: kpi(code: FAQ_UNRESOLVED_RATE, period: { from: "A-YEAR-AGO", until: "TODAY" }) { ...receipt }
}
fragment receipt on KpiAnswer {
  kpi { name unit }
  figure { value numerator { total } denominator { total } exclusions { reason count } flags }
}"#,
        roles: MANAGERS,
    },
    Example {
        title: "The long tail: how often the people of each partner come (as staff)",
        query: r#"{
  kpi(code: LOGIN_FREQUENCY, period: { from: "A-YEAR-AGO", until: "TODAY" }, groupBy: PARTNER) {
    figure { value }
    groups { partner { displayName } figure { value } }
  }
}"#,
        roles: MANAGERS,
    },
    Example {
        title: "What a partner was given and learned; a partner sees only its own part",
        query: r#"{
  supportAssignments(first: 20) {
    nodes { stage dueAt isOverdue consumedAt partner { displayName } assetVersion { title } }
  }
  enrolments(first: 10) { nodes { status dueAt completedAt course { titleJa } partnerUser { familyName } } }
}"#,
        roles: &[Role::Admin, Role::ChannelManager, Role::PartnerAdmin, Role::PartnerRep],
    },
    Example {
        title: "Support content that says 提案書 anywhere",
        query: r#"{ searchAssets(text: "提案書", first: 5) { title tags body } }"#,
        roles: &[Role::Admin, Role::ChannelManager, Role::PartnerAdmin, Role::PartnerRep],
    },
    Example {
        title: "What people did last with our support (as staff, or as a partner its own)",
        query: r#"{
  engagementEvents(first: 10) { nodes { kind occurredAt partner { displayName } partnerUser { familyName } payload } }
}"#,
        roles: &[Role::Admin, Role::ChannelManager, Role::PartnerAdmin],
    },
];
