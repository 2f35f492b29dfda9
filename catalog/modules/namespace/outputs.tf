output "namespace" {
  description = "Name of the new namespace."
  value       = local.namespace
  depends_on  = [kubectl_manifest.quota, kubectl_manifest.limits, kubectl_manifest.isolation, kubectl_manifest.access]
}

output "api_server" {
  description = "Address of the API server."
  value       = var.api_server
}

output "certificate" {
  description = "Certificates that the API server's certificate is checked against, in PEM."
  value       = local.certificate
  sensitive   = true
}

output "token" {
  description = "Token of the namespace's service account."
  value       = local.token
  sensitive   = true
}

output "kubeconfig" {
  description = "A complete kubeconfig for kubectl, helm and every client library."
  sensitive   = true
  value = yamlencode({
    apiVersion      = "v1"
    kind            = "Config"
    current-context = local.namespace
    preferences     = {}
    clusters        = [{ name = "cluster", cluster = { server = var.api_server, certificate-authority-data = base64encode(local.certificate) } }]
    users           = [{ name = local.account, user = { token = local.token } }]
    contexts        = [{ name = local.namespace, context = { cluster = "cluster", user = local.account, namespace = local.namespace } }]
  })
}
