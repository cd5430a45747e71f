//! Where two people work, and where letters reach them.
//!
//! Company, switchboard, street and city are one fact, told several times: colleagues share all of it. So what they are
//! worth together is limited, unless there is no company and the address may be a home.

use super::super::evidence::Level;
use super::super::features::{Address, Organisation};
use super::super::organisations;
use crate::normalise::similarity::slips;
use crate::normalise::street::Street;
use crate::policy::MatchingPolicy;

/// Known accounts decide, then the corporate number, then name and domain together.
pub(super) fn company(policy: &MatchingPolicy, a: &Organisation, b: &Organisation) -> Option<Level> {
    let decided =
        same(a.account, b.account).or_else(|| same(a.corporate_number.as_ref(), b.corporate_number.as_ref()));
    if let Some(is_same) = decided {
        return Some(if is_same { Level::Equal } else { Level::Different });
    }
    let domain = match a.domains.is_empty() || b.domains.is_empty() {
        true => None,
        false => Some(a.domains.iter().any(|it| b.domains.contains(it))),
    };
    let name = organisations::name_level(policy, a, b);
    Some(match (name, domain) {
        (None, None) => return None,
        (Some(Level::Equal), Some(true) | None) | (Some(Level::Similar) | None, Some(true)) => Level::Equal,
        (Some(Level::Equal), Some(false)) | (Some(Level::Similar), None) | (Some(_), Some(true)) => {
            Level::Similar
        }
        (Some(Level::Similar), Some(false)) => Level::Partial,
        (Some(_), _) => Level::Different,
        (None, Some(false)) => Level::Elsewhere,
    })
}

fn same<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<bool> {
    Some(a? == b?)
}

/// Letters with which two names of one street begin alike at least.
const LEAST_START: usize = 6;

/// How far agree street and number.
pub(super) fn street(a: &Address, b: &Address) -> Option<Level> {
    let (mine, theirs) = (a.street.as_ref()?, b.street.as_ref()?);
    if mine.number.is_empty() && theirs.number.is_empty() && (mine.name.is_empty() || theirs.name.is_empty())
    {
        return None;
    }
    let is_number_same = mine.number == theirs.number;
    let is_number_missing = mine.number.is_empty() || theirs.number.is_empty();
    Some(match names(mine, theirs) {
        Names::Equal if is_number_same => Level::Equal,
        Names::Equal if is_number_missing => Level::Similar,
        Names::Similar if is_number_same && !is_number_missing => Level::Similar,
        Names::Equal if slips(&mine.number, &theirs.number, 1).is_some() => Level::Similar,
        Names::Equal => Level::Partial,
        Names::Similar => Level::Partial,
        Names::Different => Level::Different,
    })
}

enum Names {
    Equal,
    Similar,
    Different,
}

fn names(a: &Street, b: &Street) -> Names {
    let (short, long) = if a.name.len() <= b.name.len() { (&a.name, &b.name) } else { (&b.name, &a.name) };
    // In Japanese the city may stand in front of the town.
    let is_town = !short.is_ascii() && long.ends_with(short.as_str());
    let length = long.chars().count();
    // A building, and whatever is typed after the street, comes and goes.
    let has_same_start = || common_start(short, long) >= LEAST_START.max(short.chars().count() / 2);
    let has_same_end = || short.len() >= LEAST_START && long.ends_with(short.as_str());
    match () {
        () if short == long || is_town => Names::Equal,
        () if slips(short, long, length / 5).is_some() || has_same_start() || has_same_end() => {
            Names::Similar
        }
        () => Names::Different,
    }
}

fn common_start(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// How far agree city, postal code and region together.
pub(super) fn place(a: &Address, b: &Address) -> Option<Level> {
    let code = match (&a.postal_code, &b.postal_code) {
        (Some(a), Some(b)) if a == b => Some(Level::Equal),
        (Some(a), Some(b)) if slips(a, b, 1).is_some() => Some(Level::Similar),
        (Some(_), Some(_)) => Some(Level::Different),
        _ => None,
    };
    let city = match (a.city.as_str(), b.city.as_str()) {
        ("", _) | (_, "") => None,
        (a, b) if a == b => Some(Level::Equal),
        (a, b) if is_city_alike(a, b) => Some(Level::Similar),
        _ => Some(Level::Different),
    };
    let is_region_different = !a.region.is_empty() && !b.region.is_empty() && a.region != b.region;
    Some(match (code, city) {
        (None, None) => return is_region_different.then_some(Level::Elsewhere),
        (Some(Level::Equal), Some(Level::Equal | Level::Similar) | None) => Level::Equal,
        (Some(Level::Similar), Some(Level::Equal)) => Level::Equal,
        (Some(Level::Equal), Some(_)) | (None, Some(Level::Equal)) => Level::Similar,
        (Some(Level::Similar), _) | (None, Some(Level::Similar)) => Level::Similar,
        (Some(_), Some(Level::Equal)) => Level::Similar,
        (Some(_), Some(Level::Similar)) => Level::Partial,
        _ if is_region_different => Level::Elsewhere,
        _ => Level::Different,
    })
}

/// 横浜市 and 横浜市緑区 are one city; so are spellings a slip apart.
fn is_city_alike(a: &str, b: &str) -> bool {
    let length = a.chars().count().max(b.chars().count());
    a.starts_with(b) || b.starts_with(a) || slips(a, b, length / 5).is_some()
}
