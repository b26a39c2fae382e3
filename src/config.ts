/**
 * The one schema of the configuration: type, defaults, checks, editor schema and README table all come from here.
 * A key is spelled the same in the file, in the code and in the README. Never: reads a file or the environment itself
 * (`config-file.ts` does, and hands in what it found).
 */
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { answers, buyerSection } from './config-buyers.ts';
import { checkTogether, publicUrl } from './config-checks.ts';
import { amount, limits, MIB, wholeNumber } from './config-limits.ts';
import { trustSection } from './config-trust.ts';

/** Where a secret can be read again while running. */
export interface SecretFile {
  readonly path: string;
  /** @throws {Error} saying what is wrong, never with the value */
  readonly read: () => string;
}

/** A value that no log, JSON or error can show. `reveal()` only where it is used. */
export class Secret {
  readonly #value: string;
  readonly #file: SecretFile | undefined;

  constructor(value: string, file?: SecretFile) {
    this.#value = value;
    this.#file = file;
  }

  reveal(): string {
    return this.#value;
  }

  /** The file it came from; undefined when it came from the environment, which does not change while we run. */
  get path(): string | undefined {
    return this.#file?.path;
  }

  /**
   * As it is now in the file it came from.
   *
   * @throws {Error} saying what is wrong, never with the value
   */
  readAgain(): Secret {
    return this.#file === undefined ? this : new Secret(this.#file.read(), this.#file);
  }

