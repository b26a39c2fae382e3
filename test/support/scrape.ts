/** The metrics of a receiver, as a scraper reads them. */

/** Values by sample, as it is written. Example: `sallyport_trust_reloads_total{outcome="failed"}` */
export type Samples = ReadonlyMap<string, number>;

export async function scrape(adminUrl: string): Promise<Samples> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The sum of all samples whose text matches. */
export function sumOf(samples: Samples, pattern: RegExp): number {
  return [...samples].reduce((sum, [sample, value]) => (pattern.test(sample) ? sum + value : sum), 0);
}
