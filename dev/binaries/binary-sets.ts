/** A group of programs that one `go build` makes from one go.mod. */
export interface BinarySet {
  /** Folder with go.mod and go.sum, beside this file. */
  readonly name: string;
  /** Program → Go package; the `tool` lines of go.mod pin the versions. */
  readonly programs: Readonly<Record<string, string>>;
  readonly linkerFlags: string;
  /** How long the first build takes on two cores, for the message. */
  readonly expected: string;
  /** Folders of one of its modules that are kept beside the programs. */
  readonly keeps?: { readonly module: string; readonly folders: readonly string[] };
}

const stripped = '-s -w';
const kubernetesVersion = { gitVersion: 'v1.35.4', gitMajor: '1', gitMinor: '35' };

/** Without these kubectl cannot parse its own version. */
function buildKubernetesFlags(): string {
  const flags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap(
    (variablePackage) =>
      Object.entries(kubernetesVersion).map(
        ([name, value]) => `-X ${variablePackage}.${name}=${value}`,
      ),
  );
  return [stripped, ...flags].join(' ');
}

/** Everything that the local platform builds from Go modules. */
export const binarySets = {
  etcd: {
    name: 'etcd',
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    linkerFlags: stripped,
    expected: '20 s',
  },
  kubernetes: {
    name: 'kubernetes',
    programs: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kubelet: 'k8s.io/kubernetes/cmd/kubelet',
      'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    linkerFlags: buildKubernetesFlags(),
    expected: '4 min',
  },
  coredns: {
    name: 'coredns',
    programs: { coredns: 'github.com/coredns/coredns' },
    linkerFlags: stripped,
    expected: '1 min 40 s',
  },
  opentofu: {
    name: 'opentofu',
    programs: { tofu: 'github.com/opentofu/opentofu/cmd/tofu' },
    linkerFlags: stripped,
    expected: '2 min 40 s',
  },
  // Only tests of classes that choose it: it is not in our image, and its licence (BUSL-1.1) is the
  // business of whoever puts it into theirs.
  terraform: {
    name: 'terraform',
    programs: { terraform: 'github.com/hashicorp/terraform' },
    linkerFlags: stripped,
    expected: '3 min',
  },
  'provider-kubectl': {
    name: 'provider-kubectl',
    programs: { 'terraform-provider-kubectl': 'github.com/gavinbunney/terraform-provider-kubectl' },
    linkerFlags: stripped,
    expected: '1 min',
  },
  'local-path-provisioner': {
    name: 'local-path-provisioner',
    programs: { 'local-path-provisioner': 'github.com/rancher/local-path-provisioner' },
    linkerFlags: stripped,
    expected: '30 s',
  },
  // Only the checks of the chart and of the workflows need what follows.
  helm: {
    name: 'helm',
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
    linkerFlags: stripped,
    expected: '1 min 40 s',
  },
  helm3: {
    name: 'helm3',
    programs: { helm3: 'helm.sh/helm/v3/cmd/helm' },
    linkerFlags: stripped,
    expected: '1 min 40 s',
  },
  kubeconform: {
    name: 'kubeconform',
    programs: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' },
    linkerFlags: stripped,
    expected: '20 s',
  },
  actionlint: {
    name: 'actionlint',
    programs: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
    linkerFlags: stripped,
    expected: '20 s',
  },
  // One program that acts as whichever of Argo CD's parts `ARGOCD_BINARY_NAME` says, and its kinds.
  argocd: {
    name: 'argocd',
    programs: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' },
    linkerFlags: stripped,
    expected: '4 min',
    keeps: {
      module: 'github.com/argoproj/argo-cd/v3',
      folders: ['manifests/crds', 'manifests/base/config'],
    },
  },
} as const satisfies Record<string, BinarySet>;

/** Name of a set. */
export type BinarySetName = keyof typeof binarySets;

/** Name of a program in any of the sets. */
export type ProgramName = {
  [Name in BinarySetName]: keyof (typeof binarySets)[Name]['programs'] & string;
}[BinarySetName];
