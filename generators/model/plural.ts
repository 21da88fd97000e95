/**
 * The plural resource name of a kind, lower case, by the rules of English that Kubebuilder's flect applies.
 *
 * @example
 * pluralOf("Memcached"); // "memcacheds"
 * pluralOf("NetworkPolicy"); // "networkpolicies"
 */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return `${word}s`;
}
