/** Reads Distribution: who is charged for a line, in either of the two forms that cXML has had. */
import { attribute } from './element.ts';
import { isDecimal, readMoneyWithin } from './money.ts';
import type { Accounting, AccountingSegment, Money } from './order.ts';
import { below, elementsOf, first, keepElement, keepOtherAttributes, readText, type Spot } from './spot.ts';

export function readDistribution(at: Spot): Accounting {
  let accounting: Pick<Accounting, 'name' | 'segments'> | undefined;
  let charge: Money | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'Accounting') accounting = first(accounting, readSegments, at, each);
    else if (each.name === 'Charge' && charge === undefined) charge = readMoneyWithin(below(at, each));
    else keepElement(at, each);
  }
  keepOtherAttributes(at);
  const segments = accounting?.segments ?? [];
  return { name: accounting?.name, percentage: percentageOf(segments), charge, segments };
}

const NAME = ['name'];

function readSegments(at: Spot): Pick<Accounting, 'name' | 'segments'> {
  const segments: AccountingSegment[] = [];
  for (const each of elementsOf(at)) {
    if (each.name === 'Segment') segments.push(readSegment(below(at, each)));
    else if (each.name === 'AccountingSegment') segments.push(readAccountingSegment(below(at, each)));
    else keepElement(at, each);
  }
  keepOtherAttributes(at, NAME);
  return { name: attribute(at.element, 'name'), segments };
}

const SEGMENT_ATTRIBUTES = ['type', 'id', 'description'];

/** The old form, Coupa's: everything in attributes. */
function readSegment(at: Spot): AccountingSegment {
  const { element } = at;
  for (const each of elementsOf(at)) keepElement(at, each);
  keepOtherAttributes(at, SEGMENT_ATTRIBUTES);
  return {
    name: attribute(element, 'type') ?? '',
    id: attribute(element, 'id') ?? '',
    description: attribute(element, 'description'),
  };
}

const ID = ['id'];

/** The form since 1.1: `id`, and Name and Description as elements. */
function readAccountingSegment(at: Spot): AccountingSegment {
  let name: string | undefined;
  let description: string | undefined;
  for (const each of elementsOf(at)) {
    if (each.name === 'Name') name = first(name, readText, at, each);
    else if (each.name === 'Description') description = first(description, readText, at, each);
    else keepElement(at, each);
  }
  keepOtherAttributes(at, ID);
  return { name: name ?? '', id: attribute(at.element, 'id') ?? '', description };
}

/** A share of the line is sent as one more segment called "Percentage". */
function percentageOf(segments: readonly AccountingSegment[]): string | undefined {
  return segments.find(({ name, id }) => /^percent(age)?$/i.test(name) && isDecimal(id))?.id;
}
