/** What people and editors are told about the configuration, all of it from the schema. */
import { z } from 'zod';
import { createConfigSchema, Secret } from './config.ts';

interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  /** The first is what a real configuration needs. */
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** For editors that know JSON Schema (draft 7: what YAML editors read). */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = createConfigSchema({
    resolvePath: (path) => path,
    findFault: () => undefined,
    readSecret: () => new Secret(''),
    today: new Date(0),
    unsafeTests: false,
  });
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
}

/** The README's table: a row for every key. */
export function configTable(): string {
  const rows = keysOf(configJsonSchema()).map(({ key, shape, required }) => {
    const value =
      shape.default === undefined ? '' : `\`${inYaml(shape.default)}\`${sizeOf(key, shape.default)}`;
    const preset = required ? '**required**' : value;
    return `| \`${key}\` | ${typeOf(shape)} | ${preset} | ${shape.description ?? ''} |`;
  });
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** What to add to "is unknown": the key that was probably meant. Empty when nothing is near. */
export function suggestKey(path: readonly (string | number)[], key: string): string {
  const schema: Shape = configJsonSchema();
  let shape: Shape | undefined = schema;
  for (const step of path) shape = typeof step === 'number' ? shape?.items : shape?.properties?.[step];
  const near = Object.keys(shape?.properties ?? {})
    .map((name) => ({ name, distance: distanceOf(plain(name), plain(key)) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 3)))
    .sort((one, other) => one.distance - other.distance)[0];
  if (near !== undefined) return `: did you mean ${near.name}?`;
  const elsewhere = keysOf(schema).find((each) => each.key.split('.').at(-1) === key);
  return elsewhere === undefined ? '' : `: did you mean ${elsewhere.key}?`;
}

/** What `sallyport init` writes: what must be filled in, and every other key commented out at its default. */
export function exampleConfig(): string {
  const { properties = {} }: Shape = configJsonSchema();
  const preset = (section: string): string =>
    Object.entries(properties[section]?.properties ?? {})
      .map(([key, shape]) => {
        const value = shape.default === undefined ? '' : ` ${inYaml(shape.default)}`;
        const line = `#   ${key}:${value}`;
        const meaning = `# ${shape.description ?? ''}${sizeOf(key, shape.default)}`;
        return line.length + meaning.length < 100
          ? `${line.padEnd(36)} ${meaning}`
          : `#   ${meaning}\n${line}`;
      })
      .join('\n');
  return `# Sallyport. Relative paths start at this file's folder. Secrets are references: file:/path or env:NAME.
# \${NAME} takes a value from the environment. A line that starts with # shows the default.

# Where Coupa posts purchase orders.
# listen:
${preset('listen')}

# Our own certificate: Coupa must trust who issued it.
certificate:
  chain: server.pem        # our certificate first, then its intermediates
  key: file:server.key     # readable by this service only

# Who may connect. Put the CA certificates that Coupa publishes into certs/coupa.
# trust:
${preset('trust')}

# ${properties.answers?.description}
# answers: ${inYaml(properties.answers?.default)}

# Who may send orders. Take the credentials from the Header of a document that this buyer sends.
buyers:
  - key: acme              # short name in logs, metrics and lists; never change it
    from:
      - { domain: DUNS, identity: "128293714" }
    # to:                  # credentials that mean us; left out: not looked at
    #   - { domain: NetworkID, identity: SUPPLIER-1 }
    # sender:              # left out: the same as from, which is how Coupa sends it
    #   - { domain: DUNS, identity: "128293714" }
    shared_secret: env:ACME_SECRET   # or the word none, if none was agreed
    # shared_secret_previous: env:ACME_SECRET_BEFORE   # taken, too, until the buyer has changed it
    # basic_auth:          # only if the buyer's record of you has a "PO cXML HTTP Basic Auth Username"
    #   username: coupa
    #   password: env:ACME_PASSWORD
${['store', 'limits', 'admin', 'log'].map((section) => `\n# ${properties[section]?.description}\n# ${section}:\n${preset(section)}\n`).join('')}`;
}

/** A group that may be left out requires nothing by itself. */
function keysOf(
  schema: Shape,
  prefix = '',
  isThere = true,
): { key: string; shape: Shape; required: boolean }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, shape]) => {
    const key = `${prefix}${name}`;
    const isNeeded = [...(schema.required ?? []), ...(schema.anyOf?.[0]?.required ?? [])].includes(name);
    if (shape.properties !== undefined) {
      return keysOf(shape, `${key}.`, isNeeded || shape.default !== undefined);
    }
    const required = isThere && isNeeded;
    const inner = shape.items?.anyOf === undefined ? [] : keysOf(shape.items, `${key}[].`);
    return [{ key, shape, required }, ...inner];
  });
}

function typeOf(shape: Shape): string {
  if (shape.items?.anyOf !== undefined) return 'list';
  if (shape.items?.properties !== undefined)
    return `list of { ${Object.keys(shape.items.properties).join(', ')} }`;
  if (shape.items !== undefined) return `list of ${typeOf(shape.items)}`;
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  if (shape.pattern !== undefined && /\benv\b/.test(shape.pattern)) return 'secret';
  if (shape.type === 'integer') return `${shape.minimum} to ${shape.maximum}`;
  return 'text';
}

/** JSON is YAML too, and short words need no quotes. */
function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  return typeof value === 'string' && /^[A-Za-z0-9./][A-Za-z0-9._:/-]*$/.test(value)
    ? value
    : JSON.stringify(value);
}

function sizeOf(key: string, value: unknown): string {
  if (!key.endsWith('_bytes') || typeof value !== 'number') return '';
  return value < 1024 * 1024 ? ` (${value / 1024} KiB)` : ` (${value / 1024 / 1024} MiB)`;
}

/** `bodyBytes` and `body-bytes` are as near to `body_bytes` as can be. */
function plain(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 64);
}

/** Levenshtein distance. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
