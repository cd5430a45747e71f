//! The columns of each sheet, by their names in code and in Japanese; a file may use either.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// As exports write it.
    pub(super) name: &'static str,
    /// As people write it.
    pub(super) ja: &'static str,
}

macro_rules! columns {
    ($($constant:ident = $name:literal, $ja:literal;)+) => {
        $(pub(super) const $constant: Column = Column { name: $name, ja: $ja };)+
    };
}

columns! {
    PARTNER = "partner", "パートナー";
    LEGAL_NAME = "legal_name", "正式名称";
    LEGAL_NAME_KANA = "legal_name_kana", "正式名称カナ";
    DISPLAY_NAME_JA = "display_name_ja", "表示名";
    DISPLAY_NAME_EN = "display_name_en", "英語名";
    CORPORATE_NUMBER = "corporate_number", "法人番号";
    INVOICE_REGISTRATION_NO = "invoice_registration_no", "登録番号";
    TYPES = "types", "種別";
    STATUS = "status", "状態";
    PARENT = "parent", "親パートナー";
    MANAGERS = "managers", "担当者";
    CRM_ACCOUNT_REF = "crm_account_ref", "取引先ID";
    FAMILY_NAME = "family_name", "姓";
    GIVEN_NAME = "given_name", "名";
    FAMILY_NAME_KANA = "family_name_kana", "セイ";
    GIVEN_NAME_KANA = "given_name_kana", "メイ";
    EMAIL = "email", "メールアドレス";
    JOB_FUNCTION = "job_function", "職種";
    ROLE = "role", "権限";
    NUMBER = "number", "契約番号";
    CONTRACT_TYPE = "contract_type", "契約種別";
    START_DATE = "start_date", "開始日";
    END_DATE = "end_date", "終了日";
    SIGNED_ON = "signed_on", "締結日";
    PRODUCTS = "products", "製品";
    PREFECTURES = "prefectures", "都道府県";
    INDUSTRIES = "industries", "業種";
    NOTICE_DAYS = "notice_days", "通知日数";
    AUTO_RENEW = "auto_renew", "自動更新";
    RENEWAL_TERM_MONTHS = "renewal_term_months", "更新月数";
    PRICE_TERMS = "price_terms", "価格条件";
    PAYMENT_TERMS = "payment_terms", "支払条件";
    TERMINATION_TERMS = "termination_terms", "解約条件";
    CLAUSE_NDA = "clause_nda", "秘密保持";
    CLAUSE_NON_COMPETE = "clause_non_compete", "競業避止";
    CLAUSE_IP = "clause_ip", "知的財産";
    SHORTFALL_ACTION = "shortfall_action", "未達時対応";
    JURISDICTION = "jurisdiction", "管轄";
    NAMED_ACCOUNTS = "named_accounts", "指名顧客";
    IS_EXCLUSIVE = "is_exclusive", "専任";
    VALID_FROM = "valid_from", "有効開始日";
    VALID_UNTIL = "valid_until", "有効終了日の翌日";
}

pub(super) const PARTNERS: &[Column] = &[
    LEGAL_NAME,
    LEGAL_NAME_KANA,
    DISPLAY_NAME_JA,
    DISPLAY_NAME_EN,
    CORPORATE_NUMBER,
    INVOICE_REGISTRATION_NO,
    TYPES,
    STATUS,
    PARENT,
    MANAGERS,
    CRM_ACCOUNT_REF,
];

pub(super) const USERS: &[Column] =
    &[PARTNER, FAMILY_NAME, GIVEN_NAME, FAMILY_NAME_KANA, GIVEN_NAME_KANA, EMAIL, JOB_FUNCTION, ROLE, STATUS];

pub(super) const CONTRACTS: &[Column] = &[
    PARTNER,
    NUMBER,
    CONTRACT_TYPE,
    START_DATE,
    END_DATE,
    SIGNED_ON,
    PRODUCTS,
    PREFECTURES,
    INDUSTRIES,
    NOTICE_DAYS,
    AUTO_RENEW,
    RENEWAL_TERM_MONTHS,
    PRICE_TERMS,
    PAYMENT_TERMS,
    TERMINATION_TERMS,
    CLAUSE_NDA,
    CLAUSE_NON_COMPETE,
    CLAUSE_IP,
    SHORTFALL_ACTION,
    JURISDICTION,
];

pub(super) const TERRITORIES: &[Column] =
    &[PARTNER, PREFECTURES, INDUSTRIES, PRODUCTS, NAMED_ACCOUNTS, IS_EXCLUSIVE, VALID_FROM, VALID_UNTIL];
