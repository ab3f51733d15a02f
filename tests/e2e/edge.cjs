// Calls `handler` of a CloudFront function in a world of its own, with no more at hand than CloudFront gives it.
// stdin: {"code", "now" (ms), "event"}; stdout: what the function returned.
const vm = require("node:vm");
const { code, now, event } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const world = vm.createContext({ require: (name) => ({ crypto: require("node:crypto") })[name] });
vm.runInContext(`Date.now = () => ${now};`, world);
const answer = vm.runInContext(`${code}\n;handler(${JSON.stringify(event)});`, world, { timeout: 1000 });
process.stdout.write(JSON.stringify(answer));
