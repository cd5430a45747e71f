//! Channel conflicts: several parties claim one deal, and each gets the rule that decided.
//!
//! Here: claims, overlap, detection, the ordered rules, verdicts that replay, the life of a conflict, and what a
//! partner may be shown. Every rule is the one of section 6 of the domain model.
//! Not here: gathering the facts, storing verdicts, telling anybody.

mod case;
mod claim;
mod detection;
mod diff;
mod disclosure;
mod dry_run;
mod freshness;
mod judging;
mod life;
mod overlap;
mod policy;
mod resolution;
mod rules;
mod verdict;

pub use case::{Case, Facts, InvalidCase, Observed};
pub use claim::{Bid, Claim, ClaimKey, ClaimKind, ClaimStanding, ClaimedAccount, Ground, Party, Window};
pub use detection::conflict_types;
pub use diff::{VerdictDiff, diff};
pub use disclosure::{CheckAnswer, PartnerView, ProbeLimit, TooManyChecks, check_answer, partner_view};
pub use dry_run::{ConflictDryRun, OutcomeShift, dry_run};
pub use freshness::SourceReading;
pub use judging::judge;
pub use life::{Appeal, ConflictRefusal, ConflictState, ConflictStatus};
pub use overlap::{AccountMatch, overlap};
pub use policy::{ConflictPolicy, DEFAULT_CONFLICT, Disclosure};
pub use resolution::{InvalidResolution, Resolution};
pub use rules::{Reason, Rule};
pub use verdict::{Outcome, OutcomeKind, Removed, ReplayRefusal, RuleAnswer, TraceStep, Verdict, replay};

crate::codes! {
    /// What kind of conflict it is; one case may be several.
    pub enum ConflictType {
        DuplicateRegistration("重複登録", "Duplicate registration"),
        PartnerVsDirect("直販競合", "Partner versus direct sales"),
        Territory("エリア外・専任侵害", "Outside the territory"),
        Incumbent("既存担当", "Another incumbent"),
        NamedAccount("指名顧客", "Named account"),
        LeadDoubleAssignment("二重配布", "One lead accepted twice"),
        MultiTier("多段階", "Distributor and its reseller"),
        Attribution("売上帰属", "Two sources of one won deal"),
        PossibleSameAccount("同一顧客の疑い", "Possibly the same account"),
    }

    /// What made us look.
    pub enum ConflictTrigger {
        Submission("登録申請", "A registration was submitted"),
        LeadAccepted("リード応諾", "A lead was accepted"),
        AccountMerged("取引先統合", "Accounts were merged"),
        AccountUnmerged("取引先分割", "Accounts were taken apart"),
        DirectOpportunity("直販商談", "A direct opportunity appeared or moved"),
        TerritoryChanged("担当変更", "A territory changed"),
        ContractChanged("契約変更", "A contract changed"),
        SourceCaughtUp("同期回復", "The CRM answers again"),
        ClaimEnded("申請終了", "A claim came, went or changed"),
        PolicyChanged("規則変更", "Other rules came into force"),
    }
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod given;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulation;
