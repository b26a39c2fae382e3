/** Mocha's dots, closed by one plain line that a script can read: `12 passed, 0 failed, 1 skipped`. */
import mocha from 'mocha';

class CountedDots extends mocha.reporters.Dot {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
}

// The name by which a `require` of this module gets the class itself: mocha loads reporters so.
export { CountedDots as 'module.exports' };
