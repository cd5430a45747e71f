//! Whether two names can be one person's: family and given name, each with its level.

use super::super::evidence::Level;
use crate::normalise::nicknames;
use crate::normalise::person::{NamePart, PersonName, Script};
use crate::normalise::similarity::slips;

/// How two names compare. `None` where a part is missing, or in scripts that nothing bridges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NameLevels {
    pub(super) family: Option<Level>,
    pub(super) given: Option<Level>,
    /// Jr and Sr: two people, whatever else agrees.
    pub(super) generations_differ: bool,
}

impl NameLevels {
    pub(super) fn of(a: Option<&PersonName>, b: Option<&PersonName>) -> Self {
        let (Some(a), Some(b)) = (a, b) else { return Self::default() };
        let levels = if a.whole == b.whole { same_letters(a, b) } else { best_order(a, b) };
        let generations_differ =
            a.generation != b.generation && a.generation.is_some() && b.generation.is_some();
        Self { generations_differ, ..levels.after_middle_names(a, b) }
    }

    /// Whether the names forbid a match whatever else agrees. Where only names and addresses are known (`is_thin`), another
    /// given name is no proof: there it is weighed like the rest.
    pub(super) fn forbid(self, is_thin: impl FnOnce() -> bool) -> bool {
        self.generations_differ || (self.differ() && !is_thin())
    }

    /// Whether both name somebody, and not the same one. A family name may change, a given name hardly does.
    fn differ(self) -> bool {
        let is_family_different = self.family == Some(Level::Different);
        self.given == Some(Level::Different) || (is_family_different && self.given.is_none())
    }

    /// Whether more agrees than a family name or an initial.
    pub(super) fn agree(self) -> bool {
        self.family_agrees() && self.given_agrees()
    }

    pub(super) fn family_agrees(self) -> bool {
        matches!(self.family, Some(Level::Equal | Level::Variant | Level::Similar))
    }

    pub(super) fn given_agrees(self) -> bool {
        matches!(self.given, Some(Level::Equal | Level::Variant | Level::Similar))
    }

    /// A middle initial that differs on both sides counts against.
    fn after_middle_names(mut self, a: &PersonName, b: &PersonName) -> Self {
        if a.middle.is_some() && b.middle.is_some() && a.middle != b.middle && self.agree() {
            self.given = Some(Level::Partial);
        }
        self
    }

    fn rank(self) -> u32 {
        let rank = |it| match it {
            Some(Level::Equal) => 6,
            Some(Level::Variant) => 5,
            Some(Level::Similar) => 4,
            None => 2,
            Some(Level::Partial) => 1,
            Some(_) => 0,
        };
        rank(self.family) + rank(self.given)
    }
}

/// One name, however it is split. A family name alone says nothing about the given name.
fn same_letters(a: &PersonName, b: &PersonName) -> NameLevels {
    let is_whole = !a.is_half() && !b.is_half();
    NameLevels {
        family: Some(Level::Equal),
        given: is_whole.then_some(Level::Equal),
        ..NameLevels::default()
    }
}

/// The order of a name is unreliable, so both are tried; turned is a little less than in order.
fn best_order(a: &PersonName, b: &PersonName) -> NameLevels {
    if let Some(levels) = unsplit(a, b).or_else(|| unsplit(b, a)) {
        return levels;
    }
    let straight = NameLevels {
        family: family(&a.family, &b.family),
        given: given(&a.given, &b.given),
        ..NameLevels::default()
    };
    if straight.agree() || a.given.text.is_empty() || b.given.text.is_empty() {
        return straight;
    }
    // Turned, neither level is the family's: the closer one counts as that, whichever name is asked first.
    let mut levels = [given(&a.family, &b.given), given(&a.given, &b.family)].map(less_than_equal);
    levels.sort_unstable_by_key(|it| (it.is_none(), *it));
    let turned = NameLevels { family: levels[0], given: levels[1], ..NameLevels::default() };
    if turned.rank() > straight.rank() { turned } else { straight }
}

fn less_than_equal(level: Option<Level>) -> Option<Level> {
    level.map(|it| if it == Level::Equal { Level::Variant } else { it })
}

