import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { SCHEMA_VERSION } from '../../src/cxml/order.ts';
import { orderSchema } from '../../src/cxml/order-schema.ts';
import { needsShared } from '../support/needs.ts';
import { fullOrder } from './full-order.ts';
import { asJson, order } from './reading.ts';

/** A version is a promise: once it is out its schema does not change. A change is a new version, and a line here. */
const DIGESTS: Readonly<Record<string, string>> = {
  '1.1': '2beca6c7da1369aff6dfbda25748b6232fe40e9433a959684474eb5ae100e573',
};

/** Malformed, or no order: see `corpus.test.ts`. */
const UNREADABLE = ['080', '093', '011', '074'];

interface Definition {
  readonly description?: string;
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
  additionalProperties?: boolean;
}

const definitions = (schema: object) =>
  Object.entries((schema as { $defs: Readonly<Record<string, Definition>> }).$defs);

/** Readers of a later 1.x must bear new keys, so the schema lets them in; here an unknown key is a mistake. */
function strictValidator(): ValidateFunction {
  const schema = asJson(orderSchema()) as object;
  for (const [, definition] of definitions(schema)) definition.additionalProperties = false;
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addVocabulary(['x-cxml-path', 'x-kind']);
  return ajv.compile(schema);
}

describe('the schema of an order', () => {
  it('changes only with its version', () => {
    const digest = createHash('sha256').update(JSON.stringify(orderSchema())).digest('hex');
    expect(DIGESTS[SCHEMA_VERSION], `the digest of ${SCHEMA_VERSION} as it is now`).to.equal(digest);
  });

  it('says of every key in one sentence what it is', () => {
    for (const [name, { description, properties }] of definitions(orderSchema())) {
      expect(description, name).to.match(/^[A-Z].*\.$/s);
      for (const [key, each] of Object.entries(properties)) {
        expect(each.description, `${name}.${key}`).to.match(/^\S.*[.…]$/s);
      }
    }
  });

  it('fits every order of the corpus', function () {
    const folder = needsShared(this, 'corpus/orders');
    const validate = strictValidator();
    for (const file of readdirSync(folder)) {
      if (!file.endsWith('.xml') || UNREADABLE.includes(file.slice(0, 3))) continue;
      validate(asJson(order(readFileSync(join(folder, file)))));
      expect(validate.errors ?? [], file).to.deep.equal([]);
    }
  });

  it('fits every fixture, and a document with everything in it', () => {
    const folder = new URL('../fixtures/orders/', import.meta.url);
    const validate = strictValidator();
    for (const file of readdirSync(folder).filter((each) => each.endsWith('.xml'))) {
      validate(asJson(order(readFileSync(new URL(file, folder)))));
      expect(validate.errors ?? [], file).to.deep.equal([]);
    }
    validate(asJson(order(fullOrder(() => '1'))));
    expect(validate.errors ?? []).to.deep.equal([]);
  });

  it('refuses a number where a decimal string belongs, and a key that is missing', () => {
    const validate = strictValidator();
    const read = asJson(order(fullOrder(() => '1'))) as Record<string, unknown>;
    expect(validate({ ...read, total: { amount: 1505 } })).to.equal(false);
    expect(validate({ ...read, purchaseOrderNumber: undefined })).to.equal(false);
  });
});
