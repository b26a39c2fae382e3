/** The least a Node mTLS server can do: check the chain, throw the body away, answer the same bytes. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const [, , folder = '.'] = process.argv;
const REPLY = Buffer.from(
  '<?xml version="1.0"?><cXML><Response><Status code="200" text="OK"/></Response></cXML>',
);

const server = createServer(
  {
    cert: readFileSync(join(folder, 'server.pem')),
    key: readFileSync(join(folder, 'server.key')),
    ca: readFileSync(join(folder, 'root.pem')),
    requestCert: true,
    rejectUnauthorized: true,
    keepAliveTimeout: 60_000,
  },
  (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': REPLY.length }).end(REPLY);
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  console.log(`https://127.0.0.1:${(server.address() as AddressInfo).port}/cxml`);
});
