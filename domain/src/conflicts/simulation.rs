//! Ten thousand registrations on two thousand accounts, among leads, incumbents and direct sales: every verdict comes out, and
//! replays, to the same bytes, however the facts were gathered, on one thread and on eight.

use uuid::Uuid;

use super::given::{P1, P2, P3, at, direct, facts, incumbent, registration, renewal, with_bid};
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

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len() as u64) as usize]
    }

    /// Puts things into another order (Fisher and Yates).
    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// What there is to know of one account, asked by each of its five registrations.
fn account(numbers: &mut Numbers, number: u128) -> Vec<Facts> {
    let mut claims: Vec<Claim> = (0..5).map(|at| drawn_registration(numbers, number * 10 + at)).collect();
    let asking: Vec<ClaimKey> = claims.iter().map(Claim::key).collect();
    claims.extend(numbers.one_in(3).then(|| direct("03-01", &["04-02", "04-10"])));
    claims.extend(numbers.one_in(4).then(|| incumbent(numbers.of(&[P1, P2, P3]), "09-30")));
    claims.extend(numbers.one_in(4).then(|| accepted_lead(numbers, number * 10 + 7)));
    let golden = GoldenId(Uuid::from_u128(number));
    let beside = GoldenId(Uuid::from_u128(number + 1_000_000));
    for claim in &mut claims {
        claim.account.golden = golden;
        claim.account.possible.extend(numbers.one_in(20).then_some(beside));
    }
    let known = Facts {
        reserved_to: numbers.one_in(8).then(|| observed_party(numbers)),
        customer_choice: numbers
            .one_in(8)
            .then(|| Observed { value: numbers.of(&[P1, P2]), observed_at: at("05-01") }),
        ..facts(&claims)
    };
    asking.into_iter().map(|subject| Facts { subject, ..known.clone() }).collect()
}

fn observed_party(numbers: &mut Numbers) -> Observed<Party> {
    Observed { value: numbers.of(&[Party::Direct, Party::Partner(P2)]), observed_at: at("05-01") }
}

fn drawn_registration(numbers: &mut Numbers, id: u128) -> Claim {
    let submitted = format!("04-{:02} 10:{:02}", numbers.below(28) + 1, numbers.below(60));
    let (coverage, distributor) = (numbers.of(Coverage::ALL), numbers.one_in(6).then_some(P1));
    let claim = with_bid(registration(numbers.of(&[P1, P2, P3]), &submitted), |bid| {
        bid.coverage = coverage;
        bid.distributor = distributor.filter(|it| *it != bid.partner);
        bid.priority.submission_seq = id as u64;
    });
    let products = numbers.of(&["X", "Y", "X Y", ""]).split_whitespace().collect();
    let claim = if numbers.one_in(5) { renewal(claim) } else { claim };
    Claim { id: Uuid::from_u128(id), products, ..claim }
}

fn accepted_lead(numbers: &mut Numbers, id: u128) -> Claim {
    let claim = drawn_registration(numbers, id);
    let bid = *claim.bid().unwrap();
    Claim { ground: Ground::AcceptedLead { lead: GoldenId(claim.id), bid }, ..claim }
}

fn cases() -> Vec<Facts> {
    let mut numbers = Numbers(20_261_122);
    (1..=2_000).flat_map(|number| account(&mut numbers, number)).collect()
}

/// Judges all cases on so many threads, the cases and the facts of each in an order of their own, and replays every verdict.
/// Gives the bytes in the order of the cases.
fn simulated(policy: &ConflictPolicy, cases: &[Facts], threads: usize, order: u64) -> Vec<String> {
    let mut places: Vec<usize> = (0..cases.len()).collect();
    Numbers(order).shuffle(&mut places);
    let mut bytes = vec![String::new(); cases.len()];
    std::thread::scope(|scope| {
        let share = places.len().div_ceil(threads);
        let judged: Vec<_> = places
            .chunks(share)
            .map(|places| {
                scope.spawn(move || {
                    let mut numbers = Numbers(order + places[0] as u64);
                    let judge =
                        |place: &usize| (*place, judged_and_replayed(policy, &cases[*place], &mut numbers));
                    places.iter().map(judge).collect::<Vec<_>>()
                })
            })
            .collect();
        for (place, text) in judged.into_iter().flat_map(|it| it.join().unwrap()) {
            bytes[place] = text;
        }
    });
    bytes
}

fn judged_and_replayed(policy: &ConflictPolicy, facts: &Facts, numbers: &mut Numbers) -> String {
    let mut facts = facts.clone();
    numbers.shuffle(&mut facts.claims);
    let stored = judge(policy, facts.try_into().unwrap()).canonical_json();
    assert_eq!(replay(&stored, policy).unwrap().canonical_json(), stored);
    stored
}

#[test]
fn ten_thousand_verdicts_are_the_same_in_any_order_on_one_thread_and_on_eight() {
    let (policy, cases) = (&ConflictPolicy::default(), cases());
    assert_eq!(cases.len(), 10_000);
    let alone = simulated(policy, &cases, 1, 1);
    assert_eq!(alone, simulated(policy, &cases, 8, 2));
    for outcome in ["CLEAR", "UPHELD", "COEXIST", "MANUAL"] {
        let came_out = format!("\"outcome\":\"{outcome}\"");
        assert!(alone.iter().any(|it| it.contains(&came_out)), "some cases come to {outcome}");
    }
}
