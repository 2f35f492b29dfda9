import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { checkoutDirectory } from '../paths.ts';

/** Where the health scripts stand, as in Argo CD's own repository. */
export const healthDirectory = path.join(
  checkoutDirectory,
  'argocd/resource_customizations/quartermaster.dev',
);

/** The patch for Argo CD's ConfigMap that holds the health scripts. */
export function buildArgocdConfig(): string {
  const data = Object.fromEntries(
    readdirSync(healthDirectory)
      .sort()
      .map((kind) => [
        `resource.customizations.health.quartermaster.dev_${kind}`,
        readFileSync(path.join(healthDirectory, kind, 'health.lua'), 'utf8'),
      ]),
  );
  return `# Made from resource_customizations/ by \`npm run argocd:config\`.\n${stringify({ data }, { lineWidth: 0 })}`;
}
