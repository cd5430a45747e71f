//! The life of a lead: stages, what moves it, and origin.

mod life;

pub use life::{LeadEvent, LeadRefusal, SharingBasis};

crate::codes! {
    /// Where a lead stands.
    pub enum LeadStage {
        New("新規", "New"),
        Offered("配布中", "Offered"),
        Accepted("応諾", "Accepted"),
        Working("対応中", "Working"),
        Qualified("有望", "Qualified"),
        Converted("商談化", "Converted"),
        Disqualified("対象外", "Disqualified"),
        Recycled("再配布待ち", "Recycled"),
    }

    /// Why a lead is not for us.
    pub enum DisqualificationReason {
        NoNeed("ニーズなし", "No need"),
        NoBudget("予算なし", "No budget"),
        NotReachable("連絡不通", "Not reachable"),
        OutOfTarget("対象顧客外", "Not a customer we serve"),
        ChoseCompetitor("競合採用", "Chose a competitor"),
        Duplicate("重複", "Duplicate"),
        Invalid("虚偽・テスト", "False or made for a test"),
    }

    /// Who found a lead; set once, never changed.
    pub enum LeadOrigin {
        Vendor("自社発生", "Vendor"),
        Partner("パートナー発生", "Partner"),
        Joint("共同施策", "Joint"),
    }
}

/// Why a lead cannot be assigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the lead is {stage}; only a lead that is still open can be assigned")]
pub struct LeadClosed {
    /// Where the lead stands.
    pub stage: LeadStage,
}

impl LeadStage {
    /// Whether the life of the lead has ended.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Converted | Self::Disqualified)
    }

    /// Checks that a lead may be given to a partner.
    pub fn check_assignable(self) -> Result<(), LeadClosed> {
        if self.is_closed() { Err(LeadClosed { stage: self }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::LeadStage;

    #[test]
    fn a_converted_lead_is_never_given_away() {
        assert!(LeadStage::Converted.check_assignable().is_err());
        assert!(LeadStage::Recycled.check_assignable().is_ok());
    }
}
