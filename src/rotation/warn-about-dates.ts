/** Whose time runs out: the pins that are in force, those that are staged, and the clients that were seen. */
import type { Attention, ClientReport, PinReport } from './rotation.ts';
import { counted } from './words.ts';

/** A warning changes its words as each of these days goes by, so that whoever has seen one looks again. */
const MARKS = [1, 7, 14, 30, 60, 90];
/** Less than it takes to get a successor, have it looked at by a second person, and promote it. */
const URGENT_DAYS = 7;
/** Of a client that is long gone nothing is to be told. */
const GONE_DAYS = 30;

export const GET_SUCCESSOR =
  'get the successor from the page where Coupa publishes it: sallyport trust stage FILE';

export function warnAboutPins(pins: readonly PinReport[]): Attention[] {
  const active = pins.filter(({ state }) => state === 'active');
  const staged = pins.filter(({ state }) => state === 'staged');
  const [only] = active;
  const dying = active.flatMap((pin) => warnAboutEnd(pin, active, staged));
  const late = staged.flatMap(warnAboutStaged);
  if (active.length !== 1 || only === undefined || staged.length > 0) return [...dying, ...late];
  return [
    ...dying,
    {
      state: 'warn',
      about: 'pin',
      of: null,
      text: `pin ${only.pin} is the only one, and no successor is staged: when Coupa changes its issuer, orders are refused`,
      next: GET_SUCCESSOR,
    },
  ];
}

/** Whether an active pin has come below the first mark. */
export function isShort({ daysLeft }: Pick<PinReport, 'daysLeft'>): boolean {
  return markOf(daysLeft) !== undefined;
}

function warnAboutEnd(
  pin: PinReport,
  active: readonly PinReport[],
  staged: readonly PinReport[],
): Attention[] {
  const { subject, daysLeft, fingerprint } = pin;
  if (markOf(daysLeft) === undefined) return [];
  const outlives = (each: PinReport): boolean =>
    each.fingerprint !== fingerprint && each.notAfter > pin.notAfter;
  const isSucceeded = active.some(outlives);
  const isStaged = staged.some(outlives);
  const tail = isSucceeded || isStaged ? '' : ', and nothing that lasts longer is pinned or staged';
  return [
    {
      // What is staged lets nobody in: it must be promoted before this one ends.
      state: !isSucceeded && daysLeft <= URGENT_DAYS ? 'no' : 'warn',
      about: 'pin',
      of: fingerprint,
      text: `pin ${pin.pin} (${subject}) ${endOf(pin)}${tail}`,
      next: isSucceeded
        ? `once no client comes by it any more (sallyport trust show): sallyport trust retire ${pin.pin}`
        : isStaged
          ? 'sallyport trust rehearse, then sallyport trust promote'
          : GET_SUCCESSOR,
    },
  ];
}

function warnAboutStaged(pin: PinReport): Attention[] {
  if (pin.daysLeft > URGENT_DAYS) return [];
  return [
    {
      state: 'warn',
      about: 'pin',
      of: pin.fingerprint,
      text: `staged pin ${pin.pin} (${pin.subject}) ${endOf(pin)}: it is no successor any more`,
      next: `sallyport trust unstage ${pin.pin}, and stage the current one`,
    },
  ];
}

/** Of each name the newest alone: what was replaced may end. */
export function warnAboutClients(clients: readonly ClientReport[]): Attention[] {
  const newest = new Map<string, ClientReport>();
  for (const client of clients) {
    const before = newest.get(client.name);
    if (before === undefined || before.notAfter < client.notAfter) newest.set(client.name, client);
  }
  return [...newest.values()].flatMap((client) => {
    const { name, fingerprint, daysLeft } = client;
    if (markOf(daysLeft) === undefined || daysLeft < -GONE_DAYS) return [];
    return [
      {
        // Never worse: only Coupa can replace it, and until it ends it is as good as ever.
        state: 'warn',
        about: 'client',
        of: fingerprint,
        text:
          `the newest client certificate of ${name} (${fingerprint.slice(0, 12)}) ${endOf(client)}, and no newer one ` +
          'was seen: Coupa will come with another one, perhaps of another issuer',
        next: 'see whether Coupa has published a new intermediate.pem; if so: sallyport trust stage FILE',
      },
    ];
  });
}

/** Example: `expires in 7 days, on 2026-11-28`. */
function endOf({ daysLeft, notAfter }: Pick<PinReport, 'daysLeft' | 'notAfter'>): string {
  const date = notAfter.slice(0, 10);
  if (daysLeft < 0) return `expired on ${date}`;
  return `expires ${daysLeft === 0 ? 'within a day' : `in ${counted(daysLeft, 'day')}`}, on ${date}`;
}

/** The mark that a number of days has come below. */
function markOf(daysLeft: number): number | undefined {
  return MARKS.find((mark) => daysLeft <= mark);
}
