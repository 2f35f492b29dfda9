resource "kubectl_manifest" "account" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion                   = "v1"
    kind                         = "ServiceAccount"
    metadata                     = { name = local.account, namespace = local.namespace, labels = local.labels }
    automountServiceAccountToken = false
  })

  depends_on = [kubectl_manifest.runner]
}

# The role of a binding cannot be changed, so the binding is called after it: another role is
# another binding.
resource "kubectl_manifest" "access" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "RoleBinding"
    metadata   = { name = "${local.account}-${var.access}", namespace = local.namespace, labels = local.labels }
    roleRef    = { apiGroup = "rbac.authorization.k8s.io", kind = "ClusterRole", name = var.access }
    subjects   = [{ kind = "ServiceAccount", name = local.account, namespace = local.namespace }]
  })

  depends_on = [kubectl_manifest.account]
}

# Kubernetes fills this Secret with a token that is valid until the Secret or the account goes.
resource "kubectl_manifest" "token" {
  server_side_apply = true
  force_conflicts   = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Secret"
    type       = "kubernetes.io/service-account-token"
    metadata = {
      name        = "${local.account}-token"
      namespace   = local.namespace
      labels      = local.labels
      annotations = { "kubernetes.io/service-account.name" = local.account }
    }
  })

  depends_on = [kubectl_manifest.account]
}

# The provider cannot read a value back. A helper program writes the token into a file of the run's
# folder, which goes with the run's pod. It runs again only for another Secret.
resource "terraform_data" "token_file" {
  triggers_replace = [kubectl_manifest.token.uid]

  provisioner "local-exec" {
    interpreter = ["node"]
    command     = "${path.module}/read-token.js"
    environment = {
      SECRET_PATH     = local.secret_path
      TOKEN_FILE      = "${path.root}/${self.id}.token.json"
      TIMEOUT_SECONDS = "60"
    }
  }
}

# Keeps what was in the file: in later runs the file is not there, and what is here stays.
resource "terraform_data" "token" {
  triggers_replace = [terraform_data.token_file.id]
  input = sensitive(
    fileexists(local.token_file) ? jsondecode(file(local.token_file)) : { token = "", certificate = "" }
  )

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  token_file  = "${path.root}/${terraform_data.token_file.id}.token.json"
  token       = terraform_data.token.output.token
  certificate = terraform_data.token.output.certificate
}
