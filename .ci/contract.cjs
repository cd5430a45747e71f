// What the contract promises to those who wrote clients: nothing that the last release had is taken away.
//
//   NODE_PATH=…/node_modules node .ci/contract.cjs RELEASED CURRENT
//
// Fails on changes that break documents or variables of today's clients. Prints those that surprise a careless one, such as
// a new value of an enumeration. `docs/graphql.md` says how something goes all the same.

const { readFileSync } = require("node:fs");
const { buildSchema, findBreakingChanges, findDangerousChanges } = require("graphql");

const [released, current] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, "utf8")));
if (!released || !current) throw new Error("usage: node .ci/contract.cjs RELEASED CURRENT");

for (const { description } of findDangerousChanges(released, current)) console.log(`to be told: ${description}`);
const breaking = findBreakingChanges(released, current);
for (const { description } of breaking) console.error(`breaks clients: ${description}`);
if (breaking.length > 0) {
  console.error("deprecate instead of taking away; docs/graphql.md says for how long");
  process.exit(1);
}
console.log("contract: nothing of the last release is gone");
