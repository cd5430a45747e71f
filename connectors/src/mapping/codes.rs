//! The closed lists that fields take their values from.
//!
//! Here: which field has which list of `domain`. Not here: the lists.

use domain::codes::UnknownCode;
use domain::fields::{Field, lead};
use domain::leads::{LeadOrigin, LeadStage};

/// Refuses a value that is not in its field's list. Fields without a list of ours take everything.
pub(super) fn check(field: Field, value: &str) -> Result<(), UnknownCode> {
    match field {
        lead::stage => value.parse::<LeadStage>().map(drop),
        lead::origin => value.parse::<LeadOrigin>().map(drop),
        _ => Ok(()),
    }
}

/// Whether the field may have the value.
pub(super) fn is_allowed(field: Field, value: &str) -> bool {
    check(field, value).is_ok()
}
