// A Grafana dashboard is what Grafana's own types say: the whole of it as Dashboard, and each panel's
// options and custom field settings as its kind's. Types of @grafana/schema become JSON Schemas,
// which know no member that the types do not have.
//
// usage: node check.mjs DASHBOARD.json     (in a directory with package.json's modules)
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { createGenerator } = require("ts-json-schema-generator");
const Ajv = require("ajv").default;
const types = path.join(process.cwd(), "node_modules/@grafana/schema/dist/esm/raw");

function validator(file, type) {
  const found = path.join(types, file);
  const options = { path: found, type, skipTypeCheck: true, additionalProperties: false };
  const schema = createGenerator(options).createSchema(type);
  return new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
}

const panelTypes = {
  timeseries: "composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts",
  stat: "composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts",
};
const validators = {};
let problems = 0;

function check(what, validate, value) {
  if (validate(value)) return;
  for (const error of validate.errors) {
    const extra = error.params.additionalProperty ? ` "${error.params.additionalProperty}"` : "";
    console.log(`${what}${error.instancePath}: ${error.message}${extra}`);
    problems += 1;
  }
}

// The types allow null where the first threshold begins, -Infinity, which JSON cannot say.
const dashboard = JSON.parse(fs.readFileSync(process.argv[2], "utf8"), (key, value) =>
  key === "steps" ? value.map((step) => ({ ...step, value: step.value ?? -1e308 })) : value
);
const whole = validator("dashboard/x/dashboard_types.gen.d.ts", "Dashboard");
const { panels, ...rest } = dashboard;
const panelOf = validator("dashboard/x/dashboard_types.gen.d.ts", "Panel");
const rowOf = validator("dashboard/x/dashboard_types.gen.d.ts", "RowPanel");
check("dashboard", whole, rest);
let queries = 0;
for (const panel of panels) {
  const name = `panel "${panel.title}"`;
  if (panel.type === "row") {
    check(name, rowOf, panel);
    continue;
  }
  check(name, panelOf, panel);
  const file = panelTypes[panel.type];
  if (!file) {
    console.log(`${name}: check.mjs knows no type ${panel.type}`);
    problems += 1;
    continue;
  }
  validators[panel.type] ??= validator(file, "Options");
  check(`${name}.options`, validators[panel.type], panel.options);
  if (panel.type === "timeseries") {
    validators.custom ??= validator(file, "FieldConfig");
    check(`${name}.custom`, validators.custom, panel.fieldConfig.defaults.custom);
  }
  queries += panel.targets.length;
}
const ids = new Set(panels.map((panel) => panel.id));
if (ids.size !== panels.length) {
  console.log("two panels have one id");
  problems += 1;
}
console.log(`${panels.length} panels, ${queries} queries, ${problems} problems`);
process.exit(problems > 0 || queries === 0 ? 1 : 0);
