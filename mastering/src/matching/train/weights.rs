//! What each level is worth, learned from the records themselves: u from random pairs, m by expectation and maximisation.
//!
//! EM runs on blocks in which true pairs are frequent. A comparison that makes a block always agrees there, so it is
//! learned in the others only. Fellegi and Sunter (1969); keeping u fixed follows Winkler.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::super::blocking;
use super::super::clusters::BatchRecord;
use super::super::evidence::{Comparison, Level};
use super::super::hubs::Hubs;
use super::super::persons::{Levels, Somebody};
use crate::policy::{MatchingPolicy, Points};

/// The comparisons of persons, in the order of [`Levels::all`].
const COMPARISONS: [Comparison; 7] = [
    Comparison::FamilyName,
    Comparison::GivenName,
    Comparison::Email,
    Comparison::Phone,
    Comparison::Company,
    Comparison::Street,
    Comparison::Place,
];
/// Random pairs from which u is counted.
const RANDOM_PAIRS: u64 = 400_000;
/// Pairs of one block that EM looks at.
const BLOCK_PAIRS: usize = 400_000;
/// Records of one key that are paired: more are no true pairs.
const LARGEST_BLOCK: usize = 8;
/// Rounds of EM. It settles far earlier.
const ROUNDS: usize = 40;
/// Pairs for which the policy's own idea of a level stands.
const PRIOR_PAIRS: f64 = 20.0;
/// Expected true pairs from which a comparison is learned at all.
const LEAST_PAIRS: f64 = 50.0;
/// What disagreement is worth at most.
const LEAST_AGAINST: i32 = -4;
/// Most that a level is worth either way.
const MOST: i32 = 60;

/// The levels of a pair, one for each comparison; `None` where a value is missing.
type Pattern = [Option<Level>; COMPARISONS.len()];
/// Shares of the levels of one comparison.
type Shares = [f64; Level::ALL.len()];

/// What EM found.
#[derive(Debug, Clone)]
pub(super) struct Learned {
    pub(super) points: Points,
    /// Expected true pairs, if blocks could tell.
    pub(super) true_pairs: f64,
    /// Share of EQUAL among true pairs, of each comparison.
    pub(super) equal: BTreeMap<Comparison, f64>,
}

/// A block in which true pairs are frequent, and what cannot be learned in it.
struct Block {
    patterns: Vec<(Pattern, f64)>,
    made_by: &'static [Comparison],
}

pub(super) fn learn<K: Sync>(policy: &MatchingPolicy, records: &[&BatchRecord<K>]) -> Learned {
    let people: Vec<Somebody<'_>> = records.iter().filter_map(|it| Somebody::of(&it.features)).collect();
    let keys = |of: &(dyn Fn(&BatchRecord<K>) -> Vec<i64> + Sync)| -> Vec<Vec<i64>> {
        let somebody = records.par_iter().filter(|it| it.features.person.is_some());
        somebody.map(|it| of(it)).collect()
    };
    // Not land lines: colleagues share those, and EM would call them a match.
    let own = keys(&|it| blocking::own_keys(&it.features).into_iter().map(|it| it.0).collect());
    let named =
        keys(&|it| Some(blocking::name_key(&it.features)).filter(|it| *it != 0).into_iter().collect());
    let at_home = keys(&|it| blocking::home_key(&it.features).map(|it| it.0).into_iter().collect());
    let block =
        |keys: &[Vec<i64>], made_by| Block { patterns: patterns(policy, &people, &pairs(keys)), made_by };
    let blocks = [
        block(&own, &[Comparison::Email, Comparison::Phone]),
        block(&named, &[Comparison::FamilyName, Comparison::GivenName]),
        block(&at_home, &[Comparison::Street, Comparison::Place]),
    ];
    let random = random_patterns(policy, &people);
    let u = shares(policy, &random, |_| 1.0);
    // A few random pairs are one person after all. Taken for strangers they would make the rarest agreements look common.
    let some = people.len() as f64;
    let found = Fit::of_all(policy, &fits(policy, &blocks, &u), some * some / 2.0);
    let u = shares(policy, &random, |pattern| 1.0 - found.probability(pattern, &u, &[]));
    combine(policy, &fits(policy, &blocks, &u), &u)
}

