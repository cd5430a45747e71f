// Runs what documents show, in the order in which a reader would, against a demo.
//
//   node .ci/documents.mjs SAID_BY_THE_DEMO PROGRAM FILE…
//
// ```graphql ROLE   is asked with the demo's token for that role, the administrator's when none is named; it must succeed
// ```json           after it: its variables; the next one, to ask the same again with others
// ```json answer    after it: what the answer has, among other things; then it need not succeed. Of a subscription, what is heard
// ```sh             is run in one shell for each guide, with $GATEWAY, $CRM, $TOKEN and a free $PORT; it must succeed
//
// A string that ends in … stands for one that an earlier answer of the same document gave, or else for an id of SAMPLE:
// "TGVhZDo…" for the newest that begins so, "…" for the newest under the same name. A key of idempotency is made up. Other languages are not run. Of the
// shell outside of guides, where operators' clusters and files are not at hand, commands of the gateway must exist with their options.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";

const GUIDES = ["frontend.md", "partner-apps.md", "integration-jobs.md"];
const PATIENCE = 10_000;
const PATIENCE_OF_SHELL = 300_000;
/** What a reader has seen before. */
const SAMPLE = `{
  leads(first: 50, orderBy: CREATED_ASC, filter: { isAssigned: true }) { nodes { id phone } }
  partners(first: 1, filter: { status: [ACTIVE] }) { nodes { id } }
}`;

const [said, program, ...files] = process.argv.slice(2);
const demo = JSON.parse(readFileSync(said, "utf8").split("\n")[0]);
const tokenOf = (role) => demo.tokens.find((it) => it.role === role)?.token ?? fail(`no token for "${role}"`);
const fail = (message) => {
  throw new Error(message);
};
const pause = (millis) => new Promise((go) => setTimeout(go, millis));

/** Fenced blocks with their line, language and what stands behind it. */
function blocksOf(text) {
  const blocks = text.matchAll(/^```(\w*) ?(.*)\n([^]*?)\n```$/gm);
  return [...blocks].map(({ 1: language, 2: info, 3: body, index }) => {
    const line = text.slice(0, index).split("\n").length;
    return { language, info: info.trim(), body, line };
  });
}

/** Everything in an answer, with the name that it stands under. */
function* leaves(value, name) {
  if (value === null || typeof value !== "object") yield [name, value];
  else for (const [key, inner] of Object.entries(value)) yield* leaves(inner, Array.isArray(value) ? name : key);
}

