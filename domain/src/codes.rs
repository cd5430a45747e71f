//! Closed lists: every value has a stable code and a label in two languages.
//!
//! Here: the `codes!` macro and the error for a code that is not in its list.
//! Not here: the lists themselves; each stands in the module of its subject.

/// A text that is not one of the codes of a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a {list}; use one of {allowed}")]
pub struct UnknownCode {
    /// Name of the list, such as `PartnerStatus`.
    pub list: &'static str,
    /// What was given.
    pub given: String,
    /// The codes that would have been right, separated by commas.
    pub allowed: String,
}

/// Declares a closed list: stable code (the variant in `SCREAMING_SNAKE_CASE`), Japanese label, English label.
///
/// The code is what is stored, sent and compared; labels are only shown.
#[macro_export]
macro_rules! codes {
    ($( $(#[$meta:meta])* pub enum $name:ident { $( $(#[$item:meta])* $variant:ident($ja:literal, $en:literal) ),+ $(,)? } )+) => {$(
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, strum::EnumString, strum::IntoStaticStr,
        )]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[strum(serialize_all = "SCREAMING_SNAKE_CASE", parse_err_ty = $crate::codes::UnknownCode, parse_err_fn = Self::unknown)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        #[cfg_attr(feature = "store", derive(sea_orm::DeriveValueType), sea_orm(value_type = "String"))]
        $(#[$meta])*
        pub enum $name {
            $(
                #[doc = concat!($ja, " / ", $en)]
                $(#[$item])*
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                self.into()
            }

            /// The label shown to people.
            pub fn label(self, language: $crate::text::Language) -> &'static str {
                use $crate::text::Language;
                match (self, language) {
                    $(
                        (Self::$variant, Language::Ja) => $ja,
                        (Self::$variant, Language::En) => $en,
                    )+
                }
            }

            fn unknown(given: &str) -> $crate::codes::UnknownCode {
                let allowed = Self::ALL.iter().map(|it| it.code()).collect::<Vec<_>>().join(", ");
                $crate::codes::UnknownCode { list: stringify!($name), given: given.to_owned(), allowed }
            }
        }

        #[cfg(feature = "store")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::Custom(concat!(stringify!($name), " is never made by the database").to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use crate::partners::PartnerStatus;
    use crate::text::Language;

    #[test]
    fn a_code_is_stable_and_labelled_in_both_languages() {
        assert_eq!(PartnerStatus::Onboarding.code(), "ONBOARDING");
        assert_eq!(PartnerStatus::Onboarding.label(Language::Ja), "導入中");
        assert_eq!("ONBOARDING".parse(), Ok(PartnerStatus::Onboarding));
    }

    #[test]
    fn an_unknown_code_says_which_would_have_been_right() {
        let error = "GONE".parse::<PartnerStatus>().unwrap_err();
        assert!(error.to_string().contains("`GONE` is not a PartnerStatus; use one of PROSPECT, APPLICANT"));
    }
}
