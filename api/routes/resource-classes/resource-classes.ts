import { z } from 'zod';
import { NotFoundError } from '../../errors.ts';
import {
  presentResourceClass,
  resourceClassSchema,
} from '../../presenters/present-resource-class.ts';
import type { ClassCatalogue } from '../../sync/classes/class-catalogue.ts';
import { memberRoute, type Route } from '../route.ts';

const TAG = 'Resource classes';

/** `GET /resource-classes` */
function listClasses(classes: ClassCatalogue): Route {
  return memberRoute({
    method: 'get',
    path: '/resource-classes',
    summary: 'What can be requested',
    tag: TAG,
    query: z.strictObject({}),
    responses: {
      200: z.object({ items: z.array(resourceClassSchema), next: z.string().nullable() }),
    },
    // There are some dozens at most: one page.
    handle: () => {
      const items = classes.list().map(presentResourceClass);
      return Promise.resolve({ status: 200, body: { items, next: null } });
    },
  });
}

/** `GET /resource-classes/{name}` */
function showClass(classes: ClassCatalogue): Route {
  return memberRoute({
    method: 'get',
    path: '/resource-classes/{name}',
    summary: 'Show a class, with the schema of its parameters',
    tag: TAG,
    params: z.strictObject({ name: z.string().min(1).max(63) }),
    responses: { 200: resourceClassSchema },
    handle: ({ input }) => {
      const offered = classes.find(input.params.name);
      if (!offered) throw new NotFoundError('There is no class of this name.');
      return Promise.resolve({ status: 200, body: presentResourceClass(offered) });
    },
  });
}

/** The routes of classes; every member may read them. */
export function resourceClassRoutes(classes: ClassCatalogue): readonly Route[] {
  return [listClasses(classes), showClass(classes)];
}
