# Makes a ConfigMap and something that refuses to go: its destruction ends half way, with the
# ConfigMap gone, as long as a file says why.

terraform {
  required_providers {
    kubectl = {
      source  = "gavinbunney/kubectl"
      version = "~> 1.19.0"
    }
  }
}

provider "kubectl" {
  apply_retry_count = 1
}

variable "namespace" {
  type = string
}

variable "name" {
  type = string
}

variable "color" {
  type = string
}

# Path of the file.
variable "excuse" {
  type = string
}

resource "terraform_data" "stubborn" {
  input = var.excuse

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["node", "-e"]
    command     = "const { existsSync, readFileSync } = require('fs'); if (existsSync(process.env.EXCUSE)) { process.stderr.write(readFileSync(process.env.EXCUSE)); process.exit(1); }"
    environment = { EXCUSE = self.input }
  }
}

resource "kubectl_manifest" "thing" {
  depends_on        = [terraform_data.stubborn]
  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "${var.name}-thing", namespace = var.namespace }
    data       = { color = var.color }
  })
}
