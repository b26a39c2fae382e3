/** A document in which every path of every table has a value, and two elements stand wherever there may be several. */
import { LINE } from '../../src/cxml/model-line.ts';
import { ORDER } from '../../src/cxml/model-order.ts';
import type { Field, Fields } from '../../src/cxml/table.ts';
import { orderDocument } from './reading.ts';

interface Tree {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Tree[];
  text: string;
}

/** @param mark the value for a path; called once for each place in the document */
export function fullOrder(mark: (path: string, field: Field) => string): string {
  const header = fill(createTree('OrderRequestHeader'), ORDER.fields, mark);
  const line = fill(createTree('ItemOut'), LINE.fields, mark);
  return orderDocument('', write(line) + write(line)).replace(
    /<OrderRequestHeader .*?<\/OrderRequestHeader>/,
    () => write(header),
  );
}

function createTree(name: string): Tree {
  return { name, attributes: new Map(), children: [], text: '' };
}

function fill(tree: Tree, fields: Fields, mark: (path: string, field: Field) => string): Tree {
  for (const field of Object.values(fields)) {
    if (field.made !== undefined) fillMade(tree, fields, field, mark);
    else if (field.from.length > 0) lay(tree, field.from[0] ?? '', field, mark);
  }
  return tree;
}

/** Made of an attribute that no other field reads, or of the element's own text. */
function fillMade(
  tree: Tree,
  fields: Fields,
  field: Field,
  mark: (path: string, field: Field) => string,
): void {
  const [path = ''] = field.from;
  if (Object.values(fields).some(({ made, from }) => made === undefined && from.includes(path))) return;
  if (path.startsWith('@')) tree.attributes.set(path.slice(1), mark(path, field));
  else if (path === 'text()') tree.text = mark(path, field);
  else if (/^\w+$/.test(path)) tree.children.push({ ...createTree(path), text: mark(path, field) });
}

function lay(tree: Tree, path: string, field: Field, mark: (path: string, field: Field) => string): void {
  if (path.startsWith('/')) return;
  const [step = '', ...further] = path.split('/');
  if (step.startsWith('@')) {
    tree.attributes.set(step.slice(1), mark(path, field));
  } else if (step === 'text()') {
    tree.text = mark(path, field);
  } else {
    const name = (step.split('|')[0] ?? '').replace('*', '');
    const before = tree.children.find((each) => each.name === name);
    if (further.length > 0 || (field.part === undefined && !field.many)) {
      const inside = before ?? createTree(name);
      if (before === undefined) tree.children.push(inside);
      lay(inside, further.length > 0 ? further.join('/') : 'text()', field, mark);
      return;
    }
    if (field.rest && before === undefined) tree.children.push(createTree(name));
    for (let times = 0; times < (field.many ? 2 : 1); times++) {
      const child = createTree(name);
      if (field.part !== undefined) fill(child, field.part.fields, mark);
      else child.text = mark(path, field);
      tree.children.push(child);
    }
  }
}

function write({ name, attributes, children, text }: Tree): string {
  const given = [...attributes].map(([key, value]) => ` ${key}="${value}"`).join('');
  return `<${name}${given}>${text}${children.map(write).join('')}</${name}>`;
}
