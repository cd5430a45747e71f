// The client of graphql-ws, and sockets that break its protocol.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { answersOf } from './answers.mjs';

const [address, token] = process.argv.slice(2);
const url = `${address.replace('http', 'ws')}/graphql`;
const authorization = `Bearer ${token}`;
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
  retryAttempts: 0,
  lazy: true,
});

const answers = answersOf(client);

const [answer] = await answers('{ leads(first: 1) { totalCount } }');
assert.ok(answer.data.leads.totalCount > 0);
await assert.rejects(answers('{ nothing }'), (errors) => errors[0].extensions.code === 'INVALID_DOCUMENT');
await assert.rejects(answers('{ leads {'), (errors) => errors[0].extensions.code === 'MALFORMED_DOCUMENT');

const subscription = client.iterate({ query: 'subscription { reviewTaskChanged { id } }' });
const next = subscription.next();
await answers('{ __typename }');
await subscription.return();
await next;
await client.dispose();

// Each of these is closed with the code that the protocol names.
const closed = (messages, protocol = 'graphql-transport-ws') =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol);
    socket.on('error', reject);
    socket.on('close', resolve);
    socket.on('open', () => messages.forEach((it) => socket.send(typeof it === 'string' ? it : JSON.stringify(it))));
  });
const init = { type: 'connection_init', payload: { authorization } };
const silence = { type: 'subscribe', id: '1', payload: { query: 'subscription { reviewTaskChanged { id } }' } };
for (const [code, messages, protocol] of [
  [4400, ['{']],
  [4400, [{ type: 'start' }]],
  [4400, [init, { type: 'subscribe', id: '1' }]],
  [4401, [silence]],
  [4403, [{ type: 'connection_init' }]],
  [4403, [{ type: 'connection_init', payload: { authorization: 'Bearer a.b.c' } }]],
  [4409, [init, silence, silence]],
  [4429, [init, init]],
]) {
  assert.equal(await closed(messages, protocol), code, JSON.stringify(messages));
}
console.log('graphql-ws: the client is served, and who breaks the protocol is told');
