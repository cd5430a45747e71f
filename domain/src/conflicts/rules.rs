//! The rules R0 to R7: each keeps some of the claims, has no opinion, or asks for a person.

use std::collections::BTreeSet;

use super::{Bid, Case, Claim, ClaimKey, ConflictPolicy, Ground, Party};
use crate::registrations::RejectCode;
use crate::territories::Coverage;

crate::codes! {
    /// A rule of the conflict policy (domain model, section 6, R0 to R7 in this order).
    pub enum Rule {
        CustomerChoice("顧客の選択", "Customer choice"),
        ReservedAccount("指名顧客・直販専任顧客", "Named or house account"),
        Incumbent("既存担当", "Incumbent"),
        Territory("担当エリア", "Territory"),
        DirectEngagement("直販の活動", "Direct engagement"),
        FirstRegistered("先着", "First registered"),
        TierPriority("ランク優先", "Tier priority"),
        Manual("個別判断", "Manual decision"),
    }

    /// What a rule found, for the trace. It names no party, so that every party may read it.
    pub enum Reason {
        CustomerNamedOne("顧客が署名した文書で担当を指定しています", "The customer named a partner in a signed document"),
        CustomerNamedNone("顧客による指定はありません", "The customer named nobody among the claimants"),
        ReservedToClaimant("この顧客は申請者の一方に指定されています", "The account is reserved to one of the claimants"),
        ReservedToAbsent("この顧客は申請していない者に指定されています", "The account is reserved to a party that made no claim"),
        NotReserved("この顧客は誰にも指定されていません", "The account is reserved to nobody"),
        IncumbentContinues("更新・拡張は既存担当が優先します", "Renewals and expansions stay with the incumbent"),
        NoActiveIncumbent("有効な既存担当はいません", "There is no active incumbent"),
        ExclusiveTerritory("専任エリアの担当が優先します", "The territory has an exclusive holder"),
        WithinTerritory("担当エリア内の申請だけが残ります", "Claims inside the own territory remain"),
        NobodyCovers("担当エリア内の申請がありません", "No claim lies inside its partner's territory"),
        NoPartnerBid("パートナーの申請がありません", "No partner asked for the deal"),
        DirectWasEngaged("直販が先に活動していました", "Direct sales was engaged before"),
        DirectWasIdle("直販は先に活動していませんでした", "Direct sales was not engaged before"),
        NoDirectClaim("直販の商談はありません", "There is no direct opportunity"),
        EarliestBid("最も早い申請が優先します", "The earliest submission goes first"),
        WithinTieWindow("同着とみなす時間内の申請が残ります", "Submissions within the tie window remain"),
        BestTier("上位ランクが優先します", "The better tier goes first"),
        LeftToAPerson("規則では決まらないため担当者が判断します", "The rules leave several claims; a person decides"),
        PossiblySameAccount("同一顧客か確認が必要です", "It is not certain that the accounts are one"),
        SeveralSources("受注した案件を複数の担当が主張しています", "One won deal is ascribed to several claims"),
        SeveralResellers("同じディストリビューターの複数の販売店が申請しています", "Several resellers of one distributor claim the deal"),
    }
}

/// What a rule says about the claims that are still standing.
pub(super) enum Opinion {
    /// These stay, and there is at least one.
    Keep(BTreeSet<ClaimKey>, Reason),
    /// All stay.
    None(Reason),
    /// A person decides.
    Manual(Reason),
}

/// What a rule is asked.
pub(super) struct Question<'a> {
    pub policy: &'a ConflictPolicy,
    pub case: &'a Case,
    pub standing: &'a [&'a Claim],
}

impl Rule {
    /// Asks the rule.
    pub(super) fn ask(self, question: &Question<'_>) -> Opinion {
        match self {
            Self::CustomerChoice => question.customer_choice(),
            Self::ReservedAccount => question.reserved_account(),
            Self::Incumbent => question.incumbent(),
            Self::Territory => question.territory(),
            Self::DirectEngagement => question.direct_engagement(),
            Self::FirstRegistered => question.first_registered(),
            Self::TierPriority => question.tier_priority(),
            Self::Manual => Opinion::Manual(Reason::LeftToAPerson),
        }
    }

    /// What the partner of a claim is told that this rule removed.
    pub(super) fn reject_code(self, case: &Case) -> RejectCode {
        let is_house = case.facts().reserved_to.is_some_and(|it| it.value == Party::Direct);
        match self {
            Self::ReservedAccount if is_house => RejectCode::DirectEngaged,
            Self::ReservedAccount => RejectCode::NotEligible,
            Self::Incumbent => RejectCode::ExistingCustomer,
            Self::Territory => RejectCode::OutsideTerritory,
            Self::DirectEngagement => RejectCode::DirectEngaged,
            Self::FirstRegistered | Self::TierPriority => RejectCode::AlreadyRegistered,
            Self::CustomerChoice | Self::Manual => RejectCode::Other,
        }
    }
}

