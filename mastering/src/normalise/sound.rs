//! A coarse key of how a word sounds: first letter and the classes of the consonants that follow (after Soundex).
//!
//! It makes candidates and decides nothing.

/// Consonants that are kept after the first letter.
const LENGTH: usize = 4;

/// The key of a word in Latin letters; of any other the word itself.
pub fn sound(word: &str) -> String {
    let Some(first) = word.chars().next().filter(char::is_ascii_alphabetic) else {
        return word.to_owned();
    };
    let mut key = String::with_capacity(LENGTH + 1);
    key.push(match first {
        'c' | 'q' => 'k',
        'z' => 's',
        'v' => 'b',
        it => it,
    });
    let mut last = class(first);
    for letter in word.chars().skip(1) {
        let class = class(letter);
        if class != last && class != '0' && key.len() <= LENGTH {
            key.push(class);
        }
        // An h between two letters of one class does not part them.
        if letter != 'h' && letter != 'w' {
            last = class;
        }
    }
    key
}

fn class(letter: char) -> char {
    match letter {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        _ => '0',
    }
}

#[cfg(test)]
mod tests {
    use super::sound;

    #[test]
    fn what_sounds_alike_has_one_key() {
        for (a, b) in
            [("smith", "smyth"), ("christina", "kristina"), ("ramirez", "ramires"), ("yamada", "yamata")]
        {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("yamada"), sound("yamamoto"));
        assert_eq!(sound("極"), "極");
    }
}
