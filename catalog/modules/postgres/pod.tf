locals {
  # Over TCP, because the temporary server that prepares a new data folder listens on a socket only.
  is_ready = { command = ["pg_isready", "--host=127.0.0.1", "--username=${local.username}", "--dbname=${var.database}"] }

  # Fits the Pod Security level "restricted", and changes nothing outside its volumes.
  pod = {
    automountServiceAccountToken  = false
    enableServiceLinks            = false
    terminationGracePeriodSeconds = 60
    securityContext = {
      runAsNonRoot        = true
      runAsUser           = local.user_id
      runAsGroup          = local.user_id
      fsGroup             = local.user_id
      fsGroupChangePolicy = "OnRootMismatch"
      seccompProfile      = { type = "RuntimeDefault" }
    }
    initContainers = [local.password_container]
    containers     = [local.container]
    volumes = [
      { name = "data", persistentVolumeClaim = { claimName = local.object_name } },
      { name = "password", secret = { secretName = local.object_name, defaultMode = 288 } },
      { name = "run", emptyDir = { sizeLimit = "16Mi" } },
      { name = "tmp", emptyDir = { sizeLimit = "256Mi" } },
      # Parallel queries exchange rows here; the 64 MiB of the runtime are too few for them.
      { name = "shared-memory", emptyDir = { medium = "Memory", sizeLimit = local.size.memory } },
    ]
  }

  resources = {
    requests = { cpu = local.size.cpu, memory = local.size.memory }
    limits   = { cpu = local.size.cpu_limit, memory = local.size.memory }
  }

  container_security = {
    allowPrivilegeEscalation = false
    readOnlyRootFilesystem   = true
    capabilities             = { drop = ["ALL"] }
  }

  environment = [
    { name = "POSTGRES_USER", value = local.username },
    { name = "POSTGRES_DB", value = var.database },
    { name = "POSTGRES_PASSWORD_FILE", value = "/run/secrets/postgres/password" },
    # Left alone, it asks for no password on the pod's own loopback, which is where a port forward ends.
    { name = "POSTGRES_INITDB_ARGS", value = "--auth-host=scram-sha-256" },
    # A folder below the mount point: some volumes have a lost+found at the top.
    { name = "PGDATA", value = "/var/lib/postgresql/18/docker" },
  ]

  volume_mounts = [
    { name = "data", mountPath = "/var/lib/postgresql" },
    { name = "password", mountPath = "/run/secrets/postgres", readOnly = true },
    { name = "run", mountPath = "/var/run/postgresql" },
    { name = "tmp", mountPath = "/tmp" },
    { name = "shared-memory", mountPath = "/dev/shm" },
  ]

  # A new pod for each password: it sets the password before the server starts.
  annotations = { "quartermaster.dev/password" = nonsensitive(sha256("${var.request_uid}/${var.password}")) }

  password_container = {
    name            = "password"
    image           = var.image
    imagePullPolicy = "IfNotPresent"
    command         = ["sh", "-c", file("${path.module}/set-password.sh")]
    env             = local.environment
    resources       = local.resources
    securityContext = local.container_security
    volumeMounts    = local.volume_mounts
  }

  container = {
    name            = "postgres"
    image           = var.image
    imagePullPolicy = "IfNotPresent"
    args            = ["-c", "shared_buffers=${local.size.shared_buffers}", "-c", "max_connections=${local.size.connections}"]
    ports           = [{ name = "postgres", containerPort = local.port, protocol = "TCP" }]
    env             = local.environment
    resources       = local.resources
    securityContext = local.container_security
    volumeMounts    = local.volume_mounts
    startupProbe    = { exec = local.is_ready, periodSeconds = 1, timeoutSeconds = 5, failureThreshold = 300 }
    readinessProbe  = { exec = local.is_ready, periodSeconds = 5, timeoutSeconds = 5, failureThreshold = 3 }
    livenessProbe   = { exec = local.is_ready, periodSeconds = 10, timeoutSeconds = 5, failureThreshold = 6 }
  }
}
