import { projectRoutes } from './projects/projects.ts';
import type { Route } from './route.ts';

/** Every route of the api, in the order of the OpenAPI document. */
export function allRoutes(): readonly Route[] {
  return [...projectRoutes];
}
