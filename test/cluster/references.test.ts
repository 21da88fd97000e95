import { describe } from "@jest/globals";
import { referencesTests } from "../runtime/controller/references.ts";

describe("references on the API server of KUBESCAFFOLD_TEST_CLUSTER", referencesTests);
