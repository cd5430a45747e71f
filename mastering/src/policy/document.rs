//! A matching policy as a document: what [`MatchingPolicy::parse`] reads back.

use std::fmt::Write as _;

use super::{MatchingPolicy, Points};
use crate::matching::evidence::{Comparison, Level};

impl MatchingPolicy {
    /// The document that says all of this policy, under another version.
    pub fn document(&self, version: &str) -> String {
        let mut text = String::new();
        let version = toml::Value::from(version);
        self.write(&mut text, &version).expect("writing into memory does not fail");
        text
    }

    fn write(&self, text: &mut String, version: &toml::Value) -> std::fmt::Result {
        writeln!(text, "version = {version}")?;
        writeln!(text, "name_similarity = {:?}", self.name_similarity)?;
        writeln!(text, "link_at = {}", self.link_at)?;
        writeln!(text, "independent_identifiers = {}", self.independent_identifiers)?;
        writeln!(text, "careful_within_system = {}", self.is_careful_within_system)?;
        writeln!(text, "largest_group = {}", self.largest_group)?;
        writeln!(text, "clear_difference = {}", self.clear_difference)?;
        writeln!(text, "largest_block = {}", self.largest_block)?;
        writeln!(text, "hub_names = {}", self.hub_names)?;
        writeln!(text, "prior = {}", self.prior())?;
        writeln!(text, "workplace_limit = {}", self.workplace_limit)?;
        let bands = [
            ("bands", self.bands.auto.into(), self.bands.review.into(), self.bands.possible.into()),
            ("person_bands", self.person_bands.auto, self.person_bands.review, self.person_bands.possible),
        ];
        for (name, auto, review, possible) in bands {
            let (auto, review, possible): (i32, i32, i32) = (auto, review, possible);
            writeln!(text, "\n[{name}]\nauto = {auto}\nreview = {review}\npossible = {possible}")?;
        }
        write_points(text, "organisations", self.organisations())?;
        write_points(text, "persons", self.persons())?;
        for (of, by_points) in self.rarities().by_points() {
            writeln!(text, "\n[rarity.{}]", of.code())?;
            for (points, values) in by_points {
                writeln!(text, "\"{points}\" = {}", toml::Value::from(values.join("|")))?;
            }
        }
        Ok(())
    }
}

fn write_points(text: &mut String, section: &str, points: &Points) -> std::fmt::Result {
    for &comparison in Comparison::ALL {
        let worths = Level::ALL.iter().map(|&level| (level, points.of(comparison, level)));
        let worths: Vec<(Level, i32)> = worths.filter(|it| it.1 != 0).collect();
        if !worths.is_empty() {
            writeln!(text, "\n[{section}.{}]", comparison.code())?;
        }
        for (level, worth) in worths {
            writeln!(text, "{} = {worth}", level.code())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_all_of_its_policy() {
        let policy = MatchingPolicy::default();
        let text = policy.document("2026-12");
        let read = MatchingPolicy::parse(&text).unwrap();
        assert_eq!(read.persons(), policy.persons());
        assert_eq!(read.organisations(), policy.organisations());
        assert_eq!(read.rarities(), policy.rarities());
        assert_eq!((read.bands, read.person_bands), (policy.bands, policy.person_bands));
        assert_eq!(read.document("2026-12"), text);
        assert!(read.version().starts_with("2026-12+"));
    }
}
