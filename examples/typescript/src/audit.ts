// The audit of GraphQL over HTTP that the package graphql-http brings: every MUST and SHOULD of the specification.
//
//   node dist/audit.js http://127.0.0.1:8080 TOKEN

import { auditServer } from "graphql-http";

const [address, token] = process.argv.slice(2);
if (!address || !token) throw new Error("usage: node dist/audit.js ADDRESS TOKEN");

const results = await auditServer({
  url: `${address}/graphql`,
  fetchFn: (url: string, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(url, { ...init, headers });
  },
});
let failures = 0;
for (const { name, ...result } of results) {
  if (result.status === "ok") continue;
  const isDemanded = result.status === "error" || result.status === "warn";
  if (isDemanded) failures += 1;
  console.log(`${result.status}\t${name}\t${result.reason}`);
}
console.log(`${results.length} audits, ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
