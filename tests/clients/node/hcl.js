// Reads the Terraform files named on the command line: whether each is formatted as `terraform fmt` does,
// and what is in it. Both are HashiCorp's own code, compiled to WebAssembly.
const { readFileSync } = require("node:fs");
const { format } = require("@cdktn/hcl-tools");
const { parse } = require("@cdktn/hcl2json");

async function read(file) {
  const text = readFileSync(file, "utf8");
  return { file, is_formatted: (await format(text)) === text, content: await parse(file, text) };
}

async function main() {
  const files = [];
  for (const file of process.argv.slice(2)) files.push(await read(file));
  process.stdout.write(JSON.stringify(files), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
