import { certificateBehaviours } from "./behaviours.ts";

certificateBehaviours("embedded");
