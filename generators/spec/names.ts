/** UpperCamelCase of letters and digits, as API servers and generated classes need it. */
export function isKindName(name: string): boolean {
  return /^[A-Z][A-Za-z0-9]{0,62}$/.test(name);
}
