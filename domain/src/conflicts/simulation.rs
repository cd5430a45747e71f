//! Ten thousand registrations on a few accounts: every verdict replays to the same bytes, on one thread and on eight.

use uuid::Uuid;

use super::given::{P1, P2, P3, direct, facts, registration, with_bid};
use super::*;
use crate::ids::GoldenId;
use crate::territories::Coverage;

/// Numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// All registrations on one account, with or without direct sales.
fn account(numbers: &mut Numbers, number: u128) -> Vec<Claim> {
    let mut claims: Vec<Claim> = (0..5).map(|at| drawn_registration(numbers, number * 10 + at)).collect();
    if numbers.below(3) == 0 {
        claims.push(direct("03-01", &["04-02", "04-10"]));
    }
    for claim in &mut claims {
        claim.account.golden = GoldenId(Uuid::from_u128(number));
    }
    claims
}

fn drawn_registration(numbers: &mut Numbers, id: u128) -> Claim {
    let partner = [P1, P2, P3][numbers.below(3) as usize];
    let submitted = format!("04-{:02} 10:{:02}", numbers.below(28) + 1, numbers.below(60));
    let coverage = Coverage::ALL[numbers.below(3) as usize];
    let claim = with_bid(registration(partner, &submitted), |bid| {
        bid.coverage = coverage;
        bid.priority.submission_seq = id as u64;
    });
    let products = ["X", "Y", "X Y", ""][numbers.below(4) as usize].split_whitespace().collect();
    Claim { id: Uuid::from_u128(id), products, ..claim }
}

fn cases() -> Vec<Facts> {
    let mut numbers = Numbers(20_261_122);
    let accounts = (1..=2_000).map(|number| account(&mut numbers, number));
    accounts.flat_map(|claims| every_registration_asks(&claims)).collect()
}

fn every_registration_asks(claims: &[Claim]) -> Vec<Facts> {
    let asking = claims.iter().filter(|it| it.bid().is_some());
    asking.map(|it| Facts { subject: it.key(), ..facts(claims) }).collect()
}

fn canonical(policy: &ConflictPolicy, facts: &Facts) -> String {
    judge(policy, facts.clone().try_into().unwrap()).canonical_json()
}

/// Judges the facts as gathered the other way round, replays the verdict, and gives its bytes.
fn judged_and_replayed(policy: &ConflictPolicy, facts: &Facts) -> String {
    let reversed = Facts { claims: facts.claims.iter().rev().cloned().collect(), ..facts.clone() };
    let stored = canonical(policy, &reversed);
    assert_eq!(replay(&stored, policy).unwrap().canonical_json(), stored);
    stored
}

#[test]
fn ten_thousand_verdicts_are_the_same_on_one_thread_on_eight_and_reversed() {
    let (policy, cases) = (&ConflictPolicy::default(), cases());
    assert_eq!(cases.len(), 10_000);
    let alone: Vec<String> = cases.iter().map(|it| canonical(policy, it)).collect();
    let together: Vec<String> = std::thread::scope(|scope| {
        let judged = |chunk: &[Facts]| -> Vec<String> {
            chunk.iter().map(|it| judged_and_replayed(policy, it)).collect()
        };
        let threads: Vec<_> =
            cases.chunks(cases.len() / 8).map(|chunk| scope.spawn(move || judged(chunk))).collect();
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(alone, together);
}
