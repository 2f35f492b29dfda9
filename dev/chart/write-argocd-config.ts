import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDirectory } from '../paths.ts';
import { buildArgocdConfig } from './build-argocd-config.ts';

writeFileSync(path.join(checkoutDirectory, 'argocd', 'argocd-cm.yaml'), buildArgocdConfig());
