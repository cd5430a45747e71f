//! How far two words are apart, in typing slips. Counted in whole slips, so that every machine counts alike, and without
//! allocating, because millions of pairs are compared.

/// Letters that are looked at; what follows them is not compared.
const LONGEST: usize = 48;

/// A word as a fixed array of letters.
struct Letters {
    letters: [char; LONGEST],
    length: usize,
}

impl Letters {
    fn of(word: &str) -> Self {
        let mut letters = ['\0'; LONGEST];
        let mut length = 0;
        for (place, letter) in letters.iter_mut().zip(word.chars()) {
            *place = letter;
            length += 1;
        }
        Self { letters, length }
    }

    fn as_slice(&self) -> &[char] {
        &self.letters[..self.length]
    }
}

/// Slips between two words, up to `most`: a letter added, left out, replaced, or two neighbours turned (optimal string
/// alignment). `None` when it takes more.
pub fn slips(a: &str, b: &str, most: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    // One slip changes one letter's bytes at most; where letters are cut off, their number says nothing.
    let widest = if a.is_ascii() && b.is_ascii() { 1 } else { 4 };
    if a.len().max(b.len()) <= LONGEST && a.len().abs_diff(b.len()) > widest * most {
        return None;
    }
    // One slip changes two letters of the set at most.
    if (letter_set(a) ^ letter_set(b)).count_ones() as usize > 2 * most {
        return None;
    }
    let (a, b) = (Letters::of(a), Letters::of(b));
    let (a, b) = (a.as_slice(), b.as_slice());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let found = distance(a, b);
    (found <= most).then_some(found)
}

/// Whether two words are alike at least so much (Jaro–Winkler, 0 to 1).
pub fn are_alike(a: &str, b: &str, least: f64) -> bool {
    a == b || (most_alike(a, b) >= least && strsim::jaro_winkler(a, b) >= least)
}

/// How alike two words with letters are at most, by their lengths, their first letters and which letters they have at all. Nearly all
/// pairs of names of companies end here.
fn most_alike(a: &str, b: &str) -> f64 {
    let (letters, other_letters) = (letter_set(a), letter_set(b));
    let (length, other_length) = (a.chars().count(), b.chars().count());
    let unmatched = |mine: u64, theirs: u64| (mine & !theirs).count_ones() as usize;
    let matches = (length - unmatched(letters, other_letters))
        .min(other_length - unmatched(other_letters, letters)) as f64;
    let jaro = (matches / length.max(1) as f64 + matches / other_length.max(1) as f64 + 1.0) / 3.0;
    let start = a.chars().zip(b.chars()).take(4).take_while(|(a, b)| a == b).count() as f64;
    // A little more, because the sums of both ways are rounded differently.
    jaro + 0.1 * start * (1.0 - jaro) + 1e-9
}

/// Which letters a word has; two may share a bit.
pub(super) fn letter_set(word: &str) -> u64 {
    word.chars().fold(0, |set, letter| set | 1 << (u32::from(letter) & 63))
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = [0; LONGEST + 1];
    let mut last = [0; LONGEST + 1];
    let mut now = [0; LONGEST + 1];
    last.iter_mut().enumerate().for_each(|(place, it)| *it = place);
    for (i, &letter) in a.iter().enumerate() {
        now[0] = i + 1;
        for (j, &other) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != other);
            let mut least = replaced.min(last[j + 1] + 1).min(now[j] + 1);
            if i > 0 && j > 0 && letter == b[j - 1] && a[i - 1] == other {
                least = least.min(before[j - 1] + 1);
            }
            now[j + 1] = least;
        }
        (before, last, now) = (last, now, before);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{are_alike, most_alike, slips};

    #[test]
    fn slips_are_counted() {
        for (a, b, most, expected) in [
            ("smith", "smith", 0, Some(0)),
            ("smith", "smiht", 1, Some(1)),
            ("smith", "smyth", 1, Some(1)),
            ("smith", "smit", 1, Some(1)),
            ("schweinberg", "schwienburg", 2, Some(2)),
            ("smith", "jones", 2, None),
            ("山田太郎", "山田次郎", 1, Some(1)),
            ("lee", "li", 1, None),
        ] {
            assert_eq!(slips(a, b, most), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_bound_is_never_less_than_the_likeness() {
        let words =
            ["a", "acme", "acme trading", "emca", "マルハニチロ", "マルハ", "極洋", "aaaa", "日本水産"];
        for (a, b) in words.iter().flat_map(|a| words.map(|b| (*a, b))) {
            assert!(most_alike(a, b) >= strsim::jaro_winkler(a, b), "{a} {b}");
        }
        assert!(are_alike("acme trading", "acme tradin", 0.92) && !are_alike("acme", "emca", 0.92));
    }

    #[test]
    fn what_is_very_long_costs_no_more() {
        let long = "a".repeat(1_000);
        assert_eq!(slips(&long, &format!("{long}b"), 1), Some(0));
    }
}
