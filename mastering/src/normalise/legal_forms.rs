//! Legal forms of companies and where they stand: 前株 (株式会社X) and 後株 (X株式会社) are different registered names.

domain::codes! {
    /// The legal form of an organisation.
    pub enum LegalForm {
        Kabushiki("株式会社", "Kabushiki kaisha"),
        Yugen("有限会社", "Yugen kaisha"),
        Godo("合同会社", "Godo kaisha"),
        Goshi("合資会社", "Goshi kaisha"),
        Gomei("合名会社", "Gomei kaisha"),
        Association("社団法人", "Incorporated association"),
        Foundation("財団法人", "Incorporated foundation"),
        Medical("医療法人", "Medical corporation"),
        School("学校法人", "Educational corporation"),
        Religious("宗教法人", "Religious corporation"),
        Welfare("社会福祉法人", "Social welfare corporation"),
        NonProfit("特定非営利活動法人", "Specified non-profit corporation"),
        Agency("独立行政法人", "Incorporated administrative agency"),
        University("国立大学法人", "National university corporation"),
        Professional("士業法人", "Professional corporation"),
        Cooperative("協同組合", "Cooperative"),
        Mutual("相互会社", "Mutual company"),
        Limited("有限責任会社", "Limited"),
        Incorporated("法人", "Incorporated"),
        LimitedLiability("有限責任会社(LLC)", "Limited liability company"),
        Partnership("組合", "Partnership"),
        Foreign("外国会社", "Foreign company"),
    }

    /// Where the legal form stands.
    pub enum Position {
        Head("前", "Before the name"),
        Tail("後", "After the name"),
    }
}

impl LegalForm {
    /// Whether two forms cannot be one: "Co., Ltd." and "Inc." are translations of 株式会社, chosen freely.
    pub fn contradicts(self, other: Self) -> bool {
        use LegalForm::{Incorporated, Kabushiki, Limited};
        let is_translation = |a, b| a == Kabushiki && matches!(b, Limited | Incorporated);
        self != other && !is_translation(self, other) && !is_translation(other, self)
    }
}

/// Japanese forms as they stand at the head or tail of a name. Longer ones come first.
const JAPANESE: &[(&str, LegalForm)] = &[
    ("特定非営利活動法人", LegalForm::NonProfit),
    ("一般社団法人", LegalForm::Association),
    ("公益社団法人", LegalForm::Association),
    ("一般財団法人", LegalForm::Foundation),
    ("公益財団法人", LegalForm::Foundation),
    ("医療法人社団", LegalForm::Medical),
    ("医療法人財団", LegalForm::Medical),
    ("社会福祉法人", LegalForm::Welfare),
    ("独立行政法人", LegalForm::Agency),
    ("国立大学法人", LegalForm::University),
    ("カブシキガイシャ", LegalForm::Kabushiki),
    ("カブシキカイシャ", LegalForm::Kabushiki),
    ("ユウゲンガイシャ", LegalForm::Yugen),
    ("ゴウドウガイシャ", LegalForm::Godo),
    ("税理士法人", LegalForm::Professional),
    ("弁護士法人", LegalForm::Professional),
    ("監査法人", LegalForm::Professional),
    ("株式会社", LegalForm::Kabushiki),
    ("有限会社", LegalForm::Yugen),
    ("合同会社", LegalForm::Godo),
    ("合資会社", LegalForm::Goshi),
    ("合名会社", LegalForm::Gomei),
    ("相互会社", LegalForm::Mutual),
    ("社団法人", LegalForm::Association),
    ("財団法人", LegalForm::Foundation),
    ("医療法人", LegalForm::Medical),
    ("学校法人", LegalForm::School),
    ("宗教法人", LegalForm::Religious),
    ("npo法人", LegalForm::NonProfit),
    ("協同組合", LegalForm::Cooperative),
    ("(株)", LegalForm::Kabushiki),
    ("(有)", LegalForm::Yugen),
    ("(同)", LegalForm::Godo),
    ("(合)", LegalForm::Godo),
    ("(資)", LegalForm::Goshi),
    ("(名)", LegalForm::Gomei),
    ("(医)", LegalForm::Medical),
    ("(学)", LegalForm::School),
    ("(社)", LegalForm::Association),
    ("(財)", LegalForm::Foundation),
    ("(福)", LegalForm::Welfare),
    ("(宗)", LegalForm::Religious),
    ("(独)", LegalForm::Agency),
    ("(カ)", LegalForm::Kabushiki),
    ("(ユ)", LegalForm::Yugen),
    ("(ド)", LegalForm::Godo),
];

/// Short forms of bank transfers: open at the side where the name is.
const AT_HEAD: &[(&str, LegalForm)] = &[
    ("カ)", LegalForm::Kabushiki),
    ("ユ)", LegalForm::Yugen),
    ("ド)", LegalForm::Godo),
    ("シャ)", LegalForm::Association),
    ("イ)", LegalForm::Medical),
];
const AT_TAIL: &[(&str, LegalForm)] =
    &[("(カ", LegalForm::Kabushiki), ("(ユ", LegalForm::Yugen), ("(ド", LegalForm::Godo)];

