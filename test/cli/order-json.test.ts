import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { orderJson, placesJson, printedSchema } from '../../src/cli/order-json.ts';
import { readDocument } from '../../src/cli/read-document.ts';

const FOLDER = new URL('../fixtures/orders/', import.meta.url);

describe('the JSON of an order', () => {
  it('is as its schema says, with findings, source and places', () => {
    const schema = JSON.parse(JSON.stringify(printedSchema())) as {
      $defs: Record<string, { additionalProperties?: boolean }>;
    };
    for (const definition of Object.values(schema.$defs)) definition.additionalProperties = false;
    const ajv = new Ajv2020({ allErrors: true });
    ajv.addVocabulary(['x-cxml-path', 'x-kind']);
    const validate = ajv.compile(schema);
    for (const file of readdirSync(FOLDER).filter((each) => each.endsWith('.xml'))) {
      const bytes = readFileSync(new URL(file, FOLDER));
      const reading = readDocument(bytes);
      const { order, message, findings } = reading;
      if (order === undefined || message === undefined) throw new Error(`${file} holds no order`);
      const json = { ...orderJson({ order, message, findings }, bytes, { file }), ...placesJson(reading) };
      validate(JSON.parse(JSON.stringify(json)));
      expect(validate.errors ?? [], file).to.deep.equal([]);
    }
  });

  it('has no places where there is no order', () => {
    expect(placesJson(readDocument(new TextEncoder().encode('<cXML/>')))).to.deep.equal({});
  });
});
