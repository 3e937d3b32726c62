// With extensions in its imports, so that what tsc makes of it runs as it stands.
export default {
  input: "./openapi.json",
  logs: { level: "silent" },
  output: { path: "generated/hey-api", module: { extension: ".js" } },
};
