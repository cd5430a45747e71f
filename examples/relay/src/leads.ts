// What the screens of a portal ask for, each part by the fragment of its component: a list with pages, a lead looked at again
// by its id, a change, and news. The compiler checks them against the contract; the build checks their types.

import { graphql } from "relay-runtime";

import type { leads_row$data } from "./api/leads_row.graphql.js";

/** A row of the list. */
export const Row = graphql`
  fragment leads_row on Lead {
    id
    company
    stage
    account {
      name
    }
    assignedPartner {
      displayName
    }
  }
`;

/** The list; it is asked for page by page. */
export const List = graphql`
  fragment leads_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "leadsPageQuery") {
    leads(first: $count, after: $cursor, orderBy: CREATED_DESC) @connection(key: "leads_leads") {
      edges {
        node {
          ...leads_row
        }
      }
    }
  }
`;

/** A lead; it is asked for again by its global id. */
export const Detail = graphql`
  fragment leads_detail on Lead @refetchable(queryName: "leadsDetailQuery") {
    ...leads_row
    lastName
    phone
    provenance(fields: ["phone"]) {
      value
      ruleLabel
    }
  }
`;

export const Screen = graphql`
  query leadsScreenQuery($id: ID!) {
    ...leads_list
    lead(id: $id) {
      ...leads_detail
    }
  }
`;

export const Register = graphql`
  mutation leadsRegisterMutation($input: CreateRegistrationInput!) {
    createRegistration(input: $input) {
      dealRegistration {
        id
        status
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const Decisions = graphql`
  subscription leadsDecisionsSubscription {
    registrationDecided {
      step
      dealRegistration {
        id
        status
      }
    }
  }
`;

export const titleOf = ({ company, account, stage }: leads_row$data): string =>
  `${company ?? account?.name ?? ""} (${stage ?? "NEW"})`;
