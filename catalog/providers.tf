# The providers that the image carries, so that a run needs neither a registry nor a minute to
# download them: those of every module of the catalogue, each in one exact version.
terraform {
  required_providers {
    kubectl = {
      source  = "gavinbunney/kubectl"
      version = "1.19.0"
    }
  }
}
