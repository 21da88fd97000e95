import { describe } from "@jest/globals";
import { referencesTests } from "./references.ts";

describe("references on the embedded API server", referencesTests);
