import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { cacheDirectory } from '../paths.ts';
import type { Supervisor } from '../processes/supervisor.ts';

/** Name of the image of the first process of every pod, which only sleeps. */
export const pauseImage = 'quartermaster.local/pause:1';

const staticShell = '/bin/busybox';

/**
 * Makes the image of the pod's first process from Debian's static busybox, as an archive that
 * `docker save` could have written.
 *
 * @param supervisor runs `tar`
 * @returns path of the archive, in the cache
 */
export async function ensurePauseImage(supervisor: Supervisor): Promise<string> {
  const program = readFileSync(staticShell);
  const directory = path.join(cacheDirectory, 'images', `pause-${digest(program).slice(0, 16)}`);
  const archive = path.join(directory, 'pause.tar');
  if (existsSync(archive)) return archive;
  mkdirSync(path.join(directory, 'root', 'bin'), { recursive: true });
  copyFileSync(staticShell, path.join(directory, 'root', 'bin', 'busybox'));
  chmodSync(path.join(directory, 'root', 'bin', 'busybox'), 0o755);
  const layer = path.join(directory, 'layer.tar');
  await pack(supervisor, layer, path.join(directory, 'root'), ['.']);
  writeFileSync(path.join(directory, 'config.json'), imageConfig(digest(readFileSync(layer))));
  writeFileSync(path.join(directory, 'manifest.json'), imageManifest());
  const files = ['manifest.json', 'config.json', 'layer.tar'];
  await pack(supervisor, `${archive}.draft`, directory, files);
  renameSync(`${archive}.draft`, archive);
  return archive;
}

async function pack(
  supervisor: Supervisor,
  target: string,
  directory: string,
  files: readonly string[],
): Promise<void> {
  const reproducible = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  const args = ['-cf', target, ...reproducible, '-C', directory, ...files];
  await supervisor.run({ name: 'pause-image', command: 'tar', args });
}

function imageManifest(): string {
  return JSON.stringify([{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }]);
}

function imageConfig(layerDigest: string): string {
  return JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { User: '65535:65535', Entrypoint: ['/bin/busybox', 'sleep', '2147483647'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerDigest}`] },
  });
}

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
