# Does with secrets what careless modules do: prints them in every form, fails with them, keeps them
# in its state. LICENSE is replaced by a secret of the test.

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

# Where it fails: nowhere, at the plan or at the apply.
variable "fail" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
}

variable "token" {
  type      = string
  sensitive = true
}

variable "phrase" {
  type      = string
  sensitive = true
}

variable "license" {
  type      = string
  sensitive = true
  default   = "LICENSE"
}

locals {
  derived    = sha256("${var.password}/${var.license}")
  pin        = sha1("${var.token}/${var.license}")
  connection = "postgresql://app:${urlencode(var.phrase)}@db.local:5432/app"
  generated  = nonsensitive("${var.password} ${var.token} ${var.phrase}")
  encoded    = nonsensitive("${urlencode(var.phrase)} ${jsonencode(var.phrase)} ${base64encode("app:${var.password}")}")
  speak      = file("${path.module}/speak.js")
}

resource "kubectl_manifest" "own" {
  server_side_apply = true
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Secret"
    metadata   = { name = "${var.name}-own", namespace = var.namespace }
    data       = { password = base64encode(var.password), license = base64encode(var.license) }
  })
}

resource "terraform_data" "kept" {
  input = { license = var.license, derived = local.derived, pin = local.pin }

  lifecycle {
    precondition {
      condition     = var.fail != "plan"
      error_message = "refused: ${local.generated} ${local.encoded}"
    }
  }
}

resource "terraform_data" "speech" {
  triggers_replace = [sha256(local.generated), var.fail]

  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = local.speak
    environment = { GENERATED = local.generated, ENCODED = local.encoded }
  }

  # The engine knows of this one, and keeps its output to itself.
  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "console.log(process.env.LICENSE_KEY)"
    environment = { LICENSE_KEY = var.license }
  }
}

resource "terraform_data" "failure" {
  count            = var.fail == "apply" ? 1 : 0
  triggers_replace = [terraform_data.speech.id]

  provisioner "local-exec" {
    interpreter = ["node", "-e"]
    command     = "${local.speak}; process.exitCode = 1"
    environment = { GENERATED = local.generated, ENCODED = local.encoded }
  }
}

output "id" {
  value = terraform_data.speech.id
}

output "password" {
  value     = var.password
  sensitive = true
}

output "token" {
  value     = var.token
  sensitive = true
}

output "connection" {
  value     = local.connection
  sensitive = true
}

output "derived" {
  value     = local.derived
  sensitive = true
}

output "pin" {
  value     = local.pin
  sensitive = true
}
