// The server audit of graphql-http: every MUST and every SHOULD of GraphQL over HTTP.
import { serverAudits } from 'graphql-http';

const [address, token] = process.argv.slice(2);
const known = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

const found = [];
for (const audit of serverAudits({ url: `${address}/graphql`, fetchFn: known })) {
  const result = await audit.fn();
  if (result.status !== 'ok') found.push(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
}
// What the specification leaves to the server is told as a notice.
const failed = found.filter((it) => !it.startsWith('notice'));
found.forEach((it) => console.log(it));
if (failed.length > 0) throw new Error(`${failed.length} audits failed`);
console.log('graphql-http: every MUST and SHOULD is kept');
