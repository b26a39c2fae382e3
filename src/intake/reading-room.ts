/** How many bytes of documents may be read at once. Whoever finds no room waits; nobody is sent away. */

export interface ReadingRoom {
  /** Resolves when there is room. Disposing what it gives makes room for others. */
  enter(bytes: number): Promise<Disposable>;
}

/** @param limitBytes a document larger than this is read alone */
export function createReadingRoom(limitBytes: number): ReadingRoom {
  const waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  let taken = 0;

  const isRoomFor = (bytes: number): boolean => taken === 0 || taken + bytes <= limitBytes;
  /** In order, but a small one passes a large one that does not fit: an order of usual size waits for no giant. */
  const callIn = (): void => {
    for (let index = 0; index < waiting.length; ) {
      const next = waiting[index];
      if (next === undefined || !isRoomFor(next.bytes)) {
        index += 1;
        continue;
      }
      waiting.splice(index, 1);
      taken += next.bytes;
      next.enter();
    }
  };

  return {
    async enter(bytes) {
      if (isRoomFor(bytes)) taken += bytes;
      else await new Promise<void>((resolve) => waiting.push({ bytes, enter: resolve }));
      return {
        [Symbol.dispose]() {
          taken -= bytes;
          callIn();
        },
      };
    },
  };
}
