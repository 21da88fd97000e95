import { controllerReference, isAlreadyExists } from "../../../index.ts";
import { PersistentVolumeClaim, type ControllerRevisionObject, type PodObject, type StatefulSetObject } from "../kinds.ts";
import { createPod } from "../pods.ts";
import { messageOf, type Context } from "../reconciler.ts";
import { templateOf } from "./revisions.ts";

const REVISION_LABEL = "controller-revision-hash";

/** The number at the end of the name of a StatefulSet's Pod; `undefined` for a Pod of another name. */
export function ordinalOf(set: StatefulSetObject, pod: PodObject): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const digits = pod.metadata.name.startsWith(prefix) ? pod.metadata.name.slice(prefix.length) : "";
  return /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : undefined;
}

export function revisionOfPod(pod: PodObject): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? "";
}

/** Creates the Pod of an ordinal from a revision's template, after its volume claims. */
export async function createOrdinal(
  set: StatefulSetObject,
  ordinal: number,
  revision: ControllerRevisionObject,
  context: Context,
): Promise<PodObject> {
  const { client, events } = context;
  const name = `${set.metadata.name}-${ordinal}`;
  const template = templateOf(revision);
  await createClaims(set, ordinal, name, context);
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? "");
  const others = (template.spec?.volumes ?? []).filter((volume) => !claims.includes(volume.name));
  const volumes = [...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } })), ...others];
  const { serviceName } = set.spec;
  try {
    const pod = await createPod(client, set, template, {
      name,
      labels: {
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": String(ordinal),
        [REVISION_LABEL]: revision.metadata.name,
      },
      spec: {
        containers: [],
        ...template.spec,
        hostname: name,
        ...(serviceName !== undefined && serviceName !== "" && { subdomain: serviceName }),
        ...(volumes.length > 0 && { volumes }),
      },
    });
    events.normal(set, "SuccessfulCreate", `Create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    return pod;
  } catch (error) {
    events.warning(set, "FailedCreate", `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`);
    throw error;
  }
}

async function createClaims(set: StatefulSetObject, ordinal: number, pod: string, { client, events }: Context): Promise<void> {
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const { namespace } = set.metadata;
    const name = `${template.metadata?.name ?? ""}-${set.metadata.name}-${ordinal}`;
    if ((await client.get(PersistentVolumeClaim, { namespace, name })) !== undefined) continue;
    const labels = { ...template.metadata?.labels, ...set.spec.selector.matchLabels };
    const annotations = template.metadata?.annotations;
    const goesWithSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
    const metadata = {
      name,
      namespace,
      labels,
      ...(annotations !== undefined && { annotations }),
      ...(goesWithSet && { ownerReferences: [controllerReference(set)] }),
    };
    const { apiVersion, kind } = PersistentVolumeClaim;
    try {
      await client.create({ apiVersion, kind, metadata, spec: template.spec });
      events.normal(set, "SuccessfulCreate", `Create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`);
    } catch (error) {
      if (isAlreadyExists(error)) continue;
      events.warning(
        set,
        "FailedCreate",
        `Create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`,
      );
      throw error;
    }
  }
}
