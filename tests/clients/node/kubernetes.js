// Reads the Kubernetes manifests named on the command line, after the folder with Kubernetes' own schemas: what is
// in each, and what the schemas find wrong with it. They are the strict ones, to which an unknown field is a fault.
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const Ajv = require("ajv/dist/2020");
const { parseAllDocuments } = require("yaml");

function reader(folder) {
  // Kubernetes has formats of its own, which say how a number is kept.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const schema = (file) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  ajv.addSchema(schema("_definitions.json"), "_definitions.json");

  function faults(content) {
    const { apiVersion, kind } = content;
    // `apps/v1` is `apps-v1`, `networking.k8s.io/v1` is `networking-v1`.
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const words = [kind.toLowerCase(), group.split(".")[0], version].filter((word) => word);
    const file = `${words.join("-")}.json`;
    if (!existsSync(join(folder, file))) return [`there is no ${kind} in ${apiVersion}`];
    const validate = ajv.getSchema(file) ?? ajv.addSchema(schema(file), file).getSchema(file);
    if (validate(content)) return [];
    return validate.errors.map(({ instancePath, message, params }) => {
      return `${instancePath} ${message} ${JSON.stringify(params)}`;
    });
  }

  return function read(file) {
    return parseAllDocuments(readFileSync(file, "utf8")).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
      const content = document.toJS();
      return { file, content, faults: faults(content) };
    });
  };
}

const [folder, ...files] = process.argv.slice(2);
process.stdout.write(JSON.stringify(files.flatMap(reader(folder))));
