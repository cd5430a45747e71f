//! Which deed an event of the engagement log is.

use serde_json::{Map, Value};

use super::Deed;
use crate::engagement::Measure;

impl Deed {
    /// What an event says that a user did with the asset that it is about; `None` when it says nothing of the kind.
    pub fn of(measure: Measure, payload: &Map<String, Value>) -> Option<Self> {
        let number =
            |name: &str| payload.get(name).and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok());
        Some(match measure {
            Measure::DocumentView | Measure::FaqView => Self::Viewed { seconds: number("seconds")? },
            Measure::DocumentDownload => Self::Downloaded,
            Measure::VideoPlay => Self::Watched {
                from: number("from_second")?,
                until: number("until_second")?,
                length: number("length_seconds")?,
            },
            Measure::VideoCompletion => Self::ReachedEnd,
            Measure::ProposalToolUse => Self::Used,
            Measure::TrainingCompletion => Self::Passed,
            Measure::CampaignExecution => Self::Executed,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_about_an_asset_are_deeds_and_others_are_not() {
        let deed = |measure, payload: Value| Deed::of(measure, payload.as_object().unwrap());
        assert_eq!(deed(Measure::FaqView, json!({ "seconds": 10 })), Some(Deed::Viewed { seconds: 10 }));
        let part = json!({ "from_second": 0, "until_second": 30, "length_seconds": 60 });
        assert_eq!(deed(Measure::VideoPlay, part), Some(Deed::Watched { from: 0, until: 30, length: 60 }));
        assert_eq!(deed(Measure::ProposalToolUse, json!({})), Some(Deed::Used));
        assert_eq!(deed(Measure::Login, json!({})), None);
        assert_eq!(deed(Measure::DocumentView, json!({})), None, "its schema does not let that in");
    }
}