/// Pairs that share a key, the first by the hash of their key: a function of the set of records.
fn pairs(keys: &[Vec<i64>]) -> Vec<(usize, usize)> {
    let mut entries: Vec<(i64, usize)> =
        keys.iter().enumerate().flat_map(|(place, keys)| keys.iter().map(move |key| (*key, place))).collect();
    entries.par_sort_unstable();
    let small = entries.chunk_by(|a, b| a.0 == b.0).filter(|it| (2..=LARGEST_BLOCK).contains(&it.len()));
    let in_block = |block: &[(i64, usize)]| -> Vec<(usize, usize)> {
        let places = block.iter().enumerate();
        places.flat_map(|(at, a)| block[at + 1..].iter().map(|b| (a.1, b.1))).collect()
    };
    let mut pairs: Vec<(usize, usize)> = small.flat_map(in_block).take(BLOCK_PAIRS).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn pattern(policy: &MatchingPolicy, a: Somebody<'_>, b: Somebody<'_>) -> Pattern {
    Levels::of(policy, &Hubs::default(), a, b).all().map(|(_, level)| level)
}

/// How often each pattern occurs among the pairs.
fn patterns(
    policy: &MatchingPolicy,
    people: &[Somebody<'_>],
    pairs: &[(usize, usize)],
) -> Vec<(Pattern, f64)> {
    let found: Vec<Pattern> = pairs.par_iter().map(|&(a, b)| pattern(policy, people[a], people[b])).collect();
    let mut counts: HashMap<Pattern, f64> = HashMap::new();
    found.into_iter().for_each(|it| *counts.entry(it).or_default() += 1.0);
    let mut counts: Vec<(Pattern, f64)> = counts.into_iter().collect();
    // Sums of floating-point numbers depend on their order.
    counts.sort_unstable_by_key(|it| it.0);
    counts
}

/// The patterns of random pairs.
fn random_patterns(policy: &MatchingPolicy, people: &[Somebody<'_>]) -> Vec<(Pattern, f64)> {
    let count = people.len() as u64;
    let place = |seed: u64| usize::try_from(mixed(seed) % count.max(1)).unwrap_or(0);
    let pairs: Vec<(usize, usize)> = (0..RANDOM_PAIRS.min(count * count))
        .map(|it| (place(2 * it), place(2 * it + 1)))
        .filter(|(a, b)| a != b)
        .collect();
    patterns(policy, people, &pairs)
}

/// How often strangers reach each level, where `stranger` says how surely a pattern is one of two people.
fn shares(
    policy: &MatchingPolicy,
    patterns: &[(Pattern, f64)],
    stranger: impl Fn(&Pattern) -> f64,
) -> [Shares; COMPARISONS.len()] {
    let weighed: Vec<(&Pattern, f64)> =
        patterns.iter().map(|(pattern, count)| (pattern, count * stranger(pattern))).collect();
    std::array::from_fn(|at| {
        let seen = |level: Level| -> f64 {
            weighed.iter().filter(|(it, _)| it[at] == Some(level)).map(|(_, count)| count).sum()
        };
        let counts: Shares = std::array::from_fn(|level| seen(Level::ALL[level]));
        smoothed(counts, implied_u(policy, COMPARISONS[at]), PRIOR_PAIRS)
    })
}

/// Spreads numbers in order evenly (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What the policy's points say of random pairs, if true pairs reach the levels as [`implied_m`] says.
fn implied_u(policy: &MatchingPolicy, of: Comparison) -> Shares {
    let m = implied_m(policy, of);
    let ratio = |level: usize| 10f64.powf(f64::from(policy.persons().of(of, Level::ALL[level])) / 10.0);
    normalised(std::array::from_fn(|level| m[level] / ratio(level)))
}

/// Where nothing was learned yet: most true pairs agree, and the rest is spread over what the policy knows.
fn implied_m(policy: &MatchingPolicy, of: Comparison) -> Shares {
    let share = |level: usize| match (policy.persons().of(of, Level::ALL[level]), level) {
        (0, _) => 0.0,
        (_, 0) => 0.7,
        _ => 0.06,
    };
    normalised(std::array::from_fn(share))
}

fn normalised(shares: Shares) -> Shares {
    let sum: f64 = shares.iter().sum();
    shares.map(|it| if sum > 0.0 { (it / sum).clamp(1e-6, 1.0) } else { 1e-6 })
}

fn smoothed(counts: Shares, prior: Shares, weight: f64) -> Shares {
    normalised(std::array::from_fn(|level| counts[level] + weight * prior[level]))
}

/// The parameters of one block: how many of its pairs are true, and how they reach the levels.
struct Fit {
    share_true: f64,
    m: [Shares; COMPARISONS.len()],
    true_pairs: f64,
}

fn fit(policy: &MatchingPolicy, block: &Block, u: &[Shares; COMPARISONS.len()]) -> Fit {
    let total: f64 = block.patterns.iter().map(|it| it.1).sum();
    let m = COMPARISONS.map(|it| implied_m(policy, it));
    let mut fit = Fit { share_true: 0.5, m, true_pairs: 0.0 };
    for _ in 0..ROUNDS {
        let mut counts = [[0.0; Level::ALL.len()]; COMPARISONS.len()];
        fit.true_pairs = 0.0;
        for (pattern, count) in &block.patterns {
            let expected = count * fit.probability(pattern, u, block.made_by);
            fit.true_pairs += expected;
            for (at, level) in pattern.iter().enumerate() {
                if let Some(level) = level {
                    counts[at][*level as usize] += expected;
                }
            }
        }
        fit.m =
            std::array::from_fn(|at| smoothed(counts[at], implied_m(policy, COMPARISONS[at]), PRIOR_PAIRS));
        fit.share_true = (fit.true_pairs / total.max(1.0)).clamp(1e-3, 1.0 - 1e-3);
    }
    fit
}

impl Fit {
    /// The probability that a pair of the pattern is one person, without what made the block.
    fn probability(&self, pattern: &Pattern, u: &[Shares; COMPARISONS.len()], made_by: &[Comparison]) -> f64 {
        let mut odds = self.share_true / (1.0 - self.share_true);
        for (at, level) in pattern.iter().enumerate() {
            if let Some(level) = level.filter(|_| !made_by.contains(&COMPARISONS[at])) {
                odds *= self.m[at][level as usize] / u[at][level as usize];
            }
        }
        odds / (1.0 + odds)
    }
}

fn fits<'a>(
    policy: &MatchingPolicy,
    blocks: &'a [Block],
    u: &[Shares; COMPARISONS.len()],
) -> Vec<(Fit, &'a Block)> {
    blocks.iter().map(|it| (fit(policy, it, u), it)).collect()
}

/// How true pairs reach the levels of one comparison: the mean of what the blocks say that can tell, by their true pairs.
fn mean_m(fits: &[(Fit, &Block)], at: usize) -> Option<Shares> {
    let can_tell = |it: &&(Fit, &Block)| !it.1.made_by.contains(&COMPARISONS[at]);
    let telling: Vec<&Fit> = fits.iter().filter(can_tell).map(|it| &it.0).collect();
    let weight: f64 = telling.iter().map(|it| it.true_pairs).sum();
    let mean = |level: usize| telling.iter().map(|it| it.m[at][level] * it.true_pairs).sum::<f64>() / weight;
    (weight >= LEAST_PAIRS).then(|| std::array::from_fn(mean))
}

fn most_true_pairs(fits: &[(Fit, &Block)]) -> f64 {
    fits.iter().map(|it| it.0.true_pairs).fold(0.0, f64::max)
}

impl Fit {
    /// The parameters of all pairs there are, `pairs` of them.
    fn of_all(policy: &MatchingPolicy, fits: &[(Self, &Block)], pairs: f64) -> Self {
        let m = |at: usize| mean_m(fits, at).unwrap_or_else(|| implied_m(policy, COMPARISONS[at]));
        let true_pairs = most_true_pairs(fits);
        let share_true = (true_pairs / pairs.max(1.0)).clamp(1e-9, 0.5);
        Self { share_true, m: std::array::from_fn(m), true_pairs }
    }
}

/// Points, from what the blocks say together.
fn combine(policy: &MatchingPolicy, fits: &[(Fit, &Block)], u: &[Shares; COMPARISONS.len()]) -> Learned {
    let mut learned = Learned {
        points: policy.persons().clone(),
        true_pairs: most_true_pairs(fits),
        equal: BTreeMap::new(),
    };
    for (at, of) in COMPARISONS.into_iter().enumerate() {
        let Some(m) = mean_m(fits, at) else { continue };
        learned.equal.insert(of, m[Level::Equal as usize]);
        set_points(&mut learned.points, of, &m, &u[at]);
    }
    learned
}

/// Levels that only colleagues reach: two mailboxes at one company. Beside random pairs they would count the company once more,
/// so the policy's own points stand.
const AMONG_COLLEAGUES: [(Comparison, Level); 2] =
    [(Comparison::Email, Level::Variant), (Comparison::Email, Level::Different)];

/// Points of the levels that the policy knows. A worse level is never worth more than a better one.
fn set_points(points: &mut Points, of: Comparison, m: &Shares, u: &Shares) {
    let is_learned =
        |points: &Points, level| points.of(of, level) != 0 && !AMONG_COLLEAGUES.contains(&(of, level));
    let mut most = MOST;
    for &level in Level::ALL.iter().filter(|it| **it < Level::Different) {
        if is_learned(points, level) {
            most = most.min(log_odds(m[level as usize], u[level as usize]));
            points.set(of, level, most);
        }
    }
    for level in [Level::Different, Level::Elsewhere] {
        if is_learned(points, level) {
            // Disagreement speaks clearly against; where it seems not to, EM took colleagues for a match.
            points.set(
                of,
                level,
                log_odds(m[level as usize], u[level as usize]).min(most).min(LEAST_AGAINST),
            );
        }
    }
}

fn log_odds(m: f64, u: f64) -> i32 {
    let odds = 10.0 * (m.clamp(1e-6, 1.0) / u.clamp(1e-6, 1.0)).log10();
    (odds.round() as i32).clamp(-MOST, MOST)
}
