/** Endings of words (so that `BlockIndex` follows `Index`) with their plurals, the first that fits decides. */
const irregular: readonly (readonly [singular: string, plural: string])[] = [
  // The same in the plural, or plural already.
  ...["series", "species", "chassis", "sheep", "fish", "deer", "aircraft", "news", "information", "equipment", "money", "police"].map(
    unchanged,
  ),
  ...["data", "media", "criteria", "children", "people", "indices", "matrices", "vertices", "analyses", "dice", "mice", "men"].map(
    unchanged,
  ),
  ["child", "children"],
  ["person", "people"],
  ["human", "humans"],
  ["woman", "women"],
  ["man", "men"],
  ["mouse", "mice"],
  ["goose", "geese"],
  ["foot", "feet"],
  ["tooth", "teeth"],
  ["index", "indices"],
  ["vertex", "vertices"],
  ["vortex", "vortices"],
  ["apex", "apices"],
  ["trix", "trices"],
  ["appendix", "appendices"],
  ["helix", "helices"],
  ["criterion", "criteria"],
  ["phenomenon", "phenomena"],
  ["stadium", "stadiums"],
  ["medium", "media"],
  ["datum", "data"],
  ["focus", "foci"],
  ["radius", "radii"],
  ["locus", "loci"],
  ["nucleus", "nuclei"],
  ["cactus", "cacti"],
  ["corpus", "corpora"],
  ["alias", "aliases"],
  ["axis", "axes"],
  ["basis", "bases"],
  ["crisis", "crises"],
  ["oasis", "oases"],
  ["genesis", "geneses"],
  ["thesis", "theses"],
  ["gnosis", "gnoses"],
  ["opsis", "opses"],
  ["ysis", "yses"],
  ["potato", "potatoes"],
  ["tomato", "tomatoes"],
  ["thief", "thieves"],
];

/** The rules of English, by the end of the word. */
const regular: readonly (readonly [ending: RegExp, plural: string])[] = [
  [/(?<=ea|oa|ar|l)f$/, "ves"],
  [/fe$/, "ves"],
  [/(?<=qu|[^aeiou])y$/, "ies"],
  [/(?<=u)s$/, "ses"],
  [/(?<=s)s$/, "ses"],
  [/(?<=[ei])z$/, "zzes"],
  [/(?<=ch|sh|x|z)$/, "es"],
  [/(?<=[aeiu]o|oo|lo|to|ano)$/, "s"],
  [/(?<=o)$/, "es"],
  [/(?<=s)$/, ""], // Redis, Atlas, TLS, Endpoints
  [/$/, "s"],
];

/**
 * The plural resource name of a kind, in lower case: what Kubebuilder derives (with the flect library) for all but the most unusual
 * words. A kind whose name ends in an s that is no plural's of English keeps it. Where it is wrong, `@resource plural=…` has the last word.
 *
 * @example
 * pluralOf("Memcached"); // "memcacheds"
 * pluralOf("NetworkPolicy"); // "networkpolicies"
 * pluralOf("Redis"); // "redis"
 */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  const exception = irregular.find(([singular]) => word.endsWith(singular));
  if (exception !== undefined) return `${word.slice(0, -exception[0].length)}${exception[1]}`;
  const rule = regular.find(([ending]) => ending.test(word));
  return rule === undefined ? word : word.replace(rule[0], rule[1]);
}

function unchanged(word: string): readonly [string, string] {
  return [word, word];
}
