/** A cluster that the product is to work with. */
export interface ClusterAccess {
  /** Path of a kubeconfig with administrator rights. */
  readonly kubeconfig: string;
  /** Context of that file; its current one if undefined. */
  readonly context: string | undefined;
  /** Path or name of kubectl. */
  readonly kubectl: string;
  /** The address under which pods reach this machine. */
  readonly hostAddress: string;
  /** Where to listen for them: that address, or all where the machine does not know it as its own. */
  readonly listenAddress: string;
  /** Product image for the pods of runs. */
  readonly image: string;
}
