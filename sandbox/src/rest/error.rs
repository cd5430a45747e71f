//! The error array and every code we imitate.
//!
//! Here: a refusal's code, HTTP status, message and fields. Not here: OAuth's other shape (`oauth`).

use serde_json::{Value, json};

/// One refusal; an answer carries an array of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// API names of the fields at fault, for data errors.
    pub(crate) fields: Vec<String>,
    /// What a duplicate rule found.
    pub(crate) duplicates: Option<Box<Value>>,
}

macro_rules! error_codes {
    ($($name:ident $text:literal $status:literal),* $(,)?) => {
        /// The vendor's error codes, each with the HTTP status it comes with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code { $($name),* }

        impl Code {
            pub(crate) fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// The code of this name, if we imitate it.
            pub(crate) fn named(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }

            pub(crate) fn status(self) -> u16 {
                match self { $(Code::$name => $status),* }
            }
        }
    };
}

error_codes! {
    AllOrNoneOperationRolledBack "ALL_OR_NONE_OPERATION_ROLLED_BACK" 400,
    ApiError "API_ERROR" 400,
    CannotUpdateConvertedLead "CANNOT_UPDATE_CONVERTED_LEAD" 400,
    DeleteFailed "DELETE_FAILED" 400,
    DuplicateValue "DUPLICATE_VALUE" 400,
    EntityIsDeleted "ENTITY_IS_DELETED" 404,
    DuplicatesDetected "DUPLICATES_DETECTED" 400,
    ExceededIdLimit "EXCEEDED_ID_LIMIT" 400,
    InsufficientAccess "INSUFFICIENT_ACCESS_OR_READONLY" 403,
    InvalidCrossReferenceKey "INVALID_CROSS_REFERENCE_KEY" 400,
    InvalidEmailAddress "INVALID_EMAIL_ADDRESS" 400,
    InvalidField "INVALID_FIELD" 400,
    InvalidFieldForInsertUpdate "INVALID_FIELD_FOR_INSERT_UPDATE" 400,
    InvalidJob "INVALIDJOB" 400,
    InvalidJobState "INVALIDJOBSTATE" 400,
    InvalidPicklistValue "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" 400,
    InvalidQueryFilterOperator "INVALID_QUERY_FILTER_OPERATOR" 400,
    InvalidQueryLocator "INVALID_QUERY_LOCATOR" 400,
    InvalidReplicationDate "INVALID_REPLICATION_DATE" 400,
    InvalidSessionId "INVALID_SESSION_ID" 401,
    InvalidType "INVALID_TYPE" 400,
    InvalidTypeOnField "INVALID_TYPE_ON_FIELD_IN_RECORD" 400,
    JsonParserError "JSON_PARSER_ERROR" 400,
    LimitExceeded "LIMIT_EXCEEDED" 400,
    MalformedId "MALFORMED_ID" 400,
    MalformedQuery "MALFORMED_QUERY" 400,
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405,
    NotFound "NOT_FOUND" 404,
    NumberOutsideValidRange "NUMBER_OUTSIDE_VALID_RANGE" 400,
    PreconditionFailed "PRECONDITION_FAILED" 412,
    ProcessingHalted "PROCESSING_HALTED" 400,
    QueryTimeout "QUERY_TIMEOUT" 400,
    RequestLimitExceeded "REQUEST_LIMIT_EXCEEDED" 403,
    RequiredFieldMissing "REQUIRED_FIELD_MISSING" 400,
    ServerUnavailable "SERVER_UNAVAILABLE" 503,
    StringTooLong "STRING_TOO_LONG" 400,
    TooManyRequests "TOO_MANY_REQUESTS" 429,
    UnableToLockRow "UNABLE_TO_LOCK_ROW" 400,
    UnknownException "UNKNOWN_EXCEPTION" 500,
    UnsupportedApiVersion "UNSUPPORTED_API_VERSION" 410,
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415,
}

impl ApiError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> ApiError {
        ApiError { code, message: message.into(), fields: Vec::new(), duplicates: None }
    }

    /// Names the one field at fault.
    pub(crate) fn on(mut self, field: &str) -> ApiError {
        self.fields.push(field.to_owned());
        self
    }

    pub(crate) fn not_found() -> ApiError {
        ApiError::new(Code::NotFound, "The requested resource does not exist")
    }

    pub(crate) fn entity_is_deleted() -> ApiError {
        ApiError::new(Code::EntityIsDeleted, "entity is deleted")
    }

    pub(crate) fn session_expired() -> ApiError {
        ApiError::new(Code::InvalidSessionId, "Session expired or invalid")
    }

    /// One element of the error array.
    pub(crate) fn to_json(&self) -> Value {
        if let Some(found) = &self.duplicates {
            // The vendor's own spelling.
            return json!({"duplicateResut": found, "errorCode": self.code.text(), "message": self.message});
        }
        match self.has_fields() {
            true => json!({"message": self.message, "errorCode": self.code.text(), "fields": self.fields}),
            false => json!({"message": self.message, "errorCode": self.code.text()}),
        }
    }

    /// The form inside Collections results, where the code is called `statusCode`.
    pub(crate) fn to_collection_json(&self) -> Value {
        let mut body =
            json!({"statusCode": self.code.text(), "message": self.message, "fields": self.fields});
        if let Some(found) = &self.duplicates {
            body["duplicateResult"] = (**found).clone();
        }
        body
    }

    /// Data errors always carry `fields`, be it empty.
    fn has_fields(&self) -> bool {
        !self.fields.is_empty()
            || matches!(
                self.code,
                Code::DuplicateValue | Code::CannotUpdateConvertedLead | Code::EntityIsDeleted
            )
    }
}
