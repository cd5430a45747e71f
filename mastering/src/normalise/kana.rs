//! Hiragana, katakana, small kana and long vowels.

/// The katakana of a hiragana; anything else is itself.
pub fn to_katakana(character: char) -> char {
    match character {
        'ぁ'..='ゖ' => char::from_u32(u32::from(character) + 0x60).unwrap_or(character),
        _ => character,
    }
}

/// The large form of a small kana: キャノン and キヤノン are written by the same people.
pub fn to_large(character: char) -> char {
    match character {
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => {
            char::from_u32(u32::from(character) + 1).unwrap_or(character)
        }
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ヴ' => 'ブ',
        _ => character,
    }
}

/// Whether it is hiragana or katakana, the long vowel mark included.
pub fn is_kana(character: char) -> bool {
    matches!(character, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー')
}

/// Whether it is a Chinese character.
pub fn is_ideograph(character: char) -> bool {
    matches!(character, '々' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_fold() {
        let large = |text: &str| text.chars().map(to_katakana).map(to_large).collect::<String>();
        assert_eq!(large("キャノン"), "キヤノン");
        assert_eq!(large("ゔぇっせる"), "ブエツセル");
    }
}
