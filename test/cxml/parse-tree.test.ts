import { expect } from 'chai';
import { child, childElements, text } from '../../src/cxml/element.ts';
import { DEFAULT_XML_LIMITS, parseTree } from '../../src/cxml/parse-tree.ts';
import { refusal, tree } from './reading.ts';

describe('parseTree', () => {
  it('builds elements with attributes, text and prefixes, as sent', () => {
    const { root } = tree('<a b="1" xml:lang="en" c=\'x &amp; "y"\'>t<p:d/>u</a>');
    expect(root).to.deep.include({
      name: 'a',
      attributes: [
        { name: 'b', value: '1' },
        { name: 'xml:lang', value: 'en' },
        { name: 'c', value: 'x & "y"' },
      ],
    });
    expect(root.children[0]).to.equal('t');
    expect(root.children[1]).to.deep.include({ name: 'd', prefix: 'p', attributes: [], children: [] });
    expect(root.children[2]).to.equal('u');
  });

  it('joins text, CDATA and references, and leaves comments and instructions out', () => {
    const { root } = tree(
      '<a>one<![CDATA[ <two> ]]>&#116;hree<!-- no --><?no no?> &lt;four&gt;<![CDATA[]]></a>',
    );
    expect(root.children).to.deep.equal(['one <two> three <four>']);
  });

  it('leaves indentation out, and no other blanks', () => {
    const { root } = tree('<a>\n  <b> </b> <c>\r\n\t</c>\n  x\n</a>');
    expect(root.children.map((each) => (typeof each === 'string' ? each : each.children))).to.deep.equal([
      [' '],
      ' ',
      [],
      '\n  x\n',
    ]);
  });

  it('makes every line end LF, and every blank in an attribute a space unless it is a reference', () => {
    const { root } = tree('<a b="1\r\n2\t3&#10;4">x\r\ny\rz</a>');
    expect(root.attributes[0]?.value).to.equal('1 2 3\n4');
    expect(root.children).to.deep.equal(['x\ny\nz']);
  });

  it('knows where each start tag begins', () => {
    const { root } = tree('\n <a>\r\n  <b/>é𝒳<c\n  d="1"/><e\r\n/>\r<f>\n</f></a>');
    const places = [root, ...childElements(root)].map(({ name, line, column }) => [name, line, column]);
    expect(places).to.deep.equal([
      ['a', 2, 2],
      ['b', 3, 3],
      ['c', 3, 9],
      ['e', 4, 10],
      ['f', 6, 1],
    ]);
  });

  it('takes names that are special to JavaScript as plain data', () => {
    const { root } = tree(
      '<r __proto__="p" constructor="c"><__proto__ toString="t">1</__proto__><constructor/></r>',
    );
    expect(root.attributes.map(({ name }) => name)).to.deep.equal(['__proto__', 'constructor']);
    expect(text(child(root, '__proto__'))).to.equal('1');
    expect(child(root, 'constructor')).to.not.equal(undefined);
    expect(({} as { toString: unknown }).toString).to.equal(Object.prototype.toString);
  });

  it('reads a document that says 1.1 by the rules of 1.0', () => {
    expect(tree('<?xml version="1.1"?><a>x\u0085y</a>').root.children).to.deep.equal(['x\u0085y']);
    expect(refusal(() => tree('<?xml version="1.1"?><a>&#1;</a>')).code).to.equal('xml-malformed');
  });

  describe('refuses what is not well-formed, at its place', () => {
    const cases: [what: string, document: string, line: number, column: number][] = [
      ['text before the root', '\n junk <a/>', 2, 2],
      ['text behind the root', '<a/>\njunk', 2, 1],
      ['a text that is no XML at all', '{"order":1}', 1, 1],
      ['two roots', '<a/>\n<b/>', 2, 3],
      ['no root', '<!-- nothing -->', 1, 17],
      ['blanks only', ' \n ', 2, 2],
      ['a bare ampersand in a text', '<a>\n x & y\n z; </a>', 2, 4],
      ['a bare ampersand in an attribute', '<a b="1"\n c="x & y;"/>', 2, 7],
      ['a bare ampersand with no semicolon behind it', '<a><b/> x & y</a>', 1, 11],
      ['a bare ampersand behind a comment with another', '<a><!-- & --> x &y z;</a>', 1, 17],
      ['an ampersand and a semicolon', '<a>&;</a>', 1, 4],
      ['an undefined entity', '<a>one &nbsp; two</a>', 1, 8],
      ['an entity named like an object method', '<a>&toString;&constructor;</a>', 1, 4],
      ['"]]>" in a text', '<a>x]]>y</a>', 1, 7],
      ['a control character', '<a>x\u0001</a>', 1, 5],
      ['NUL', '<a>\u0000</a>', 1, 4],
      ['U+FFFE', '<a>\uFFFE</a>', 1, 4],
      ['half a surrogate pair', '<a>\ud800x</a>', 1, 4],
      ['the other half', '<a>x\udc00</a>', 1, 5],
      ['a reference to NUL', '<a>x&#0;</a>', 1, 5],
      ['a reference to a surrogate', '<a>&#xD800;</a>', 1, 4],
      ['a reference past the last character', '<a>&#x110000;</a>', 1, 4],
      ['a second byte-order mark', '\uFEFF<a/>', 1, 1],
      ['an end tag that does not match', '<a>\n<b></a>', 2, 4],
      ['an end tag that closes nothing', '<a/></a>', 1, 5],
      ['an attribute twice', '<a b="1" b="2"/>', 1, 16],
      ['an attribute without quotes', '<a b=1/>', 1, 6],
      ['an attribute without value', '<a b/>', 1, 5],
      ['"<" in an attribute', '<a b="<"/>', 1, 7],
      ['no blank between attributes', '<a b="1"c="2"/>', 1, 9],
      ['a name that is none', '<a><1/></a>', 1, 5],
      ['"--" in a comment', '<a><!-- x -- y --></a>', 1, 13],
      ['a declaration that is not first', ' <?xml version="1.0"?><a/>', 1, 7],
      ['XML 2.0', '<?xml version="2.0"?><a/>', 1, 19],
      ['a DOCTYPE behind the root', '<a/><!DOCTYPE a>', 1, 13],
      ['two DOCTYPEs', '<!DOCTYPE a><!DOCTYPE a><a/>', 1, 21],
      ['CDATA outside the root', '<![CDATA[x]]><a/>', 1, 1],
      ['an end in the middle of a tag', '<a>\n<b c="1', 2, 8],
      ['an end before everything is closed', '<a><b>x</b>\n', 2, 1],
      ['an end in a comment with an ampersand', '<a><!-- x & y', 1, 14],
      ['an end in a reference', '<a>x&am', 1, 8],
      ['an instruction without a blank behind its name', '<a><?p?q?></a>', 1, 10],
      ['an instruction of a name and a question mark', '<a><?p??></a>', 1, 9],
      ['an instruction named xml', '<a><?XML x?></a>', 1, 12],
    ];
    for (const [what, document, line, column] of cases) {
      it(what, () => {
        const refused = refusal(() => tree(document));
        expect(refused.code).to.equal('xml-malformed');
        expect({ line: refused.place?.line, column: refused.place?.column }).to.deep.equal({ line, column });
      });
    }
  });

  it('says the fault, the place and the open element in one sentence', () => {
    expect(refusal(() => tree('<a>\n<ItemOut>\n')).message).to.equal(
      'The document is not well-formed XML at line 3, column 1: it ends before <ItemOut> of line 2 is closed.',
    );
  });

  it('repeats nothing of the text around a fault', () => {
    const secret = 'hunter2';
    for (const document of [
      `<SharedSecret>${secret}& ${secret};</SharedSecret>`,
      `<SharedSecret>a&${secret};</SharedSecret>`,
      `<a b="${secret}" b="${secret}"/>`,
      `<a>${secret}\u0001</a>`,
      `${secret}<a/>`,
    ]) {
      expect(refusal(() => tree(document)).message).to.not.contain(secret);
    }
  });

  describe('stops where a limit is passed', () => {
    it('at one level too deep', () => {
      const refused = refusal(() => tree('<a>'.repeat(10_000)));
      expect(refused.code).to.equal('xml-too-complex');
      expect(refused.message).to.contain('100 deep');
      expect(refused.place?.column).to.equal(100 * 3 + 3);
    });

    it('and not before', () => {
      expect(tree('<a>'.repeat(100) + '</a>'.repeat(100)).root.name).to.equal('a');
    });

    it('at one attribute too many', () => {
      const attributes = (count: number): string =>
        `<a ${Array.from({ length: count }, (_, index) => `a${index}="1"`).join(' ')}/>`;
      expect(tree(attributes(256)).root.attributes).to.have.length(256);
      expect(refusal(() => tree(attributes(257))).code).to.equal('xml-too-complex');
    });

    it('at one element too many', () => {
      expect(tree('<a><b/><b/></a>', { elements: 3 }).root.children).to.have.length(2);
      const refused = refusal(() => tree('<a><b/>\n<b/></a>', { elements: 2 }));
      expect(refused.code).to.equal('xml-too-complex');
      expect(refused.place?.line).to.equal(2);
    });

    const long = 'x'.repeat(11);
    const tooLong: Record<string, string> = {
      'a text': `<a>${long}</a>`,
      'a text of several pieces': '<a>xxxx<!-- c -->xxxx<![CDATA[xxxx]]></a>',
      'an attribute value': `<a b="${long}"/>`,
      'an attribute name': `<a ${long}=""/>`,
      'a name': `<${long}/>`,
      'a comment': `<!--${long}--><a/>`,
      'an instruction': `<?p ${long}?><a/>`,
      'a DOCTYPE': `<!DOCTYPE a "${long}"><a/>`,
    };
    for (const [what, document] of Object.entries(tooLong)) {
      it(`at ${what} too long`, () => {
        expect(refusal(() => tree(document, { textLength: 10 })).code).to.equal('xml-too-complex');
      });
    }

    it('and takes what is just short enough', () => {
      expect(text(tree('<a b="1234567890">1234567890</a>', { textLength: 10 }).root)).to.equal('1234567890');
    });

    const endless: Record<string, string> = {
      'a text': '<a>',
      'an attribute value': '<a b="',
      'a name': '<',
      'an attribute name': '<a ',
      'a comment': '<!--',
      CDATA: '<a><![CDATA[',
      'an instruction': '<?p ',
      'a DOCTYPE': '<!DOCTYPE a [ <!--',
    };
    for (const [what, start] of Object.entries(endless)) {
      it(`on the way through ${what} that never ends`, () => {
        const steps = parseTree(`${start}${'x'.repeat(5_000_000)}`, DEFAULT_XML_LIMITS);
        let slices = 0;
        const refused = refusal(() => {
          for (; steps.next().done !== true; slices++);
        });
        expect(refused.code).to.equal('xml-too-complex');
        expect(slices).to.be.within(14, 18);
      });
    }

    it('and finds a bare ampersand that swallows the rest', () => {
      const refused = refusal(() => tree(`<a>\n & ${'x'.repeat(2_000_000)}</a>`));
      expect(refused.code).to.equal('xml-malformed');
      expect(refused.place).to.deep.equal({ line: 2, column: 2 });
    });
  });

  it('pauses between the slices of a long document, and reads it as if there were none', () => {
    const item = '<Item a="ä€😀">some text &amp; <![CDATA[more]]>\r\n</Item>';
    const steps = parseTree(`<r>${item.repeat(5000)}</r>`);
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses++;
    const items = childElements(step.value.root);
    expect(pauses).to.be.greaterThan(3);
    expect(items).to.have.length(5000);
    expect(new Set(items.map(({ attributes }) => attributes[0]?.value))).to.deep.equal(new Set(['ä€😀']));
    expect(new Set(items.map((each) => each.children.join('|')))).to.deep.equal(
      new Set(['some text & more\n']),
    );
  });

  it('reads a short document at once', () => {
    expect(parseTree('<a/>').next().done).to.equal(true);
  });
});
