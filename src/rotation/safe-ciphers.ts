/** The ciphers of PKCS #12 files. All in CBC with padding; undefined means that the key does not fit. */
import { createDecipheriv } from 'node:crypto';
import forge from 'node-forge';

export function decipher(name: string, key: Buffer, iv: Buffer, encrypted: Uint8Array): Buffer | undefined {
  const cipher = createDecipheriv(name, key, iv);
  try {
    return Buffer.concat([cipher.update(encrypted), cipher.final()]);
  } catch {
    return undefined;
  }
}

const RC2_CHUNK_BYTES = 4_096;
const RC2_BLOCK_BYTES = 8;

/** OpenSSL 3 has RC2 no longer, forge has. In pieces, for forge takes 45 s for one MiB as a whole, and so 0.5 s. */
export function decipherRc2(key: Buffer, iv: Buffer, encrypted: Uint8Array): Buffer | undefined {
  if (encrypted.length === 0 || encrypted.length % RC2_BLOCK_BYTES !== 0) return undefined;
  const bytes = Buffer.from(encrypted);
  const parts: Buffer[] = [];
  let chained = iv;
  for (let offset = 0; offset < bytes.length; offset += RC2_CHUNK_BYTES) {
    const chunk = bytes.subarray(offset, offset + RC2_CHUNK_BYTES);
    const cipher = forge.rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8);
    cipher.start(chained.toString('latin1'));
    cipher.update(forge.util.createBuffer(chunk.toString('latin1')));
    cipher.finish(() => true);
    parts.push(Buffer.from(cipher.output.getBytes(), 'latin1'));
    chained = chunk.subarray(-RC2_BLOCK_BYTES);
  }
  const plain = Buffer.concat(parts);
  const padding = plain.at(-1) ?? 0;
  const isSound =
    padding >= 1 && padding <= RC2_BLOCK_BYTES && plain.subarray(-padding).every((byte) => byte === padding);
  return isSound ? plain.subarray(0, -padding) : undefined;
}
