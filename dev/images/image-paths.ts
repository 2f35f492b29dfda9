import path from 'node:path';
import { cacheDirectory } from '../paths.ts';

/** Everything about images in the cache; nothing of it in the user's own image storage. */
const imagesDirectory = path.join(cacheDirectory, 'images');

/** Folders and files of the image builds. */
export const imagePaths = {
  archives: path.join(imagesDirectory, 'archives'),
  storage: path.join(imagesDirectory, 'storage'),
  registries: path.join(imagesDirectory, 'registries.conf'),
  drafts: path.join(imagesDirectory, 'drafts'),
  lock: path.join(imagesDirectory, 'build.lock'),
} as const;

/** Where the recipes of the stand-ins are. */
export const standInsDirectory = path.join(import.meta.dirname, 'stand-ins');
