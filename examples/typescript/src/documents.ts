// What more than one program of this example asks.

import { graphql } from "./api/gql.js";

export const Register = graphql(`
  mutation Register($input: CreateRegistrationInput!) {
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
`);

export const Decisions = graphql(`
  subscription Decisions {
    registrationDecided {
      at
      step
      dealRegistration {
        id
        status
      }
    }
  }
`);
