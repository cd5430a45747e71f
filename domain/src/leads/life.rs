//! What may happen to a lead, and where it leads (domain model, section 4).

use super::LeadStage;

/// Something that happens to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadEvent {
    /// It is offered to a partner; on what basis, if there is one.
    Offer(Option<SharingBasis>),
    /// A partner takes the open offer.
    Accept,
    /// An offer was declined or expired, and the next partner is asked.
    AskNext,
    /// An offer was declined or expired, and a person decides what comes next.
    GiveUp,
    /// The partner does something for the first time.
    Act,
    /// There is a need and a budget.
    Qualify,
    /// It becomes an account and an opportunity.
    Convert,
    /// It was converted in the CRM; we never write it again.
    ConvertInCrm,
    /// It is not for us.
    Disqualify,
    /// It is for us after all.
    Reopen,
    /// It is taken back from its partner.
    Recall,
}

crate::codes! {
    /// On what it rests that a person's data goes to a partner.
    pub enum SharingBasis {
        Consent("本人同意", "The person agreed"),
        Entrustment("委託", "The partner works on our behalf, under a contract that says so"),
    }
}

/// Why something cannot happen to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LeadRefusal {
    /// It stands elsewhere in its life.
    #[error("the lead is {stage}, which does not allow this; read it again")]
    LeadStage {
        /// Where it stands.
        stage: LeadStage,
    },
    /// Personal data goes nowhere without a reason.
    #[error(
        "the person has not agreed to be passed on, and no entrustment covers it; obtain one of them first"
    )]
    LeadNotShareable,
}

impl LeadStage {
    /// Where a lead stands after something happened to it.
    pub fn after(self, event: LeadEvent) -> Result<Self, LeadRefusal> {
        use LeadEvent as On;
        match (self, event) {
            (Self::New | Self::Recycled, On::Offer(None)) => Err(LeadRefusal::LeadNotShareable),
            (Self::New | Self::Recycled, On::Offer(_)) | (Self::Offered, On::AskNext) => Ok(Self::Offered),
            (Self::Offered, On::Accept) => Ok(Self::Accepted),
            (Self::Offered, On::GiveUp) => Ok(Self::New),
            (Self::Accepted, On::Act) => Ok(Self::Working),
            (Self::Working, On::Qualify) => Ok(Self::Qualified),
            (Self::Qualified, On::Convert) => Ok(Self::Converted),
            (Self::Accepted | Self::Working, On::Recall) | (Self::Disqualified, On::Reopen) => {
                Ok(Self::Recycled)
            }
            (_, On::Disqualify) if !self.is_closed() => Ok(Self::Disqualified),
            (_, On::ConvertInCrm) if !self.is_closed() => Ok(Self::Converted),
            _ => Err(LeadRefusal::LeadStage { stage: self }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [LeadEvent; 12] = [
        LeadEvent::Offer(Some(SharingBasis::Consent)),
        LeadEvent::Offer(Some(SharingBasis::Entrustment)),
        LeadEvent::Accept,
        LeadEvent::AskNext,
        LeadEvent::GiveUp,
        LeadEvent::Act,
        LeadEvent::Qualify,
        LeadEvent::Convert,
        LeadEvent::ConvertInCrm,
        LeadEvent::Disqualify,
        LeadEvent::Reopen,
        LeadEvent::Recall,
    ];

    #[test]
    fn a_lead_is_offered_accepted_worked_qualified_and_converted() {
        let story = [
            LeadEvent::Offer(Some(SharingBasis::Consent)),
            LeadEvent::AskNext,
            LeadEvent::Accept,
            LeadEvent::Act,
            LeadEvent::Qualify,
            LeadEvent::Convert,
        ];
        let end = story.into_iter().try_fold(LeadStage::New, LeadStage::after);
        assert_eq!(end, Ok(LeadStage::Converted));
    }

    #[test]
    fn nobody_is_passed_on_without_a_basis() {
        let refusal = LeadStage::New.after(LeadEvent::Offer(None));
        assert_eq!(refusal, Err(LeadRefusal::LeadNotShareable));
    }

    #[test]
    fn a_converted_lead_never_moves_again() {
        for event in EVENTS {
            assert!(LeadStage::Converted.after(event).is_err(), "{event:?}");
        }
    }

    #[test]
    fn an_idle_lead_comes_back_and_may_be_offered_again() {
        for stage in [LeadStage::Accepted, LeadStage::Working] {
            let recalled = stage.after(LeadEvent::Recall).unwrap();
            assert_eq!(recalled.after(LeadEvent::Offer(Some(SharingBasis::Consent))), Ok(LeadStage::Offered));
        }
        assert!(LeadStage::Qualified.after(LeadEvent::Recall).is_err());
    }

    #[test]
    fn a_disqualified_lead_may_be_reopened() {
        assert_eq!(LeadStage::Disqualified.after(LeadEvent::Reopen), Ok(LeadStage::Recycled));
        assert!(LeadStage::Disqualified.after(LeadEvent::ConvertInCrm).is_err());
    }
}
