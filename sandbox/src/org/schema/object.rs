//! The seven objects of this org, their names and key prefixes.

/// An object. The discriminant is its place in every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Object {
    Account,
    Campaign,
    Contact,
    Lead,
    Opportunity,
    Task,
    User,
}

impl Object {
    pub(crate) const ALL: [Object; 7] = [
        Object::Account,
        Object::Campaign,
        Object::Contact,
        Object::Lead,
        Object::Opportunity,
        Object::Task,
        Object::User,
    ];

    /// The API name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Object::Account => "Account",
            Object::Campaign => "Campaign",
            Object::Contact => "Contact",
            Object::Lead => "Lead",
            Object::Opportunity => "Opportunity",
            Object::Task => "Task",
            Object::User => "User",
        }
    }

    pub(crate) fn label_plural(self) -> &'static str {
        match self {
            Object::Account => "Accounts",
            Object::Campaign => "Campaigns",
            Object::Contact => "Contacts",
            Object::Lead => "Leads",
            Object::Opportunity => "Opportunities",
            Object::Task => "Tasks",
            Object::User => "Users",
        }
    }

    pub(crate) fn key_prefix(self) -> &'static str {
        match self {
            Object::Account => "001",
            Object::Campaign => "701",
            Object::Contact => "003",
            Object::Lead => "00Q",
            Object::Opportunity => "006",
            Object::Task => "00T",
            Object::User => "005",
        }
    }

    /// Reads an API name, whatever its letter case.
    pub(crate) fn named(name: &str) -> Option<Object> {
        Object::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// Users are switched off, never deleted.
    pub(crate) fn has_recycle_bin(self) -> bool {
        self != Object::User
    }

    pub(crate) fn is_mergeable(self) -> bool {
        matches!(self, Object::Account | Object::Contact | Object::Lead)
    }
}
