//! Japanese names in kanji: where the family name ends, and how the parts may sound.
//!
//! One spelling has many readings (裕子 ユウコ, ヒロコ), so a reading from here is a possibility, never a fact.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::kanji_variants::in_todays_form;
use super::reading::loose;

/// Readings that a spelling keeps at most.
const READINGS: usize = 8;

static FAMILY: LazyLock<HashMap<String, Family>> = LazyLock::new(|| {
    let mut names: HashMap<String, Family> = HashMap::new();
    for line in include_str!("../../data/family_names.txt").lines().filter(|it| !it.starts_with('#')) {
        let mut parts = line.split(' ');
        if let (Some(name), Some(reading), Some(thousands)) = (parts.next(), parts.next(), parts.next()) {
            let entry = names.entry(todays(name)).or_default();
            entry.readings.push(loose(reading));
            entry.thousands += thousands.parse::<u32>().unwrap_or(1);
        }
    }
    names
});

static GIVEN: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for line in include_str!("../../data/given_names.txt").lines().filter(|it| !it.starts_with('#')) {
        let mut parts = line.split(' ');
        let reading = parts.next().map(loose).unwrap_or_default();
        for name in parts {
            let readings = names.entry(todays(name)).or_default();
            if readings.len() < READINGS && !readings.contains(&reading) {
                readings.push(reading.clone());
            }
        }
    }
    names
});

#[derive(Debug, Default)]
struct Family {
    readings: Vec<String>,
    thousands: u32,
}

/// How a family name may sound, in loose form.
pub fn family_readings(name: &str) -> &'static [String] {
    FAMILY.get(name).map_or(&[], |it| it.readings.as_slice())
}

/// How a given name may sound, in loose form.
pub fn given_readings(name: &str) -> &'static [String] {
    GIVEN.get(name).map_or(&[], Vec::as_slice)
}

/// Where the family name of an unsplit name in kanji ends, in bytes. A known given name behind it decides, then how many
/// bear the family name, then its length.
pub fn end_of_family_name(whole: &str) -> Option<usize> {
    let ends = whole.char_indices().skip(1).map(|(end, _)| end);
    let known = ends.filter_map(|end| Some((end, FAMILY.get(&whole[..end])?)));
    let best = known.max_by_key(|&(end, family)| (GIVEN.contains_key(&whole[end..]), family.thousands, end));
    best.map(|(end, _)| end)
}

fn todays(name: &str) -> String {
    name.chars().map(in_todays_form).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_has_its_possible_readings() {
        assert_eq!(family_readings("山田"), [loose("ヤマダ")]);
        assert!(given_readings("裕子").contains(&loose("ユウコ")));
        assert!(given_readings("裕子").contains(&loose("ヒロコ")));
        assert!(family_readings("極洋").is_empty());
    }

    #[test]
    fn an_unsplit_name_is_split_where_both_parts_are_names() {
        for (whole, family) in
            [("山田太郎", "山田"), ("長谷川健一", "長谷川"), ("林誠", "林"), ("森田健", "森田")]
        {
            assert_eq!(end_of_family_name(whole), Some(family.len()), "{whole}");
        }
        assert_eq!(end_of_family_name("極"), None);
    }
}
