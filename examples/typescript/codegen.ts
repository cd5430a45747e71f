import type { CodegenConfig } from "@graphql-codegen/cli";

// Types of exactly what the documents in src/ ask for, from the contract that the gateway is tested against.
const config: CodegenConfig = {
  importExtension: ".js",
  emitLegacyCommonJSImports: false,
  schema: "../../schema.graphql",
  documents: ["src/*.ts", "!src/api/**"],
  generates: {
    "src/api/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: "string", NaiveDate: "string", Duration: "string", Decimal: "string", UUID: "string", JSON: "unknown" },
      },
    },
  },
};

export default config;
