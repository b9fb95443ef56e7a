// What an application does with Valkey GLIDE, as each of some tenants: see tests/it/clients/.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");

const { ClosingError, GlideClient, Logger, ProtocolVersion } = require("@valkey/valkey-glide");

const { refused, tenants } = require("./claims");

// Without `readOnly` it asks INFO which server is the primary, and does not connect if refused.
function connect(url, protocol, ca, readOnly = true) {
  const { hostname, port, username, password } = new URL(url);
  return GlideClient.createClient({
    addresses: [{ host: hostname, port: Number(port) }],
    credentials: { username, password },
    useTLS: ca !== undefined,
    advancedConfiguration: ca && { tlsAdvancedConfiguration: { rootCertificates: ca } },
    protocol,
    clientName: "application",
    requestTimeout: 5_000,
    readOnly,
  });
}

async function fence(client) {
  await refused(client.get("0:greeting"));
  await refused(client.customCommand(["SCAN", "0"]));
  await refused(client.dbsize());
  assert.equal(await client.ping(), "PONG");
}

async function loseConnection(client) {
  await assert.rejects(client.customCommand(["ECHO", `hang up ${randomUUID()}`]));
  assert.equal(await client.ping(), "PONG");
}

async function main() {
  // It logs each refusal.
  Logger.setLoggerConfig("off");
  for (const { url, prefix, may, ca } of tenants) {
    for (const [number, protocol] of [[2, ProtocolVersion.RESP2], [3, ProtocolVersion.RESP3]]) {
      await refused(connect(url, protocol, ca, false));
      const client = await connect(url, protocol, ca);
      await client.customCommand(["ECHO", `connected: Valkey GLIDE, RESP${number}`]);
      if (may.includes("GET")) assert.equal(await client.get(prefix + "nothing"), null);
      await fence(client);
      await loseConnection(client);
      client.close();
    }
  }
}

main();
