import { expect } from 'chai';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyStore } from '../../../api/auth/file-key-store.ts';
import { generateKeySet, publicKeys } from '../../../api/auth/key-set.ts';
import { loadKeySet } from '../../../api/auth/key-store.ts';
import { PasswordHasher } from '../../../api/auth/password-hasher.ts';
import { Semaphore } from '../../../api/auth/semaphore.ts';
import { UnavailableError } from '../../../api/errors.ts';

describe('signing keys', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'quartermaster-keys-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('are one set for all who start at the same moment, in a file of their owner alone', async () => {
    const nested = join(directory, 'made', 'when-needed');
    const load = (): ReturnType<typeof loadKeySet> => loadKeySet(new FileKeyStore(nested));
    const sets = await Promise.all([load(), load(), load()]);
    expect(new Set(sets.map((set) => set.access[0]?.kid)).size).to.equal(1);
    expect(await load()).to.deep.equal(sets[0]);
    expect(await readdir(nested)).to.deep.equal(['keys.json']);
    expect((await stat(join(nested, 'keys.json'))).mode & 0o777).to.equal(0o600);
  });

  it('show only their public halves', () => {
    const keys = generateKeySet();
    for (const key of publicKeys([...keys.access, ...keys.approval]).keys) {
      expect(key).not.to.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi', 'k');
      expect(key).to.include.all.keys('kid', 'kty', 'alg', 'use');
    }
  });
});

describe('password hashing', () => {
  it('never matches where there is no hash', async () => {
    const hasher = new PasswordHasher();
    expect(await hasher.verify(null, 'of nobody at all')).to.equal(false);
    const hashed = await hasher.hash('right');
    expect(hashed).to.match(/^\$argon2id\$/);
    expect(await hasher.verify(hashed, 'wrong')).to.equal(false);
    expect(await hasher.verify(hashed, 'right')).to.equal(true);
  });

  it('turns callers away when too many wait', async () => {
    const hasher = new PasswordHasher(1, 1);
    const results = await Promise.allSettled([1, 2, 3].map(() => hasher.hash('password')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).to.have.length(1);
    expect(refused[0]?.reason).to.be.instanceOf(UnavailableError);
  });
});

describe('Semaphore', () => {
  it('lets through in order, and no more at once than it may', async () => {
    const semaphore = new Semaphore(2, 10);
    let inside = 0;
    let most = 0;
    const order: number[] = [];
    const visit = async (id: number): Promise<void> => {
      const release = await semaphore.acquire();
      inside += 1;
      most = Math.max(most, inside);
      order.push(id);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      release?.();
    };
    await Promise.all([1, 2, 3, 4, 5].map(visit));
    expect(most).to.equal(2);
    expect(order).to.deep.equal([1, 2, 3, 4, 5]);
  });
});
