//! Japanese names in kanji: where the family name ends, and how the parts may sound.
//!
//! One spelling has many readings (裕子 ユウコ, ヒロコ), so a reading from here is a possibility, never a fact.

use std::sync::LazyLock;

use foldhash::HashMap;
use smol_str::SmolStr;

use super::reading::loose;

/// Spellings that the list holds at least. Growing step by step would take as long again as filling.
const GIVEN_NAMES: usize = 70_000;
/// Readings that a spelling keeps at most.
const READINGS: usize = 8;

static FAMILY: LazyLock<HashMap<&str, Family>> = LazyLock::new(|| {
    let mut names: HashMap<&str, Family> = HashMap::default();
    for (reading, (name, thousands)) in FAMILY_LINES.iter() {
        let entry = names.entry(name).or_default();
        entry.readings.push(reading);
        entry.thousands += thousands.parse::<u32>().unwrap_or(1);
    }
    names
});

static GIVEN: LazyLock<GivenNames> = LazyLock::new(|| GivenNames::of(&GIVEN_LINES));

/// The lines of a list: a reading in loose form, and what else the line says.
type Lines<T> = LazyLock<Vec<(SmolStr, T)>>;

static FAMILY_LINES: Lines<(&str, &str)> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (name, rest) = line.split_once(' ')?;
        let (reading, thousands) = rest.split_once(' ')?;
        Some((loose(reading), (name, thousands)))
    };
    lines(include_str!("../../data/family_names.txt")).filter_map(line).collect()
});

static GIVEN_LINES: Lines<&str> = LazyLock::new(|| {
    let line = |line: &'static str| line.split_once(' ').map(|(reading, names)| (loose(reading), names));
    lines(include_str!("../../data/given_names.txt")).filter_map(line).collect()
});

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|it| !it.starts_with('#'))
}

#[derive(Debug, Default)]
struct Family {
    readings: Vec<&'static str>,
    thousands: u32,
}

/// Every thread waits for this list, so it is filled without a vector for each of its names.
struct GivenNames {
    places: HashMap<&'static str, Place>,
    /// Those of one name stand together.
    readings: Vec<&'static str>,
}

/// Where the readings of a name stand.
#[derive(Default)]
struct Place {
    start: usize,
    length: usize,
    /// How often the name is listed: more readings it cannot have.
    room: usize,
}

impl GivenNames {
    fn of(lines: &'static [(SmolStr, &'static str)]) -> Self {
        let entries = || {
            lines.iter().flat_map(|(reading, names)| names.split(' ').map(move |it| (it, reading.as_str())))
        };
        let mut places: HashMap<&str, Place> = HashMap::default();
        places.reserve(GIVEN_NAMES);
        entries().for_each(|(name, _)| places.entry(name).or_default().room += 1);
        let mut end = 0;
        for place in places.values_mut() {
            place.start = end;
            end += place.room.min(READINGS);
        }
        let mut readings = vec![""; end];
        for (name, reading) in entries() {
            let place = places.entry(name).or_default();
            let known = place.start..place.start + place.length;
            if place.length < READINGS && !readings[known.clone()].contains(&reading) {
                readings[known.end] = reading;
                place.length += 1;
            }
        }
        Self { places, readings }
    }

    fn knows(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    fn readings(&self, name: &str) -> &[&'static str] {
        self.places.get(name).map_or(&[], |it| &self.readings[it.start..it.start + it.length])
    }
}

/// How a family name may sound, in loose form.
pub fn family_readings(name: &str) -> &'static [&'static str] {
    FAMILY.get(name).map_or(&[], |it| it.readings.as_slice())
}

/// How a given name may sound, in loose form.
pub fn given_readings(name: &str) -> &'static [&'static str] {
    GIVEN.readings(name)
}

/// Where the family name of an unsplit name in kanji ends, in bytes. A known given name behind it decides, then how many
/// bear the family name, then its length.
pub fn end_of_family_name(whole: &str) -> Option<usize> {
    let ends = whole.char_indices().skip(1).map(|(end, _)| end);
    let known = ends.filter_map(|end| Some((end, FAMILY.get(&whole[..end])?)));
    let best = known.max_by_key(|&(end, family)| (GIVEN.knows(&whole[end..]), family.thousands, end));
    best.map(|(end, _)| end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::kanji_variants::todays;

    #[test]
    fn a_spelling_has_its_possible_readings() {
        assert_eq!(family_readings("山田"), [loose("ヤマダ")]);
        assert!(given_readings("裕子").contains(&loose("ユウコ").as_str()));
        assert!(given_readings("裕子").contains(&loose("ヒロコ").as_str()));
        assert!(family_readings("極洋").is_empty());
    }

    /// So that no name needs to be looked at while the lists are read.
    #[test]
    fn names_are_listed_in_the_form_of_today() {
        let family = FAMILY_LINES.iter().map(|it| it.1.0);
        for name in family.chain(GIVEN_LINES.iter().flat_map(|it| it.1.split(' '))) {
            assert_eq!(todays(name.into()), name);
        }
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
