import { certificateBehaviours } from "../runtime/webhook/certificates/behaviours.ts";

certificateBehaviours("kube-apiserver");
