// An `import` of TypeScript would read all of its 9 MB to find out which kind of module it is, on each start; this says so.
const typescript = require("typescript");
module.exports = typescript;
