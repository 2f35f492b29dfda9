# Makes one ConfigMap, in the color that is asked for.

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

resource "kubectl_manifest" "thing" {
  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "${var.name}-thing", namespace = var.namespace }
    data       = { color = var.color }
  })
}

output "color" {
  value = var.color
}
