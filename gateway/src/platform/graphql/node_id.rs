//! Relay's global ids: the type and the id of a record in one opaque text.

use std::fmt;
use std::str::FromStr;

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// What kind of node an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr)]
pub enum NodeType {
    /// A customer organisation.
    Account,
    /// A person at a customer.
    Contact,
    /// A lead.
    Lead,
    /// An opportunity.
    Opportunity,
    /// A partner.
    Partner,
    /// A person at a partner.
    PartnerUser,
    /// A contract with a partner.
    Contract,
    /// A dated territory of a partner.
    TerritoryAssignment,
    /// A partner's claim on a deal.
    DealRegistration,
    /// A deal that several claim.
    ChannelConflict,
    /// A lead offered to a partner.
    LeadOffer,
    /// A thing that partners sell with.
    EnablementAsset,
    /// One version of it.
    AssetVersion,
    /// Several of them for one purpose.
    SupportPackage,
    /// One of them given to a partner.
    SupportAssignment,
    /// A course.
    Course,
    /// One user's registration for it.
    Enrolment,
    /// What passing it is worth to the user.
    Certification,
    /// Something about a partner that somebody should look at.
    PartnerAlert,
}

/// A global id, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId {
    /// The type of the node.
    pub node_type: NodeType,
    /// Its id among nodes of that type.
    pub id: Uuid,
}

/// A text that is no global id, or one of another type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNodeId {
    /// Not one of ours.
    #[error("this is not an id of this API; pass an `id` exactly as it was returned")]
    Malformed,
    /// Of another type.
    #[error("expected the id of a {}, got the id of a {}", <&str>::from(*expected), <&str>::from(*given))]
    OtherType {
        /// What the place takes.
        expected: NodeType,
        /// What was given.
        given: NodeType,
    },
}

impl NodeId {
    /// The id, if it is of that type.
    pub fn expect<Id: From<Uuid>>(self, expected: NodeType) -> Result<Id, InvalidNodeId> {
        match self.node_type == expected {
            true => Ok(self.id.into()),
            false => Err(InvalidNodeId::OtherType { expected, given: self.node_type }),
        }
    }

    /// The id behind a global id of that type.
    pub fn decode<Id: From<Uuid>>(id: &ID, expected: NodeType) -> Result<Id, InvalidNodeId> {
        id.parse::<Self>()?.expect(expected)
    }

    /// The id behind a global id of that type, or behind a plain UUID: issuers of tokens may know either.
    pub fn plain_or_global(text: &str, expected: NodeType) -> Result<Uuid, InvalidNodeId> {
        Uuid::try_parse(text).or_else(|_| text.parse::<Self>()?.expect(expected))
    }

    /// As the API shows it.
    pub fn encode(node_type: NodeType, id: impl Into<Uuid>) -> ID {
        ID(Self { node_type, id: id.into() }.to_string())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: &str = self.node_type.into();
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{name}:{}", self.id.simple())))
    }
}

impl FromStr for NodeId {
    type Err = InvalidNodeId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidNodeId::Malformed)?;
        let plain = std::str::from_utf8(&bytes).map_err(|_| InvalidNodeId::Malformed)?;
        let (name, id) = plain.split_once(':').ok_or(InvalidNodeId::Malformed)?;
        let node_type = name.parse().map_err(|_| InvalidNodeId::Malformed)?;
        let id = Uuid::try_parse(id).map_err(|_| InvalidNodeId::Malformed)?;
        Ok(Self { node_type, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = NodeId { node_type: NodeType::Lead, id: Uuid::max() };
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_type_is_told_apart() {
        let id = NodeId { node_type: NodeType::Lead, id: Uuid::nil() };
        let error = id.expect::<Uuid>(NodeType::Partner).unwrap_err();
        assert_eq!(error.to_string(), "expected the id of a Partner, got the id of a Lead");
    }

    #[test]
    fn garbage_is_no_id() {
        for text in ["", "1", "TGVhZDp4", "日本", "TGVhZA"] {
            assert_eq!(text.parse::<NodeId>(), Err(InvalidNodeId::Malformed), "{text}");
        }
    }
}
