import path from 'node:path';
import { checkoutDirectory } from '../paths.ts';

/** The chart of the release before this one; see docs/decisions/0030. */
export const recordedChart = path.join(checkoutDirectory, 'test/releases/quartermaster');
