import type { Dependencies } from '../deps.ts';
import { authRoutes } from './auth/auth.ts';
import { memberRoutes } from './members/members.ts';
import { organizationRoutes } from './organizations/organizations.ts';
import { projectRoutes } from './projects/projects.ts';
import type { Route } from './route.ts';

/** Every route of the api, in the order of the OpenAPI document. */
export function allRoutes(deps: Dependencies): readonly Route[] {
  return [
    ...authRoutes(deps),
    ...organizationRoutes(deps),
    ...memberRoutes(deps),
    ...projectRoutes,
  ];
}
