import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync } from 'node:fs';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readInstallation, restoreInstallation } from '../../../../operator/runner/installation.ts';
import { installationSchema } from '../../../../operator/state/installation-schema.ts';

describe('What an engine has installed', () => {
  let root: string;
  let image: string;
  let planning: { directory: string };
  let applying: { directory: string };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-installation-'));
    image = path.join(root, 'image');
    planning = { directory: path.join(root, 'planning') };
    applying = { directory: path.join(root, 'applying') };
    mkdirSync(image);
    writeFileSync(path.join(image, 'main.tf'), '# a module');
    mkdirSync(applying.directory);
    mkdirSync(path.join(planning.directory, '.terraform/modules'), { recursive: true });
    symlinkSync(image, placeOf('modules/resource'));
    writeFileSync(placeOf('modules/modules.json'), '{"Modules":[]}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function placeOf(name: string, { directory } = planning): string {
    return path.join(directory, '.terraform', name);
  }

  describe('is not kept', () => {
    const CASES: { title: string; add: () => void }[] = [
      { title: 'with a program', add: () => put('provider', 'binary', 0o755) },
      { title: 'with what is no text', add: () => put('pack', Buffer.from([0xff, 0xfe, 0x00])) },
      { title: 'with a long text', add: () => put('long.tf', 'x'.repeat(200_000)) },
      { title: 'with texts that are long together', add: () => putMany(4, 'x'.repeat(50_000)) },
      { title: 'with many files', add: () => putMany(300, '') },
      { title: 'with a link to a place of its own', add: () => symlinkSync('..', placeOf('up')) },
    ];
    for (const { title, add } of CASES) {
      it(title, async () => {
        add();
        expect(await readInstallation(planning)).to.equal(undefined);
      });
    }
  });

  it('is not put back, not in part either, where something that it links to is gone', async () => {
    const installation = (await readInstallation(planning)) ?? { links: {}, files: {} };
    rmSync(image, { recursive: true });
    expect(await restoreInstallation(applying, installation)).to.equal(false);
    expect(existsSync(placeOf('.', applying))).to.equal(false);
  });

  it('is put back as it was: links and texts, and not what the links lead to', async () => {
    const installation = await readInstallation(planning);
    expect(installation).to.deep.equal({
      links: { 'modules/resource': image },
      files: { 'modules/modules.json': '{"Modules":[]}' },
    });
    const restored = await restoreInstallation(applying, installation ?? { links: {}, files: {} });
    expect(restored).to.equal(true);
    expect(readlinkSync(placeOf('modules/resource', applying))).to.equal(image);
    expect(readFileSync(placeOf('modules/modules.json', applying), 'utf8')).to.contain('Modules');
  });

  describe('is not taken from a runner', () => {
    const place = { 'modules/resource': '/image' };
    const CASES: Record<string, unknown> = {
      'with a link that is relative': {
        links: { 'modules/resource': '../image' },
        files: {},
      },
      'with a file behind a link': {
        links: { modules: '/tmp' },
        files: { 'modules/main.tf': '' },
      },
      'with a link behind a link': { links: { modules: '/tmp', 'modules/a/b': '/x' }, files: {} },
      'with more than it may be': { links: place, files: { long: 'x'.repeat(300_000) } },
      'with more places than it may have': {
        links: {},
        files: Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`${index}`, ''])),
      },
      'with a place that is too long': { links: {}, files: { ['a/'.repeat(600) + 'a']: '' } },
      'with anything else': { links: place, files: {}, modes: {} },
    };
    for (const [title, installation] of Object.entries(CASES)) {
      it(title, () => {
        expect(installationSchema.safeParse(installation).success).to.equal(false);
      });
    }
    for (const name of ['../main.tf.json', '/etc/passwd', 'a/../../x', 'a//x', '.', '']) {
      it(`with the place "${name}"`, () => {
        const asLink = { links: { [name]: '/image' }, files: {} };
        const asFile = { links: {}, files: { [name]: '' } };
        for (const installation of [asLink, asFile]) {
          expect(installationSchema.safeParse(installation).success).to.equal(false);
        }
      });
    }
  });

  it('is taken from a runner as it hands it over', async () => {
    const installation = await readInstallation(planning);
    expect(installationSchema.parse(installation)).to.deep.equal(installation);
  });

  function put(name: string, content: string | Buffer, mode = 0o644): void {
    writeFileSync(placeOf(name), content);
    chmodSync(placeOf(name), mode);
  }

  function putMany(count: number, content: string): void {
    for (let index = 0; index < count; index += 1) put(`file-${index}`, content);
  }
});
