# One real object with a name of its own, and time to be interrupted before and after it is made.

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

variable "name" {
  type = string
}

variable "namespace" {
  type = string
}

resource "kubectl_manifest" "thing" {
  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "thing-${var.name}", namespace = var.namespace }
  })
}

resource "terraform_data" "pause" {
  triggers_replace = [kubectl_manifest.thing.uid]

  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "setTimeout(() => undefined, 1500)"
  }
}

output "id" {
  value = kubectl_manifest.thing.uid
}
