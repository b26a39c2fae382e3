/** Children of a labelled metric, prepared once per label set and bounded in number. */

/** Far above what closed lists give, far below what would hurt a scrape. */
const MAX_CHILDREN = 5_000;

/**
 * Should a label ever come from input, by a mistake, everything past the bound is counted as `other`: memory and the
 * scrape stay small, and nothing is lost from the sum.
 */
export function childrenOf<Label extends string, Child>(
  labelNames: readonly Label[],
  prepare: (labels: Record<Label, string>) => Child,
  limit = MAX_CHILDREN,
): (labels: Readonly<Record<Label, string>>) => Child {
  const children = new Map<string, Child>();
  let others: Child | undefined;
  return (labels) => {
    let key = '';
    for (const name of labelNames) key += `${labels[name]}\n`;
    const known = children.get(key);
    if (known !== undefined) return known;
    if (children.size >= limit) {
      others ??= prepare(withValues(labelNames, () => 'other'));
      return others;
    }
    const child = prepare(withValues(labelNames, (name) => String(labels[name])));
    children.set(key, child);
    return child;
  };
}

function withValues<Label extends string>(
  names: readonly Label[],
  value: (name: Label) => string,
): Record<Label, string> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Label, string>;
}
