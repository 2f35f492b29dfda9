terraform {
  required_version = ">= 1.6"

  required_providers {
    kubectl = {
      source  = "gavinbunney/kubectl"
      version = "1.19.0"
    }
  }
}

# Address, CA and token come from the service account of the pod that runs the module.
provider "kubectl" {
  load_config_file = false
}
