import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Supervisor } from '../processes/supervisor.ts';
import type { Say } from '../processes/say.ts';
import { timed } from '../processes/say.ts';
import type { Buildah } from './buildah.ts';
import { computeFingerprint } from './fingerprint.ts';
import { standInsDirectory } from './image-paths.ts';

/** Name under which the recipes of the stand-ins know it. */
const debianImage = 'localhost/quartermaster/debian:bookworm';

/** Beyond the minimum: a static shell, line editing for psql, names for unknown user ids. */
const extraPackages = ['busybox-static', 'libreadline8', 'libnss-wrapper'];

/** What no image needs. */
const superfluous = [
  './var/cache/apt',
  './var/lib/apt/lists',
  './usr/share/doc',
  './usr/share/man',
  './usr/share/locale',
  './var/log',
];

/** Changes when another Debian base would come out. */
export const debianFingerprint = computeFingerprint({
  sources: [path.join(standInsDirectory, 'debian')],
  texts: [...extraPackages, ...superfluous],
});

/**
 * Makes the Debian that stand-ins are built on, once, by debootstrap from Debian's own mirror.
 *
 * @param buildah keeps it
 * @param supervisor runs debootstrap
 * @param draft an empty folder for the work
 * @param say hears that it takes a while
 */
export async function ensureDebianBase(
  buildah: Buildah,
  supervisor: Supervisor,
  draft: string,
  say: Say,
): Promise<void> {
  const lasting = `localhost/quartermaster/base/debian:${debianFingerprint}`;
  if (!(await buildah.has(lasting))) {
    say(
      '  no image registry can be reached: making a minimal Debian to stand in (once; about 1 min)',
    );
    await timed(say, 'made the Debian base', () => bootstrap(buildah, supervisor, draft, lasting));
  }
  await buildah.tag(lasting, debianImage);
}

async function bootstrap(
  buildah: Buildah,
  supervisor: Supervisor,
  draft: string,
  tag: string,
): Promise<void> {
  const root = path.join(draft, 'debian-root');
  const context = path.join(draft, 'debian');
  mkdirSync(context, { recursive: true });
  await supervisor.run({
    name: 'debootstrap',
    command: 'debootstrap',
    args: ['--variant=minbase', `--include=${extraPackages.join(',')}`, 'bookworm', root],
    graceMs: 10_000,
  });
  const excludes = superfluous.map((folder) => `--exclude=${folder}/*`);
  const archive = path.join(context, 'root.tar');
  const args = [
    '--create',
    '--numeric-owner',
    '--one-file-system',
    ...excludes,
    '--file',
    archive,
    '--directory',
    root,
    '.',
  ];
  await supervisor.run({ name: 'debian-tar', command: 'tar', args });
  rmSync(root, { recursive: true, force: true });
  await buildah.build({ tag, file: path.join(standInsDirectory, 'debian/Containerfile'), context });
}
