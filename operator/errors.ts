import { QuartermasterError } from '../lib/errors.ts';
import type { OtherInstallation } from './class/other-installation.ts';

/** Another installation works on this cluster; two would undo each other's work. */
export class OtherInstallationError extends QuartermasterError {
  readonly code = 'OTHER_INSTALLATION';

  constructor({ className, runsNamespace }: OtherInstallation) {
    super(
      `the class ${className} is served by another installation, whose runs and state are in the ` +
        `namespace ${runsNamespace}: one cluster is served by one installation (see docs/operate.md)`,
    );
  }
}
