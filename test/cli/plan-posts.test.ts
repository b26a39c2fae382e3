import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type Post, planPosts, type Wishes } from '../../src/cli/plan-posts.ts';
import { isKind, KINDS } from '../../src/cli/simulate-kinds.ts';
import { decode } from '../../src/cxml/decode.ts';
import { readKeyFacts } from '../../src/cxml/second-reader.ts';
import { StartupError } from '../../src/errors.ts';
import { withLibxml } from '../cxml/libxml.ts';
import { createFolder } from '../support/sallyport.ts';

const AT = new Date('2026-11-20T09:14:50.734Z');

async function plan(what: string, more: Partial<Wishes> = {}): Promise<readonly Post[]> {
  const from = { domain: 'DUNS', identity: '128293714' };
  const to = { domain: 'NetworkID', identity: 'SUPPLIER-1' };
  return (await planPosts({ what, from, to, ...more }))(0, AT);
}

function xmlOf(post: Post | undefined): string {
  if (post === undefined) throw new Error('there is no such post');
  return decode(post.bytes).text;
}

/** Values that an XPath finds. */
function find(xml: string, path: string): string[] {
  return withLibxml(xml, (root) => root.find(path).map(({ content }) => content));
}

describe('planPosts', () => {
  for (const kind of Object.keys(KINDS)) {
    it(`plans ${kind} with an order number of its own each round`, async () => {
      const from = { domain: 'DUNS', identity: '1' };
      const planned = await planPosts({ what: kind, from, to: from });
      const [first, second] = [planned(0, AT), planned(1, AT)];
      expect(first.length).to.be.at.least(1);
      expect(first.map(({ orderId }) => orderId)).not.to.include(second[0]?.orderId);
      for (const { payloadId, bytes } of first) {
        expect(Buffer.from(bytes).toString('utf8').replaceAll('\u0000', '')).to.include(payloadId);
      }
    });
  }

  it('knows its words, and no others', () => {
    expect(['order', 'cut', 'constructor', 'toString', ''].map(isKind)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('sends nothing but the envelope anew for a resend', async () => {
    const [first, again] = await plan('resend');
    expect(again?.payloadId).not.to.equal(first?.payloadId);
    const withoutEnvelope = (post?: Post): string =>
      xmlOf(post).replace(/<cXML xml:lang="en-US" payloadID="[^"]+" timestamp="[^"]+">/, '<cXML>');
    expect(withoutEnvelope(again)).to.equal(withoutEnvelope(first)).and.to.include('<cXML>');
  });

  it('refers from a change to the order before it', async () => {
    const [first, change] = await plan('cancel');
    expect(find(xmlOf(change), '//DocumentReference/@payloadID')).to.deep.equal([first?.payloadId]);
    expect(find(xmlOf(change), '//OrderRequestHeader/@type')).to.deep.equal(['delete']);
  });

  it('asks for confirmation of the whole order in its header', async () => {
    const xml = xmlOf((await plan('confirmation-header'))[0]);
    expect(find(xml, '//OrderRequestHeader/ControlKeys/OCInstruction/@value')).to.deep.equal(['allowed']);
    expect(find(xml, '//ItemOut/ControlKeys')).to.deep.equal([]);
    expect(find(xml, '//ItemOut/@confirmationDueDate')).to.have.lengthOf(3);
    expect(xml).to.include('/cXML/1.2.056/cXML.dtd"');
  });

  it('asks for confirmation of each line in the line', async () => {
    const xml = xmlOf((await plan('confirmation-line'))[0]);
    expect(find(xml, '//OrderRequestHeader/ControlKeys')).to.deep.equal([]);
    expect(find(xml, '//ItemOut/ControlKeys/OCInstruction/@value')).to.deep.equal(Array(3).fill('allowed'));
    expect(find(xml, '//ItemOut/@confirmationDueDate')[0]).to.equal('2026-11-23T09:14:50+00:00');
  });

  it('refers from a release to its blanket order', async () => {
    const [blanket, release] = await plan('release');
    expect(find(xmlOf(blanket), '//OrderRequestHeader/@orderType')).to.deep.equal(['blanket']);
    expect(find(xmlOf(release), '//OrderRequestHeader/@agreementID')).to.deep.equal([blanket?.orderId]);
  });

  for (const what of ['latin-9', 'utf-16']) {
    it(`says the same in ${what} as in UTF-8`, async () => {
      const [post] = await plan(what);
      const [order] = await plan('order');
      expect(readKeyFacts(xmlOf(post))).to.deep.equal(readKeyFacts(xmlOf(order)));
      expect(find(xmlOf(post), '//Comments').join())
        .to.include('€')
        .and.to.include('é');
      expect(post?.sending?.contentType, 'only the document says what it is in').to.equal('text/xml');
    });
  }

  it('writes the euro of ISO-8859-15, not that of another encoding', async () => {
    const bytes = Buffer.from((await plan('latin-9'))[0]?.bytes ?? []);
    expect(bytes.includes(Buffer.from('25 \xa4 till', 'latin1'))).to.equal(true);
    expect(bytes.includes('encoding="ISO-8859-15"')).to.equal(true);
  });

  for (const multipart of ['related', 'mixed'] as const) {
    it(`packs an order and two attachments as multipart/${multipart}`, async () => {
      const [post] = await plan('attachment', { multipart });
      const type = post?.sending?.contentType ?? '';
      expect(type).to.match(new RegExp(`^multipart/${multipart}; boundary="`));
      const [, boundary] = /boundary="([^"]+)"/.exec(type) ?? [];
      const [, root = '', ...others] = Buffer.from(post?.bytes ?? [])
        .toString('utf8')
        .split(`--${boundary}`);
      const [, rootId] = /^Content-ID: <(.*)>\r$/m.exec(root) ?? [];
      if (multipart === 'related') expect(type).to.include(`; type="text/xml"; start="<${rootId}>"`);
      const ids = others.slice(0, 2).map((part) => /^Content-ID: <(.*)>\r$/m.exec(part)?.[1]);
      const xml = root.slice(root.indexOf('<?xml')).trimEnd();
      const urls = find(xml, '//Comments/Attachment/URL');
      expect(urls.map((url) => decodeURIComponent(url.replace('cid:', '')))).to.deep.equal(ids);
      expect(urls.join(), 'an escaped character is among them').to.include('%2B');
      expect(others[0]).to.include('Content-Transfer-Encoding: base64');
      expect(others[1]).to.include('Content-Transfer-Encoding: quoted-printable');
    });
  }

  it('has as many lines as are asked for', async () => {
    const [post] = await plan('order', { lines: 40 });
    expect(find(xmlOf(post), '//ItemOut/@lineNumber')).to.have.lengthOf(40);
  });

  it('cuts in the middle, and is slow where it is told to be', async () => {
    const [cut] = await plan('cut');
    expect(cut?.sending?.cutAfterBytes).to.be.within(1, (cut?.bytes.byteLength ?? 0) - 1);
    expect((await plan('slow'))[0]?.sending?.seconds).to.equal(20);
    expect((await plan('slow', { seconds: 3 }))[0]?.sending?.seconds).to.equal(3);
    const [attachment] = await plan('attachment', { seconds: 3 });
    expect(attachment?.sending).to.include({ seconds: 3 }).and.to.have.property('contentType');
    expect((await plan('order'))[0]?.sending).to.equal(undefined);
  });

  it('takes a file as it is, and changes an order that is there already', async () => {
    await using folder = await createFolder();
    await writeFile(folder.file('a.xml'), 'no xml');
    const [post] = await plan(folder.file('a.xml'));
    expect(Buffer.from(post?.bytes ?? []).toString()).to.equal('no xml');
    const posts = await plan('update', { order: '815' });
    expect(posts.map(({ orderId }) => orderId)).to.deep.equal(['815']);
  });

  it('refuses what is neither word nor file, and lists its words', async () => {
    const error = await plan('toString').then(
      () => undefined,
      (fault: unknown) => fault,
    );
    expect(error).to.be.instanceOf(StartupError);
    expect((error as Error).message).to.include('confirmation-header');
  });
});
