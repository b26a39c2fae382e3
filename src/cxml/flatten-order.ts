/** A tree of fields as a list: the path of each value and the value, so that two trees can be laid side by side. */

/**
 * Members of a list are told apart by what names them, so that one that is put in between does not shift the others;
 * several of one name are counted: `extrinsics[Project]`, `extrinsics[Project#2]`.
 */
const NAMED_BY = ['name', 'domain', 'role', 'type', 'path', 'id'] as const;

/** @param skipped keys of the outermost object that are left out; `path` and `place` of members always are */
export function flatten(tree: object, skipped: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (!skipped.includes(key)) collect(key, value, values);
  }
  return values;
}

function collect(path: string, value: unknown, values: Map<string, string>): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    collectMembers(path, value, values);
    return;
  }
  if (typeof value !== 'object' || value === null) {
    values.set(path, value === null ? '' : String(value));
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    if (key !== 'path' && key !== 'place') collect(`${path}.${key}`, each, values);
  }
}

function collectMembers(path: string, members: readonly unknown[], values: Map<string, string>): void {
  const seen = new Map<string, number>();
  for (const member of members) {
    const name = nameOf(member);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const label = times === 1 && name !== '' ? name : `${name}#${times}`;
    collect(`${path}[${label}]`, member, values);
  }
}

function nameOf(member: unknown): string {
  if (typeof member !== 'object' || member === null) return '';
  for (const key of NAMED_BY) {
    const name = (member as Readonly<Record<string, unknown>>)[key];
    if (typeof name === 'string' && name !== '') return lastStep(name);
  }
  return '';
}

/** Of a path in the document only its end: the number of the line it stands in may change. */
function lastStep(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).replace(/\[\d+\]$/, '');
}
