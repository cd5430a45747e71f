//! Every way a request fails, and what a client sees of it.
//!
//! Here: the one error of use cases, the codes of refusals, and the mask that lets nothing else out.
//! Not here: what can be refused; that stands with the rule (`domain`, the features).

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError};
use domain::alerts::AlertRefusal;
use domain::calendar::CalendarEnds;
use domain::codes::UnknownCode;
use domain::conflicts::{ConflictRefusal, InvalidResolution, TooManyChecks};
use domain::contracts::{ImpossibleContractStep, InvalidAmendment, InvalidTerm};
use domain::corporate_number::InvalidCorporateNumber;
use domain::distribution::OfferRefusal;
use domain::enablement::{AssignmentRefusal, GateRefusal, InvalidSearch};
use domain::engagement::EventRefusal;
use domain::fields::InvalidValue;
use domain::kpis::catalogue::GroupByRefused;
use domain::kpis::relationship::selection::InvalidRating;
use domain::kpis::window::EmptyPeriod;
use domain::leads::{LeadClosed, LeadRefusal};
use domain::money::MoneyScale;
use domain::partners::{ImpossibleTransition, InvalidInvoiceRegistration, PartnerGuard};
use domain::policies::PolicyRefusal;
use domain::products::InvalidProduct;
use domain::programs::{InvalidCriterion, InvalidProgram};
use domain::registrations::RegistrationRefusal;
use domain::review::{InvalidReason, ReviewRefusal};
use domain::territories::{InvalidRegion, InvalidTerritory};
use domain::text::{InvalidText, Language};
use domain::training::{CertificationRefusal, EnrolmentRefusal, InvalidPassMark};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::japanese;
use crate::platform::auth::AccessRefused;
use crate::platform::graphql::connection::PageRefusal;
use crate::platform::graphql::executor::has_begun;
use crate::platform::graphql::node_id::InvalidNodeId;

/// What a use case returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The caller can do something about it.
    #[error("{message}")]
    Refused {
        /// Stable, unique in the API.
        code: &'static str,
        /// What to do.
        message: String,
        /// Path of the one input field that is to blame, below `input`; empty when there is none.
        field: Vec<&'static str>,
    },
    /// Trying again may help.
    #[error("{0} cannot be reached at the moment; try again in a few seconds")]
    Unavailable(&'static str, Arc<anyhow::Error>),
    /// Ours; the message is logged and never sent.
    #[error("internal error")]
    Internal(Arc<anyhow::Error>),
}

/// A rule's "no": its message says what to do, and its code is unique in the API.
pub trait Refusal: std::error::Error {
    /// The code that clients branch on.
    fn code(&self) -> &'static str;
}

impl<R: Refusal> From<R> for Error {
    fn from(refusal: R) -> Self {
        Self::Refused { code: refusal.code(), message: refusal.to_string(), field: Vec::new() }
    }
}

/// Names the input field that is to blame for a refusal.
pub trait OfField<T> {
    /// The same, with this field in front of the path to what is to blame.
    fn of_field(self, field: &'static str) -> Result<T>;
}

impl<T, E: Into<Error>> OfField<T> for Result<T, E> {
    fn of_field(self, name: &'static str) -> Result<T> {
        self.map_err(|error| {
            let mut error = error.into();
            if let Error::Refused { field, .. } = &mut error {
                field.insert(0, name);
            }
            error
        })
    }
}

macro_rules! refusals {
    ($($refusal:ty => $code:expr;)+) => {$(
        impl Refusal for $refusal {
            fn code(&self) -> &'static str {
                let code: fn(&$refusal) -> &'static str = $code;
                code(self)
            }
        }
    )+};
}

refusals! {
    AccessRefused => |_| FORBIDDEN;
    UnknownCode => |_| "INVALID_CODE";
    InvalidCorporateNumber => |_| "INVALID_CORPORATE_NUMBER";
    ImpossibleTransition => |_| "IMPOSSIBLE_TRANSITION";
    LeadClosed => |_| "LEAD_CLOSED";
    LeadRefusal => |it| it.into();
    OfferRefusal => |it| it.into();
    PolicyRefusal => |it| it.into();
    InvalidNodeId => |_| "INVALID_ID";
    PageRefusal => |it| it.into();
    NotFound => |_| "NOT_FOUND";
    ConcurrentChange => |_| "CONCURRENT_CHANGE";
    InvalidText => |it| it.into();
    UnstorableText => |_| "UNSTORABLE_TEXT";
    InvalidInvoiceRegistration => |it| it.into();
    InvalidReason => |it| it.into();
    ReviewRefusal => |it| it.into();
    InvalidValue => |_| "INVALID_VALUE";
    InvalidProduct => |_| "INVALID_PRODUCT";
    InvalidProgram => |it| it.code();
    InvalidCriterion => |it| it.into();
    InvalidRating => |_| "INVALID_RATING";
    InvalidRegion => |it| it.into();
    InvalidTerritory => |it| it.into();
    PartnerGuard => |it| it.into();
    ImpossibleContractStep => |_| "IMPOSSIBLE_CONTRACT_STEP";
    InvalidTerm => |it| it.into();
    InvalidAmendment => |it| match it {
        InvalidAmendment::Term(term) => term.into(),
        other => other.into(),
    };
    RegistrationRefusal => |it| it.into();
    CalendarEnds => |_| "CALENDAR_ENDS";
    ConflictRefusal => |it| it.into();
    InvalidResolution => |it| it.into();
    TooManyChecks => |_| "TOO_MANY_CHECKS";
    MoneyScale => |_| "MONEY_SCALE";
    EventRefusal => |it| it.into();
    EmptyPeriod => |_| "EMPTY_PERIOD";
    AlertRefusal => |it| it.into();
    GroupByRefused => |_| "GROUP_BY_REFUSED";
    GateRefusal => |it| it.into();
    AssignmentRefusal => |it| it.into();
    InvalidSearch => |_| "INVALID_SEARCH";
    InvalidPassMark => |_| "INVALID_SCORE";
    EnrolmentRefusal => |it| it.into();
    CertificationRefusal => |it| it.into();
}

