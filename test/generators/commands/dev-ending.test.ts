import { devEnding } from "./dev-ending.ts";

devEnding();
