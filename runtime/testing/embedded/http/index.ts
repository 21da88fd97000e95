/**
 * Requests and answers: what a path asks for, options in queries, bodies in JSON, YAML and protobuf, the form of answers, and how they
 * are written. Knows nothing of objects. May use `../schema` and the errors. Read `request.ts` first.
 */
export { json, statusAnswer, wantsPretty, warningHeaders, write } from "./answer.ts";
export type { Answer } from "./answer.ts";
export { readBody } from "./body.ts";
export { decodeBody, mediaType, parseYaml, readValue } from "./decode.ts";
export { goJsonError } from "./gojson.ts";
export { clauses, negotiate } from "./negotiate.ts";
export type { Form } from "./negotiate.ts";
export { dryRunErrors, listOptions, parseRevision, parseWatchRevision, tooLargeRevision, writeOptions } from "./options.ts";
export type { ListOptions, WriteOptions } from "./options.ts";
export { isTrue, requestInfo } from "./request.ts";
export type { ApiRequest, User } from "./request.ts";