/// The code of what nobody with the caller's roles may do.
pub const FORBIDDEN: &str = "FORBIDDEN";

/// There is no such row, or the caller does not see it: the same answer for both.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("there is no such {0}, or you do not see it")]
pub struct NotFound(pub &'static str);

/// Two requests entered the same thing at once; the other one was first.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("somebody else has just entered the same; read it again and repeat your change")]
pub struct ConcurrentChange;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return ConcurrentChange.into();
        }
        match failure(&error) {
            Some(failure) if failure.is_passing() => {
                Self::Unavailable("the database", Arc::new(error.into()))
            }
            Some(sqlx::Error::Database(it)) if it.code().as_deref() == Some(NOT_A_CHARACTER) => {
                UnstorableText.into()
            }
            _ if matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_)) => {
                Self::Unavailable("the database", Arc::new(error.into()))
            }
            _ => Self::Internal(Arc::new(error.into())),
        }
    }
}

/// A text with U+0000, which PostgreSQL refuses.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a text contains a character that cannot be stored; remove U+0000")]
pub struct UnstorableText;

/// PostgreSQL: a character that its encoding does not have.
const NOT_A_CHARACTER: &str = "22021";
/// What passes when tried again: PostgreSQL's serialisation failures, deadlocks, statements that took too long, restarts and
/// full house, and SQLite's "busy" in its forms.
const PASSING: &[&str] = &["40001", "40P01", "57014", "57P01", "57P02", "57P03", "53300", "5", "261", "517"];

fn failure(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(it)) | DbErr::Exec(RuntimeErr::SqlxError(it)) => Some(it),
        _ => None,
    }
}

trait Passing {
    /// Whether trying again may help.
    fn is_passing(&self) -> bool;
}

impl Passing for sqlx::Error {
    fn is_passing(&self) -> bool {
        match self {
            Self::Io(_) | Self::PoolTimedOut | Self::PoolClosed => true,
            Self::Database(it) => it.code().is_some_and(|code| PASSING.contains(&&*code)),
            _ => false,
        }
    }
}

impl Error {
    /// A broken promise of our own: stored data or code that is not as it must be.
    pub fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self::Internal(Arc::new(error.into()))
    }

    /// The code a client sees.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Unavailable(..) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// What to do, in a language.
    pub fn message(&self, language: Language) -> String {
        let text = self.to_string();
        match language {
            Language::En => text,
            Language::Ja => japanese::text(self.code(), &text).unwrap_or(text),
        }
    }

    /// The cause, for the log; `None` when the caller was told everything.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        match self {
            Self::Refused { .. } => None,
            Self::Unavailable(_, cause) | Self::Internal(cause) => Some(cause),
        }
    }
}

/// Most errors that a wrong document is told at once.
const MOST_ERRORS: usize = 20;

/// Decides what clients see of errors: ours with their code in the caller's language, the library's own about the document as they
/// are, everything else masked.
pub fn mask_errors(response: &mut Response, language: Language) {
    // Each field that failed is told; of what is wrong with a document, the first mistakes are enough.
    if !has_begun(response) {
        response.errors.truncate(MOST_ERRORS);
    }
    response.errors.iter_mut().for_each(|it| mask(it, language));
}

fn mask(error: &mut ServerError, language: Language) {
    let ours = error.source::<Error>().cloned();
    let code = match (ours, &error.source) {
        (Some(ours), _) => {
            if let Some(cause) = ours.cause() {
                tracing::error!(path = ?error.path, cause = format!("{cause:#}"), "request failed");
            }
            error.message = ours.message(language);
            ours.code()
        }
        (None, Some(_)) => {
            tracing::error!(path = ?error.path, "an error without a code reached the API");
            let masked = Error::Internal(Arc::new(anyhow::anyhow!("masked")));
            error.message = masked.message(language);
            masked.code()
        }
        (None, None) if has_code(error) => return,
        (None, None) => "INVALID_DOCUMENT",
    };
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    extensions.set("code", code);
}

fn has_code(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|it| it.get("code").is_some())
}
