import { describe } from "@jest/globals";
import { judgedTests } from "../generators/compatibility/judged.ts";

describe("what check api calls breaking is what the API server of KUBESCAFFOLD_TEST_CLUSTER does", judgedTests);
