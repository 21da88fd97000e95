/**
 * Reads the protobuf bodies that kubectl and Go clients send, into JSON. The layout of the messages is data (`take.ts`). Loaded only when
 * such a body comes. May use `../schema` and the errors. Read `decode.ts` first.
 */
export { decodeProtobuf } from "./decode.ts";
