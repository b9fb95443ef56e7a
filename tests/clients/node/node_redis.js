// What an application does with node-redis, as each of some tenants: see tests/it/clients/.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");

const { createClient } = require("redis");

const { refused, tenants } = require("./claims");

async function connect(url, protocol, socket) {
  const client = createClient({
    url,
    RESP: protocol,
    name: "application",
    pingInterval: 30_000,
    socket,
  });
  // Told of each lost connection; without a listener, Node ends the process.
  client.on("error", (error) => console.error(error.message));
  return await client.connect();
}

async function keys(client, prefix, may) {
  const [own, counter] = [prefix + "greeting", prefix + "counter"];
  if (!may.includes("SET")) {
    await refused(client.set(own, "hello"));
    return;
  }
  // Sent together: commands of one tick are a pipeline.
  const pipeline = [client.set(own, "hello", { EX: 60 }), client.get(own)];
  assert.deepEqual(await Promise.all(pipeline), ["OK", "hello"]);
  assert.deepEqual(await client.multi().incr(counter).expire(counter, 60).exec(), [1, 1]);
  // All or nothing: what is refused takes what is allowed with it.
  await refused(client.multi().incr(counter).set("0:greeting", "hello").exec());
  assert.equal(await client.get(counter), "1");
  assert.equal(await client.del([own, counter]), 2);
}

async function queue(client, prefix) {
  assert.equal(await client.rPush(prefix + "jobs", "sweep"), 1);
  const { key, element } = await client.blPop(prefix + "jobs", 5);
  assert.deepEqual([key, element], [prefix + "jobs", "sweep"]);
}

async function channels(client, prefix, may) {
  if (!may.includes("PUBLISH")) {
    await refused(client.publish(prefix + "news", "hello"));
    return;
  }
  const hears = client.duplicate().on("error", (error) => console.error(error.message));
  await hears.connect();
  let hear;
  const heard = new Promise((resolve) => (hear = resolve));
  await hears.subscribe(prefix + "news", hear);
  assert.equal(await client.publish(prefix + "news", "hello"), 1);
  assert.equal(await heard, "hello");
  await refused(hears.subscribe("0:news", () => {}));
  hears.destroy();
}

async function fence(client) {
  await refused(client.get("0:greeting"));
  await refused(client.publish("0:news", "hello"));
  await refused(client.scan("0"));
  await refused(client.dbSize());
  await refused(client.flushAll());
  assert.equal(await client.ping(), "PONG");
}

// What was sent when the connection was lost fails; what comes next waits for the next one.
async function loseConnection(client) {
  await assert.rejects(client.echo(`hang up ${randomUUID()}`), /Socket closed unexpectedly/);
  assert.equal(await client.ping(), "PONG");
}

async function main() {
  for (const { url, prefix, may, ca } of tenants) {
    const socket = ca ? { tls: true, ca } : undefined;
    for (const protocol of [2, 3]) {
      const client = await connect(url, protocol, socket);
      await client.echo(`connected: node-redis, RESP${protocol}`);
      if (may.includes("GET")) assert.equal(await client.get(prefix + "nothing"), null);
      await keys(client, prefix, may);
      if (may.includes("BLPOP")) await queue(client, prefix);
      await channels(client, prefix, may);
      await fence(client);
      await loseConnection(client);
      client.destroy();
    }
  }
}

main();
