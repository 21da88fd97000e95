/**
 * Tables, as `kubectl get` asks for them: recorded columns, and the cells of each kind. May use `../schema`, `../openapi`,
 * `../resources`. Read `table.ts` first.
 */
export { tableOf } from "./table.ts";
