import { expect } from 'chai';
import { runSallyport } from './support/sallyport.ts';

describe('sallyport', () => {
  it('lists every command in its help', async () => {
    const { code, stdout } = await runSallyport(['--help']);
    expect(code).to.equal(0);
    for (const command of ['demo', 'serve', 'init', 'doctor', 'check', 'simulate', 'orders']) {
      expect(stdout).to.match(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
  });

  it('prints its help and fails when it is told nothing', async () => {
    const { code, stdout } = await runSallyport([]);
    expect(code).to.equal(2);
    expect(stdout).to.include('Usage: sallyport');
  });

  it('suggests the nearest command', async () => {
    const { code, stderr } = await runSallyport(['chekc', 'x.xml']);
    expect(code).to.equal(2);
    expect(stderr).to.include('Did you mean check?').and.to.include('sallyport --help');
  });

  const mistakes = [
    ['check'],
    ['check', '--jsno', 'x.xml'],
    ['simulate', 'order'],
    ['demo', '--port', '70000'],
    ['demo', '--port', 'eighty'],
    ['simulate', 'order', '--to', 'https://localhost/', '--repeat', '0'],
    ['simulate', 'order', '--to', 'https://localhost/', '--rate', '-1'],
    ['orders', 'lits'],
    ['orders', 'attachment', 'drawing.pdf'],
    ['refused', 'show', '0'],
    ['refused', 'raw', '1e3'],
    ['refused', 'release', 'x', '--reason', 'mended'],
  ];
  for (const args of mistakes) {
    it(`refuses: sallyport ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runSallyport(args);
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.match(/^✖ /).and.to.include('→ ');
    });
  }

  it('takes the number of a refused message however many there were before', async () => {
    const { stderr } = await runSallyport(['refused', 'show', '123456789012', '-c', '/nowhere.yaml']);
    expect(stderr).to.include('/nowhere.yaml');
  });

  it('prints no colours into a pipe, and some when forced', async () => {
    expect((await runSallyport(['--help'])).stdout).not.to.include('\u001b');
    expect((await runSallyport(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).to.include('\u001b[');
  });
});
