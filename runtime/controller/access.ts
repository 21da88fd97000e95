import { describeRule, type ApiClient, type RestMapping } from "../client/index.ts";
import { groupOf } from "../object/index.ts";

/** What a cache needs for each kind. */
const VERBS = ["list", "watch"] as const;
/** Reviews that are under way at a time. */
const PARALLEL = 4;

/** A collection that is listed and watched. */
export interface Collection {
  mapping: RestMapping;
  /** Where it is watched; `undefined` for everywhere. */
  namespaces: readonly string[] | undefined;
  /** The one object that is watched, where a field selector says so: a rule with `resourceNames` allows that. */
  name: string | undefined;
}

interface Question extends Collection {
  verb: string;
  namespace: string | undefined;
}

/**
 * Asks the API server, by SelfSubjectAccessReviews, whether these collections may be listed and watched, and returns the access rules that are missing.
 * What may be done everywhere is not asked for namespace by namespace. An API server that does not answer the question, or does not allow it to be
 * asked, is taken to allow everything: the list itself will tell.
 */
export async function missingAccess(client: ApiClient, collections: readonly Collection[]): Promise<string[]> {
  const everywhere = collections.flatMap((each) => VERBS.map((verb) => ({ ...each, verb, namespace: onlyOne(each.namespaces) })));
  const denied = await deniedOf(client, everywhere);
  const several = denied.filter(({ namespaces = [] }) => namespaces.length > 1);
  const within = await deniedOf(
    client,
    several.flatMap((each) => (each.namespaces ?? []).map((namespace) => ({ ...each, namespace }))),
  );
  const rules = [...denied.filter((each) => !several.includes(each)), ...within].map(({ mapping, namespace }) =>
    describeRule({
      apiGroups: [groupOf(mapping.apiVersion)],
      resources: [mapping.resource],
      verbs: VERBS,
      ...(namespace !== undefined && { namespace }),
    }),
  );
  return [...new Set(rules)];
}

function onlyOne(namespaces: readonly string[] | undefined): string | undefined {
  return namespaces?.length === 1 ? namespaces[0] : undefined;
}

/** Those of the questions that were answered by no, in their order. */
async function deniedOf(client: ApiClient, questions: readonly Question[]): Promise<Question[]> {
  const denied = new Set<Question>();
  const rest = questions.values();
  const askOneByOne = async () => {
    for (const question of rest) if (!(await isAllowed(client, question))) denied.add(question);
  };
  await Promise.all(Array.from({ length: PARALLEL }, askOneByOne));
  return questions.filter((question) => denied.has(question));
}

async function isAllowed(client: ApiClient, { mapping, verb, namespace, name }: Question): Promise<boolean> {
  const group = groupOf(mapping.apiVersion);
  const version = mapping.apiVersion.slice(group === "" ? 0 : group.length + 1);
  const answer = await client.review<{ status?: { allowed?: boolean; evaluationError?: string } }>({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: {
      resourceAttributes: { group, version, resource: mapping.resource, verb, ...(namespace && { namespace }), ...(name && { name }) },
    },
  } as const);
  const { allowed, evaluationError } = answer.status ?? {};
  // An authorizer that could not make up its mind has not said no.
  return allowed !== false || evaluationError !== undefined;
}
