import { describe } from "@jest/globals";
import { wiringTests } from "../runtime/controller/wiring.ts";

describe("on the API server of KUBESCAFFOLD_TEST_CLUSTER", wiringTests);
