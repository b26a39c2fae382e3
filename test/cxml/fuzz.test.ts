/**
 * Damaged documents, many of them: nothing crashes, nothing hangs, every one is answered with one Status, and what
 * libxml2 calls malformed is never read as an order. `FUZZ_DOCUMENTS` says how many; every run damages
 * them alike, unless `FUZZ_SEED` names another start.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { canonicalOrder } from '../../src/cxml/canonical.ts';
import { checkOrder } from '../../src/cxml/check-order.ts';
import { decode } from '../../src/cxml/decode.ts';
import { parseMessage } from '../../src/cxml/parse-message.ts';
import { DEFAULT_XML_LIMITS } from '../../src/cxml/parse-tree.ts';
import { readOrder } from '../../src/cxml/read-order.ts';
import { writeResponse } from '../../src/cxml/write-response.ts';
import { Refusal } from '../../src/errors.ts';
import { ANSWERS, answerRefusal } from '../../src/http/answer.ts';
import { drain } from '../../src/turns.ts';
import { createDice, type Dice, mutate, mutateBytes } from '../support/mutate.ts';
import { needsShared } from '../support/needs.ts';
import { faultByLibxml } from './libxml.ts';

const DOCUMENTS = Number(process.env.FUZZ_DOCUMENTS ?? 4_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** One document may not hold up the others for longer. */
const SLOW_MS = 1_000;
const IDENTITY = { payloadId: '1@receiver.example', timestamp: '2026-01-01T00:00:00Z' };
const FIXTURES = fileURLToPath(new URL('../fixtures/orders', import.meta.url));

/** The way of a message through `cxml/`, and the answer at its end. */
function answerTo(bytes: Uint8Array): { readonly refusal?: Refusal; readonly reply: string } {
  try {
    const message = drain(parseMessage(bytes, { limits: DEFAULT_XML_LIMITS }));
    if (message.request?.kind === 'OrderRequest') {
      const order = drain(readOrder(message));
      JSON.stringify({
        order,
        findings: drain(checkOrder(message, order)),
        content: [...canonicalOrder(message)],
      });
    }
    return { reply: writeResponse({ ...IDENTITY, status: { code: 200, text: 'OK' } }) };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { refusal, reply: answerRefusal(refusal, 'envelope', IDENTITY).body.toString() };
  }
}

/** @returns what is wrong with how a document was answered, and whether it was taken */
function judge(bytes: Uint8Array): { readonly problems: readonly string[]; readonly taken: boolean } {
  const startedAt = performance.now();
  const { refusal, reply } = answerTo(bytes);
  const took = performance.now() - startedAt;
  const problems: string[] = [];
  if (took > SLOW_MS) problems.push(`took ${Math.round(took)} ms`);
  if (reply.match(/<Status /g)?.length !== 1) problems.push('is not answered with one Status');
  if (refusal !== undefined && !(refusal.code in ANSWERS)) problems.push(`has no answer for ${refusal.code}`);
  const fault = faultByLibxml(reply);
  if (fault !== undefined) problems.push(`is answered with a malformed reply: ${fault}`);
  if (refusal === undefined) {
    const theirs = faultByLibxml(decode(bytes).text);
    if (theirs !== undefined) problems.push(`is taken, and libxml2 finds: ${theirs}`);
  }
  return { problems, taken: refusal === undefined };
}

function readFolder(folder: string): Uint8Array[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.xml'));
  return files.map((file) => readFileSync(join(folder, file)));
}

function damage(original: Uint8Array, dice: Dice): Uint8Array {
  if (dice(8) === 0) return mutateBytes(original, dice);
  return Buffer.from(mutate(Buffer.from(original).toString('utf8'), dice), 'utf8');
}

function judgeOrTell(bytes: Uint8Array): ReturnType<typeof judge> {
  try {
    return judge(bytes);
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error);
    return { problems: [`breaks the reader: ${stack}`], taken: false };
  }
}

/** @returns how many were still taken */
function fuzz(originals: readonly Uint8Array[], documents: number): number {
  let taken = 0;
  for (let count = 0; count < documents; count += 1) {
    const seed = SEED + count;
    const dice = createDice(seed);
    const bytes = damage(originals[dice(originals.length)] ?? new Uint8Array(), dice);
    const { problems, taken: isTaken } = judgeOrTell(bytes);
    if (problems.length > 0) {
      throw new Error(`FUZZ_SEED=${seed} FUZZ_DOCUMENTS=1: the document ${problems.join('; ')}`);
    }
    if (isTaken) taken += 1;
  }
  return taken;
}

describe('damaged documents', function () {
  this.timeout(1_200_000);

  it('made of our own are all answered', () => {
    const taken = fuzz(readFolder(FIXTURES), Math.ceil(DOCUMENTS / 4));
    expect(taken, 'some damage leaves an order whole').to.be.greaterThan(
      DOCUMENTS > 100 ? DOCUMENTS / 100 : -1,
    );
  });

  it('made of the corpus are all answered', function () {
    const originals = readFolder(needsShared(this, 'corpus/orders'));
    const taken = fuzz(originals, DOCUMENTS);
    console.log(`    ${DOCUMENTS} damaged documents from seed ${SEED}, ${taken} of them still taken`);
  });
});
