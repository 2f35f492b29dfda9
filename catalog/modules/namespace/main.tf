locals {
  namespace = "${var.request_namespace}-${var.name}"
  account   = "developer"

  labels = {
    "app.kubernetes.io/managed-by"  = "quartermaster"
    "quartermaster.dev/class"       = "namespace"
    "quartermaster.dev/request-uid" = var.request_uid
  }

  core_path   = "/api/v1/namespaces/${local.namespace}"
  secret_path = "${local.core_path}/secrets/${local.account}-token"
}

# Destroyed last, because everything depends on it: waits until the namespace is really gone, so
# that the same name can be used again at once.
resource "terraform_data" "gone" {
  input = { program = "${path.module}/wait-until-gone.js", paths = local.core_path, request_uid = var.request_uid }

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["node"]
    command     = self.output.program
    environment = { OBJECT_PATHS = self.output.paths, REQUEST_UID = self.output.request_uid, TIMEOUT_SECONDS = "300" }
  }
}

resource "kubectl_manifest" "namespace" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Namespace"
    metadata = {
      name = local.namespace
      labels = merge(local.labels, {
        "quartermaster.dev/created-for-organization" = var.organization
        "quartermaster.dev/created-for-project"      = var.project
        "pod-security.kubernetes.io/enforce"         = var.pod_security
        "pod-security.kubernetes.io/warn"            = "restricted"
      })
    }
  })

  lifecycle {
    precondition {
      condition     = length(local.namespace) <= 63
      error_message = "The namespace would be called ${local.namespace}, which is longer than 63 characters. Choose a shorter name."
    }
  }

  depends_on = [terraform_data.gone]
}

# The class's service account may do nothing in a namespace that it has not made: it gives itself
# the fixed role "quartermaster-namespace-runner" here, and nowhere else. The grant stays until the
# namespace goes, because removing the other objects needs it.
resource "kubectl_manifest" "runner" {
  server_side_apply = true
  force_conflicts   = true
  apply_only        = true
  yaml_body = yamlencode({
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "RoleBinding"
    metadata   = { name = "quartermaster-runner", namespace = local.namespace, labels = local.labels }
    roleRef    = { apiGroup = "rbac.authorization.k8s.io", kind = "ClusterRole", name = "quartermaster-namespace-runner" }
    subjects   = [{ kind = "ServiceAccount", name = "quartermaster-class-namespace", namespace = "quartermaster-runs" }]
  })

  depends_on = [kubectl_manifest.namespace]
}

resource "kubectl_manifest" "quota" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "ResourceQuota"
    metadata   = { name = "quota", namespace = local.namespace, labels = local.labels }
    spec = {
      hard = {
        "requests.cpu"           = tostring(var.cpu)
        "limits.cpu"             = tostring(var.cpu)
        "requests.memory"        = "${var.memory_gib}Gi"
        "limits.memory"          = "${var.memory_gib}Gi"
        "requests.storage"       = "${var.storage_gib}Gi"
        pods                     = tostring(var.pods)
        "services.loadbalancers" = "0"
        "services.nodeports"     = "0"
      }
    }
  })

  depends_on = [kubectl_manifest.runner]
}

# With a quota on limits, a pod without limits would be refused; these are what it gets instead.
resource "kubectl_manifest" "limits" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "LimitRange"
    metadata   = { name = "defaults", namespace = local.namespace, labels = local.labels }
    spec = {
      limits = [{
        type           = "Container"
        defaultRequest = { cpu = "50m", memory = "64Mi" }
        default        = { cpu = "250m", memory = "256Mi" }
      }]
    }
  })

  depends_on = [kubectl_manifest.runner]
}

# Pods of the namespace reach each other; nobody else reaches them. Calls to the outside stay free.
resource "kubectl_manifest" "isolation" {
  count = var.isolated ? 1 : 0

  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "networking.k8s.io/v1"
    kind       = "NetworkPolicy"
    metadata   = { name = "same-namespace-only", namespace = local.namespace, labels = local.labels }
    spec = {
      podSelector = {}
      policyTypes = ["Ingress"]
      ingress     = [{ from = [{ podSelector = {} }] }]
    }
  })

  depends_on = [kubectl_manifest.runner]
}
