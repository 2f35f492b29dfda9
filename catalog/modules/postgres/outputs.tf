output "host" {
  description = "Address of the server inside the cluster."
  value       = "${local.object_name}.${var.namespace}.svc"
  depends_on  = [terraform_data.ready]
}

output "port" {
  description = "Port of the server."
  value       = local.port
}

output "database" {
  description = "Name of the database."
  value       = var.database
}

output "username" {
  description = "Owner of the database."
  value       = local.username
}

output "password" {
  description = "Password of the owner."
  value       = var.password
  sensitive   = true
}

output "uri" {
  description = "Everything in one address, as most drivers take it."
  value       = "postgresql://${local.username}:${urlencode(var.password)}@${local.object_name}.${var.namespace}.svc:${local.port}/${var.database}"
  sensitive   = true
  depends_on  = [terraform_data.ready]
}
