import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findPrograms } from '../find-programs.ts';

const REGISTRIES = ['registry.opentofu.org', 'registry.terraform.io'];
const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const VERSION = '1.19.0';

/** The real provider kubectl, as the image has it. */
export interface ProviderMirror {
  /** Folder with the providers, one below the other by address, version and platform. */
  directory: string;
  /** What an engine must be told to find them: as the image tells it. */
  environment: Record<string, string>;
  /** Offers this version in the place of what was offered, as another image does. */
  offer(version: string): void;
  /** Offers what is not the same byte for byte, under the same version. */
  alter(): void;
  remove(): void;
}

/** Lays out the real provider as a filesystem mirror, and nothing else can be installed. */
export async function createProviderMirror(): Promise<ProviderMirror> {
  const { 'terraform-provider-kubectl': program } = await findPrograms(['provider-kubectl']);
  const root = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-providers-'));
  const directory = path.join(root, 'providers');
  layOut(directory, VERSION, (place) => symlinkSync(program, place));
  const configuration = path.join(root, 'tofu.rc');
  writeFileSync(
    configuration,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(directory)}\n  }\n}\n`,
  );
  return {
    directory,
    environment: { TF_CLI_CONFIG_FILE: configuration },
    offer: (version) => layOut(directory, version, (place) => symlinkSync(program, place)),
    alter: () =>
      layOut(directory, VERSION, (place) => {
        copyFileSync(program, place);
        appendFileSync(place, '\n');
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** One version for every registry, and no other. */
function layOut(directory: string, version: string, put: (place: string) => void): void {
  rmSync(directory, { recursive: true, force: true });
  const platform = `${process.platform}_${ARCHITECTURES[process.arch] ?? process.arch}`;
  for (const registry of REGISTRIES) {
    const folder = path.join(directory, registry, 'gavinbunney/kubectl', version, platform);
    mkdirSync(folder, { recursive: true });
    put(path.join(folder, `terraform-provider-kubectl_v${version}`));
  }
}
