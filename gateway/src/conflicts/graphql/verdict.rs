//! A verdict as staff see it: every rule that was asked, and everything it rests on.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::conflicts::{
    ClaimKind, ConflictTrigger, ConflictType, OutcomeKind, Reason, Rule, RuleAnswer, Verdict,
};
use domain::registrations::RejectCode;
use entity::conflicts::conflict_verdict;

use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::registrations::graphql::DealRegistration;

/// What the rules said of a registration at one instant.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ConflictVerdict {
    /// Id of the verdict.
    id: ID,
    /// The instant of judging.
    evaluated_at: DateTime<Utc>,
    /// What made us look.
    occasion: ConflictTrigger,
    /// What came out.
    outcome: OutcomeKind,
    /// The claim that goes first, if one does.
    winner: Option<ConflictClaim>,
    /// What kinds of conflict it is.
    types: Vec<ConflictType>,
    /// The rule that settled it.
    decided_by: Option<Rule>,
    /// What each rule said, in the order in which they were asked.
    trace: Vec<RuleStep>,
    /// How recent the systems were that it rests on.
    sources: Vec<SourceFreshness>,
    /// Declared version and short hash of the policy that decided.
    policy: String,
    /// Id of the stored version of the policy; null where the configuration spoke.
    policy_version_id: Option<ID>,
    /// The verdict with every fact it rests on and when each was read, in the one form that is stored and compared.
    canonical_json: String,
    /// What was new since the verdict before, as JSON.
    diff: Option<String>,
    #[graphql(skip)]
    registration: domain::ids::RegistrationId,
}

/// A claim, by the record it rests on.
#[derive(SimpleObject)]
pub struct ConflictClaim {
    /// The kind of record.
    kind: ClaimKind,
    /// Id of the record: registration, lead, installed product or opportunity.
    id: ID,
}

/// What one rule said.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RuleStep {
    /// The rule.
    rule: Rule,
    /// Its answer.
    answer: RuleAnswer,
    /// What it found.
    reason: Reason,
    /// The claims that it removed.
    removed: Vec<RemovedClaim>,
}

/// A claim that a rule removed.
#[derive(SimpleObject)]
pub struct RemovedClaim {
    /// Which.
    claim: ConflictClaim,
    /// What its partner is told.
    code: RejectCode,
}

/// How recent one system was.
#[derive(SimpleObject)]
pub struct SourceFreshness {
    /// Code of the system.
    system: String,
    /// Everything that changed there before this instant had been read.
    watermark: DateTime<Utc>,
    /// When the customer itself was looked up there, if it was.
    looked_up_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl RuleStep {
    /// The name of the rule in the caller's language.
    async fn rule_name(&self, ctx: &Context<'_>) -> &'static str {
        self.rule.label(ctx.data_unchecked::<RequestContext>().caller.language)
    }

    /// What it found, in the caller's language.
    async fn explanation(&self, ctx: &Context<'_>) -> &'static str {
        self.reason.label(ctx.data_unchecked::<RequestContext>().caller.language)
    }
}

#[ComplexObject]
impl ConflictVerdict {
    /// The registration that was judged.
    async fn registration(&self, ctx: &Context<'_>) -> Option<Result<DealRegistration>> {
        crate::registrations::graphql::by_id(ctx.data_unchecked(), self.registration).await.transpose()
    }
}

impl From<domain::conflicts::ClaimKey> for ConflictClaim {
    fn from(key: domain::conflicts::ClaimKey) -> Self {
        Self { kind: key.kind, id: ID(key.id.to_string()) }
    }
}

impl TryFrom<conflict_verdict::Model> for ConflictVerdict {
    type Error = Error;

    fn try_from(row: conflict_verdict::Model) -> Result<Self> {
        let verdict: Verdict = serde_json::from_str(&row.canonical).map_err(Error::internal)?;
        let winner = match verdict.outcome {
            domain::conflicts::Outcome::Upheld { winner } => Some(winner.into()),
            _ => None,
        };
        let step = |it: &domain::conflicts::TraceStep| RuleStep {
            rule: it.rule,
            answer: it.answer,
            reason: it.reason,
            removed: it
                .removed
                .iter()
                .map(|it| RemovedClaim { claim: it.claim.into(), code: it.code })
                .collect(),
        };
        let source = |it: &domain::conflicts::SourceReading| SourceFreshness {
            system: it.system.clone(),
            watermark: it.watermark,
            looked_up_at: it.looked_up_at,
        };
        Ok(Self {
            id: ID(row.id.to_string()),
            evaluated_at: row.evaluated_at,
            occasion: row.occasion,
            outcome: row.outcome,
            winner,
            types: verdict.types.iter().copied().collect(),
            decided_by: verdict.decided_by(),
            trace: verdict.trace.iter().map(step).collect(),
            sources: verdict.case.facts().sources.iter().map(source).collect(),
            policy: row.policy,
            policy_version_id: row.policy_version_id.map(|it| ID(it.to_string())),
            canonical_json: row.canonical,
            diff: row.diff,
            registration: row.registration_id,
        })
    }
}
