/** The demo's log: whole lines into a file, and a short line for a person once the first exchange is over. */
import { openSync, writeSync } from 'node:fs';
import { harmless, shorten } from './harmless.ts';
import type { Terminal } from './terminal.ts';

export interface DemoLog {
  /** What pino writes to. */
  readonly destination: { write(line: string): void };
  /** From now on, tell what happens. */
  tell(): void;
}

/** Shown in this order when a line has them. */
const FIELDS = [
  'outcome',
  'orderId',
  'payloadId',
  'buyer',
  'code',
  'reasons',
  'name',
  'remoteAddress',
] as const;

export function createDemoLog(file: string, { print, dim, mark }: Terminal): DemoLog {
  const handle = openSync(file, 'a', 0o600);
  let telling = false;
  return {
    destination: {
      write(line) {
        writeSync(handle, line);
        if (!telling) return;
        const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
        if (level === 'debug') return;
        const told = FIELDS.filter((name) => fields[name] !== undefined).map(
          (name) => `${dim(name)} ${shorten(String(fields[name]), 60)}`,
        );
        const sign = level === 'info' ? mark.yes : level === 'warn' ? mark.warn : mark.no;
        print(`${sign} ${dim(String(time).slice(11, 19))} ${harmless(String(msg))}  ${told.join('  ')}`);
      },
    },
    tell() {
      telling = true;
    },
  };
}
