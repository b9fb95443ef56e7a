// What the programs have in common: the tenants they run as, and what they claim of refusals.

const assert = require("node:assert/strict");
const { readFileSync } = require("node:fs");

// `ca` is a certificate where the URL is a rediss: one, and undefined elsewhere.
const tenants = JSON.parse(process.env.TENANTS).map((tenant) => ({
  ...tenant,
  ca: tenant.ca ? readFileSync(tenant.ca) : undefined,
}));

// The engine says no, by this client's kind of error.
function refused(answer) {
  return assert.rejects(answer, (error) => {
    assert.match(String(error.message), /NOPERM|PermissionDenied/, error);
    return true;
  });
}

module.exports = { refused, tenants };
