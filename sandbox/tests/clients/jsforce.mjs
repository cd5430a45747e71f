// jsforce against the sandbox: log in, page, write, describe, delete.
//
// Usage: node jsforce.mjs BASE_URL CLIENT_ID CLIENT_SECRET USERNAME PRIVATE_KEY_FILE
import assert from 'node:assert/strict';
import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jsforce from 'jsforce';

const [baseUrl, clientId, clientSecret, username, keyFile] = process.argv.slice(2);

async function logInBySecret() {
  const connection = new jsforce.Connection({ oauth2: { loginUrl: baseUrl, clientId, clientSecret } });
  const user = await connection.authorize({ grant_type: 'client_credentials' });
  assert.equal(user.id.length, 18);
  assert.equal(connection.instanceUrl, baseUrl);
  return connection;
}

// jsforce takes the assertion, but does not sign one.
function assertion() {
  const encode = (it) => Buffer.from(JSON.stringify(it)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 120;
  const signed = `${encode({ alg: 'RS256' })}.${encode({ iss: clientId, sub: username, aud: baseUrl, exp })}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(readFileSync(keyFile), 'base64url')}`;
}

async function logInByJwt() {
  const connection = new jsforce.Connection({ oauth2: { loginUrl: baseUrl, clientId } });
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  await connection.authorize({ grant_type: grant, assertion: assertion() });
  assert.equal((await connection.identity()).username, username);
  return connection;
}

async function pageThrough(crm) {
  const soql = 'SELECT Id, Name, Owner.Name FROM Lead ORDER BY SystemModstamp, Id';
  const first = await crm.query(soql, { autoFetch: false });
  assert.equal(first.done, false);
  assert.equal(first.records.length, 2000);
  const second = await crm.queryMore(first.nextRecordsUrl);
  assert.equal(first.records.length + second.records.length, first.totalSize);
  const all = await crm.query(soql, { autoFetch: true, maxFetch: 10_000 });
  assert.equal(new Set(all.records.map((it) => it.Id)).size, first.totalSize);
  assert.equal(await crm.sobject('Lead').count({}), first.totalSize);
  const some = await crm.sobject('Lead').find({ LastName: { $like: '佐%' }, Email: { $ne: null } }, 'Id, LastName').limit(5);
  assert.ok(some.every((it) => it.LastName.startsWith('佐')));
  const accounts = await crm.sobject('Account').find({}, 'Id, Name').include('Contacts', {}, 'Id, LastName').end().limit(3);
  assert.ok(accounts.some((it) => it.Contacts?.records.length > 0));
}

async function write(crm) {
  const leads = crm.sobject('Lead');
  const created = await leads.create({ LastName: '佐藤', FirstName: '健', Company: '株式会社　極洋' });
  assert.ok(created.success);
  assert.ok((await leads.update({ Id: created.id, Title: '部長' })).success);
  const read = await leads.retrieve(created.id);
  assert.deepEqual([read.Name, read.Title, read.Company], ['佐藤 健', '部長', '株式会社　極洋']);

  const first = await leads.upsert({ External_Id__c: 'js-1', LastName: '鈴木', Company: 'x' }, 'External_Id__c');
  const again = await leads.upsert({ External_Id__c: 'js-1', Title: '課長' }, 'External_Id__c');
  assert.deepEqual([first.created, again.created, again.id], [true, false, first.id]);

  const several = await leads.create([{ LastName: 'a', Company: 'x' }, { LastName: 'b', Company: 'x' }]);
  assert.ok(several.every((it) => it.success));
  await assert.rejects(leads.create({ FirstName: '健' }), { errorCode: 'REQUIRED_FIELD_MISSING' });
  await assert.rejects(crm.query('SELECT Nope FROM Lead'), { errorCode: 'INVALID_FIELD' });

  const ids = [created.id, first.id, ...several.map((it) => it.id)];
  assert.ok((await leads.delete(created.id)).success);
  assert.ok((await leads.delete(ids.slice(1))).every((it) => it.success));
  await assert.rejects(leads.retrieve(created.id), { errorCode: 'ENTITY_IS_DELETED' });
  const bin = await crm.query(`SELECT IsDeleted FROM Lead WHERE Id = '${created.id}'`, { scanAll: true });
  assert.equal(bin.records[0].IsDeleted, true);
}

async function describe(crm) {
  const names = (await crm.describeGlobal()).sobjects.map((it) => it.name);
  assert.ok(['Lead', 'Account', 'Contact', 'Opportunity', 'User'].every((it) => names.includes(it)));
  const { fields, childRelationships } = await crm.sobject('Account').describe();
  assert.ok(fields.find((it) => it.name === 'External_Id__c').externalId);
  assert.ok(childRelationships.some((it) => it.relationshipName === 'Contacts'));
  assert.ok((await crm.limits()).DailyApiRequests.Remaining > 0);
  assert.ok(crm.limitInfo.apiUsage.used > 0);
}

async function changes(crm) {
  const { id } = await crm.sobject('Lead').create({ LastName: '短命', Company: 'x' });
  await crm.sobject('Lead').delete(id);
  const now = Date.now();
  const { deletedRecords } = await crm.sobject('Lead').deleted(new Date(now - 600_000), new Date(now + 120_000));
  assert.ok(deletedRecords.some((it) => it.id === id));
}

for (const crm of [await logInBySecret(), await logInByJwt()]) {
  await pageThrough(crm);
  await write(crm);
  await describe(crm);
  await changes(crm);
  await crm.oauth2.revokeToken(crm.accessToken);
  await assert.rejects(crm.query('SELECT Id FROM User'), /INVALID_SESSION_ID|Session expired|refresh/i);
}
console.log('jsforce: logged in twice, paged, wrote, described, deleted');
