import { nodePaths } from './node-paths.ts';
import { pauseImage } from './pause-image.ts';

/** The text of containerd's configuration file (version 2, as Debian's 1.6 and later read it). */
export function buildContainerdConfig(): string {
  return `version = 2
root = "${nodePaths.containerdRoot}"
state = "${nodePaths.containerdState}"
oom_score = 0

[grpc]
  address = "${nodePaths.containerdSocket}"

[debug]
  level = "warn"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${nodePaths.cniPrograms}"
    conf_dir = "${nodePaths.cniConfig}"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "${nodePaths.runc}"
        SystemdCgroup = false
`;
}