/// Words of Latin forms, without full stops. What a form ends in names it.
const LATIN: &[(&str, LegalForm)] = &[
    ("ltd", LegalForm::Limited),
    ("limited", LegalForm::Limited),
    ("co", LegalForm::Limited),
    ("company", LegalForm::Limited),
    ("plc", LegalForm::Limited),
    ("pty", LegalForm::Limited),
    ("pte", LegalForm::Limited),
    ("inc", LegalForm::Incorporated),
    ("incorporated", LegalForm::Incorporated),
    ("corp", LegalForm::Incorporated),
    ("corporation", LegalForm::Incorporated),
    ("kk", LegalForm::Kabushiki),
    ("gk", LegalForm::Godo),
    ("yk", LegalForm::Yugen),
    ("llc", LegalForm::LimitedLiability),
    ("llp", LegalForm::Partnership),
    ("lp", LegalForm::Partnership),
    ("gmbh", LegalForm::Foreign),
    ("ag", LegalForm::Foreign),
    ("kg", LegalForm::Foreign),
    ("sa", LegalForm::Foreign),
    ("sas", LegalForm::Foreign),
    ("sarl", LegalForm::Foreign),
    ("srl", LegalForm::Foreign),
    ("spa", LegalForm::Foreign),
    ("bv", LegalForm::Foreign),
    ("nv", LegalForm::Foreign),
    ("ab", LegalForm::Foreign),
    ("oy", LegalForm::Foreign),
    ("oyj", LegalForm::Foreign),
    ("bhd", LegalForm::Foreign),
    ("sdn", LegalForm::Foreign),
];

/// The folded name without its legal form, and the form. A name made only of a form keeps it.
pub fn strip(folded: &str) -> (&str, Option<(LegalForm, Position)>) {
    japanese(folded).or_else(|| latin(folded)).map_or((folded, None), |(rest, form)| (rest, Some(form)))
}

/// Whether the text is a Japanese legal form and nothing else.
pub(super) fn is_form(folded: &str) -> bool {
    JAPANESE.iter().any(|(text, _)| *text == folded)
}

fn japanese(name: &str) -> Option<(&str, (LegalForm, Position))> {
    if name.is_ascii() {
        return None;
    }
    // Hardly any form begins or ends as the name does, which is seen in one step; every form has three bytes at least.
    let (first, last) = (name.as_bytes().first_chunk::<3>(), name.as_bytes().last_chunk::<3>());
    let at_head = JAPANESE.iter().chain(AT_HEAD).find_map(|&(text, form)| {
        if text.as_bytes().first_chunk() != first {
            return None;
        }
        let rest = name.strip_prefix(text)?.trim_start();
        (!rest.is_empty()).then_some((rest, (form, Position::Head)))
    });
    at_head.or_else(|| {
        JAPANESE.iter().chain(AT_TAIL).find_map(|&(text, form)| {
            if text.as_bytes().last_chunk() != last {
                return None;
            }
            let rest = name.strip_suffix(text)?.trim_end();
            (!rest.is_empty()).then_some((rest, (form, Position::Tail)))
        })
    })
}

fn latin(name: &str) -> Option<(&str, (LegalForm, Position))> {
    let mut rest = name;
    let mut found = None;
    while let Some((shorter, form)) = last_latin_word(rest) {
        // "Co., Ltd." is named by its last word.
        found = found.or(Some(form));
        rest = shorter;
    }
    Some((rest, (found?, Position::Tail)))
}

fn last_latin_word(name: &str) -> Option<(&str, LegalForm)> {
    let name = name.trim_end_matches([' ', ',', '.']);
    let start = name.rfind([' ', ',']).map(|it| it + 1)?;
    let word: String = name[start..].chars().filter(|&it| it != '.' && it != '/').collect();
    let &(_, form) = LATIN.iter().find(|(text, _)| *text == word)?;
    let rest = name[..start].trim_end_matches([' ', ',', '.', '&']);
    (!rest.is_empty()).then_some((rest, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_found_at_head_or_tail() {
        use LegalForm::*;
        for (name, rest, form) in [
            ("株式会社極洋", "極洋", Some((Kabushiki, Position::Head))),
            ("極洋株式会社", "極洋", Some((Kabushiki, Position::Tail))),
            ("(株) 極洋", "極洋", Some((Kabushiki, Position::Head))),
            ("カ)キヨクヨウ", "キヨクヨウ", Some((Kabushiki, Position::Head))),
            ("キヨクヨウ(カ", "キヨクヨウ", Some((Kabushiki, Position::Tail))),
            ("医療法人社団慈恵会", "慈恵会", Some((Medical, Position::Head))),
            ("kyokuyo co.,ltd.", "kyokuyo", Some((Limited, Position::Tail))),
            ("kyokuyo, k.k.", "kyokuyo", Some((Kabushiki, Position::Tail))),
            ("colorado group", "colorado group", None),
            ("the limited", "the", Some((Limited, Position::Tail))),
            ("株式会社", "株式会社", None),
        ] {
            assert_eq!(strip(name), (rest, form), "{name}");
        }
    }

    #[test]
    fn a_translation_is_no_other_form() {
        assert!(!LegalForm::Kabushiki.contradicts(LegalForm::Limited));
        assert!(LegalForm::Kabushiki.contradicts(LegalForm::Yugen));
        assert!(LegalForm::Limited.contradicts(LegalForm::Incorporated));
    }
}
