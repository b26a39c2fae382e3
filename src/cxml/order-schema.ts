/** The model as a JSON Schema (draft 2020-12), made of the same tables that the orders are read by. */
import { ORDER } from './model-order.ts';
import { SCHEMA_VERSION } from './order.ts';
import { type Field, type Fields, isWithheld, type JsonSchema, type Readable } from './table.ts';

type Definitions = Record<string, { readonly fields: Fields; readonly schema: JsonSchema | undefined }>;

/** `x-cxml-path` of a property starts at the element its object stands for; that of the order at its header. */
export function orderSchema(): JsonSchema {
  const definitions: Definitions = {};
  define(ORDER, definitions);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:sallyport:purchase-order:${SCHEMA_VERSION}`,
    title: `Purchase order ${SCHEMA_VERSION}`,
    $ref: '#/$defs/Order',
    $defs: Object.fromEntries(Object.entries(definitions).map(([name, { schema }]) => [name, schema])),
  };
}

function define({ name, says, fields }: Readable<unknown>, definitions: Definitions): string {
  const known = definitions[name];
  if (known !== undefined && known.fields !== fields) throw new Error(`two tables are called ${name}`);
  if (known === undefined) {
    definitions[name] = { fields, schema: undefined };
    const shown = Object.entries(fields).filter(([, field]) => !isWithheld(field));
    const schema = {
      type: 'object',
      description: says,
      properties: Object.fromEntries(shown.map(([key, field]) => [key, property(field, definitions)])),
      required: shown.filter(([, { absent }]) => absent !== undefined).map(([key]) => key),
    };
    definitions[name] = { fields, schema };
  }
  return `#/$defs/${name}`;
}

function property(field: Field, definitions: Definitions): JsonSchema {
  const { says, from, many, part, characters, made } = field;
  const one = part === undefined ? { ...characters?.schema, ...made } : { $ref: define(part, definitions) };
  const paths = from.map((path) => path.replaceAll('*', ''));
  return {
    ...(many ? { type: 'array', items: one } : orNull(one, field)),
    description: says,
    ...(paths.length === 0 ? {} : { 'x-cxml-path': paths.length === 1 ? paths[0] : paths }),
  };
}

/** A key that stands there as null when the document says nothing. */
function orNull(schema: JsonSchema, { absent, made }: Field): JsonSchema {
  const nullable = made === undefined && absent?.() === null && schema.type === 'string';
  return nullable ? { ...schema, type: ['string', 'null'] } : schema;
}
