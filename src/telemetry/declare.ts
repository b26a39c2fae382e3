/** How a metric is declared: with its prefix, and with children that are prepared once per label set. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { childrenOf } from './children.ts';

export type Declarations = ReturnType<typeof createDeclarations>;

export function createDeclarations(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) => {
    const metric = new Counter({ name: `sallyport_${name}`, help, labelNames, registers });
    return childrenOf(labelNames, (labels) => {
      metric.inc(labels, 0);
      return metric.labels(labels);
    });
  };
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) => {
    const metric = new Gauge({ name: `sallyport_${name}`, help, labelNames, registers });
    if (labelNames.length === 0) metric.remove(); // born as 0, which would be taken for a fact
    return metric;
  };
  const histogram = <Label extends string>(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { buckets: readonly number[]; labelNames?: readonly Label[] },
  ) => {
    const metric = new Histogram({
      name: `sallyport_${name}`,
      help,
      buckets: [...buckets],
      labelNames,
      registers,
    });
    return childrenOf(labelNames, (labels) => {
      metric.zero(labels);
      return metric.labels(labels);
    });
  };
  return { counter, gauge, histogram };
}

/** As Prometheus counts time. */
export function seconds(at: Date): number {
  return at.getTime() / 1000;
}
