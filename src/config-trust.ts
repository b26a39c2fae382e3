/** The part of the configuration schema that says who may connect. */
import { z } from 'zod';

/** A common name is compared byte for byte, so only what can be typed and seen unambiguously is taken. */
export const commonName = z
  .string()
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'must be printable ASCII without spaces around it');

/** What can be tried out first: it is told who would be refused, and nobody is. */
const REPORT_ONLY = ['pins', 'addresses', 'crl'] as const;

/** SHA-256 as tools print it: hex with or without colons, or base64, with or without the word. */
const spki = z.string().transform((text, context) => {
  const bare = text.trim().replace(/^sha256(\/\/|[:/ ])/i, '');
  const hex = bare.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  const bytes = Buffer.from(bare, 'base64');
  if (bytes.length === 32 && bytes.toString('base64') === bare) return bytes.toString('hex');
  context.addIssue('must be the SHA-256 of a public key (SPKI): 64 hex digits, or 44 characters of base64');
  return z.NEVER;
});

/** As `certificate.serial` has it: whole bytes, no leading zero byte, lower case. */
const serial = z.string().transform((text, context) => {
  const digits = text.trim().replace(/^0x/i, '').replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{1,42}$/.test(digits)) {
    context.addIssue('must be a serial number in hex, as `openssl x509 -serial` prints it');
    return z.NEVER;
  }
  const least = digits.replace(/^0+(?=.)/, '');
  return least.length % 2 === 0 ? least : `0${least}`;
});

const denied = z
  .strictObject({
    spki: spki.optional(),
    issuer: z.string().trim().min(1).optional(),
    serial: serial.optional(),
    comment: z.string().max(200).optional(),
  })
  .superRefine((entry, context) => {
    if ((entry.spki === undefined) === (entry.serial === undefined)) {
      context.addIssue('must name either spki or serial');
    } else if (entry.issuer !== undefined && entry.serial === undefined) {
      context.addIssue({ code: 'custom', path: ['issuer'], message: 'goes with a serial only' });
    }
  });

const DAY_MS = 86_400_000;
/** As long as a certificate may live that was issued before March 2026: beyond that nothing needs an exception. */
const MOST_DAYS_AHEAD = 400;

function serverAuthOnly(today: Date) {
  const until = z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, 'must be a day, as 2027-03-15')
    .superRefine((text, context) => {
      const day = Date.parse(`${text}T00:00:00Z`);
      if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text) {
        context.addIssue('is no day of the calendar');
      } else if (day - today.getTime() > MOST_DAYS_AHEAD * DAY_MS) {
        context.addIssue(`must be at most ${MOST_DAYS_AHEAD} days ahead: this is for the meantime`);
      }
    })
    .describe('Lets in certificates that are for servers only, by their keys, up to this day (UTC).');
  return z
    .strictObject({
      until,
      spki: z.array(spki).min(1).describe('The keys (SPKI) that this exception is for.'),
    })
    .describe('Exception for client certificates that are for servers only: until, and for which keys.');
}

export function trustSection({
  path,
  existingPath,
  today,
}: {
  readonly path: z.ZodType<string, string>;
  readonly existingPath: z.ZodType<string, string>;
  readonly today: Date;
}) {
  return z.strictObject({
    client_certificate: z
      .enum(['required', 'requested', 'off'])
      .default('required')
      .describe(
        '`requested` lets clients without a trusted certificate in, too; `off` asks for none. Both need shared secrets.',
      ),
    bundle: existingPath
      .prefault('certs/coupa')
      .describe('Folder or file with the pinned CA certificates, PEM: what Coupa publishes.'),
    names: z
      .array(commonName)
      .min(1)
      .default(['cxml-supplier.coupahost.com', 'cxml-supplier.coupacloud.com'])
      .describe('Common names a client certificate may carry, compared byte for byte.'),
    state: path
      .optional()
      .describe(
        'Folder for what rotation keeps: staged pins, distrusted keys, the journal. Default: `trust` beside the store file.',
      ),
    pins: z
      .array(spki)
      .prefault([])
      .describe(
        'SHA-256 of client keys (SPKI), hex or base64. If any is listed, the client must show one of them, too.',
      ),
    deny: z
      .array(denied)
      .prefault([])
      .describe(
        'Refused on any chain: `spki`, or `serial` (hex) with `issuer` as logged; without `issuer`: of any issuer.',
      ),
    addresses: existingPath
      .optional()
      .describe("File with the addresses clients may come from, as on Coupa's pages. Left out: anywhere."),
    crl: existingPath
      .optional()
      .describe('Folder or file with revocation lists (DER or PEM) of pinned issuers.'),
    crl_policy: z
      .enum(['hard', 'soft'])
      .default('soft')
      .describe('For want of a current list: `hard` refuses, `soft` lets in, logs and counts.'),
    server_auth_only: serverAuthOnly(today).optional(),
    report_only: z
      .array(z.enum(REPORT_ONLY))
      .default([])
      .describe('What is tried out: whoever it would refuse is let in, logged and counted.'),
  });
}
