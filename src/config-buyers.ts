/** The part of the configuration schema that says who may send orders, and how a buyer proves itself. */
import { z } from 'zod';
import type { Secret } from './config.ts';
import { commonName } from './config-trust.ts';

/** How a refusal is told: see `answers`. */
export const answers = z.enum(['envelope', 'mirror']);

const party = z.strictObject({
  domain: z.string().trim().min(1).describe('Domain of the credential. Upper and lower case are the same.'),
  identity: z
    .string()
    .trim()
    .min(1)
    .describe('Identity of the credential, compared exactly. Quote it if it is a number.'),
});
const parties = z.array(party).min(1);

/** What separates the two in the header cannot be in the first. */
const username = z.string().regex(/^[^:\p{Cc}]+$/u, 'must be one or more characters without a colon');

export function buyerSection({
  secret,
  secretOrNone,
}: {
  readonly secret: z.ZodType<Secret, string>;
  readonly secretOrNone: z.ZodType<Secret | 'none', string>;
}) {
  return z
    .strictObject({
      key: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9_-]{0,31}$/,
          'must be 1 to 32 of a-z, 0-9, _ and -, starting with a letter or digit',
        )
        .refine((key) => key !== 'unknown', 'must not be "unknown": metrics use that word for everyone else')
        .describe(
          'Short name of the buyer in logs, metrics and lists. Never change it: stored orders carry it.',
        ),
      from: parties
        .optional()
        .describe(
          'Credentials this buyer may send in From. Domains are compared case-blind, identities exactly.',
        ),
      to: parties.optional().describe('Credentials that mean us in To. Left out: not looked at.'),
      sender: parties
        .optional()
        .describe('Credentials this buyer may send in Sender. Left out: the same as `from`.'),
      shared_secret: secretOrNone
        .optional()
        .describe(
          'SharedSecret of the Sender, or the word `none` if none was agreed: Coupa then sends none.',
        ),
      shared_secret_previous: secret
        .optional()
        .describe('The one before, taken as well until the buyer has changed it, too.'),
      credential_mac: z
        .enum(['accepted', 'required'])
        .optional()
        .describe(
          'A CredentialMac made with the shared secret: taken instead of the secret, or alone taken. Left out: not read.',
        ),
      basic_auth: z
        .strictObject({
          username: username.describe(
            'User name of HTTP Basic, where it was agreed: then it must be right, too.',
          ),
          password: secret.describe('Its password.'),
          password_previous: secret
            .optional()
            .describe('The one before, taken as well until the buyer has changed it, too.'),
        })
        .optional()
        .describe('HTTP Basic, asked for on top of the credentials of the document.'),
      names: z
        .array(commonName)
        .min(1)
        .optional()
        .describe('Those of `trust.names` this buyer may connect with. Left out: whoever is let in.'),
      answers: answers.optional().describe('Left out: the `answers` of the whole receiver.'),
      unsafe_any_sender: z
        .literal(true)
        .optional()
        .describe(
          'Tests only: takes any sender without a secret. Refused unless `listen.host` is a loopback address and SALLYPORT_UNSAFE_TESTS=1.',
        ),
    })
    .meta({ anyOf: [{ required: ['from', 'shared_secret'] }, { required: ['unsafe_any_sender'] }] });
}
