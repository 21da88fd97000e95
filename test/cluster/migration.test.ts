import { describe } from "@jest/globals";
import { migrationTests } from "../runtime/webhook/migration.ts";

describe("stored versions on the API server of KUBESCAFFOLD_TEST_CLUSTER", migrationTests);