impl Question<'_> {
    /// R0: the partner named in a signed customer document; no opinion for house accounts.
    fn customer_choice(&self) -> Opinion {
        let facts = self.case.facts();
        let is_house = facts.reserved_to.is_some_and(|it| it.value == Party::Direct);
        let named = facts.customer_choice.filter(|_| !is_house).map(|it| Party::Partner(it.value));
        self.keep_or(|it| Some(it.party()) == named, Reason::CustomerNamedOne, Reason::CustomerNamedNone)
    }

    /// R1: the party that the account is reserved to; a person when that party made no claim.
    fn reserved_account(&self) -> Opinion {
        let Some(holder) = self.case.facts().reserved_to else { return Opinion::None(Reason::NotReserved) };
        match self.keep_or(|it| it.party() == holder.value, Reason::ReservedToClaimant, Reason::NotReserved) {
            Opinion::None(_) => Opinion::Manual(Reason::ReservedToAbsent),
            kept => kept,
        }
    }

    /// R2: the active incumbent. Incumbents only meet claims that continue their business.
    fn incumbent(&self) -> Opinion {
        let is_incumbent = |it: &&Claim| matches!(it.ground, Ground::Incumbent { is_active: true, .. });
        let parties: BTreeSet<Party> =
            self.standing.iter().copied().filter(is_incumbent).map(Claim::party).collect();
        self.keep_or(
            |it| parties.contains(&it.party()),
            Reason::IncumbentContinues,
            Reason::NoActiveIncumbent,
        )
    }

    /// R3: an exclusive holder alone; otherwise without the partners that do not cover the deal.
    fn territory(&self) -> Opinion {
        if self.bids().next().is_none() {
            return Opinion::None(Reason::NoPartnerBid);
        }
        if self.bids().any(|it| it.coverage == Coverage::Exclusive) {
            let is_holder = |it: &Claim| it.bid().is_some_and(|bid| bid.coverage == Coverage::Exclusive);
            return self.keep_or(is_holder, Reason::ExclusiveTerritory, Reason::NobodyCovers);
        }
        if self.bids().all(|it| it.coverage == Coverage::Uncovered) {
            return Opinion::Manual(Reason::NobodyCovers);
        }
        let is_covered = |it: &Claim| match it.bid() {
            Some(bid) => bid.coverage == Coverage::Covered,
            None => it.party() == Party::Direct,
        };
        self.keep_or(is_covered, Reason::WithinTerritory, Reason::NobodyCovers)
    }

    /// R4: direct sales alone if it was there first and not idle; otherwise without direct sales.
    fn direct_engagement(&self) -> Opinion {
        if !self.standing.iter().any(|it| it.party() == Party::Direct) {
            return Opinion::None(Reason::NoDirectClaim);
        }
        let Some(first) = self.bids().map(|it| it.priority.time).min() else {
            return Opinion::None(Reason::NoPartnerBid);
        };
        let recent = first - self.policy.roe_idle()..first;
        let is_engaged = |it: &Claim| match &it.ground {
            Ground::Direct { opened_at, activity_at } => {
                *opened_at < first && activity_at.range(recent.clone()).next().is_some()
            }
            _ => false,
        };
        match self.keep_or(is_engaged, Reason::DirectWasEngaged, Reason::DirectWasIdle) {
            Opinion::None(_) => {
                self.keep_or(|it| it.party() != Party::Direct, Reason::DirectWasIdle, Reason::NoPartnerBid)
            }
            kept => kept,
        }
    }

    /// R5: the earliest bid, and with a tie window every bid that came less than it after the earliest.
    ///
    /// The group is anchored at the earliest: a window that slides along is not transitive.
    fn first_registered(&self) -> Opinion {
        let Some(first) = self.bids().map(|it| it.priority).min() else {
            return Opinion::None(Reason::NoPartnerBid);
        };
        let until = first.time + self.policy.tie_window();
        let is_first = |bid: &Bid| bid.priority == first || bid.priority.time < until;
        let kept: BTreeSet<ClaimKey> = self.kept(|it| it.bid().is_some_and(is_first));
        let reason = if kept.len() > 1 { Reason::WithinTieWindow } else { Reason::EarliestBid };
        Opinion::Keep(kept, reason)
    }

    /// R6: the best tier at the priority time; a partner without a tier comes last.
    fn tier_priority(&self) -> Opinion {
        let rank = |it: &Claim| it.bid().map(|bid| bid.tier_rank.unwrap_or(u32::MAX));
        let best = self.standing.iter().filter_map(|it| rank(it)).min();
        self.keep_or(|it| best.is_some() && rank(it) == best, Reason::BestTier, Reason::NoPartnerBid)
    }

    fn bids(&self) -> impl Iterator<Item = &Bid> {
        self.standing.iter().filter_map(|it| it.bid())
    }

    fn kept(&self, keeps: impl Fn(&Claim) -> bool) -> BTreeSet<ClaimKey> {
        self.standing.iter().filter(|it| keeps(it)).map(|it| it.key()).collect()
    }

    /// Keeps what fits; no opinion when nothing does.
    fn keep_or(&self, keeps: impl Fn(&Claim) -> bool, reason: Reason, otherwise: Reason) -> Opinion {
        match self.kept(keeps) {
            kept if kept.is_empty() => Opinion::None(otherwise),
            kept => Opinion::Keep(kept, reason),
        }
    }
}
