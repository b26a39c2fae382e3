/**
 * A refused message is taken after all, once its cause is mended: read, proved and checked anew, as if it came now. The
 * order and the end of what was held are one commit. Never: takes what would still be refused, for anybody's word.
 */
import { createReadStream } from 'node:fs';
import { type Place, Refusal } from '../errors.ts';
import type { DeliveredAttachment, Held, KeptNote, Release, Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { PeerFinding, Verdict } from '../trust/peer.ts';
import type { Intake } from './intake.ts';
import { quotable, short } from './record.ts';
import type { Spool } from './spool.ts';

/** Who has it taken, and why. */
export type Releaser = Pick<Release, 'by' | 'reason'>;

export type ReleaseReport =
  | {
      readonly released: true;
      /** Its number among the refused; none has it now. */
      readonly refused: number;
      /** `replayed` and `resent`: the buyer had sent it again meanwhile. */
      readonly outcome: 'kept' | 'replayed' | 'resent';
      readonly buyer: string;
      readonly orderId: string;
      readonly revision: number;
      readonly current: boolean;
      readonly notes: readonly KeptNote[];
    }
  | {
      readonly released: false;
      readonly refused: number;
      /** Why not, as one sentence. Nothing has changed. */
      readonly problem: string;
      readonly place?: Place | undefined;
      /** The one next step. */
      readonly next: string;
    };

export interface Releases {
  /** @throws only for a fault of ours; whatever speaks against it is reported */
  release(id: number, releaser: Releaser): Promise<ReleaseReport>;
}

export interface ReleaseParts {
  readonly store: Pick<Store, 'readHeld'>;
  readonly intake: Pick<Intake, 'takeHeld'>;
  readonly spool: Spool;
  /** By the trust that is in force, as of the moment when it came: certificates end, and a distrust is for good. */
  readonly judge: (held: Held) => Verdict;
  /** `charset` of a Content-Type. */
  readonly charsetOf: (contentType: string) => string | undefined;
  readonly now: () => Date;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export function createReleases({ store, intake, spool, judge, charsetOf, now, log }: ReleaseParts): Releases {
  const take = async (held: Held, release: Release): Promise<ReleaseReport> => {
    const verdict = judge(held);
    const id = release.refused;
    if (!verdict.trusted) return stays(release, shutOut(verdict.refusal.findings), askBuyer(id));
    await using files = await readable(() => copyFiles(held.attachments, spool));
    if (files instanceof Unreadable) return stays(release, files.message, askBuyer(id));
    const { buyer, outcome, order } = await intake.takeHeld({
      held,
      release,
      attachments: files.all,
      charset: charsetOf(held.contentType),
      peer: verdict.peer,
    });
    if (outcome === 'profile' || order === undefined) return stays(release, NO_ORDER, NOTHING_TO_DO);
    return { released: true, refused: id, outcome, buyer, ...order };
  };
  return {
    async release(id, releaser) {
      const held = await readable(() => store.readHeld(id));
      if (held instanceof Unreadable) return stays({ refused: id }, held.message, askBuyer(id));
      if (held === undefined) return stays({ refused: id }, `there is no refused message ${id}`, SEE_LIST);
      const release = { refused: id, code: held.code, at: now(), ...releaser };
      const objection = objectionTo(held);
      if (objection !== undefined) return stays(release, objection, askBuyer(id));
      const report = await take(held, release).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        const { message, place, code } = error;
        if (code === 'store-unavailable') return stays(release, NO_STORE, LOOK_AT_STORE);
        const next = isForGood(code) ? askBuyer(id) : mend(id);
        return { ...stays(release, `it would be refused again: ${message}`, next), place };
      });
      const { by, reason } = releaser;
      if (report.released) {
        const { orderId, outcome, revision, buyer } = report;
        log.info(
          { refused: id, code: held.code, by, reason, buyer, orderId: short(orderId), outcome, revision },
          'refused message released',
        );
      } else {
        log.warn({ refused: id, code: held.code, by, reason }, 'refused message not released');
      }
      return report;
    },
  };
}

/** What cannot be taken whatever was mended here. */
const OBJECTIONS: Readonly<Record<string, string>> = {
  'payload-conflict':
    'its payloadID is taken by other content, and one of the two must not stand for the other',
  'multipart-malformed': 'it could not be taken apart to its end, so nobody knows what is missing',
};

/** Is a message that was refused for this never to be released? */
export function isForGood(code: string): boolean {
  return Object.hasOwn(OBJECTIONS, code);
}

function objectionTo({ code, isMixed }: Held): string | undefined {
  if (isForGood(code)) return OBJECTIONS[code];
  return isMixed
    ? 'it came several times, with other files each time, and nobody knows which of them belong together'
    : undefined;
}

const NO_ORDER = 'it holds no order, and a question that nobody waits for needs no answer';
const NOTHING_TO_DO = 'nothing is to be done';
const NO_STORE = 'the store cannot take it at this moment';
const SEE_LIST = 'see which there are: sallyport refused list';
const LOOK_AT_STORE = 'sallyport doctor names what is wrong with the store; mend that, then try again';

function askBuyer(id: number): string {
  return `ask the buyer to send the order again, under a payloadID of its own: sallyport refused show ${id} has a text`;
}

function mend(id: number): string {
  return `mend what it names, then try again; sallyport refused show ${id} says what the buyer sees`;
}

function stays({ refused }: Pick<Release, 'refused'>, problem: string, next: string) {
  return { released: false as const, refused, problem, next };
}

function shutOut(findings: readonly PeerFinding[]): string {
  const [first] = findings;
  return `the client that sent it would not be let in any more: ${quotable(first?.detail ?? 'it is not trusted')}`;
}

/** Of the disk, not of the message: told to the operator alone. */
class Unreadable extends Error implements AsyncDisposable {
  override readonly name = 'Unreadable';
  async [Symbol.asyncDispose](): Promise<void> {}
}

async function readable<T>(read: () => Promise<T>): Promise<T | Unreadable> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return new Unreadable(`what is kept of it cannot be read: ${String((error as Error).message)}`);
  }
}

interface Copied extends AsyncDisposable {
  readonly all: readonly DeliveredAttachment[];
}

/** What is kept is never moved: until the commit it belongs to the refused message. @throws {Refusal} `store-unavailable` */
async function copyFiles(attachments: readonly DeliveredAttachment[], spool: Spool): Promise<Copied> {
  await using files = new AsyncDisposableStack();
  const all: DeliveredAttachment[] = [];
  for (const attachment of attachments) {
    const file = files.use(await spool.begin());
    for await (const chunk of createReadStream(attachment.path)) await file.write(chunk);
    const { path, size, sha256 } = await file.finish();
    if (size !== attachment.size || sha256 !== attachment.sha256) {
      throw new Error(`a file is damaged: its SHA-256 is ${sha256}, was ${attachment.sha256}`);
    }
    all.push({ ...attachment, path });
  }
  const copied = files.move();
  return { all, [Symbol.asyncDispose]: () => copied.disposeAsync() };
}
