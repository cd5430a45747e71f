//! What was compared, how far it agreed, and what that was worth.

domain::codes! {
    /// What two records are compared by.
    pub enum Comparison {
        CorporateNumber("法人番号", "Corporate number"),
        Email("メール", "E-mail"),
        Name("名称", "Name"),
        Kana("読み", "Reading"),
        Domain("ドメイン", "Web domain"),
        Phone("電話番号", "Phone"),
        PostalCode("郵便番号", "Postal code"),
        Prefecture("都道府県", "Prefecture"),
        LegalForm("法人格とその位置", "Legal form and its place"),
        Account("取引先", "Account"),
    }

    /// How far two values agree. A missing value is neither agreement nor disagreement.
    pub enum Level {
        Equal("一致", "Equal"),
        Similar("類似", "Similar"),
        Different("相違", "Different"),
    }

    /// What forbids that two records are one, whatever else agrees.
    pub enum Veto {
        CorporateNumbersDiffer("法人番号が異なる", "Corporate numbers differ"),
        NamesDiffer("氏名が異なる", "Names differ"),
        NeverMatch("別指定", "Declared different"),
        SameSystem("同一システムの別レコード", "Two records of one system"),
        NotTogether("全体として一致しない", "The group would not hold together"),
        GroupTooLarge("グループが大きすぎる", "Group too large"),
    }

    /// Why a score that would join two records does not.
    pub enum Reservation {
        OneIdentifier("独立した識別子が一つだけ", "Only one independent identifier"),
        SameSystem("同一システムの別レコード", "Two records of one system"),
        NobodyNamed("個人の一致がない", "Nothing personal agrees"),
    }
}

/// One comparison and its worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// What was compared.
    pub comparison: Comparison,
    /// How far it agreed.
    pub level: Level,
    /// What the policy gives for it.
    pub points: i32,
}
