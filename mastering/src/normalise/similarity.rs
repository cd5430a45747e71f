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

/// Which letters a word has; two may share a bit.
fn letter_set(word: &str) -> u64 {
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
    use super::slips;

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
    fn what_is_very_long_costs_no_more() {
        let long = "a".repeat(1_000);
        assert_eq!(slips(&long, &format!("{long}b"), 1), Some(0));
    }
}
