//! 消化条件: when something counts as consumed. Each kind of asset has a criterion of its own.

use std::collections::BTreeMap;

use super::AssetKind;
use crate::kpis::fraction::Fraction;

/// The numbers of the criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ConsumptionSettings {
    /// Seconds from which something counts as read.
    pub read_seconds: u32,
    /// Hundredths of a video that must have been seen.
    pub watched_percent: u32,
}

impl Default for ConsumptionSettings {
    fn default() -> Self {
        Self { read_seconds: 10, watched_percent: 90 }
    }
}

/// What a user did with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Looked at it for some seconds.
    Viewed {
        /// How long.
        seconds: u32,
    },
    /// Took a copy.
    Downloaded,
    /// Watched a part of a video.
    Watched {
        /// Second at which it began.
        from: u32,
        /// Second at which it ended.
        until: u32,
        /// Seconds of the whole video.
        length: u32,
    },
    /// The player says that the video was seen to its end. Counts as opening only: it may have been skipped through.
    ReachedEnd,
    /// Worked with a template or tool.
    Used,
    /// Passed the course.
    Passed,
    /// Carried out the campaign.
    Executed,
}

/// The parts of a video that were seen; what was seen twice counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// End by beginning; parts neither overlap nor touch.
    parts: BTreeMap<u32, u32>,
}

/// How far the users of a partner have come with one assigned asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consumption {
    watched: Watched,
    is_met: bool,
}

impl Watched {
    /// Adds a part; one that ends before it begins is nothing.
    pub fn add(&mut self, mut from: u32, mut until: u32) {
        if from >= until {
            return;
        }
        while let Some((begin, end)) =
            self.parts.range(..=until).next_back().map(|(begin, end)| (*begin, *end))
        {
            if end < from {
                break;
            }
            self.parts.remove(&begin);
            (from, until) = (from.min(begin), until.max(end));
        }
        self.parts.insert(from, until);
    }

    /// Seconds of a video of some length that were seen.
    pub fn seconds(&self, length: u32) -> u32 {
        self.parts.iter().map(|(from, until)| until.min(&length).saturating_sub(*from)).sum()
    }
}

impl Consumption {
    /// Adds a deed; answers whether the criterion is met from now on.
    pub fn add(&mut self, kind: AssetKind, deed: Deed, settings: &ConsumptionSettings) -> bool {
        if let Deed::Watched { from, until, .. } = deed {
            self.watched.add(from, until);
        }
        self.is_met |= self.is_met_by(kind, deed, settings);
        self.is_met
    }

    /// Whether the criterion is met.
    pub fn is_met(&self) -> bool {
        self.is_met
    }

    fn is_met_by(&self, kind: AssetKind, deed: Deed, settings: &ConsumptionSettings) -> bool {
        use AssetKind::{
            CampaignKit, CaseStudy, Course, Document, Faq, PriceList, TalkScript, Template, Tool, Video,
        };
        match (kind, deed) {
            (Document | TalkScript | PriceList | CaseStudy | Faq, Deed::Viewed { seconds }) => {
                seconds >= settings.read_seconds
            }
            (Document | TalkScript | PriceList | CaseStudy | Template | Tool, Deed::Downloaded) => true,
            (Template | Tool, Deed::Used) => true,
            (Video, Deed::Watched { length, .. }) => {
                let seen = Fraction::new(self.watched.seconds(length).into(), length.into());
                seen.is_some_and(|it| it >= Fraction::percent(settings.watched_percent))
            }
            (Course, Deed::Passed) | (CampaignKit, Deed::Executed) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn consumed(kind: AssetKind, deeds: &[Deed]) -> bool {
        let mut consumption = Consumption::default();
        for deed in deeds {
            consumption.add(kind, *deed, &ConsumptionSettings::default());
        }
        consumption.is_met()
    }

    fn watched(from: u32, until: u32) -> Deed {
        Deed::Watched { from, until, length: 100 }
    }

    #[test]
    fn a_document_is_read_from_ten_seconds_or_downloaded() {
        assert!(!consumed(AssetKind::Document, &[Deed::Viewed { seconds: 9 }]));
        assert!(!consumed(AssetKind::Document, &[Deed::Viewed { seconds: 9 }, Deed::Viewed { seconds: 9 }]));
        assert!(consumed(AssetKind::Document, &[Deed::Viewed { seconds: 10 }]));
        assert!(consumed(AssetKind::PriceList, &[Deed::Downloaded]));
    }

    #[test]
    fn an_article_must_be_read_and_cannot_be_downloaded() {
        assert!(consumed(AssetKind::Faq, &[Deed::Viewed { seconds: 10 }]));
        assert!(!consumed(AssetKind::Faq, &[Deed::Downloaded]));
    }

    #[test]
    fn nine_tenths_of_a_video_must_have_been_seen_and_twice_counts_once() {
        assert!(consumed(AssetKind::Video, &[watched(0, 50), watched(40, 90)]));
        assert!(!consumed(AssetKind::Video, &[watched(0, 50), watched(0, 50)]));
        assert!(!consumed(AssetKind::Video, &[watched(0, 89)]));
        assert!(!consumed(AssetKind::Video, &[Deed::ReachedEnd]), "skipped through");
        assert!(!consumed(AssetKind::Video, &[watched(90, 300)]), "beyond its end there is nothing");
    }

    #[test]
    fn tools_are_used_courses_passed_and_campaigns_executed() {
        assert!(consumed(AssetKind::Template, &[Deed::Used]));
        assert!(consumed(AssetKind::Tool, &[Deed::Downloaded]));
        assert!(consumed(AssetKind::Course, &[Deed::Passed]));
        assert!(consumed(AssetKind::CampaignKit, &[Deed::Executed]));
        assert!(!consumed(AssetKind::CampaignKit, &[Deed::Downloaded]));
    }

    proptest! {
        #[test]
        fn the_order_of_parts_changes_nothing(parts in prop::collection::vec((0_u32..120, 0_u32..120), 0..20)) {
            let mut seen = Watched::default();
            parts.iter().for_each(|(from, until)| seen.add(*from, *until));
            let mut reversed = Watched::default();
            parts.iter().rev().for_each(|(from, until)| reversed.add(*from, *until));
            prop_assert_eq!(&seen, &reversed);
            let counted = (0..100).filter(|second| parts.iter().any(|(from, until)| from <= second && second < until));
            prop_assert_eq!(seen.seconds(100), counted.count() as u32);
        }
    }
}
