# What the built-in class "postgres" gives and takes, without a database behind it: needs no provider.

variable "name" {
  type = string
}

variable "namespace" {
  type = string
}

variable "request_uid" {
  type = string
}

variable "image" {
  type = string
}

variable "size" {
  type = string
}

variable "storage_gib" {
  type = number
}

variable "database" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "server" {
  input = { image = var.image, size = var.size, storage = var.storage_gib, request = var.request_uid }
}

output "host" {
  value      = "${var.name}-postgres.${var.namespace}.svc"
  depends_on = [terraform_data.server]
}

output "port" {
  value = 5432
}

output "database" {
  value = var.database
}

output "username" {
  value = "app"
}

output "password" {
  value     = var.password
  sensitive = true
}

output "uri" {
  value     = "postgresql://app:${var.password}@${var.name}-postgres.${var.namespace}.svc/${var.database}"
  sensitive = true
}
