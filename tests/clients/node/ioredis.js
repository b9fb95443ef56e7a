// What an application does with ioredis, as each of some tenants: see tests/it/clients/.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { once } = require("node:events");

const { Redis } = require("ioredis");

const { refused, tenants } = require("./claims");

function connect(url, protocol, options) {
  return new Redis(url, {
    protocol,
    connectionName: "application",
    enableReadyCheck: false,
    ...options,
  });
}

// By default ioredis asks INFO whether the engine still loads. Refused, it warns and goes on.
async function connectByDefault(url, protocol, options) {
  const client = new Redis(url, { protocol, ...options });
  await client.echo(`connected: ioredis with its ready check, RESP${protocol}`);
  await client.quit();
}

async function keys(client, prefix, may) {
  const [own, counter] = [prefix + "greeting", prefix + "counter"];
  if (!may.includes("SET")) {
    await refused(client.set(own, "hello"));
    return;
  }
  assert.equal(await client.set(own, "hello", "EX", 60), "OK");
  const [[, greeting]] = await client.pipeline().get(own).ttl(own).exec();
  assert.equal(greeting, "hello");
  const transaction = await client.multi().incr(counter).expire(counter, 60).exec();
  assert.deepEqual(transaction, [[null, 1], [null, 1]]);
  // All or nothing: what is refused takes what is allowed with it.
  await assert.rejects(client.multi().incr(counter).set("0:greeting", "hello").exec(), /EXECABORT/);
  assert.equal(await client.get(counter), "1");
  assert.equal(await client.del(own, counter), 2);
}

async function queue(client, prefix) {
  assert.equal(await client.rpush(prefix + "jobs", "sweep"), 1);
  assert.deepEqual(await client.blpop(prefix + "jobs", 5), [prefix + "jobs", "sweep"]);
}

async function channels(client, prefix, may) {
  if (!may.includes("PUBLISH")) {
    await refused(client.publish(prefix + "news", "hello"));
    return;
  }
  const hears = client.duplicate();
  assert.equal(await hears.subscribe(prefix + "news"), 1);
  const message = once(hears, "message");
  assert.equal(await client.publish(prefix + "news", "hello"), 1);
  assert.deepEqual(await message, [prefix + "news", "hello"]);
  await refused(hears.subscribe("0:news"));
  hears.disconnect();
}

async function fence(client) {
  await refused(client.get("0:greeting"));
  await refused(client.publish("0:news", "hello"));
  await refused(client.scan(0));
  await refused(client.dbsize());
  await refused(client.flushall());
  assert.equal(await client.ping(), "PONG");
}

// What was sent when the connection was lost is sent again on the next one.
async function loseConnection(client) {
  await client.echo(`hang up ${randomUUID()}`);
  assert.equal(await client.ping(), "PONG");
}

async function main() {
  for (const { url, prefix, may, ca } of tenants) {
    const options = ca ? { tls: { ca } } : {};
    for (const protocol of [2, 3]) {
      await connectByDefault(url, protocol, options);
      const client = connect(url, protocol, options);
      await client.echo(`connected: ioredis, RESP${protocol}`);
      if (may.includes("GET")) assert.equal(await client.get(prefix + "nothing"), null);
      await keys(client, prefix, may);
      if (may.includes("BLPOP")) await queue(client, prefix);
      await channels(client, prefix, may);
      await fence(client);
      await loseConnection(client);
      client.disconnect();
    }
  }
}

main();
