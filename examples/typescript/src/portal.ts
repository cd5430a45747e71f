// A partner's morning: its leads page by page, a customer checked before registering, a registration, and news of decisions.
//
//   node dist/portal.js http://127.0.0.1:8080 TOKEN

import { strict as assert } from "node:assert";

import { graphql } from "./api/gql.js";
import type { CreateRegistrationInput } from "./api/graphql.js";
import { Gateway, GatewayError, newKey } from "./client.js";
import { Decisions, Register } from "./documents.js";

const MyLeads = graphql(`
  query MyLeads($after: String) {
    leads(first: 5, after: $after, orderBy: CREATED_DESC) {
      nodes {
        id
        company
        stage
        account {
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const MayI = graphql(`
  query MayI($input: CheckDealRegistrationInput!) {
    checkDealRegistration(input: $input) {
      answer
      message
    }
  }
`);

const [address, token] = process.argv.slice(2);
if (!address || !token) throw new Error("usage: node dist/portal.js ADDRESS TOKEN");
const gateway = new Gateway(address, token);

async function* myLeads() {
  let after: string | null = null;
  do {
    const { leads }: Awaited<ReturnType<typeof page>> = await page(after);
    yield* leads.nodes;
    after = leads.pageInfo.hasNextPage ? (leads.pageInfo.endCursor ?? null) : null;
  } while (after);
}

const page = (after: string | null) => gateway.ask(MyLeads, { after });

/** Registers a deal, or says by field what is to be corrected. */
async function register(input: CreateRegistrationInput): Promise<string | Map<string, string>> {
  const { createRegistration } = await gateway.ask(Register, { input: { ...input, idempotencyKey: newKey() } });
  const refused = createRegistration.userErrors.map(
    ({ field, message }) => [field?.join(".") ?? "", message] as const,
  );
  return createRegistration.dealRegistration?.id ?? new Map(refused);
}

let failure: unknown;
const hangUp = gateway.subscribe(
  Decisions,
  ({ registrationDecided: { step, dealRegistration } }) => console.log(`${dealRegistration.id}: ${step}`),
  (error) => (failure = error),
);

const seen = new Set<string>();
for await (const lead of myLeads()) {
  assert(!seen.has(lead.id), "no lead is on two pages");
  seen.add(lead.id);
  console.log(`${lead.stage ?? "NEW"}\t${lead.company ?? lead.account?.name ?? ""}`);
}
assert(seen.size > 5, "more than one page of leads");

const customer = { companyName: "株式会社新規開拓サンプル", prefecture: "JP-13" };
const { checkDealRegistration } = await gateway.ask(MayI, { input: { ...customer, products: [] } });
console.log(`${checkDealRegistration.answer}: ${checkDealRegistration.message}`);

const wrong = await register({ ...customer, corporateNumber: "1234567890123", products: [] });
assert(wrong instanceof Map && wrong.has("corporateNumber"), `the check digit is wrong: ${wrong}`);
console.log(`corporateNumber: ${wrong.get("corporateNumber")}`);
const id = await register({ ...customer, products: [] });
assert(typeof id === "string", "a draft is registered");

await assert.rejects(
  new Gateway(address, "no token").ask(MyLeads, { after: null }),
  (error) => error instanceof GatewayError && error.code.length > 0,
);
assert.equal(failure, undefined, "the subscription lives");
hangUp();
console.log("done");
