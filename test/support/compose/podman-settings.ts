import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes settings for a podman of our own: its images, containers and networks stand in one folder,
 * and it works without systemd, and where limits cannot be raised.
 *
 * @param directory the folder
 * @returns the variables that make podman use them
 */
export function writePodmanSettings(directory: string): Record<string, string> {
  const inside = (name: string): string => path.join(directory, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    inside('storage.conf'),
    `[storage]\ndriver = "overlay"\ngraphroot = "${inside('images')}"\nrunroot = "${inside('run')}"\n`,
  );
  writeFileSync(
    inside('containers.conf'),
    [
      ...['[containers]', 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]'],
      ...['[engine]', 'events_logger = "file"', 'cgroup_manager = "cgroupfs"', 'runtime = "runc"'],
      ...[`tmp_dir = "${inside('run/libpod')}"`, `static_dir = "${inside('images/libpod')}"`],
      ...['[network]', 'network_backend = "cni"', `network_config_dir = "${inside('networks')}"`],
      ...['cni_plugin_dirs = ["/usr/lib/cni"]', ''],
    ].join('\n'),
  );
  return {
    CONTAINERS_CONF: inside('containers.conf'),
    CONTAINERS_STORAGE_CONF: inside('storage.conf'),
  };
}
