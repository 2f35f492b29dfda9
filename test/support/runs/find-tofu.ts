import { findPrograms } from '../find-programs.ts';

/** Path of the real Terraform; built once if it is not in the cache. */
export async function findTerraform(): Promise<string> {
  return (await findPrograms(['terraform'])).terraform;
}

/** Path of the real OpenTofu; built once if it is not in the cache. */
export async function findTofu(): Promise<string> {
  return (await findPrograms(['opentofu'])).tofu;
}