/// An unsplit kanji name against a split one: 極山太郎 and 極山 + 次郎.
fn unsplit(whole: &PersonName, split: &PersonName) -> Option<NameLevels> {
    if !whole.given.text.is_empty() || split.given.text.is_empty() || split.family.text.is_empty() {
        return None;
    }
    if sounds_like_whole(whole, split) {
        return Some(NameLevels {
            family: Some(Level::Variant),
            given: Some(Level::Variant),
            ..NameLevels::default()
        });
    }
    if whole.family.script != Script::Kanji {
        return None;
    }
    let rest = whole.whole.strip_prefix(split.family.text.as_str())?;
    let given = (!rest.is_empty()).then(|| kanji(rest, &split.given.text));
    Some(NameLevels { family: Some(Level::Equal), given, ..NameLevels::default() })
}

/// ヤマダタロウ in one field, as 山田 太郎 may sound.
fn sounds_like_whole(whole: &PersonName, split: &PersonName) -> bool {
    let is_rest =
        |rest: Option<&str>| rest.is_some_and(|it| split.given.readings.iter().any(|given| given == it));
    let of_family = |whole: &str| split.family.readings.iter().any(|it| is_rest(whole.strip_prefix(it)));
    whole.family.readings.iter().any(of_family)
}

/// In kanji one letter makes another name; a variant of it was folded already.
fn kanji(a: &str, b: &str) -> Level {
    if a == b { Level::Equal } else { Level::Different }
}

fn family(a: &NamePart, b: &NamePart) -> Option<Level> {
    part(a, b, is_part)
}

fn given(a: &NamePart, b: &NamePart) -> Option<Level> {
    part(a, b, |a, b| nicknames::are_of_one_name(a, b) || is_part(a, b))
}

fn part(a: &NamePart, b: &NamePart, is_variant: impl Fn(&str, &str) -> bool) -> Option<Level> {
    if a.text.is_empty() || b.text.is_empty() {
        return None;
    }
    if a.text == b.text {
        return Some(Level::Equal);
    }
    let sounds_alike = a.sounds_like(b);
    match (a.script == b.script, a.script) {
        (false, _) => across_scripts(a, b, sounds_alike),
        // 健一 and 賢一: one person's slip, or two people. It says little either way.
        (true, Script::Kanji) if sounds_alike == Some(true) => Some(Level::Partial),
        (true, Script::Kanji) => Some(Level::Different),
        _ if sounds_alike == Some(true) || is_variant(&a.text, &b.text) => Some(Level::Variant),
        _ => Some(spelling(&a.text, &b.text)),
    }
}

/// A reading from a dictionary is one of several: where none fits, that is no proof.
fn across_scripts(a: &NamePart, b: &NamePart, sounds_alike: Option<bool>) -> Option<Level> {
    match sounds_alike? {
        true => Some(Level::Variant),
        false if a.readings.iter().any(|a| b.readings.iter().any(|b| is_slip(a, b))) => Some(Level::Similar),
        false => Some(Level::Different),
    }
}

fn spelling(a: &str, b: &str) -> Level {
    if is_slip(a, b) {
        return Level::Similar;
    }
    if is_initial(a, b) || is_initial(b, a) || resembles(a, b) { Level::Partial } else { Level::Different }
}

/// One slip, or two in a long word: Lee and Leo are two.
fn is_slip(a: &str, b: &str) -> bool {
    match a.chars().count().max(b.chars().count()) {
        0..=3 => false,
        4..=7 => slips(a, b, 1).is_some(),
        _ => slips(a, b, 2).is_some(),
    }
}

/// Something may be left of the word: too many slips for one, too few for another.
fn resembles(a: &str, b: &str) -> bool {
    match a.chars().count().max(b.chars().count()) {
        0..=4 => false,
        5..=7 => slips(a, b, 2).is_some(),
        _ => slips(a, b, 3).is_some(),
    }
}

/// "J." may be John.
fn is_initial(short: &str, long: &str) -> bool {
    let mut letters = short.chars();
    let initial = letters.next().filter(char::is_ascii_alphabetic);
    letters.next().is_none() && initial.is_some_and(|it| long.starts_with(it))
}

/// Whether one is the other with something added: a second family name (Siad, Siad-Mitchell), a second given name.
fn is_part(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.len() >= 3 && short.is_ascii() && (long.starts_with(short) || long.ends_with(short))
}
