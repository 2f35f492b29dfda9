# Nobody ever published such a provider, and the mirror has none.
terraform {
  required_providers {
    missing = { source = "example/missing" }
  }
}

variable "password" {
  type      = string
  sensitive = true
}

resource "missing_thing" "one" {}
