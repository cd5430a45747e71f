// Hearing of a decision in both ways: as server-sent events, and over a WebSocket, where one connection carries many operations.
//
//   node dist/news.js http://127.0.0.1:8080 TOKEN_OF_A_PARTNER TOKEN_OF_WHO_DECIDES

import { strict as assert } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { graphql } from "./api/gql.js";
import type { DecisionsSubscription } from "./api/graphql.js";
import { Gateway, newKey } from "./client.js";
import { Decisions, Register } from "./documents.js";

const Submit = graphql(`
  mutation Submit($input: SubmitRegistrationInput!) {
    submitRegistration(input: $input) {
      dealRegistration {
        status
      }
      userErrors {
        message
      }
    }
  }
`);

const Reject = graphql(`
  mutation Reject($input: RejectRegistrationInput!) {
    rejectRegistration(input: $input) {
      dealRegistration {
        status
      }
      userErrors {
        message
      }
    }
  }
`);

const [address, token, decidersToken] = process.argv.slice(2);
if (!address || !token || !decidersToken) throw new Error("usage: node dist/news.js ADDRESS PARTNERS_TOKEN DECIDERS_TOKEN");
const partner = new Gateway(address, token);
const decider = new Gateway(address, decidersToken);

const heard = { events: [] as string[], socket: [] as string[] };
const failures: unknown[] = [];
const note = (into: string[]) => (news: DecisionsSubscription) =>
  into.push(`${news.registrationDecided.step} ${news.registrationDecided.dealRegistration.id}`);

const hangUp = partner.subscribe(Decisions, note(heard.events), (error) => error && failures.push(error));

// Browsers cannot send headers with a WebSocket: the token goes into the first message.
const socket = createClient({
  url: `${address.replace(/^http/, "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: `Bearer ${token}` }),
});
const leave = socket.subscribe<DecisionsSubscription>(
  { query: Decisions.toString() },
  {
    next: ({ data }) => data && note(heard.socket)(data),
    error: (error) => failures.push(error),
    complete: () => {},
  },
);

/** A registration that was handed in and is refused. */
async function decided(companyName: string): Promise<string> {
  const customer = { companyName, prefecture: "JP-13", products: ["CLOUD"], dealType: "NEW" as const };
  const deal = { amount: { amount: "1200000", currency: "JPY" as const }, expectedClose: "2030-03-31" };
  const { createRegistration } = await partner.ask(Register, { input: { ...customer, ...deal, idempotencyKey: newKey() } });
  const registrationId = createRegistration.dealRegistration?.id;
  assert(registrationId, JSON.stringify(createRegistration.userErrors));
  const { submitRegistration } = await partner.ask(Submit, { input: { registrationId, idempotencyKey: newKey() } });
  assert.deepEqual(submitRegistration.userErrors, []);
  const input = { registrationId, code: "OTHER" as const, reason: "an example", idempotencyKey: newKey() };
  const { rejectRegistration } = await decider.ask(Reject, { input });
  assert.deepEqual(rejectRegistration.userErrors, []);
  return registrationId;
}

// What happened before somebody listens is not told: wait until both do.
await pause(1_000);
const id = await decided(`株式会社知らせ${Date.now()}`);
for (const patience = Date.now() + 10_000; Date.now() < patience; await pause(50)) {
  if (failures.length > 0 || (heard.events.length > 0 && heard.socket.length > 0)) break;
}
hangUp();
leave();
await socket.dispose();
assert.deepEqual(failures, []);
assert.deepEqual(heard, { events: [`REJECTED ${id}`], socket: [`REJECTED ${id}`] });
console.log(`heard twice: REJECTED ${id}`);
