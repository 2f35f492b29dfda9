variable "name" {
  description = "Name of the request."
  type        = string
}

variable "request_namespace" {
  description = "Namespace of the request; the first half of the new namespace's name."
  type        = string
}

variable "request_uid" {
  description = "Unique id of the request. The namespace carries it as a label, and belongs to it alone."
  type        = string
}

variable "organization" {
  description = "Slug of the organisation, for the labels."
  type        = string
}

variable "project" {
  description = "Slug of the project, for the labels."
  type        = string
}

variable "api_server" {
  description = "Address of the API server that the kubeconfig names."
  type        = string
}

variable "cpu" {
  description = "Processor cores that all pods together may use."
  type        = number
}

variable "memory_gib" {
  description = "Memory in GiB that all pods together may use."
  type        = number
}

variable "storage_gib" {
  description = "Storage in GiB that all volumes together may ask for."
  type        = number
}

variable "pods" {
  description = "Number of pods that may exist at once."
  type        = number
}

variable "access" {
  description = "What the kubeconfig may do in the namespace: edit or view."
  type        = string

  validation {
    condition     = contains(["edit", "view"], var.access)
    error_message = "The access must be edit or view."
  }
}

variable "pod_security" {
  description = "Pod Security Standard that is enforced: restricted or baseline."
  type        = string

  validation {
    condition     = contains(["restricted", "baseline"], var.pod_security)
    error_message = "The Pod Security Standard must be restricted or baseline."
  }
}

variable "isolated" {
  description = "Whether traffic from other namespaces is refused."
  type        = bool
}
