/** Rules about who writes to whom. */
import { atRoot, listed } from './check-envelope.ts';
import { child, childrenNamed } from './element.ts';
import type { Credential, Header, Message } from './message.ts';
import type { Rule, Where } from './rule.ts';

const atHeader =
  (name: string) =>
  (message: Message): Where => {
    const header = child(message.root, 'Header');
    const element = child(header, name);
    if (element !== undefined) return { element, path: `cXML/Header/${name}` };
    return header === undefined ? atRoot(message) : { element: header, path: 'cXML/Header' };
  };

export const PARTY_RULES: readonly Rule<Message>[] = [
  {
    id: 'N-PARTY-001',
    trait: 'From or To holds no Credential',
    when: ({ header }) => header !== undefined && (header.from.length === 0 || header.to.length === 0),
    where: (message) => atHeader(message.header?.from.length === 0 ? 'From' : 'To')(message),
    say: ({ header }) => `${header?.from.length === 0 ? 'From' : 'To'} holds no Credential.`,
    remedy: 'Ask the sender to name both parties by a Credential.',
  },
  {
    id: 'N-PARTY-002',
    trait: 'one credential domain is spelled in several ways',
    when: (message) => spellings(message) !== undefined,
    where: atHeader('From'),
    value: (message) => spellings(message)?.join(', '),
    say: (message) =>
      `One credential domain is spelled in several ways: ${listed(spellings(message) ?? [])}.`,
    remedy: 'Nothing to do here; domains are compared without regard to case.',
  },
  {
    id: 'N-PARTY-003',
    trait: 'a Credential holds no Identity',
    when: (message) => anonymous(message) !== undefined,
    where: (message) => anonymous(message)?.where ?? atRoot(message),
    say: (message) => `A Credential of ${anonymous(message)?.party} holds no Identity, so it names nobody.`,
    remedy: 'Ask the sender for the Identity; a party is recognised by its other Credentials only.',
  },
  {
    id: 'N-AGENT-001',
    trait: 'Sender names no UserAgent',
    when: ({ header }) => header !== undefined && header.userAgent === undefined,
    where: atHeader('Sender'),
    say: () => 'Sender names no UserAgent.',
    remedy: 'Nothing to do here; the name of the sending program would help to find its peculiarities.',
  },
];

const PARTIES = { From: 'from', To: 'to', Sender: 'sender' } as const satisfies Readonly<
  Record<string, keyof Header>
>;

/** The first Credential without an Identity. */
function anonymous({ root, header }: Message): { party: string; where: Where } | undefined {
  for (const [party, key] of Object.entries(PARTIES)) {
    const read: readonly Credential[] = header?.[key] ?? [];
    const at = read.findIndex(({ identity }) => !identity);
    const element = childrenNamed(child(child(root, 'Header'), party), 'Credential')[at];
    if (element === undefined) continue;
    const step = read.length === 1 ? 'Credential' : `Credential[${at + 1}]`;
    return { party, where: { element, path: `cXML/Header/${party}/${step}` } };
  }
  return undefined;
}

/** The ways one domain is written, when there is more than one. Observed: `duns` and `Duns` in one document. */
function spellings({ header }: Message): string[] | undefined {
  if (header === undefined) return undefined;
  const ways = new Map<string, Set<string>>();
  for (const { domain } of [...header.from, ...header.to, ...header.sender]) {
    const key = domain.toLowerCase();
    ways.set(key, (ways.get(key) ?? new Set()).add(domain));
  }
  const several = [...ways.values()].find(({ size }) => size > 1);
  return several === undefined ? undefined : [...several];
}
