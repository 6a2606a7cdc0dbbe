// Reads {schema, cases: {name: data}} from stdin; writes {name: whether ajv accepts it}.
const path = require("path");
const { createRequire } = require("module");
const nodeFolder = path.join(__dirname, "..", "..", "node", "package.json");
const Ajv = createRequire(nodeFolder)("ajv");

const { schema, cases } = JSON.parse(require("fs").readFileSync(0, "utf8"));
// `errorMessage` and `enumDescriptions` are the editors' own keywords
const ajv = new Ajv({ strict: false, validateSchema: true, allowUnionTypes: true, code: { optimize: false }, messages: false, logger: false });
const validate = ajv.compile(schema);
const verdicts = Object.entries(cases).map(([name, data]) => [name, validate(data)]);
process.stdout.write(JSON.stringify(Object.fromEntries(verdicts)));
