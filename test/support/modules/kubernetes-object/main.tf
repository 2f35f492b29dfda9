# Makes one object in Kubernetes, whose API server the environment of the run names.

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

variable "manifest" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
}

resource "kubectl_manifest" "object" {
  server_side_apply = true
  yaml_body         = var.manifest
}
