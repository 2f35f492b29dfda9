locals {
  object_name = "${var.name}-postgres"
  username    = "app"
  port        = 5432
  # The image's user and group. The volume is given to this group.
  user_id = 999

  # Memory is asked for as a whole: a database that was promised less than it uses is the first to be
  # killed. A quarter of it is PostgreSQL's own cache, as its manual recommends.
  sizes = {
    small  = { cpu = "100m", cpu_limit = "500m", memory = "256Mi", shared_buffers = "64MB", connections = 50 }
    medium = { cpu = "250m", cpu_limit = "1", memory = "1Gi", shared_buffers = "256MB", connections = 100 }
    large  = { cpu = "1", cpu_limit = "2", memory = "4Gi", shared_buffers = "1GB", connections = 200 }
  }
  size = local.sizes[var.size]

  selector = {
    "app.kubernetes.io/name"        = "postgres"
    "quartermaster.dev/request-uid" = var.request_uid
  }
  labels = merge(local.selector, {
    "app.kubernetes.io/managed-by" = "quartermaster"
    "app.kubernetes.io/component"  = "database"
    "quartermaster.dev/request"    = var.name
  })
  metadata = { name = local.object_name, namespace = var.namespace, labels = local.labels }

  core_path         = "/api/v1/namespaces/${var.namespace}"
  stateful_set_path = "/apis/apps/v1/namespaces/${var.namespace}/statefulsets/${local.object_name}"
  claim_path        = "${local.core_path}/persistentvolumeclaims/${local.object_name}"
}

# Destroyed last, because everything depends on it: waits until server and volume are really gone,
# so that the same name can be used again at once.
resource "terraform_data" "gone" {
  input = {
    program     = "${path.module}/wait-until-gone.js"
    request_uid = var.request_uid
    paths       = "${local.stateful_set_path} ${local.core_path}/pods/${local.object_name}-0 ${local.claim_path}"
  }

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["node"]
    command     = self.output.program
    environment = { OBJECT_PATHS = self.output.paths, REQUEST_UID = self.output.request_uid, TIMEOUT_SECONDS = "180" }
  }
}

resource "kubectl_manifest" "password" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Secret"
    metadata   = local.metadata
    type       = "Opaque"
    data       = { password = base64encode(var.password) }
  })

  depends_on = [terraform_data.gone]
}

# A claim of its own instead of a template in the StatefulSet: it can grow, and it goes with the request.
resource "kubectl_manifest" "volume" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "PersistentVolumeClaim"
    metadata   = local.metadata
    spec = {
      accessModes = ["ReadWriteOnce"]
      resources   = { requests = { storage = "${var.storage_gib}Gi" } }
    }
  })

  depends_on = [terraform_data.gone]
}

resource "kubectl_manifest" "service" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Service"
    metadata   = local.metadata
    spec = {
      selector = local.selector
      ports    = [{ name = "postgres", port = local.port, targetPort = "postgres", protocol = "TCP" }]
    }
  })

  depends_on = [terraform_data.gone]
}

# A StatefulSet and not a Deployment: it never runs two servers on one volume, even for a moment.
resource "kubectl_manifest" "server" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "apps/v1"
    kind       = "StatefulSet"
    metadata   = local.metadata
    spec = {
      replicas    = 1
      serviceName = local.object_name
      selector    = { matchLabels = local.selector }
      template    = { metadata = { labels = local.labels, annotations = local.annotations }, spec = local.pod }
    }
  })

  depends_on = [kubectl_manifest.password, kubectl_manifest.volume, kubectl_manifest.service]
}

# Ends the apply only when the server accepts connections. Runs again whenever the server changes.
resource "terraform_data" "ready" {
  triggers_replace = [kubectl_manifest.server.uid, sha256(jsonencode([local.pod, local.annotations]))]

  provisioner "local-exec" {
    interpreter = ["node"]
    command     = "${path.module}/wait-for-rollout.js"
    environment = {
      STATEFUL_SET_PATH = local.stateful_set_path
      POD_PATH          = "${local.core_path}/pods/${local.object_name}-0"
      TIMEOUT_SECONDS   = "300"
    }
  }
}
