// Compares versions as node-semver does: lines "A<tab>B" in, < = > or ? out.
const semver = require(process.argv[2]);
const out = [];
for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
  if (!line) continue;
  const [a, b] = line.split("\t");
  try {
    out.push("<=>"[semver.compare(a, b) + 1]);
  } catch {
    out.push("?");
  }
}
require("fs").writeSync(1, out.join("\n") + "\n");
