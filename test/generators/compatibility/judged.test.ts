import { describe } from "@jest/globals";
import { judgedTests } from "./judged.ts";

describe("what check api calls breaking is what an API server does", judgedTests);