/** Puts what earlier answers gave in place of strings that end in …, the newest first. */
function filled(text, answers) {
  return text.replace(/(\w+)("?: ?\[?)"([^"…]*)…"/g, (_, name, colon, start) => {
    if (name === "idempotencyKey") return `${name}${colon}"${start}${crypto.randomUUID()}"`;
    for (const answer of answers.toReversed()) {
      for (const [found, value] of leaves(answer)) {
        const fits = start === "" ? found === name && value !== null : String(value).startsWith(start);
        if (fits) return `${name}${colon}${JSON.stringify(value)}`;
      }
    }
    return fail(`no earlier answer gave ${name}: "${start}…"`);
  });
}

const holds = (expected, actual) => {
  if (typeof expected === "string" && expected.endsWith("…")) return String(actual).startsWith(expected.slice(0, -1));
  if (expected === null || typeof expected !== "object") return expected === actual;
  return actual !== null && typeof actual === "object" && Object.keys(expected).every((key) => holds(expected[key], actual[key]));
};

const userErrorsOf = (data) => Object.values(data ?? {}).flatMap((it) => it?.userErrors ?? []);

const asked = (role, body, accept, signal) =>
  fetch(`${demo.address}/graphql`, {
    method: "POST",
    headers: { accept, authorization: `Bearer ${tokenOf(role)}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });

/** Demands what the document shows of an answer, or that it is one. */
function check(answer, expected) {
  const told = JSON.stringify(answer);
  if (expected) return holds(expected, answer) || fail(`is answered otherwise: ${told}`);
  return (answer.errors ?? []).length + userErrorsOf(answer.data).length === 0 || fail(`is refused: ${told}`);
}

/** Listens until `end`, which demands that the expected news came. */
async function listen(role, body, expected) {
  const stop = new AbortController();
  const response = await asked(role, body, "text/event-stream", stop.signal);
  if (response.status !== 200) fail(`is refused: ${await response.text()}`);
  let stream = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body) stream += decoder.decode(chunk, { stream: true });
  })().catch(() => {});
  const heard = () => [...stream.matchAll(/^event: ?next\ndata: ?(.*)$/gm)].map(([, data]) => JSON.parse(data));
  await pause(500); // what happened before somebody listens is not told
  return async () => {
    const patient = Date.now() + (expected ? PATIENCE : 0);
    while (Date.now() < patient && !heard().some((it) => holds(expected, it))) await pause(50);
    stop.abort();
    await reading;
    heard().forEach((it) => (it.errors ? check(it) : undefined));
    if (expected && !heard().some((it) => holds(expected, it))) fail(`does not hear what is shown, but ${stream}`);
  };
}

/** One shell that runs block after block, in a folder of its own. */
async function shell() {
  const folder = mkdtempSync(join(tmpdir(), "gateway-guide."));
  symlinkSync(resolve(program), join(folder, "gateway"));
  const port = await new Promise((told) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => told(port));
    });
  });
  const env = { ...process.env, GATEWAY: demo.address, CRM: demo.crm, TOKEN: tokenOf("Administrator"), PORT: String(port) };
  env.PATH = `${folder}:${env.PATH}`;
  // With what it starts it is a group of its own, which ends with it.
  const bash = spawn("bash", ["-euo", "pipefail"], { cwd: folder, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [bash.stdout, bash.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise((told) => bash.on("exit", told));
  let blocks = 0;
  const run = async (body) => {
    const mark = `-- block ${++blocks} is done --`;
    output = "";
    bash.stdin.write(`${body}\necho '${mark}'\n`);
    const patient = Date.now() + PATIENCE_OF_SHELL;
    while (!output.includes(mark)) {
      const isOver = await Promise.race([ended.then(() => true), pause(50)]);
      if (isOver || Date.now() > patient) fail(`fails: ${output}`);
    }
  };
  const end = async () => {
    bash.stdin.end();
    try {
      process.kill(-bash.pid);
    } catch {
      // Nothing of it is left.
    }
    await ended;
    bash.stdout.destroy();
    bash.stderr.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { run, end };
}

/** Demands that the gateway knows the commands of a block: help is refused for what it does not know. */
async function checkCommands(body) {
  const commands = [...body.replaceAll("\\\n", " ").matchAll(/^(?:.* -- )?gateway ([^#>|&\n]+)/gm)];
  for (const [, command] of commands) {
    const words = command.match(/'[^']*'|"[^"]*"|\S+/g).map((it) => it.replace(/^['"]|['"]$/g, ""));
    await promisify(execFile)(resolve(program), [...words, "--help"]);
  }
  return commands.length > 0;
}

async function sample() {
  const response = await asked("Administrator", { query: SAMPLE }, "application/json");
  const { leads, partners } = (await response.json()).data;
  // A document may have erased one.
  return { lead: leads.nodes.find(({ phone }) => phone), partner: partners.nodes[0] };
}

async function runDocument(file) {
  const blocks = blocksOf(readFileSync(file, "utf8"));
  const answers = [await sample()];
  const listening = [];
  let inShell;
  let question;
  let count = 0;
  try {
    while (blocks.length > 0) {
      const block = blocks.shift();
      const at = (error) => fail(`${file}:${block.line} ${error.message}`);
      if (block.language === "sh" && GUIDES.includes(basename(file))) {
        inShell ??= await shell();
        await inShell.run(block.body).catch(at);
      } else if (block.language === "graphql") {
        question = block;
        await ask(question, blocks, answers, listening, at).catch(at);
      } else if (block.language === "json") {
        blocks.unshift(block);
        await ask(question, blocks, answers, listening, at).catch(at);
      } else if (block.language !== "sh" && block.language !== "") continue;
      else if (!(await checkCommands(block.body).catch(at))) continue;
      count += 1;
    }
    for (const heard of listening) await heard();
  } finally {
    await inShell?.end();
  }
  return count;
}

/** Asks, with the variables and the answer that follow; these are taken off. */
async function ask(block, after, answers, listening, at) {
  const role = block.info || "Administrator";
  const body = { query: filled(block.body, answers) };
  if (after[0]?.language === "json" && after[0].info === "") {
    body.variables = JSON.parse(filled(after.shift().body, answers));
  }
  const expected = after[0]?.info === "answer" ? JSON.parse(after.shift().body) : undefined;
  if (/^\s*subscription\b/.test(block.body)) {
    const end = await listen(role, body, expected);
    listening.push(() => end().catch(at));
    return;
  }
  const answer = await (await asked(role, body, "application/graphql-response+json")).json();
  check(answer, expected);
  answers.push(answer.data);
}

try {
  for (const file of files) {
    const count = await runDocument(file);
    if (count > 0) console.log(`${file}: ${count} blocks run`);
  }
} catch (error) {
  console.error(error.message);
  process.exit(1); // whoever still listens is not waited for
}
