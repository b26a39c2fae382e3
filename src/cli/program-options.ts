/** What several commands have in common: what they are given, their looks, and how their options are read. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode, TimedSurroundings } from './terminal.ts';

export interface ProgramParts extends TimedSurroundings {
  readonly version: string;
  /** Told the exit code when the command is done. */
  readonly settle: (code: ExitCode) => void;
}

export const CONFIG = ['-c, --config <file>', 'configuration file', 'sallyport.yaml'] as const;
export const JSON_OPTION = ['--json', 'print as JSON'] as const;
export const LIMIT = ['--limit <number>', 'how many', count, 50] as const;
/** An argument. */
export const NUMBER = ['<number>', 'as it was listed', listed] as const;

/** Of a command that has the first two of these. */
export interface PrintOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** Of one that has all three. */
export interface ListOptions extends PrintOptions {
  readonly limit: number;
}

/** A subcommand with the looks and the manners of its parent. */
export function command(parent: Command, nameAndArguments: string): Command {
  return parent.command(nameAndArguments).helpCommand(false).helpOption('-h, --help', 'print this help');
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return value;
}

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000000.');
  }
  return value;
}

/** A number that the store gave: after years there is no saying how large. */
export function listed(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a number as it was listed.');
  return Number(text);
}

export function rate(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > 10_000) {
    throw new InvalidArgumentError('It must be a number above 0, at most 10000.');
  }
  return value;
}

/** `30` or `30d`. */
export function days(text: string): number {
  const value = Number(text.replace(/d$/, ''));
  if (!/^\d+d?$/.test(text) || value < 1 || value > 400) {
    throw new InvalidArgumentError('It must be a number of days, from 1 to 400.');
  }
  return value;
}
