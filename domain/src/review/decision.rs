//! What may be answered to each kind of question, and why it was answered so.

use std::str::FromStr;

use super::ReviewKind;

crate::codes! {
    /// What a person decided.
    pub enum ReviewDecision {
        Same("同一", "The same"),
        Different("別物", "Different"),
        Follow("連携元に合わせる", "Follow the source"),
        KeepApart("統合しない", "Keep apart"),
        KeepPin("固定を維持", "Keep the pin"),
        Unpin("固定を解除", "Remove the pin"),
        Approve("承認", "Approve"),
        Reject("却下", "Reject"),
        Stays("現状維持", "Stays where it is"),
        Goes("解除側へ移す", "Goes to the other record"),
        KeepServed("現在の値を維持", "Keep the served value"),
        TakeOther("もう一方の値にする", "Take the other value"),
        SendAgain("再送", "Send again"),
        Acknowledge("確認済", "Acknowledged"),
    }
}

impl ReviewKind {
    /// The answers that fit the question.
    pub fn decisions(self) -> &'static [ReviewDecision] {
        use ReviewDecision::*;
        match self {
            Self::Match => &[Same, Different],
            Self::SourceMerge => &[Follow, KeepApart],
            Self::StalePin => &[KeepPin, Unpin],
            Self::Unmerge => &[Approve, Reject],
            Self::UnmergeAmbiguous => &[Stays, Goes],
            Self::FieldConflict => &[KeepServed, TakeOther],
            Self::ChannelConflict | Self::AssignmentFailed | Self::DeleteHorizon | Self::SourceAccess => {
                &[Acknowledge]
            }
            Self::WriteBackFailed | Self::Loop => &[SendAgain, Acknowledge],
        }
    }
}

/// Longest reason, in characters.
const MAX_REASON: usize = 2_000;

/// Why somebody decided as they did: 1 to 2,000 characters after trimming.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Reason(String);

/// Why a reason was refused. The text itself is not repeated: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidReason {
    /// Nothing but blanks.
    #[error("say why: a decision without a reason cannot be understood later")]
    ReasonBlank,
    /// More characters than we keep.
    #[error("a reason has at most {MAX_REASON} characters")]
    ReasonTooLong,
    /// Control characters other than line breaks and tabs.
    #[error("a reason is plain text; remove the control characters")]
    ReasonInvalid,
}

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        match text {
            "" => Err(InvalidReason::ReasonBlank),
            _ if text.chars().count() > MAX_REASON => Err(InvalidReason::ReasonTooLong),
            _ if text.chars().any(|it| it.is_control() && !matches!(it, '\n' | '\r' | '\t')) => {
                Err(InvalidReason::ReasonInvalid)
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Reason {
    type Error = InvalidReason;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl Reason {
    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_an_answer() {
        for kind in ReviewKind::ALL {
            assert!(!kind.decisions().is_empty(), "{kind}");
        }
    }

    #[test]
    fn a_reason_has_bounds() {
        assert_eq!("　\n".parse::<Reason>(), Err(InvalidReason::ReasonBlank));
        assert_eq!("理".repeat(2_001).parse::<Reason>(), Err(InvalidReason::ReasonTooLong));
        assert_eq!("a\0b".parse::<Reason>(), Err(InvalidReason::ReasonInvalid));
        assert_eq!(" 同じ人\nです ".parse::<Reason>().map(|it| it.0), Ok("同じ人\nです".to_owned()));
    }
}
