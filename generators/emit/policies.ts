import type { AdmissionPolicy } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, toYamlDocuments, type TreeMap } from "./yaml.ts";

const apiVersion = "admissionregistration.k8s.io/v1";

/** The policy and its bindings as the API has them. */
export function policyObjects({ name, labels, annotations, spec, bindings }: AdmissionPolicy): TreeMap[] {
  return [
    sorted({ apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name, labels, annotations }, spec }),
    ...bindings.map((binding) =>
      sorted({ apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: binding.name, labels }, spec: binding.spec }),
    ),
  ];
}

/** `config/policies/<name>.yaml`: a ValidatingAdmissionPolicy and what puts it in force. Derived. */
export function policyArtefact(policy: AdmissionPolicy): Artefact {
  const { file, line } = policy.place;
  const text = toYamlDocuments(
    policyObjects(policy).map((tree) => ({ tree, comments: [] })),
    `Derived from ${file}:${line} by \`scaffold generate\`: change the constant, not this file.`,
  );
  return { path: `config/policies/${policy.name}.yaml`, text };
}
