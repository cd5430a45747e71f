// The client of graphql-sse, with a connection for each operation.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { answersOf } from './answers.mjs';

const [address, token] = process.argv.slice(2);
const client = createClient({
  url: `${address}/graphql`,
  headers: { authorization: `Bearer ${token}` },
  retryAttempts: 0,
});

const answers = answersOf(client);

const [answer] = await answers('{ leads(first: 1) { totalCount } }');
assert.ok(answer.data.leads.totalCount > 0);
const [refused] = await answers('{ nothing }');
assert.equal(refused.errors[0].extensions.code, 'INVALID_DOCUMENT');

const subscription = client.iterate({ query: 'subscription { reviewTaskChanged { id } }' });
const next = subscription.next();
await answers('{ __typename }');
await subscription.return();
await next;

const stranger = createClient({ url: `${address}/graphql`, retryAttempts: 0 });
await assert.rejects(async () => {
  for await (const _ of stranger.iterate({ query: '{ __typename }' }));
});
console.log('graphql-sse: the client is served');
