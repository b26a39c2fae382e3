import { expect } from 'chai';
import { encodeDocument } from '../../src/cli/encode-document.ts';
import { decode } from '../../src/cxml/decode.ts';

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n<a b="é">25 € för “Zoë” 🧾</a>\n';

describe('encodeDocument', () => {
  it('writes ISO-8859-15, with references for what it does not have', () => {
    const bytes = encodeDocument(XML, 'ISO-8859-15');
    expect(Buffer.from(bytes).toString('latin1')).to.equal(
      '<?xml version="1.0" encoding="ISO-8859-15"?>\n<a b="\xe9">25 \xa4 f\xf6r &#8220;Zo\xeb&#8221; &#129534;</a>\n',
    );
    expect(decode(bytes).text).to.include('<a b="é">25 € för &#8220;Zoë');
  });

  it('writes UTF-16 with its mark', () => {
    const bytes = encodeDocument(XML, 'UTF-16');
    expect([...bytes.subarray(0, 4)]).to.deep.equal([0xff, 0xfe, 0x3c, 0]);
    expect(decode(bytes).text).to.equal(XML.replace('UTF-8', 'UTF-16'));
  });
});