  /** For comparing what was read with what runs; a peer's claim is compared elsewhere, in constant time. */
  isSame(other: Secret): boolean {
    return this.#value === other.#value && this.path === other.path;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** What the schema needs to know of the world. */
export interface Surroundings {
  /** Makes a path of the file absolute; relative ones start at the file's folder. */
  readonly resolvePath: (path: string) => string;
  /** What is wrong with a file or folder that must be readable, or undefined. */
  readonly findFault: (path: string) => string | undefined;
  /** @throws {Error} saying what is wrong, never with the value */
  readonly readSecret: (reference: string) => Secret;
  /** For dates that may not lie too far ahead. */
  readonly today: Date;
  /** The environment allows `unsafe_any_sender`. */
  readonly unsafeTests: boolean;
}

type DeepReadonly<T> = T extends Secret
  ? T
  : T extends readonly (infer Each)[]
    ? readonly DeepReadonly<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

export type Config = DeepReadonly<z.output<ReturnType<typeof createConfigSchema>>>;
export type Buyer = Config['buyers'][number];
export type Party = Buyer['from'][number];
export type Limits = Config['limits'];
export type AnswerStyle = Config['answers'];

const host = z.string().regex(/^[A-Za-z0-9._:-]+$/, 'must be a host name or an IP address');
const port = wholeNumber(0, 65535);

export function createConfigSchema(around: Surroundings) {
  const path = z.string().min(1).transform(around.resolvePath);
  const existingPath = path.superRefine((value, context) => {
    const fault = around.findFault(value);
    if (fault !== undefined) context.addIssue(fault);
  });
  const readSecret = (reference: string, context: z.RefinementCtx): Secret => {
    try {
      return around.readSecret(reference);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : 'cannot be read');
      return z.NEVER;
    }
  };
  // A mistake here must never be echoed: what was written may be the secret itself.
  const secret = z
    .string()
    .regex(
      /^(file|env):./,
      'must be a reference, file:/path or env:NAME; a secret itself does not belong in this file',
    )
    .transform(readSecret);
  const secretOrNone = z
    .string()
    .regex(
      /^(none$|file:.|env:.)/,
      'must be a reference, file:/path or env:NAME, or the word none; a secret itself does not belong in this file',
    )
    .transform((reference, context) =>
      reference === 'none' ? ('none' as const) : readSecret(reference, context),
    );

  const listen = z.strictObject({
    host: host.default('0.0.0.0').describe('Address the receiving port listens on.'),
    port: port.default(8443).describe('The receiving port; 0 takes any free one.'),
    path: z
      .string()
      .max(256)
      .regex(/^\/[A-Za-z0-9._~/-]*$/, 'must start with / and hold only letters, digits and . _ ~ / -')
      .default('/cxml')
      .describe('The one path that takes purchase orders.'),
    public_url: z
      .url({ protocol: /^https$/, error: 'must be an https:// address' })
      .optional()
      .describe(
        'The address Coupa posts to, named in answers to a ProfileRequest. Default: made of host, port and path.',
      ),
  });

  const certificate = z.strictObject({
    chain: existingPath.describe('File with our own certificate and its intermediates, PEM, leaf first.'),
    key: secret.describe('Private key of that certificate, PEM.'),
  });

  const store = z.strictObject({
    url: z
      .string()
      .regex(/^sqlite:./, 'must be sqlite:PATH')
      .refine(
        (url) => !url.includes(':memory:'),
        'must name a file: a store in memory loses every order at the next start',
      )
      .transform((url) => `sqlite:${around.resolvePath(url.slice('sqlite:'.length))}`)
      .prefault('sqlite:data/sallyport.db')
      .describe('Where orders are kept.'),
    refused_max_count: amount(
      10_000,
      [0, 10_000_000],
      'Refused messages kept for a person; the oldest go first.',
    ),
    refused_max_bytes: amount(256 * MIB, [0, 1024 * 1024 * MIB], 'Their size together; the oldest go first.'),
    min_free_bytes: amount(
      64 * MIB,
      [MIB, 1024 * 1024 * MIB],
      'With less free disk than this, orders are put off (503).',
    ),
  });

  const admin = z.strictObject({
    host: host
      .default('127.0.0.1')
      .describe('Address of the admin port: metrics and health, no password. Keep it private.'),
    port: port.default(8080).describe('The admin port; 0 takes any free one.'),
    names: z
      .array(host)
      .default([])
      .describe('Host names, besides localhost and IP addresses, by which the admin port may be asked.'),
  });

  const check = z.strictObject({
    dtd: existingPath
      .optional()
      .describe(
        'File with a cXML DTD: `sallyport check -c` tells where documents are not valid by it. Never enforced.',
      ),
  });

  const log = z.strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])
      .default('info')
      .describe('Lowest level logged.'),
  });

  return z
    .strictObject({
      listen: listen.prefault({}).describe('The receiving port.'),
      certificate: certificate.describe('Our own certificate.'),
      trust: trustSection({ path, existingPath, today: around.today })
        .prefault({})
        .describe('Who may connect.'),
      answers: answers
        .default('envelope')
        .describe(
          '`envelope`: a refusal is HTTP 200 with a cXML Status; `mirror`: with a matching HTTP code.',
        ),
      buyers: z.array(buyerSection({ secret, secretOrNone })).min(1).describe('Who may send orders.'),
      store: store.prefault({}).describe('Where orders are kept.'),
      limits: limits.prefault({}).describe('What one client may cost.'),
      admin: admin.prefault({}).describe('Metrics and health.'),
      check: check.prefault({}).describe('What `sallyport check` adds.'),
      log: log.prefault({}).describe('Logs go to standard output, one JSON object a line.'),
    })
    .superRefine(
      (config, context) => {
        for (const { message, path } of checkTogether(config, around)) {
          context.addIssue({ code: 'custom', message, path: [...path] });
        }
      },
      // Also when something else is wrong: all mistakes are told at once.
      { when: ({ value }) => typeof value === 'object' && value !== null },
    )
    .transform((config) => ({
      ...config,
      listen: { ...config.listen, public_url: config.listen.public_url ?? publicUrl(config.listen) },
      trust: {
        ...config.trust,
        state: config.trust.state ?? join(dirname(config.store.url.slice('sqlite:'.length)), 'trust'),
      },
      buyers: config.buyers.map((each) => ({
        ...each,
        from: each.from ?? [],
        sender: each.sender ?? each.from ?? [],
        shared_secret: each.shared_secret ?? ('none' as const),
        answers: each.answers ?? config.answers,
      })),
    }));
}
