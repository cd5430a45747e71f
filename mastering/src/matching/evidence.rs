//! What was compared, how far it agreed, and what that was worth.

domain::codes! {
    /// What two records are compared by.
    pub enum Comparison {
        CorporateNumber("法人番号", "Corporate number"),
        Email("メール", "E-mail"),
        Name("名称", "Name"),
        Domain("ドメイン", "Web domain"),
        Phone("電話番号", "Phone"),
        PostalCode("郵便番号", "Postal code"),
        Prefecture("都道府県", "Prefecture"),
        LegalForm("法人格とその位置", "Legal form and its place"),
        FamilyName("姓", "Family name"),
        GivenName("名", "Given name"),
        Company("勤務先", "Company"),
        Street("町名・番地", "Street"),
        Place("市区町村・郵便番号", "City and postal code"),
    }

    /// How far two values agree. A missing value is neither agreement nor disagreement.
    pub enum Level {
        Equal("一致", "Equal"),
        Variant("別表記", "Written another way"),
        Shared("共用の値で一致", "Equal, but of a line that others share"),
        Similar("類似", "Similar"),
        Partial("部分一致", "Equal in part"),
        Different("相違", "Different"),
        Elsewhere("別の場所", "In another place"),
    }

    /// What forbids that two records are one, whatever else agrees.
    pub enum Veto {
        CorporateNumbersDiffer("法人番号が異なる", "Corporate numbers differ"),
        NamesDiffer("氏名が異なる", "Names differ"),
        Namesakes("同姓同名の別人", "Namesakes with mailboxes of their own"),
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
