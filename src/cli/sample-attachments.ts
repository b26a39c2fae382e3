/** What the simulator attaches to an order: a drawing as PDF, made here, and terms as a text that needs escaping. */
import { cidUrl, type Part } from './write-multipart.ts';

export interface SampleAttachments {
  /** Of the order itself, and of its first line. */
  readonly ofOrder: Part;
  readonly ofLine: Part;
  readonly urls: { readonly ofOrder: string; readonly ofLine: string };
}

const TERMS = [
  'Leveransvillkor / Terms of delivery',
  '',
  'Godset lossas vid port 4 före kl. 12; hissen bär högst 400 kg, och plats för lastbil över 12 m finns inte på gården.',
  'Unloading = the carrier’s duty. \tQuestions: +46 31 00 00 00 ',
  '',
].join('\n');

export function createSampleAttachments(orderId: string): SampleAttachments {
  const ofOrder: Part = {
    contentType: 'application/pdf',
    contentId: `drawing.${orderId}@buyer.example`,
    fileName: `drawing-${orderId}.pdf`,
    transfer: 'base64',
    content: { binary: createPdf(`Drawing for purchase order ${orderId}`) },
  };
  const ofLine: Part = {
    contentType: 'text/plain; charset=UTF-8',
    // A plus stands as it is in the header and as %2B in the URL.
    contentId: `terms+${orderId}@buyer.example`,
    fileName: 'terms.txt',
    transfer: 'quoted-printable',
    content: { text: TERMS },
  };
  return {
    ofOrder,
    ofLine,
    urls: { ofOrder: cidUrl(ofOrder.contentId), ofLine: cidUrl(ofLine.contentId) },
  };
}

/**
 * One page with one line of text: as small as a PDF gets that every reader opens without repair.
 *
 * @param text letters and digits only
 */
export function createPdf(text: string): Uint8Array {
  const drawing = `BT /F1 18 Tf 72 760 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  // Four bytes above 127 tell programs that move files that this one is not text (PDF 1.7, 7.5.2).
  let file = '%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = file.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}`;
  file += `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}
