import { expect } from 'chai';
import { createAsking } from '../../src/telemetry/sources.ts';

const COUNTS = { messages: 1, refused: 2, conflicts: 3 };

describe('createAsking', () => {
  it('asks again only when a second has passed, however many ask', async () => {
    let now = 0;
    let asked = 0;
    const counts = async (): Promise<typeof COUNTS> => {
      asked += 1;
      return COUNTS;
    };
    const ask = createAsking({ counts, freeBytes: () => 4 }, { clock: () => now });
    expect(await Promise.all([ask(), ask()])).to.deep.equal([
      { counts: COUNTS, freeBytes: 4 },
      { counts: COUNTS, freeBytes: 4 },
    ]);
    now = 999;
    await ask();
    expect(asked).to.equal(1);
    now = 1_000;
    await ask();
    expect(asked).to.equal(2);
  });

  it('asks again at once when it has to be asked anew', async () => {
    let asked = 0;
    const freeBytes = (): number => {
      asked += 1;
      return asked;
    };
    const ask = createAsking({ counts: async () => COUNTS, freeBytes }, { clock: () => 0 });
    expect((await ask()).freeBytes).to.equal(1);
    expect((await ask(true)).freeBytes).to.equal(2);
    expect((await ask()).freeBytes).to.equal(2);
  });

  it('leaves out what fails and what does not answer', async () => {
    const never = new Promise<never>(() => {});
    const clock = (): number => 0;
    const hangs = createAsking({ counts: () => never, freeBytes: () => 4 }, { clock, patienceMs: 1 });
    expect(await hangs()).to.deep.equal({ counts: undefined, freeBytes: 4 });
    const fails = createAsking(
      { counts: async () => COUNTS, freeBytes: () => Promise.reject(new Error('x')) },
      { clock },
    );
    expect(await fails()).to.deep.equal({ counts: COUNTS, freeBytes: undefined });
  });
});
